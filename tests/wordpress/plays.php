<?php
/**
 * The broken sites, by name. Each is handed its arguments, and is called while WordPress loads, before its plugins and themes.
 * Most do what a real plugin or a real mistake does, with WordPress' own hooks; the words are those seen on live sites.
 */

/** Answer at once with an HTML page that is not WordPress' own. */
function wp_test_answer( int $status, string $html, array $headers = array() ): never {
	header( 'Content-Type: text/html; charset=UTF-8', true, $status ); // http_response_code() yields to a status line that WordPress set
	foreach ( $headers as $name => $value ) {
		header( "$name: $value" );
	}
	echo $html;
	exit;
}

/** Whether this request is for the REST API, in either form. */
function wp_test_is_rest(): bool {
	return isset( $_GET['rest_route'] ) || str_contains( (string) strtok( $_SERVER['REQUEST_URI'], '?' ), '/' . rest_get_url_prefix() );
}

/** Change whatever is sent, when something is. */
function wp_test_rewrite( callable $change ): void {
	ob_start( static fn( string $body ) => '' === $body ? '' : $change( $body ) );
}

/** Refuse every visitor's REST request with this error; who is logged in passes. */
function wp_test_refuse( array $a, string $code, string $message, int $status ): void {
	add_filter(
		'rest_authentication_errors',
		static fn( $result ) => is_user_logged_in() ? $result : new WP_Error( $a['code'] ?? $code, $message, array( 'status' => (int) ( $a['status'] ?? $status ) ) )
	);
}

/** Take routes away, so that they are as unknown as any other. */
function wp_test_without_routes( string $pattern ): void {
	add_filter( 'rest_endpoints', static fn( array $routes ) => array_filter( $routes, static fn( $route ) => ! preg_match( $pattern, $route ), ARRAY_FILTER_USE_KEY ) );
}

/** Behave as if these query parameters had not been sent. */
function wp_test_ignore( array $names ): void {
	foreach ( $names as $name ) {
		unset( $_GET[ $name ], $_REQUEST[ $name ] );
	}
}

/** The number of this request since the play began, counted by the database: several workers answer at once. */
function wp_test_count( string $counter ): int {
	global $wpdb;
	$wpdb->query( "UPDATE {$wpdb->options} SET option_value = LAST_INSERT_ID(option_value + 1) WHERE option_name = '$counter'" );
	return (int) $wpdb->get_var( 'SELECT LAST_INSERT_ID()' );
}

/** What a poison post does to the answer it is in. */
function wp_test_poison( array $a ): void {
	switch ( $a['how'] ?? 'fatal' ) {
		case 'fatal':
			wp_test_no_such_function();
		case 'empty_500':
			while ( ob_get_level() ) {
				ob_end_clean();
			}
			header( 'Content-Type: text/html', true, (int) ( $a['status'] ?? 500 ) );
			exit;
		case 'timeout':
			sleep( (int) ( $a['seconds'] ?? 120 ) );
	}
}

return array(
	// REST closed.
	'rest_not_logged_in'     => static fn( $a ) => wp_test_refuse( $a, 'rest_not_logged_in', 'You are not currently logged in.', 401 ),
	'rest_cannot_access'     => static fn( $a ) => wp_test_refuse( $a, 'rest_cannot_access', 'Only authenticated users can access the REST API.', 403 ),
	'rest_disabled'          => static fn( $a ) => wp_test_refuse( $a, 'rest_disabled', 'The REST API on this site has been disabled.', 403 ),
	'rest_no_route'          => static fn() => wp_test_without_routes( '#^/wp/v2#' ),
	'wp_die'                 => static function ( $a ) {
		if ( empty( $a['json'] ) ) { // else WordPress answers JSON to who asks for it
			add_filter( 'wp_die_json_handler', static fn() => '_default_wp_die_handler' );
		}
		add_filter( 'rest_authentication_errors', static fn() => wp_die( 'Forbidden', 'Forbidden', array( 'response' => 403 ) ) );
	},
	// status=401|403|404
	'users_closed'           => static function ( $a ) {
		$status = (int) ( $a['status'] ?? 404 );
		if ( 404 === $status ) {
			wp_test_without_routes( '#^/wp/v2/users#' );
			return;
		}
		$error = new WP_Error( 'rest_user_cannot_view', 'Sorry, you are not allowed to list users.', array( 'status' => $status ) );
		add_filter( 'rest_pre_dispatch', static fn( $result, $server, $request ) => preg_match( '#^/wp/v2/users#', $request->get_route() ) ? $error : $result, 10, 3 );
	},
	// both=1: also ?rest_route=; agent=…: only this User-Agent, everywhere
	'firewall'               => static function ( $a ) {
		$rest  = empty( $a['both'] ) ? str_contains( $_SERVER['REQUEST_URI'], '/wp-json' ) : wp_test_is_rest();
		$agent = $a['agent'] ?? '';
		if ( '' === $agent ? $rest : false !== stripos( $_SERVER['HTTP_USER_AGENT'] ?? '', $agent ) ) {
			wp_test_answer( 403, "<html>\r\n<head><title>403 Forbidden</title></head>\r\n<body>\r\n<center><h1>403 Forbidden</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n" );
		}
	},
	'challenge'              => static fn() => wp_test_answer( 403, '<!DOCTYPE html><html lang="en-US"><head><title>Just a moment...</title></head><body></body></html>', array( 'cf-mitigated' => 'challenge', 'Server' => 'cloudflare' ) ),
	// redirect=1: to the login page instead of showing it
	'login_wall'             => static function ( $a ) {
		$path = (string) strtok( $_SERVER['REQUEST_URI'], '?' );
		if ( str_ends_with( $path, '/wp-login.php' ) ) {
			return;
		}
		$form = '<!DOCTYPE html><html><head><title>Members only</title></head><body><form action="/wp-login.php" method="post"><input name="log"><input name="pwd" type="password"></form></body></html>';
		empty( $a['redirect'] ) ? wp_test_answer( 200, $form ) : wp_test_answer( 302, '', array( 'Location' => home_url( '/wp-login.php?redirect_to=' . rawurlencode( $_SERVER['REQUEST_URI'] ) ) ) );
	},

	// Noise around what is right.
	'bom'                    => static fn() => wp_test_rewrite( static fn( $body ) => "\u{FEFF}" . $body ),
	'blank_lines'            => static fn() => wp_test_rewrite( static fn( $body ) => "\n\r\n\n" . $body ),
	'cache_comment'          => static fn() => wp_test_rewrite( static fn( $body ) => $body . "\n<!-- Cached by a cache plugin, 0.123 s -->" ),
	// everywhere=1: in feeds and pages too
	'php_warning'            => static function ( $a ) {
		ob_start();
		$warn = static function ( $value = null ) {
			ini_set( 'display_errors', '1' );
			ini_set( 'html_errors', '1' );
			error_reporting( E_ALL );
			$absent = array();
			echo $absent['key'];
			ini_set( 'display_errors', '0' );
			return $value;
		};
		empty( $a['everywhere'] ) ? add_filter( 'rest_pre_serve_request', $warn ) : add_action( 'init', $warn );
	},
	'html_type'              => static fn() => add_filter(
		'rest_pre_serve_request',
		static function ( $served ) {
			header( 'Content-Type: text/html; charset=UTF-8' );
			return $served;
		}
	),
	// how=gzip|php|cut
	'junk'                   => static function ( $a ) {
		if ( wp_test_is_rest() ) {
			wp_test_rewrite(
				static fn( $body ) => array(
					'gzip' => gzencode( $body ),
					'php'  => "<?php\n// index.php\nrequire 'wp-blog-header.php';\n",
					'cut'  => substr( $body, 0, intdiv( strlen( $body ), 2 ) ),
				)[ $a['how'] ?? 'gzip' ]
			);
		}
	},

	// Totals and pages. The envelope still tells what no_totals takes away.
	'no_totals'              => static fn( $a ) => add_filter(
		'rest_pre_serve_request',
		static function ( $served ) use ( $a ) {
			header_remove( 'X-WP-Total' );
			header_remove( 'X-WP-TotalPages' );
			if ( ! empty( $a['link'] ) ) {
				header_remove( 'Link' );
			}
			return $served;
		}
	),
	// add=7, or total=0
	'wrong_totals'           => static fn( $a ) => add_filter(
		'rest_post_dispatch',
		static function ( $response ) use ( $a ) {
			$headers = $response->get_headers();
			if ( isset( $headers['X-WP-Total'] ) ) {
				$response->header( 'X-WP-Total', (string) ( $a['total'] ?? $headers['X-WP-Total'] + (int) ( $a['add'] ?? 7 ) ) );
			}
			return $response;
		}
	),
	// cap=20
	'per_page_cap'           => static fn( $a ) => add_filter(
		'rest_endpoints',
		static function ( array $routes ) use ( $a ) {
			foreach ( $routes as &$handlers ) {
				foreach ( $handlers as &$handler ) {
					if ( isset( $handler['args']['per_page']['maximum'] ) ) {
						$handler['args']['per_page']['maximum'] = (int) ( $a['cap'] ?? 20 );
					}
				}
			}
			return $routes;
		}
	),
	// params=modified_after,after
	'ignores'                => static fn( $a ) => wp_test_ignore( explode( ',', $a['params'] ?? '' ) ),
	'ignores_modified_after' => static fn() => wp_test_ignore( array( 'modified_after' ) ),
	'ignores_offset'         => static fn() => wp_test_ignore( array( 'offset', 'page' ) ),
	'ignores_fields'         => static fn() => wp_test_ignore( array( '_fields' ) ),
	// The first answer to an address is the answer for ever. match=…: only where the address contains this
	'stale'                  => static function ( $a ) {
		$target = $_SERVER['REQUEST_URI'];
		if ( '' !== ( $a['match'] ?? '' ) && ! str_contains( rawurldecode( $target ), $a['match'] ) ) {
			return;
		}
		$kept = WP_CONTENT_DIR . '/stale/' . md5( $_SERVER['REQUEST_METHOD'] . $target );
		if ( is_file( $kept ) ) {
			[ $status, $headers, $body ] = unserialize( file_get_contents( $kept ) );
			array_map( 'header', $headers );
			header( 'X-Cache: HIT', true, $status );
			exit( $body );
		}
		wp_mkdir_p( dirname( $kept ) );
		ob_start(
			static function ( string $body ) use ( $kept ) {
				file_put_contents( $kept, serialize( array( http_response_code(), headers_list(), $body ) ), LOCK_EX );
				return $body;
			}
		);
	},
	// ids=44,45; how=fatal|empty_500|timeout|too_big (status=, seconds=, mb=); where=answer|content: in every REST answer
	// with the post, or wherever its body is rendered, the feed too
	'poison'                 => static function ( $a ) {
		$ids = array_map( 'intval', is_array( $a['ids'] ) ? $a['ids'] : explode( ',', (string) $a['ids'] ) );
		if ( 'content' === ( $a['where'] ?? 'answer' ) || 'too_big' === ( $a['how'] ?? '' ) ) {
			add_filter(
				'the_content',
				static function ( $content ) use ( $a, $ids ) {
					if ( ! in_array( get_the_ID(), $ids, true ) ) {
						return $content;
					}
					wp_test_poison( $a );
					return 'too_big' === ( $a['how'] ?? '' ) ? $content . str_repeat( '<p>too big</p> ', (int) ( $a['mb'] ?? 25 ) * 70000 ) : $content;
				},
				99
			);
			return;
		}
		foreach ( array( 'post', 'page', 'book', 'thing' ) as $type ) {
			add_filter(
				"rest_prepare_$type",
				static function ( $response, $post ) use ( $a, $ids ) {
					if ( in_array( $post->ID, $ids, true ) ) {
						wp_test_poison( $a );
					}
					return $response;
				},
				10,
				2
			);
		}
	},

	// The server as a whole.
	// first=2 or every=N requests are refused; status=429, retry_after=1 (seconds, a date, or empty: no such header)
	'busy'                   => static function ( $a ) {
		$number = wp_test_count( 'wp_test_busy' );
		$after  = (string) ( $a['retry_after'] ?? '1' );
		if ( isset( $a['every'] ) ? 0 === $number % (int) $a['every'] : $number <= (int) ( $a['first'] ?? 2 ) ) {
			wp_test_answer( (int) ( $a['status'] ?? 429 ), '<html><title>429 Too Many Requests</title></html>', '' === $after ? array() : array( 'Retry-After' => $after ) );
		}
	},
	// status=500|502|503|410 for everything
	'down'                   => static fn( $a ) => wp_test_answer( (int) ( $a['status'] ?? 500 ), '<!DOCTYPE html><html><head><title>WordPress &rsaquo; Error</title></head><body id="error-page"><p>There has been a critical error on this website.</p></body></html>' ),
	// [] for every collection; totals=zero|none|true; everywhere=1: feeds and pages are empty too
	'empty'                  => static function ( $a ) {
		if ( ! empty( $a['everywhere'] ) ) {
			add_action( 'pre_get_posts', static fn( $query ) => $query->set( 'post__in', array( 0 ) ) );
		}
		add_filter(
			'rest_post_dispatch',
			static function ( $response ) use ( $a ) {
				$headers = $response->get_headers();
				if ( ! isset( $headers['X-WP-Total'] ) ) {
					return $response;
				}
				$response->set_data( array() );
				$totals = $a['totals'] ?? 'zero';
				if ( 'zero' === $totals ) {
					$response->set_headers( array( 'X-WP-Total' => '0', 'X-WP-TotalPages' => '0' ) + $headers );
				} elseif ( 'none' === $totals ) {
					$response->set_headers( array_diff_key( $headers, array_flip( array( 'X-WP-Total', 'X-WP-TotalPages' ) ) ) );
				}
				return $response;
			}
		);
	},
	// before=2, events=[{"event": "trash", "ids": [44]}, …] as in events.php: the site changes just before request 2 is answered,
	// so that a crawl is overtaken always at the same place; match=…: counting only addresses that contain this
	'inject'                 => static function ( $a ) {
		if ( ! str_contains( rawurldecode( $_SERVER['REQUEST_URI'] ), $a['match'] ?? '' ) || wp_test_count( 'wp_test_inject' ) !== (int) ( $a['before'] ?? 2 ) ) {
			return;
		}
		add_action(
			'wp_loaded',
			static function () use ( $a ) {
				require_once __DIR__ . '/events.php';
				$visitor = get_current_user_id();
				wp_set_current_user( 1 );
				array_map( 'wp_test_happen', $a['events'] );
				wp_set_current_user( $visitor );
			}
		);
	},
	// seconds=1
	'slow'                   => static fn( $a ) => usleep( (int) ( 1e6 * (float) ( $a['seconds'] ?? 1 ) ) ),

	// Where things are.
	// feeds=1: without links to the feeds, too
	'hidden_discovery'       => static function ( $a ) {
		remove_action( 'wp_head', 'rest_output_link_wp_head' );
		remove_action( 'template_redirect', 'rest_output_link_header', 11 );
		remove_action( 'xmlrpc_rsd_apis', 'rest_output_rsd' );
		if ( ! empty( $a['feeds'] ) ) {
			remove_action( 'wp_head', 'feed_links', 2 );
			remove_action( 'wp_head', 'feed_links_extra', 3 );
		}
	},
	// prefix=api instead of wp-json
	'rest_prefix'            => static function ( $a ) {
		$prefix = $a['prefix'] ?? 'api';
		add_filter( 'rest_url_prefix', static fn() => $prefix );
		add_filter(
			'option_rewrite_rules',
			static function ( $rules ) use ( $prefix ) {
				$others = array_filter( $rules, static fn( $rule ) => ! str_contains( $rule, 'wp-json' ), ARRAY_FILTER_USE_KEY );
				return array( "^$prefix/?$" => 'index.php?rest_route=/', "^$prefix/(.*)?" => 'index.php?rest_route=/$matches[1]' ) + $others;
			}
		);
	},
	'plain_permalinks'       => static function () {
		foreach ( array( 'pre_option_permalink_structure', 'pre_option_rewrite_rules', 'pre_update_option_rewrite_rules' ) as $hook ) {
			add_filter( $hook, '__return_empty_string' );
		}
	},
	// text=…
	'robots'                 => static fn( $a ) => add_filter( 'robots_txt', static fn() => $a['text'] ?? "User-agent: *\nDisallow: /\n" ),
	// status=403
	'feed_off'               => static function ( $a ) {
		$refuse = static fn() => wp_test_answer( (int) ( $a['status'] ?? 403 ), '<!DOCTYPE html><title>No feed</title><p>No feed available.</p>' );
		foreach ( array( 'rdf', 'rss', 'rss2', 'atom' ) as $form ) {
			add_action( "do_feed_$form", $refuse, 1 );
		}
	},
	'feed_summary'           => static fn() => add_filter( 'pre_option_rss_use_excerpt', static fn() => '1' ),
	'sitemap_off'            => static fn() => add_filter( 'wp_sitemaps_enabled', '__return_false' ),
	// Keys that popular plugins add to every post
	'plugin_keys'            => static fn() => add_action(
		'rest_api_init',
		static function () {
			$title = static fn( $post ) => (string) get_post_field( 'post_title', $post['id'] );
			register_rest_field( array( 'post', 'page' ), 'yoast_head', array( 'get_callback' => static fn( $post ) => '<title>' . esc_html( $title( $post ) ) . '</title>' ) );
			register_rest_field( array( 'post', 'page' ), 'yoast_head_json', array( 'get_callback' => static fn( $post ) => array( 'title' => $title( $post ), 'og_locale' => 'en_US' ) ) );
			register_rest_field( array( 'post', 'page' ), 'acf', array( 'get_callback' => static fn( $post ) => array( 'serving' => $post['id'] % 7 ) ) );
		}
	),
);
