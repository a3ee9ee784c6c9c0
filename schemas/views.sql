-- Views. Dropped and made anew whenever a program of another version opens the corpus for writing.

-- What a researcher reads: one row a post, names instead of numbers. Gone posts are included, and say so.
CREATE VIEW corpus AS
SELECT
  p.doc_id, -- Stable identifier of the post.
  p.url, -- Permalink.
  nullif(s.site, '') AS site, -- The blog: home address without scheme and `www.`.
  p.type, -- `post`, `page`, `text`, or the publisher's own type.
  p.title, -- Title as text.
  p.text, -- The post as text.
  (SELECT json_group_array(name) FROM (
    SELECT a.name FROM post_authors pa JOIN authors a ON a.id = pa.author_id
    WHERE pa.post_id = p.id AND a.name IS NOT NULL ORDER BY pa.position)) AS authors, -- JSON list of names.
  (SELECT json_group_array(name) FROM (
    SELECT coalesce(t.name, t.slug) AS name FROM post_terms pt JOIN terms t ON t.id = pt.term_id
    WHERE pt.post_id = p.id AND t.taxonomy = 'category' AND coalesce(t.name, t.slug) IS NOT NULL
    ORDER BY pt.position)) AS categories, -- JSON list of names.
  (SELECT json_group_array(name) FROM (
    SELECT coalesce(t.name, t.slug) AS name FROM post_terms pt JOIN terms t ON t.id = pt.term_id
    WHERE pt.post_id = p.id AND t.taxonomy = 'post_tag' AND coalesce(t.name, t.slug) IS NOT NULL
    ORDER BY pt.position)) AS tags, -- JSON list of names.
  p.published_at, -- When it was published, UTC.
  p.modified_at, -- When the publisher last changed it, UTC.
  p.language, -- BCP 47.
  p.word_count, -- Words of the text.
  (SELECT count(*) FROM revisions r WHERE r.post_id = p.id) AS revisions, -- Number of earlier versions.
  p.first_seen_at, -- When this corpus first held it.
  p.gone_at, -- When it was found to be gone.
  p.gone_kind -- How it went: `erased`, `unpublished`, `protected`, `source_gone`, `forgotten`.
FROM posts p JOIN sites s ON s.id = p.site_id;

-- The posts that are there now: the rows of `corpus` that are not gone.
CREATE VIEW posts_now AS
SELECT
  c.* -- The columns of `corpus`.
FROM corpus c WHERE c.gone_at IS NULL;

-- How many posts, and words, each site published in each month.
CREATE VIEW posts_by_month AS
SELECT
  nullif(s.site, '') AS site, -- The blog.
  substr(p.published_at, 1, 7) AS month, -- `YYYY-MM`, UTC; NULL for undated posts.
  count(*) AS posts, -- Number of posts.
  sum(p.word_count) AS words -- Words of their texts.
FROM posts p JOIN sites s ON s.id = p.site_id
GROUP BY s.site, month;

-- How each source fares: its last verdict, and what the corpus holds of it.
CREATE VIEW source_health AS
SELECT
  o.id AS source, -- Number of the source.
  o.kind, -- `wordpress`, `feed`, `wxr`, `text`, `page`; `auto` until an imported address was looked at.
  o.url, -- Its address.
  o.state, -- `active`, `paused`, `removed`, `loaded`.
  o.verdict, -- `complete`, `partial`, `failing`, `unknown`.
  o.reason, -- Why.
  o.missing_ids, -- JSON list of `type/id`: announced and not held.
  (SELECT count(*) FROM sightings g JOIN posts p ON p.id = g.post_id
   WHERE g.source_id = o.id AND p.gone_at IS NULL) AS have, -- Posts held and not gone.
  (SELECT sum(value) FROM json_each(o.announced)) AS announced, -- Posts the site says it has.
  (SELECT count(*) FROM rejects r WHERE r.source_id = o.id AND r.resolved_at IS NULL) AS rejects, -- Items that could not be stored.
  o.error, -- The last run's error.
  o.failures, -- Failed runs in a row.
  o.failing_since, -- Since when.
  o.last_run_at, -- When it was last tried.
  o.last_ok_at, -- When it last answered as it should.
  o.next_due -- When it is due again.
FROM sources o;
