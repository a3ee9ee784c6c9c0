<?php
/**
 * The content of the test site, made from the number of a post alone: no clock, no chance. Every turn of title and body
 * that once broke a reader of WordPress is in it. fill.php says which post gets what else.
 */

/** The title of post $i. */
function wp_test_title( int $i ): string {
	$titles = array(
		'',
		"<em>Markup</em> in title $i",
		"Fish &amp; chips &lt;b&gt; no. $i",
		"It's \"d'été\" -- really... 5x$i & more",
		"Celebrating 🎉 post $i 👩‍👩‍👧‍👦",
		"第{$i}回 健康な暮らし",
		"مرحبا بالعالم $i",
		"สุขภาพดี $i ข้อ",
		'Weekly notes',
		"A very long title $i " . str_repeat( 'that goes on and on ', 9 ) . 'to the end',
		"  Spaces\u{a0}and\ttabs  $i ",
		"Sauerteig für Anfänger, Teil $i",
		"Ещё раз о сне, часть $i",
		"AT&T vs. <script>alert($i)</script>the rest",
		"Cafe\u{301} décomposé $i",
		"100% of \\backslashes\\ and 'quotes' $i",
	);
	return $titles[ $i % 20 ] ?? "Post number $i about the vagus nerve";
}

/** The body of post $i, as an editor would have stored it. */
function wp_test_body( int $i ): string {
	$home  = home_url();
	$plain = wp_test_sentences( $i );
	switch ( $i % 16 ) {
		case 0:
			return "<!-- wp:heading -->\n<h2 class=\"wp-block-heading\">Why $i matters</h2>\n<!-- /wp:heading -->\n\n"
				. "<!-- wp:paragraph -->\n<p>$plain</p>\n<!-- /wp:paragraph -->\n\n<!-- wp:list -->\n<ul><!-- wp:list-item -->\n"
				. "<li>First &amp; foremost</li>\n<!-- /wp:list-item -->\n\n<!-- wp:list-item -->\n<li>Second <strong>bold</strong>"
				. "<br>broken</li>\n<!-- /wp:list-item --></ul>\n<!-- /wp:list -->";
		case 1:
			return "$plain\n\nA second paragraph, \"classic\" style -- it's autop's work...\nwith a line break.\n\nThird of $i.";
		case 2:
			return "<p>Before $i.</p><script>document.write('<p>never text $i</p>');</script><style>.x{content:\"not text\"}</style>"
				. "<iframe src=\"https://video.example/embed/$i\" title=\"Video $i\"></iframe><noscript>no script $i</noscript><p>$plain</p>";
		case 3:
			return "$plain\n\n<!--nextpage-->\n\nPage two of $i.\n\n<!--nextpage-->\n\nPage three of $i.";
		case 4:
			return "The teaser of $i.\n\n<!--more Read on, please-->\n\n$plain";
		case 5:
			return "[unknown_code id=\"$i\"]inside[/unknown_code]\n\n$plain\n\n[caption id=\"\" width=\"300\"]<img src=\"$home/a.png\" "
				. "alt=\"alt $i\" /> The caption {$i}[/caption]\n\n[[gallery]] stays.";
		case 6:
			return "<table><thead><tr><th>Name</th><th>Value</th></tr></thead><tbody><tr><td>row $i</td><td>1 &lt; 2</td></tr></tbody></table>\n"
				. "<pre><code>if (a &lt; b) {\n    return $i;\n}</code></pre>\n$plain";
		case 7:
			return "<!-- wp:paragraph -->\n<p>健康な生活は第{$i}歩から始まります。毎日よく眠りましょう。</p>\n<!-- /wp:paragraph -->\n\n"
				. "<!-- wp:paragraph -->\n<p>Сон лечит. النوم يشفي. การนอนหลับช่วยได้ $i</p>\n<!-- /wp:paragraph -->";
		case 8:
			return "5 < 6 & 7 > 2, &copy; &hellip; &#8212; &#x1F600; &nbsp;&notanentity; &amp;amp; $i\n\n$plain";
		case 9:
			return "<p>In<b>ne</b>r <i>it<u>al</u>ics</i> $i<sup>2</sup> H<sub>2</sub>O</p><!-- a comment $i --><p>$plain</p>";
		case 10:
			return "<!-- wp:image -->\n<figure class=\"wp-block-image\"><img src=\"$home/wp-content/uploads/p$i.jpg\" alt=\"A loaf, no. $i\"/>"
				. "<figcaption class=\"wp-element-caption\">Loaf $i</figcaption></figure>\n<!-- /wp:image -->\n\n"
				. "<!-- wp:paragraph -->\n<p>$plain</p>\n<!-- /wp:paragraph -->";
		case 11:
			return "Emoji 😀🧠🇫🇷 and \u{200b}zero\u{200d}width, soft\u{ad}hyphen, NBSP\u{a0}here. $plain";
		case 12:
			return str_repeat( '<div>', 60 ) . "Deep inside $i. $plain" . str_repeat( '</div>', 60 );
		case 13:
			return '';
		case 14:
			return "<p hidden>hidden $i</p><p style=\"display:none\">not displayed $i</p><form action=\"$home/\"><input type=\"text\" value=\"typed $i\">"
				. "<button>Send $i</button></form><p>$plain</p>";
		default:
			return "<blockquote><p>Quoted $i.</p></blockquote><dl><dt>Term</dt><dd>Meaning $i</dd></dl><p>See <a href=\"$home/?p=" . ( 10 + $i )
				. "\">another post</a> and <a href=\"https://elsewhere.example/$i?a=1&amp;b=2\">elsewhere</a>.</p>\n$plain";
	}
}

/** A few plain sentences, more for some posts than for others. */
function wp_test_sentences( int $i ): string {
	$words = array( 'ketamine', 'bread', 'sleep', 'the vagus nerve', 'rye', 'morning light', 'a long walk', 'therapy', 'salt' );
	$said  = array();
	for ( $k = 0; $k <= $i % 7; $k++ ) {
		$said[] = sprintf( 'Sentence %d of %d is about %s and %s.', $k + 1, $i, $words[ ( $i + $k ) % 9 ], $words[ ( $i * 5 + $k * 2 ) % 9 ] );
	}
	return implode( ' ', $said );
}
