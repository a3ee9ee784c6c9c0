<?php
/**
 * Fills an empty site: the same content, the same ids and the same times whenever it runs.
 * Use: php run.php fill.php POSTS (how many posts are public; others, pages and comments come on top)
 */
require_once __DIR__ . '/content.php';

$posts = (int) ( $args[0] ?? 320 );
global $wpdb;
$wpdb->query( 'SET autocommit = 0' );
$wpdb->query( "ALTER TABLE {$wpdb->posts} AUTO_INCREMENT = 11" );
wp_defer_term_counting( true );
wp_defer_comment_counting( true );
remove_action( 'publish_post', '_publish_post_hook', 5 );

$GLOBALS['wp_test_modified'] = null;
add_filter(
	'wp_insert_post_data',
	static function ( array $data ): array {
		$when = $GLOBALS['wp_test_modified'] ?? $data['post_date'];
		$data['post_modified']     = $when;
		$data['post_modified_gmt'] = get_gmt_from_date( $when );
		return $data;
	}
);

/** Site-local time of hour $hours after the site's first day, at an odd minute. */
function wp_test_time( int $hours ): string {
	return gmdate( 'Y-m-d H:i:s', gmmktime( 8, 17, 42, 1, 4, 2010 ) + $hours * 3600 );
}

/** One row of wp_posts; its id comes out. */
function wp_test_insert( array $post, ?string $modified = null ): int {
	$GLOBALS['wp_test_modified'] = $modified;
	$id                          = wp_insert_post( wp_slash( $post ), true );
	$GLOBALS['wp_test_modified'] = null;
	if ( is_wp_error( $id ) ) {
		throw new RuntimeException( $id->get_error_message() );
	}
	return $id;
}

/** The authors' ids; the last one never publishes anything. */
function wp_test_authors(): array {
	$names = array( 'ana' => 'Ana María Núñez', 'lee' => '李 小龍', 'obrien' => "O'Brien & Sons", 'nina' => 'Нина', 'lurker' => 'Lurker' );
	$ids   = array();
	foreach ( $names as $login => $name ) {
		$ids[] = wp_insert_user(
			array( 'user_login' => $login, 'user_pass' => 'password', 'user_email' => "$login@example.org", 'display_name' => $name, 'role' => 'author' )
		);
	}
	return $ids;
}

/** Terms of a taxonomy by name, with their parents; the ids in order. */
function wp_test_terms( string $taxonomy, array $names ): array {
	$ids = array();
	foreach ( $names as $name => $parent ) {
		$term  = wp_insert_term( wp_slash( $name ), $taxonomy, array( 'parent' => null === $parent ? 0 : $ids[ $parent ] ) );
		$ids[] = (int) $term['term_id'];
	}
	return $ids;
}

/** Two pictures without files: what the media route tells is in the database. */
function wp_test_media(): array {
	$ids = array();
	foreach ( array( 'loaf', 'sea & sky' ) as $k => $name ) {
		$file = sanitize_title( $name ) . '.jpg';
		$post = array( 'post_title' => $name, 'post_mime_type' => 'image/jpeg', 'post_status' => 'inherit', 'post_type' => 'attachment', 'post_date' => wp_test_time( $k ), 'post_author' => 1 );
		$id   = wp_test_insert( $post );
		update_post_meta( $id, '_wp_attached_file', "2010/01/$file" );
		update_post_meta( $id, '_wp_attachment_image_alt', "Alt of $name" );
		wp_update_attachment_metadata( $id, array( 'width' => 800, 'height' => 600, 'file' => "2010/01/$file" ) );
		$ids[] = $id;
	}
	return $ids;
}

/** When post $i was last changed: mostly when it was published, sometimes later, sometimes (importers) earlier. */
function wp_test_modified_of( int $i, int $hours ): ?string {
	if ( $i % 320 >= 200 && $i % 320 < 260 ) {
		return '2016-06-06 06:06:06'; // one bulk edit
	}
	if ( 0 === $i % 23 ) {
		return wp_test_time( $hours - 1000 );
	}
	return 0 === $i % 9 ? wp_test_time( $hours + 40 * $i % 5000 + 1 ) : null;
}

/** The comments of a post: a thread of two, and two that visitors do not see. */
function wp_test_comments( int $post, int $hours ): void {
	$parent = 0;
	foreach ( array( array( 'Zoë <3', '1' ), array( 'Bob & Carol', '1' ), array( 'Spammer', 'spam' ), array( 'Waiting', '0' ) ) as $k => $who ) {
		$when   = wp_test_time( $hours + $k + 1 );
		$parent = wp_insert_comment(
			wp_slash(
				array(
					'comment_post_ID'      => $post,
					'comment_author'       => $who[0],
					'comment_author_email' => "visitor$k@example.org",
					'comment_content'      => "Comment $k on $post: I'd say \"yes\" & no.\n\nSecond <em>line</em>.",
					'comment_approved'     => $who[1],
					'comment_parent'       => 1 === $k ? $parent : 0,
					'comment_date'         => $when,
					'comment_date_gmt'     => get_gmt_from_date( $when ),
				)
			)
		);
	}
}

/** One public post with everything that hangs on it. */
function wp_test_post( int $i, array $authors, array $categories, array $tags, array $media ): void {
	$same  = $i % 320 >= 100 && $i % 320 < 160;
	$hours = 7 * ( $same ? $i - $i % 320 + 100 : $i );
	$post  = array(
		'post_title'    => wp_test_title( $i ),
		'post_content'  => wp_test_body( $i ),
		'post_excerpt'  => 0 === $i % 6 ? "The hand-written excerpt of $i & <b>no more</b>." : '',
		'post_status'   => 'publish',
		'post_date'     => wp_test_time( $hours ),
		'post_author'   => $authors[ $i % 4 ],
		'post_password' => 0 === $i % 29 ? 'sesame' : '',
		'post_category' => 0 === $i % 11 ? array() : array_values( array_unique( array( $categories[ $i % 5 ], $categories[ $i * 3 % 5 ] ) ) ),
		'tags_input'    => 0 === $i % 4 ? array() : array_unique( array( $tags[ $i % 6 ], $tags[ $i * 5 % 6 ] ) ),
		'post_name'     => 8 === $i % 20 ? "weekly-notes-$i" : '',
		'meta_input'    => 5 === $i % 30 ? array( '_thumbnail_id' => $media[ $i % 2 ] ) : array(),
	);
	$id = wp_test_insert( $post, wp_test_modified_of( $i, $hours ) );
	if ( 7 === $i % 40 ) {
		set_post_format( $id, 'aside' );
	}
	if ( 0 === $i % 13 ) {
		wp_test_comments( $id, $hours );
	}
	if ( 0 === $i % 50 ) { // an edit, which leaves a revision between the ids of posts
		wp_test_insert( array( 'ID' => $id, 'edit_date' => true, 'post_content' => wp_test_body( $i ) . "\n\nP.S. Edited once." ) + $post, wp_test_time( $hours + 99 ) );
	}
	if ( 40 === $i || 41 === $i ) {
		stick_post( $id );
	}
}

/** One post that visitors must not see, of each kind in turn. */
function wp_test_hidden( int $i, array $authors ): void {
	$kinds  = array( 'draft', 'private', 'pending', 'future', 'trash' );
	$status = $kinds[ ( intdiv( $i, 20 ) - 1 ) % 5 ];
	$id     = wp_test_insert(
		array(
			'post_title'   => "Secret $status $i",
			'post_content' => "Nobody may read the $status post $i.",
			'post_status'  => 'trash' === $status ? 'publish' : $status,
			'post_date'    => 'future' === $status ? '2099-01-01 00:00:00' : wp_test_time( 7 * $i ),
			'post_author'  => $authors[ $i % 4 ],
		)
	);
	if ( 'trash' === $status ) {
		wp_trash_post( $id );
	}
}

/** The pages, a tree of them; one in eight is protected or hidden. */
function wp_test_pages( int $count, array $authors ): void {
	$ids = array();
	for ( $i = 1; $i <= $count; $i++ ) {
		$ids[ $i ] = wp_test_insert(
			array(
				'post_type'     => 'page',
				'post_title'    => 3 === $i ? '' : ( 0 === $i % 5 ? "Über uns & Kontakt $i" : "Page $i" ),
				'post_content'  => wp_test_body( $i ),
				'post_status'   => array( 6 => 'private', 14 => 'draft' )[ $i ] ?? 'publish',
				'post_password' => 10 === $i ? 'sesame' : '',
				'post_date'     => wp_test_time( 24 * $i ),
				'post_author'   => $authors[ $i % 2 ],
				'post_parent'   => 0 === $i % 3 ? ( $ids[ intdiv( $i, 3 ) ] ?? 0 ) : 0,
				'menu_order'    => $i % 4,
			)
		);
	}
}

( static function ( int $posts ) {
	global $wpdb;
	$authors    = wp_test_authors();
	$categories = wp_test_terms( 'category', array( 'Trauma & Recovery' => null, 'Food & Drink' => null, 'Bread' => 1, '健康' => null, 'Say "hi" <now>' => null, 'Nothing here' => null ) );
	$tags       = array( 'R&D', 'c++', 'vagus nerve', 'naïve', '日本', "it's \"quoted\"" );
	$media      = wp_test_media();
	for ( $i = 1; $i <= $posts; $i++ ) {
		wp_test_post( $i, $authors, $categories, $tags, $media );
		if ( 0 === $i % 20 ) {
			wp_test_hidden( $i, $authors );
		}
	}
	wp_test_pages( min( 48, max( 16, intdiv( $posts, 16 ) ) ), $authors );
	wp_defer_term_counting( false );
	wp_defer_comment_counting( false );
	// As the editor leaves them: the address by id; a few came from another site, where the number was another post's.
	$wpdb->query( "UPDATE {$wpdb->posts} SET guid = CONCAT('" . home_url() . "/?p=', ID) WHERE post_type = 'post'" );
	$wpdb->query( "UPDATE {$wpdb->posts} SET guid = CONCAT('" . home_url() . "/?page_id=', ID) WHERE post_type = 'page'" );
	$wpdb->query( "UPDATE {$wpdb->posts} SET guid = CONCAT('http://old.example.org/?p=', ID - 7) WHERE post_type = 'post' AND ID % 31 = 0" );
	$wpdb->query( 'COMMIT' );
} )( $posts );
