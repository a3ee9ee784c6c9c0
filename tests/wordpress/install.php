<?php
/**
 * Installs an empty WordPress: no sample post, no sample page. Use: php install.php TIMEZONE PERMALINKS
 */
define( 'WP_INSTALLING', true );
$_SERVER['HTTP_HOST']       = parse_url( getenv( 'WP_TEST_HOME' ), PHP_URL_HOST ) . ':' . parse_url( getenv( 'WP_TEST_HOME' ), PHP_URL_PORT );
$_SERVER['REQUEST_URI']     = '/wp-admin/install.php';
$_SERVER['SERVER_PROTOCOL'] = 'HTTP/1.1';

/** No letter to the administrator. */
function wp_new_blog_notification() {}

/** Only the default category: the sample content bears the time of the installation. */
function wp_install_defaults() {
	wp_insert_term( 'Uncategorized', 'category', array( 'slug' => 'uncategorized' ) );
	update_option( 'default_category', 1 );
}

require getenv( 'WP_TEST_CORE' ) . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
// The installer asks its own web server whether pretty permalinks work; they are set below instead.
add_filter( 'pre_http_request', static fn() => new WP_Error( 'offline', 'no network' ) );
wp_install( 'Wörld & Weft', 'admin', 'admin@example.org', true, '', 'password' );

[ , $timezone, $permalinks ] = $argv;
update_option( 'timezone_string', $timezone );
update_option( 'gmt_offset', '' );
update_option( 'blogdescription', 'A site for tests' );
update_option( 'default_ping_status', 'closed' );
update_option( 'default_pingback_flag', 0 );
update_option( 'permalink_structure', $permalinks );
