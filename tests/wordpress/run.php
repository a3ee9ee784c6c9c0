<?php
/**
 * Runs PHP inside WordPress, as the administrator. Use: php run.php SCRIPT|- ARGUMENT… ; `-` takes code from standard input.
 * The script finds its arguments in $args.
 */
$_SERVER['HTTP_HOST']       = parse_url( getenv( 'WP_TEST_HOME' ), PHP_URL_HOST ) . ':' . parse_url( getenv( 'WP_TEST_HOME' ), PHP_URL_PORT );
$_SERVER['REQUEST_URI']     = '/';
$_SERVER['SERVER_PROTOCOL'] = 'HTTP/1.1';
$_SERVER['REQUEST_METHOD']  = 'GET';
require getenv( 'WP_TEST_CORE' ) . '/wp-load.php';
wp_set_current_user( 1 );
$args = array_slice( $argv, 2 );
if ( '-' === $argv[1] ) {
	eval( stream_get_contents( STDIN ) );
} else {
	require $argv[1];
}
