<?php
/**
 * The web server's part: each request is written to the access log (a line when it begins, a line when it ends), then goes
 * to a file of WordPress or to its front controller, as the usual rewrite rules do it.
 */
( static function () {
	$id  = uniqid( getmypid() . '-', true );
	$log = static function ( array $line ) use ( $id ) {
		$json = json_encode( array( 'id' => $id ) + $line, JSON_INVALID_UTF8_SUBSTITUTE | JSON_UNESCAPED_SLASHES );
		file_put_contents( getenv( 'WP_TEST_LOG' ), $json . "\n", FILE_APPEND | LOCK_EX );
	};
	$log(
		array(
			'time'    => microtime( true ),
			'method'  => $_SERVER['REQUEST_METHOD'],
			'target'  => $_SERVER['REQUEST_URI'],
			'headers' => getallheaders(),
		)
	);
	// Registered twice: WordPress turns a fatal error into its 500 in a shutdown function of its own, which must run first.
	register_shutdown_function(
		static fn() => register_shutdown_function(
			static fn() => $log( array( 'end' => microtime( true ), 'status' => http_response_code() ) )
		)
	);
} )();

$wp_test_script = ( static function (): ?string {
	$prefix = rtrim( (string) parse_url( getenv( 'WP_TEST_HOME' ), PHP_URL_PATH ), '/' );
	$path   = rawurldecode( (string) strtok( $_SERVER['REQUEST_URI'], '?' ) );
	if ( '' !== $prefix && ! str_starts_with( $path . '/', $prefix . '/' ) ) {
		return null;
	}
	$inner   = substr( $path, strlen( $prefix ) );
	$content = '/wp-content/';
	$root    = getenv( 'WP_TEST_CORE' );
	$file    = str_starts_with( $inner, $content )
		? getenv( 'WP_TEST_CONTENT' ) . '/' . substr( $inner, strlen( $content ) )
		: $root . $inner;
	$file    = is_dir( $file ) && '' !== trim( $inner, '/' ) ? rtrim( $file, '/' ) . '/index.php' : $file;
	if ( ! is_file( $file ) || str_contains( $inner, '..' ) ) {
		$file  = $root . '/index.php';
		unset( $_SERVER['PATH_INFO'] );
		if ( str_starts_with( $inner, '/index.php/' ) ) {
			$_SERVER['PATH_INFO'] = substr( $inner, strlen( '/index.php' ) );
		}
	}
	$_SERVER['SCRIPT_FILENAME'] = $file;
	$_SERVER['SCRIPT_NAME']     = $prefix . ( str_starts_with( $file, $root ) ? substr( $file, strlen( $root ) ) : $inner );
	$_SERVER['PHP_SELF']        = $_SERVER['SCRIPT_NAME'] . ( $_SERVER['PATH_INFO'] ?? '' );
	return $file;
} )();

if ( null === $wp_test_script ) {
	http_response_code( 404 );
	echo '<!DOCTYPE html><title>404 Not Found</title><h1>Not Found</h1>';
} elseif ( str_ends_with( $wp_test_script, '.php' ) ) {
	chdir( dirname( $wp_test_script ) );
	require $wp_test_script;
} else {
	header( 'Content-Type: ' . ( str_ends_with( $wp_test_script, '.css' ) ? 'text/css' : mime_content_type( $wp_test_script ) ) );
	readfile( $wp_test_script );
}
