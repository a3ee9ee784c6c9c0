"""Elements that stand in a post's HTML and are not the post: drop rules as data, by the names their makers gave them.

Evidence: the class names and ids are those that the named plugin or block writes into `the_content`, and thereby into
REST's `content.rendered` and into feeds. Generic words that a theme or an author could use for the post itself
(`share`, `related`, `newsletter`) are left out on purpose, and so are names that headings get from their own words
(`<h2 id="respond">`): a rule that is not sure does nothing. How much they may leave out is for `normalise` to measure.
"""

from ingest.text import Drop

__all__ = ["ELEMENT_RULES"]


def _drop(name: str, classes: str, ids: str = "") -> Drop:
    return Drop(name, classes=frozenset(classes.split()), ids=frozenset(ids.split()))


_SHARE = _drop(
    "share-bar",
    # Jetpack; AddToAny; AddThis; ShareThis; Sassy Social Share; Super Socializer; Simple Share Buttons
    "sharedaddy sd-sharing sd-sharing-enabled sd-like jetpack-likes-widget-wrapper wp-block-jetpack-sharing-buttons "
    "wp-block-jetpack-like addtoany_share_save_container addtoany_content a2a_kit addthis_toolbox "
    "addthis_inline_share_toolbox addthis_tool sharethis-inline-share-buttons st-btns heateor_sss_sharing_container "
    "heateorsssclear the_champ_sharing_container ssba ssba-wrap ssba-classic-2 ssbp-wrap "
    # Social Warfare; Novashare; Grow (Mediavine); MashShare; Easy Social Share Buttons; Scriptless; Shareaholic;
    # Ultimate Social Media
    "swp_social_panel swp-content-locator novashare-buttons dpsp-content-wrapper dpsp-share-text mashsb-container "
    "essb_links essb_mobile scriptlesssocialsharing shareaholic-canvas shareaholic-share-buttons-container "
    "sfsi_responsive_icons sfsibeforpstwpr sfsiaftrpstwpr sfsi_sicons sfsi_plus_sicons sfsiplus_sicons "
    # others, each a plugin of its own
    "juiz_sps_links apss-social-share nc_socialpanel really_simple_share et_social_inline simplesocialbuttons "
    "crestashareiconincontent social-share-buttons-wrap meks_ess wpsr-share-icons blog-share-text "
    "pf-button pf-button-content pf-button-excerpt "
    "wp-block-outermost-social-sharing wp-block-social-sharing sharing-plus-buttons-wrapper",
    "jp-post-flair",
)
_FOLLOW = _drop("follow-bar", "wp-block-social-links jetpack_widget_social_icons wpzoom-social-icons-list sfsi_widget")
_RELATED = _drop(
    "related-posts",
    # Jetpack; YARPP; Contextual Related Posts; Related Posts for WordPress; Zemanta; nRelate; Related Posts Thumbnails
    "jp-relatedposts wp-block-jetpack-related-posts yarpp yarpp-related yarpp-related-website yarpp-related-rss "
    "crp_related rp4wp-related-posts wp_rp_wrap wp_rp_content zem_rp_wrap nrelate_related nrelate_default "
    "relpost-thumb-wrapper srpw-block epyt-related similar-posts-list related_post_title betterrelated "
    "shareaholic-related-container ml-related-posts",
    "jp-relatedposts wp_rp_first",
)
_SUBSCRIBE = _drop(
    "subscription-form",
    # Jetpack; Mailchimp and MC4WP; The Newsletter Plugin; MailPoet; Bloom; ConvertKit; MailerLite; FeedBurner
    "wp-block-jetpack-subscriptions wp-block-jetpack-subscriptions__container jetpack_subscription_widget "
    "mc4wp-form mc_embed_signup mailmunch-forms-before-post mailmunch-forms-in-post-middle mailmunch-forms-after-post "
    "tnp-subscription tnp-subscription-minimal mailpoet_form wysija-form et_bloom_form_container et_bloom_below_post "
    "formkit-form convertkit-form seva-form ml-form-embedcontainer ml-embedded es_shortcode_form "
    "wp-block-newsletterglue-form sib_signup_form hustle-ui",
    "mc_embed_signup mc-embedded-subscribe-form",
)
_COMMENTS = _drop(
    "comment-form",
    "comment-respond comment-form wp-block-post-comments-form wp-block-comments fb-comments",
    "disqus_thread",
)
_CONTACT = _drop(
    "contact-form",
    # Contact Form 7; WPForms; Gravity Forms; Ninja Forms; Formidable; Forminator; Jetpack; Fluent; Caldera; Kadence
    "wpcf7 wpforms-container gform_wrapper nf-form-cont frm_forms forminator-ui wp-block-jetpack-contact-form "
    "commentsblock fluentform caldera-grid kb-form wp-block-kadence-form everest-forms",
)
_RATING = _drop(
    "rating-bar",
    # WP-PostRatings; kk Star Ratings; Rate my Post; WP ULike; Post Views Counter; Reading Time WP; Read Meter
    "post-ratings post-ratings-loading kk-star-ratings rmp-widgets-container rmp-results-widget wpulike "
    "post-views-icon post-views-label post-views-count rt-reading-time bsf-rt-reading-time span-reading-time",
)
_AUTHOR = _drop(
    "author-box",
    # Simple Author Box; Molongui; Starbox; Fanciest Author Box; PublishPress Authors
    "saboxplugin-wrap m-a-box abh_box ts-fab-wrapper pp-multiple-authors-boxes-wrapper",
)
_SCREEN_READER = _drop("screen-reader-text", "screen-reader-text")

#: Rule -> what it leaves out, in one line.
ELEMENT_RULES: dict[Drop, str] = {
    _SHARE: "leaves out share and like buttons (Jetpack, AddToAny, ShareThis and others)",
    _FOLLOW: "leaves out rows of links to social networks",
    _RELATED: "leaves out lists of related posts (Jetpack, YARPP and others)",
    _SUBSCRIBE: "leaves out subscription forms (Jetpack, Mailchimp, MailPoet and others)",
    _COMMENTS: "leaves out comment forms and embedded comment threads",
    _CONTACT: "leaves out contact forms (Contact Form 7, WPForms, Gravity Forms and others)",
    _RATING: "leaves out star ratings, view counts and reading times",
    _AUTHOR: "leaves out the boxes about the author that plugins add",
    _SCREEN_READER: "leaves out words that themes show to screen readers only",
}
