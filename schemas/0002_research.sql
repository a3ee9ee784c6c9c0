-- What research on a corpus asks for beyond the first schema. The comment on a new column stands inside its definition,
-- where SQLite keeps it: `ADD COLUMN name TYPE /* what it holds */ DEFAULT NULL`.

ALTER TABLE posts ADD COLUMN language_from TEXT /* Who says what the language is: `declared` by the site, `detected` from the text; NULL when it is not known. */ DEFAULT NULL;

-- A hash over the facts of a row, so that what was changed or taken away past this program is seen (`verify`).
CREATE TABLE seals (
  kind TEXT NOT NULL, -- The table: `posts` (with all rows beside it), `sites`, `authors`, `terms`, `comments`.
  id INTEGER NOT NULL, -- The row's number there.
  seal BLOB NOT NULL, -- The first 16 bytes of the SHA-256 of what is sealed.
  PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
-- A corpus that begins with seals has them on every row.
INSERT INTO about SELECT 'seals', '1' WHERE NOT EXISTS (SELECT 1 FROM sites);
CREATE INDEX posts_changed ON posts (words_since, first_seen_at) WHERE words_since <> first_seen_at; -- the few whose words are not the first: the corpus as of a date

-- ---- languages, near-duplicates, links: made from the posts by `annotate`, and after every run ----

CREATE INDEX posts_by_words ON posts (id, site_id, text_hash, language, language_from); -- what changed, without reading the texts

-- What was found out about the language of a post, and from which words: the same words are not guessed twice.
CREATE TABLE post_languages (
  post_id INTEGER PRIMARY KEY REFERENCES posts(id) ON DELETE CASCADE, -- The post.
  words TEXT NOT NULL, -- The first 16 digits of the text_hash it was made from.
  declared TEXT, -- Language the post's own source declares, BCP 47; NULL when it declares none.
  detected TEXT, -- Language its words are in, BCP 47; NULL when they are too few, or the guess is not sure.
  confidence REAL, -- Probability of the likeliest language, 0 to 1; NULL when none was looked for.
  site_declared TEXT, -- Language the site declared then, BCP 47.
  language TEXT, -- What came of all three: as in posts.language.
  made_by TEXT -- Library and version that looked; NULL when none did.
) STRICT;

-- What the words of a post are compared by: its MinHash signature.
CREATE TABLE signatures (
  post_id INTEGER PRIMARY KEY REFERENCES posts(id) ON DELETE CASCADE, -- The post.
  words TEXT NOT NULL, -- The first 16 digits of the text_hash it was made from.
  made_by TEXT NOT NULL, -- Library, version and parameters that made it.
  shingles INTEGER NOT NULL, -- Number of different word pairs in the text.
  signature BLOB, -- 126 numbers of 16 bits; NULL for a text too short to be compared.
  settled INTEGER NOT NULL DEFAULT 0 -- 1 once the post was compared with the others.
) STRICT;
CREATE INDEX signatures_unsettled ON signatures (post_id) WHERE settled = 0; -- what is left to compare

-- A post that has a near-duplicate: which cluster it belongs to. The others have no row.
CREATE TABLE duplicates (
  post_id INTEGER PRIMARY KEY REFERENCES posts(id) ON DELETE CASCADE, -- The post.
  cluster INTEGER NOT NULL, -- Number of the cluster: posts.id of its representative.
  position INTEGER NOT NULL, -- 0 is the representative: the earliest published, then the least doc_id; then the others, likewise.
  similarity REAL NOT NULL, -- Jaccard similarity of its word pairs with the representative's, 0 to 1.
  members INTEGER NOT NULL -- How many posts the cluster had when it was made; where some have left, it is made anew.
) STRICT;
CREATE INDEX duplicates_by_cluster ON duplicates (cluster, position); -- the members of a cluster

ALTER TABLE links ADD COLUMN target_site TEXT /* Where it leads: key of a site of this corpus, else the host without `www.`; empty for what is no web address; NULL until looked at. */ DEFAULT NULL;
ALTER TABLE links ADD COLUMN target_path TEXT /* Canonical path on that site; NULL when this corpus does not hold the site. */ DEFAULT NULL;
CREATE INDEX links_by_target_site ON links (target_site); -- the links to a site, and those not looked at
CREATE INDEX links_by_target_post ON links (target_post_id) WHERE target_post_id IS NOT NULL; -- the links to a post

-- What the links into a site were last resolved against: they are looked at again when it is another number.
CREATE TABLE linked_sites (
  site_id INTEGER PRIMARY KEY REFERENCES sites(id) ON DELETE CASCADE, -- The site.
  names TEXT NOT NULL -- How many names its posts had, and a sum over them.
) STRICT;

-- When a source is due (ingest/run/schedule.py, ingest/run/rhythm.py).
ALTER TABLE sources ADD COLUMN due_why TEXT /* Why it is due at next_due: `rhythm` (as it publishes), `crowded` (its feed would overflow), `asked` (asked_s), `config` (the operator's interval), `failing` (backoff), `retry_after`, `stopped` (half-way, due at once). */ DEFAULT NULL;
ALTER TABLE sources ADD COLUMN asked_s INTEGER /* Seconds between polls that the site itself asks for (ttl, sy:updatePeriod, Cache-Control, Expires), at most a day; NULL when it asks for none. */ DEFAULT NULL;

CREATE INDEX posts_gone ON posts (id) WHERE gone_at IS NOT NULL; -- the few that are gone: what a source has is counted without a look at the posts
-- What the operator was told is wrong with a source and was not told is over: one mail when it breaks, one when it heals.
CREATE TABLE told (
  what TEXT NOT NULL PRIMARY KEY, -- The number of the source; the address, where sources.toml names one at which nothing was found yet.
  word TEXT NOT NULL CHECK (word IN ('partial', 'failing')), -- What it was told to be, the worst word since it was well.
  at TEXT NOT NULL -- When that was told.
) STRICT, WITHOUT ROWID;

-- The page counts hits by site, month, type and language from this index alone: it never reads a text for that.
DROP INDEX posts_by_date;
CREATE INDEX posts_by_date ON posts (site_id, published_at, type, language, gone_at); -- a site's posts in time; what the page counts by

-- A search that was given a name (`blogcorpus saved add`), for whoever opens the page.
CREATE TABLE saved_searches (
  name TEXT NOT NULL PRIMARY KEY, -- Its name.
  asked TEXT NOT NULL, -- The question as the page's address puts it: `q=sleep&site=blog.example`.
  saved_at TEXT NOT NULL -- When it was saved.
) STRICT, WITHOUT ROWID;

-- Words that FTS5 gathers in memory before it writes them out: a transaction's, and not a megabyte at a time.
INSERT INTO posts_fts (posts_fts, rank) VALUES ('hashsize', 16777216);
