<?php
/**
 * Plugin Name: Test site
 * Description: Plays the broken sites that the tests need, and keeps the site off the network.
 */

add_filter( 'pre_wp_mail', '__return_true' );
add_filter( 'wp_is_application_passwords_available', '__return_true' );
