<?php
/**
 * Plugin Name: Test site
 * Description: Keeps the site from sending mail, shows custom types when asked, and plays the broken sites of plays.php.
 *
 * What is played comes from the option wp_test_play (a JSON object: name => arguments), which changes every answer, or from the
 * header of one request, `X-Play: name?argument=value`; several are separated by spaces.
 */

add_filter( 'pre_wp_mail', '__return_true' );
add_filter( 'wp_is_application_passwords_available', '__return_true' );

if ( wp_installing() ) {
	return;
}

if ( get_option( 'wp_test_types' ) ) {
	// A type under wp/v2 with a taxonomy of its own, one in a namespace of its own, and one that REST does not show.
	add_action(
		'init',
		static function () {
			$supports = array( 'title', 'editor', 'author', 'excerpt', 'thumbnail', 'custom-fields' );
			register_post_type( 'book', array( 'public' => true, 'show_in_rest' => true, 'rest_base' => 'books', 'label' => 'Books', 'supports' => $supports, 'has_archive' => true ) );
			register_taxonomy( 'genre', 'book', array( 'public' => true, 'show_in_rest' => true, 'rest_base' => 'genres', 'label' => 'Genres' ) );
			register_post_type( 'thing', array( 'public' => true, 'show_in_rest' => true, 'rest_base' => 'things', 'rest_namespace' => 'acme/v1', 'label' => 'Things', 'supports' => $supports ) );
			register_post_type( 'secret', array( 'public' => true, 'show_in_rest' => false, 'label' => 'Secrets', 'supports' => $supports ) );
		}
	);
}

if ( 'cli' !== PHP_SAPI ) {
	( static function () {
		$plays = (array) json_decode( (string) get_option( 'wp_test_play', '{}' ), true );
		foreach ( preg_split( '/\s+/', $_SERVER['HTTP_X_PLAY'] ?? '', -1, PREG_SPLIT_NO_EMPTY ) as $play ) {
			[ $name, $query ] = explode( '?', $play . '?' );
			parse_str( $query, $plays[ $name ] );
		}
		$known = $plays ? require __DIR__ . '/plays.php' : array();
		foreach ( $plays as $name => $arguments ) {
			if ( ! isset( $known[ $name ] ) ) {
				http_response_code( 500 );
				exit( "unknown play $name" );
			}
			$known[ $name ]( $arguments );
		}
	} )();
}
