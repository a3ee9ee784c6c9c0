<?php
/**
 * The configuration of every test site. What differs between sites comes from the environment of the PHP process, so one
 * unpacked WordPress serves them all.
 */
define( 'DB_NAME', getenv( 'WP_TEST_DATABASE' ) );
define( 'DB_USER', 'root' );
define( 'DB_PASSWORD', '' );
define( 'DB_HOST', 'localhost:' . getenv( 'WP_TEST_SOCKET' ) );
define( 'DB_CHARSET', 'utf8mb4' );
define( 'DB_COLLATE', '' );
define( 'WP_HOME', getenv( 'WP_TEST_HOME' ) );
define( 'WP_SITEURL', getenv( 'WP_TEST_HOME' ) );
define( 'WP_CONTENT_DIR', getenv( 'WP_TEST_CONTENT' ) );
define( 'WP_CONTENT_URL', getenv( 'WP_TEST_HOME' ) . '/wp-content' );
foreach ( array( 'AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE' ) as $name ) {
	define( $name . '_KEY', 'only for tests ' . $name );
	define( $name . '_SALT', 'only for tests, salt ' . $name );
}
// Nothing leaves the machine, and nothing happens that a test did not ask for.
define( 'WP_HTTP_BLOCK_EXTERNAL', true );
define( 'DISABLE_WP_CRON', true );
define( 'AUTOMATIC_UPDATER_DISABLED', true );
define( 'DISALLOW_FILE_MODS', true );
define( 'WP_DEBUG', false );
define( 'WP_MEMORY_LIMIT', '256M' );
$table_prefix = 'wp_';
if ( ! defined( 'ABSPATH' ) ) {
	define( 'ABSPATH', getenv( 'WP_TEST_CORE' ) . '/' );
}
require_once ABSPATH . 'wp-settings.php';
