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
  (SELECT count(*) FROM sightings g WHERE g.source_id = o.id AND NOT EXISTS (
    SELECT 1 FROM posts p INDEXED BY posts_gone WHERE p.id = g.post_id AND p.gone_at IS NOT NULL)) AS have, -- Posts held and not gone.
  (SELECT sum(value) FROM json_each(o.announced)) AS announced, -- Posts the site says it has.
  (SELECT count(*) FROM rejects r WHERE r.source_id = o.id AND r.resolved_at IS NULL) AS rejects, -- Items that could not be stored.
  o.error, -- The last run's error.
  o.failures, -- Failed runs in a row.
  o.failing_since, -- Since when.
  o.last_run_at, -- When it was last tried.
  o.last_ok_at, -- When it last answered as it should.
  o.next_due, -- When it is due again.
  json_array_length(o.missing_ids) AS missing -- How many missing_ids there are; reason tells those beyond the first 1,000.
FROM sources o;

-- The rhythm of a source's site, and whether it has fallen silent: its last post is older, at the source's last good
-- answer, than ten times the usual gap. The usual gap is the median over the last 21 days on which something was
-- published, so that a burst counts once; it takes 5 such days to speak of one. No clock is asked.
CREATE VIEW source_rhythm AS
SELECT
  r.source, -- Number of the source.
  r.last_post_at, -- When the site last published, UTC.
  r.usual_gap_days, -- Days from one day with a post to the next, the median; NULL while too few posts are known.
  cast(julianday(r.last_ok_at) - julianday(r.last_post_at) AS INTEGER) AS silent_days, -- Days without a post, as of the source's last good answer.
  coalesce(julianday(r.last_ok_at) - julianday(r.last_post_at) > 10 * r.usual_gap_days, 0) AS silent -- 1 when that is over ten times the usual gap.
FROM (
  SELECT o.id AS source, o.last_ok_at,
    (SELECT p.published_at FROM posts p WHERE p.site_id = o.site_id AND p.published_at <= o.last_ok_at
     ORDER BY p.published_at DESC LIMIT 1) AS last_post_at,
    (SELECT iif(count(*) >= 4, json_extract(json_group_array(gap), '$[' || ((count(*) - 1) / 2) || ']'), NULL) FROM (
      SELECT gap FROM (
        SELECT gap FROM (
          SELECT julianday(day) - julianday(lead(day) OVER (ORDER BY day DESC)) AS gap FROM (
            SELECT substr(p.published_at, 1, 10) AS day FROM posts p
            WHERE p.site_id = o.site_id AND p.published_at <= o.last_ok_at ORDER BY p.published_at DESC LIMIT 500))
        WHERE gap > 0 LIMIT 20)
      ORDER BY gap)) AS usual_gap_days
  FROM sources o) r;

-- The corpus without near-duplicates: one row a cluster, the earliest of it, and every post that has no copy.
CREATE VIEW documents_unique AS
SELECT
  c.doc_id, -- Stable identifier of the post.
  c.url, -- Permalink.
  c.site, -- The blog: home address without scheme and `www.`.
  c.type, -- `post`, `page`, `text`, or the publisher's own type.
  c.title, -- Title as text.
  c.text, -- The post as text.
  c.authors, -- JSON list of names.
  c.categories, -- JSON list of names.
  c.tags, -- JSON list of names.
  c.published_at, -- When it was published, UTC.
  c.modified_at, -- When the publisher last changed it, UTC.
  c.language, -- BCP 47.
  c.word_count, -- Words of the text.
  c.revisions, -- Number of earlier versions.
  c.first_seen_at, -- When this corpus first held it.
  c.gone_at, -- When it was found to be gone.
  c.gone_kind, -- How it went: `erased`, `unpublished`, `protected`, `source_gone`, `forgotten`.
  CASE WHEN d.post_id IS NULL THEN 1
    ELSE (SELECT count(*) FROM duplicates e WHERE e.cluster = d.cluster) END AS copies -- How many posts this row stands for, itself counted.
FROM corpus c JOIN posts p ON p.doc_id = c.doc_id LEFT JOIN duplicates d ON d.post_id = p.id
WHERE d.post_id IS NULL
  OR NOT EXISTS (SELECT 1 FROM duplicates e WHERE e.cluster = d.cluster AND e.position < d.position);

-- Near-duplicates, a row a post that has one: which cluster, and how like the earliest of it.
CREATE VIEW near_duplicates AS
SELECT
  (SELECT r.doc_id FROM duplicates e JOIN posts r ON r.id = e.post_id
   WHERE e.cluster = d.cluster ORDER BY e.position LIMIT 1) AS cluster, -- doc_id of the cluster's earliest post.
  p.doc_id, -- Stable identifier of the post.
  d.position, -- 0 is the earliest, then the others in time.
  d.similarity, -- Jaccard similarity of its word pairs with the earliest one's, 0 to 1.
  nullif(s.site, '') AS site, -- The blog.
  p.url, -- Permalink.
  p.title, -- Title as text.
  p.published_at -- When it was published, UTC.
FROM duplicates d JOIN posts p ON p.id = d.post_id JOIN sites s ON s.id = p.site_id;

-- Who links to whom: links from the posts of a site to another one, in this corpus or outside.
CREATE VIEW links_between_sites AS
SELECT
  nullif(s.site, '') AS from_site, -- The blog whose posts link.
  l.target_site AS to_site, -- The blog they link to; outside this corpus the host without `www.`.
  EXISTS (SELECT 1 FROM sites t WHERE t.site = l.target_site) AS held, -- 1 when the corpus knows that blog.
  count(*) AS links, -- Number of links.
  count(DISTINCT l.post_id) AS posts -- Number of posts that hold them.
FROM links l JOIN posts p ON p.id = l.post_id JOIN sites s ON s.id = p.site_id
WHERE l.target_site <> '' AND NOT l.internal AND l.target_site <> s.site
GROUP BY s.site, l.target_site;

-- The posts of this corpus that other posts of it link to, the most linked first.
CREATE VIEW most_linked AS
SELECT
  t.doc_id, -- Stable identifier of the post linked to.
  t.url, -- Permalink.
  t.title, -- Title as text.
  count(*) AS links, -- Links to it from other posts.
  count(DISTINCT nullif(p.site_id, t.site_id)) AS sites -- Other blogs that link to it.
FROM links l JOIN posts p ON p.id = l.post_id JOIN posts t ON t.id = l.target_post_id
WHERE l.post_id <> l.target_post_id
GROUP BY t.id ORDER BY links DESC, sites DESC, t.doc_id;
