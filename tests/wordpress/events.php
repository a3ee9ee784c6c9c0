<?php
/**
 * What happens on a site, by WordPress' own functions: wp_test_happen( array( 'event' => name, … ) ). events.py describes them.
 * Times are UTC, `YYYY-MM-DD HH:MM:SS`. A `modified` that is given replaces the clock; without it WordPress does as it does.
 */
/** Site-local and UTC columns of a time, none for none. */
function wp_test_dates( ?string $at ): array {
	return null === $at ? array() : array( 'post_date' => get_date_from_gmt( $at ), 'post_date_gmt' => $at, 'edit_date' => true );
}

/** Insert a post; its id comes out. */
function wp_test_put( array $e, string $status ): int {
	$fields = wp_test_dates( $e['at'] ) + array(
		'post_type'     => $e['type'],
		'post_title'    => $e['title'],
		'post_content'  => $e['content'],
		'post_status'   => $status,
		'post_password' => $e['password'] ?? '',
		'post_author'   => 1,
		'tags_input'    => $e['tags'],
	);
	return wp_test_sound( wp_insert_post( wp_slash( $fields ), true ) );
}

/** The result, or its error raised. */
function wp_test_sound( $result ) {
	if ( is_wp_error( $result ) || ! $result ) {
		throw new RuntimeException( is_wp_error( $result ) ? $result->get_error_message() : 'nothing happened: no such post?' );
	}
	return $result;
}

/** Change posts through the editor's own function. */
function wp_test_update( array $ids, array $fields ): void {
	foreach ( $ids as $id ) {
		wp_test_sound( wp_update_post( wp_slash( array( 'ID' => $id ) + $fields ), true ) );
	}
}

/** Let one event happen; its result comes out. */
function wp_test_happen( array $event ) {
	$event += array( 'at' => null, 'title' => null, 'content' => '<p>News.</p>', 'type' => 'post', 'tags' => array() );
	$clock  = static fn( array $data ): array => isset( $event['modified'] ) ? array(
		'post_modified'     => get_date_from_gmt( $event['modified'] ),
		'post_modified_gmt' => $event['modified'],
	) + $data : $data;
	add_filter( 'wp_insert_post_data', $clock );
	$result = wp_test_events()[ $event['event'] ]( $event );
	remove_filter( 'wp_insert_post_data', $clock );
	return $result;
}

/** The events by name. */
function wp_test_events(): array {
	return array(
		'publish'     => static fn( $e ) => wp_test_put( $e, 'publish' ),
		'draft'       => static fn( $e ) => wp_test_put( $e, 'draft' ),
		'schedule'    => static function ( $e ) {
			// By hand: WordPress would publish at once what is due already, and tests do not wait.
			global $wpdb;
			$id = wp_test_put( $e, 'draft' );
			$wpdb->update( $wpdb->posts, array( 'post_status' => 'future' ), array( 'ID' => $id ) );
			clean_post_cache( $id );
			return $id;
		},
		'cron'        => static function ( $e ) {
			global $wpdb;
			$due = $wpdb->get_col( $wpdb->prepare( "SELECT ID FROM {$wpdb->posts} WHERE post_status = 'future' AND post_date_gmt <= %s ORDER BY ID", $e['until'] ) );
			array_map( 'wp_publish_post', $due ); // what check_and_publish_future_post() ends in
			return array_map( 'intval', $due );
		},
		'edit'        => static function ( $e ) {
			foreach ( $e['ids'] as $id ) {
				$fields = array( 'post_title' => $e['title'], 'post_content' => isset( $e['append'] ) ? get_post( $id )->post_content . $e['append'] : null );
				wp_test_update( array( $id ), array_filter( $fields, static fn( $value ) => null !== $value ) );
			}
		},
		'status'      => static fn( $e ) => wp_test_update( $e['ids'], array( 'post_status' => $e['status'] ) + wp_test_dates( $e['at'] ) ),
		'password'    => static fn( $e ) => wp_test_update( $e['ids'], array( 'post_password' => $e['password'] ) ),
		'trash'       => static fn( $e ) => array_map( static fn( $id ) => wp_test_sound( wp_trash_post( $id ) )->ID, $e['ids'] ),
		'restore'     => static function ( $e ) {
			add_filter( 'wp_untrash_post_status', 'wp_untrash_post_set_previous_status', 10, 3 ); // else it comes back as a draft
			return array_map( static fn( $id ) => wp_test_sound( wp_untrash_post( $id ) )->ID, $e['ids'] );
		},
		'delete'      => static fn( $e ) => array_map( static fn( $id ) => wp_test_sound( wp_delete_post( $id, true ) )->ID, $e['ids'] ),
		'rename_term' => static function ( $e ) {
			$term = wp_test_sound( get_term_by( 'name', $e['old'], $e['taxonomy'] ) );
			wp_test_sound( wp_update_term( $term->term_id, $e['taxonomy'], array( 'name' => wp_slash( $e['new'] ) ) ) );
		},
		'rename_user' => static fn( $e ) => wp_test_sound( wp_update_user( array( 'ID' => wp_test_sound( get_user_by( 'login', $e['login'] ) )->ID, 'display_name' => wp_slash( $e['name'] ) ) ) ),
		'tag'         => static fn( $e ) => array_map( static fn( $id ) => wp_test_sound( wp_set_post_tags( $id, wp_slash( $e['tags'] ) ) ), $e['ids'] ),
		'comment'     => static fn( $e ) => wp_insert_comment(
			wp_slash(
				array( 'comment_post_ID' => $e['post'], 'comment_author' => $e['author'], 'comment_content' => $e['text'], 'comment_approved' => 1 )
				+ ( null === $e['at'] ? array() : array( 'comment_date' => get_date_from_gmt( $e['at'] ), 'comment_date_gmt' => $e['at'] ) )
			)
		),
		'sql'         => static fn( $e ) => $GLOBALS['wpdb']->query( $e['sql'] ),
		'timezone'    => static fn( $e ) => update_option( 'timezone_string', $e['name'] ),
		'password_of' => static fn( $e ) => wp_test_sound( WP_Application_Passwords::create_new_application_password( wp_test_sound( get_user_by( 'login', $e['login'] ) )->ID, array( 'name' => 'test' ) ) )[0],
	);
}
