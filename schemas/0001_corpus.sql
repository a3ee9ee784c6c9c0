-- The corpus. This file is the DDL the program itself runs; docs/data-dictionary.md is made from its comments.
-- (A comment line above a table says what a row is; the comment behind a column says what it holds.
-- Times are UTC, `YYYY-MM-DDTHH:MM:SSZ`. Keys lead with the site, the source or the post: a run writes one
-- site after another, and an index whose keys come in that order stays fast at 500,000 posts.

-- A blog: its home address without scheme and `www.`, path kept. It stays one site when its domain moves.
CREATE TABLE sites (
  id INTEGER PRIMARY KEY, -- Row number.
  site TEXT NOT NULL UNIQUE, -- The key: home address without scheme and `www.`; empty for documents that name no site.
  home TEXT, -- Home address with scheme, as last seen.
  name TEXT, -- The site's own title.
  description TEXT, -- The site's tagline.
  language TEXT, -- Language the site declares, BCP 47.
  timezone TEXT, -- Time zone the site declares, an IANA name.
  gmt_offset REAL, -- Hours east of UTC the site declares.
  generator TEXT, -- Software that made the site, with its version if told.
  first_seen_at TEXT NOT NULL -- When this corpus first heard of the site.
) STRICT;

-- A host that a site answers, or answered, under.
CREATE TABLE site_hosts (
  site_id INTEGER NOT NULL REFERENCES sites(id), -- The site.
  host TEXT NOT NULL, -- Host name, with the port when it is not the scheme's own.
  first_seen_at TEXT NOT NULL, -- When this host was first seen for the site.
  PRIMARY KEY (site_id, host)
) STRICT, WITHOUT ROWID;

-- Something that is polled (an address) or was loaded (saved documents of one kind and site).
CREATE TABLE sources (
  id INTEGER PRIMARY KEY, -- The number the commands take.
  site_id INTEGER REFERENCES sites(id), -- The site it speaks for, when known.
  kind TEXT NOT NULL, -- `wordpress`, `feed`, `wxr`, `text`, `page`; `auto` until an imported address was looked at.
  url TEXT NOT NULL, -- What was added, as a person would name it; `load:` and the site for saved documents.
  endpoint TEXT, -- The machine-readable door: the REST root template, the feed's address.
  name TEXT, -- A name given by the operator or by the site.
  state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'removed', 'loaded')), -- `loaded` sources are never polled.
  from_config INTEGER NOT NULL DEFAULT 0, -- 1 while sources.toml names it.
  config_url TEXT, -- The address by which sources.toml names it, or named it; NULL when it never did.
  wishes TEXT NOT NULL DEFAULT '{}', -- JSON object: what sources.toml says of it; its keys win over options.
  groups TEXT NOT NULL DEFAULT '[]', -- JSON list of group names.
  tags TEXT NOT NULL DEFAULT '[]', -- JSON list of the operator's tags.
  options TEXT NOT NULL DEFAULT '{}', -- JSON object of the operator's wishes for this source.
  cursor TEXT NOT NULL DEFAULT '{}', -- JSON object to go on from, owned by the kind.
  announced TEXT NOT NULL DEFAULT '{}', -- JSON object: what the site last said it has, per type.
  verdict TEXT NOT NULL DEFAULT 'unknown' CHECK (verdict IN ('complete', 'partial', 'failing', 'unknown')), -- How the last run ended.
  reason TEXT, -- Why, in a word or a sentence.
  missing_ids TEXT NOT NULL DEFAULT '[]', -- JSON list of `type/id`: announced and not held (the first 1,000).
  error TEXT, -- The last run's error, NULL when there was none.
  failures INTEGER NOT NULL DEFAULT 0, -- Failed runs in a row.
  failing_since TEXT, -- When the present row of failures began.
  added_at TEXT NOT NULL, -- When the source became known.
  last_run_at TEXT, -- When it was last tried.
  last_ok_at TEXT, -- When it last answered as it should.
  next_due TEXT, -- When it is due again; NULL is now.
  retry_after TEXT, -- Not before this time, by the host's own word (Retry-After).
  interval_s INTEGER, -- Seconds between polls, as learnt from its own rhythm.
  UNIQUE (kind, url)
) STRICT;

-- What an address said last, for conditional requests and for recognising an answer already seen.
CREATE TABLE validators (
  source_id INTEGER NOT NULL REFERENCES sources(id), -- The source.
  url TEXT NOT NULL, -- The address asked.
  etag TEXT, -- Its ETag.
  last_modified TEXT, -- Its Last-Modified, as sent.
  body_sha256 TEXT, -- Hash of the decoded body, hex.
  at TEXT NOT NULL, -- When it was last read whole; after a day the address is asked unconditionally.
  PRIMARY KEY (source_id, url)
) STRICT, WITHOUT ROWID;

-- What the robots.txt of an origin said, so that the runs of a day ask for it once.
CREATE TABLE robots (
  origin TEXT NOT NULL PRIMARY KEY, -- Scheme, host and port.
  text TEXT, -- Its text, empty when there is none; NULL when the host answered with a server error.
  fetched_at TEXT NOT NULL -- When it was fetched.
) STRICT;

-- One run of one source.
CREATE TABLE runs (
  id INTEGER PRIMARY KEY, -- Row number.
  source_id INTEGER NOT NULL REFERENCES sources(id), -- The source.
  command TEXT NOT NULL, -- `fetch` or `load`.
  version TEXT NOT NULL, -- Version of the program.
  robots TEXT, -- `respect` or `ignore`, as the run of this source was told.
  started_at TEXT NOT NULL, -- When it began.
  ended_at TEXT, -- When it ended; NULL while it runs or when it was killed.
  new INTEGER NOT NULL DEFAULT 0, -- Posts stored for the first time.
  changed INTEGER NOT NULL DEFAULT 0, -- Posts whose title, text or facts changed.
  same INTEGER NOT NULL DEFAULT 0, -- Posts seen that were as held.
  gone INTEGER NOT NULL DEFAULT 0, -- Posts marked as gone.
  rejected INTEGER NOT NULL DEFAULT 0, -- Items that could not be stored.
  verdict TEXT, -- `complete`, `partial`, `failing`, `unknown`.
  reason TEXT, -- Why.
  missing_ids TEXT NOT NULL DEFAULT '[]', -- JSON list of `type/id`: announced and not held (the first 1,000).
  error TEXT, -- What went wrong, in a sentence.
  notes TEXT NOT NULL DEFAULT '[]' -- JSON list: salvaged answers, a source that moved, and other oddities.
) STRICT;
CREATE INDEX runs_by_source ON runs (source_id, started_at); -- the last runs of a source

-- Every request that was sent. Kept 90 days, then folded into fetch_days; not in snapshots.
CREATE TABLE fetches (
  id INTEGER PRIMARY KEY, -- Row number.
  run_id INTEGER, -- The run; NULL for what `add` asked, before there was a source.
  source_id INTEGER, -- The source; NULL likewise.
  at TEXT NOT NULL, -- When it was sent.
  url TEXT NOT NULL, -- The address, secrets removed.
  status INTEGER, -- HTTP status; NULL when there was no answer.
  bytes INTEGER NOT NULL, -- Bytes on the wire.
  ms INTEGER NOT NULL, -- Milliseconds from the request to the last byte.
  etag TEXT, -- ETag of the answer.
  last_modified TEXT, -- Last-Modified of the answer.
  outcome TEXT NOT NULL -- `ok`, `unchanged`, `same`, `redirect`, a class of answer or a kind of error.
) STRICT;
CREATE INDEX fetches_of_add ON fetches (url, at) WHERE source_id IS NULL; -- when an address was last looked at

-- A day's requests of a source, once the single rows are old.
CREATE TABLE fetch_days (
  source_id INTEGER NOT NULL, -- The source.
  day TEXT NOT NULL, -- `YYYY-MM-DD`, UTC.
  outcome TEXT NOT NULL, -- As in fetches.
  requests INTEGER NOT NULL, -- Number of requests.
  bytes INTEGER NOT NULL, -- Bytes on the wire.
  ms INTEGER NOT NULL, -- Milliseconds in all.
  PRIMARY KEY (source_id, day, outcome)
) STRICT, WITHOUT ROWID;

-- What the site sent for a post, byte for byte. Never changed.
CREATE TABLE payloads (
  id INTEGER PRIMARY KEY, -- Row number.
  site_id INTEGER NOT NULL REFERENCES sites(id), -- The site it belongs to.
  sha256 BLOB NOT NULL, -- SHA-256 of the uncompressed bytes, 32 bytes.
  format TEXT NOT NULL, -- Media type of the bytes.
  encoding TEXT NOT NULL, -- How data is compressed: `zlib` (RFC 1950) or `identity`; `damaged` where `verify` found other bytes than came.
  size INTEGER NOT NULL, -- Uncompressed bytes.
  data BLOB NOT NULL, -- The bytes.
  first_seen_at TEXT NOT NULL, -- When they were first received.
  UNIQUE (site_id, sha256)
) STRICT;

-- A post: the best view of it that any source gave.
CREATE TABLE posts (
  id INTEGER PRIMARY KEY, -- Row number, also the full-text rowid. Not stable between corpora: cite doc_id.
  doc_id TEXT NOT NULL, -- Stable identifier: hash of the site and the best identity known.
  site_id INTEGER NOT NULL REFERENCES sites(id), -- The site.
  type TEXT NOT NULL, -- The publisher's slug of the type: `post`, `page`, …; `text` for a text file.
  remote_id TEXT, -- The site's own id; NULL when no source told it.
  status TEXT NOT NULL, -- `publish`, `protected`, `draft`, `private`, `pending`, `future`.
  url TEXT, -- Permalink, absolute; NULL when unknown.
  title TEXT NOT NULL, -- Title as text.
  text TEXT NOT NULL, -- The post as text: what a browser shows, cleaned by the rules named in cleaned.
  excerpt TEXT NOT NULL, -- Excerpt as text.
  published_at TEXT, -- When it was published, UTC; NULL when unknown.
  modified_at TEXT, -- When the publisher last changed it, UTC; NULL when unknown.
  published_raw TEXT, -- The publishing date as the source wrote it.
  modified_raw TEXT, -- The modification date as the source wrote it.
  date_precision TEXT, -- How exact published_at is: `second`, `minute`, `day`, …
  language TEXT, -- Language, BCP 47; NULL when unknown.
  word_count INTEGER NOT NULL, -- Words of the text.
  text_hash TEXT NOT NULL, -- SHA-256 of title and text, hex: equal hashes are equal words.
  words_since TEXT NOT NULL, -- When this corpus first held these words of the publisher.
  rules_version INTEGER NOT NULL, -- Version of the text rules that made title and text.
  rules_off TEXT NOT NULL DEFAULT '[]', -- JSON list of the cleaning rules that were switched off.
  cleaned TEXT NOT NULL, -- JSON list of the cleaning rules that changed the text.
  outline TEXT NOT NULL DEFAULT '[]', -- JSON list of the body's headings: [level, text].
  flags TEXT NOT NULL DEFAULT '[]', -- JSON list of oddities met on the way (`salvaged`, …).
  unspaced INTEGER NOT NULL DEFAULT 0, -- 1 when the script has no spaces between words: also in posts_trigram.
  body_rank INTEGER NOT NULL, -- How good the body is: REST 50, WXR 40, feed 30, text 25, page 20, summary 10.
  payload_id INTEGER REFERENCES payloads(id), -- What title and text were made from.
  first_seen_at TEXT NOT NULL, -- When this corpus first held it.
  last_seen_at TEXT NOT NULL, -- When a look at its source last saw it; written when a complete look ends.
  gone_at TEXT, -- When it was found to be gone; NULL while it is there.
  gone_kind TEXT CHECK (gone_kind IN ('erased', 'unpublished', 'protected', 'source_gone', 'forgotten')), -- How it went.
  gone_evidence TEXT -- How that is known.
) STRICT;
CREATE UNIQUE INDEX posts_by_doc_id ON posts (doc_id); -- show, export and merge by document; clustered by site
CREATE UNIQUE INDEX posts_by_remote_id ON posts (site_id, type, remote_id) WHERE remote_id IS NOT NULL; -- identity
CREATE INDEX posts_by_date ON posts (site_id, published_at); -- a site's posts in time
CREATE INDEX posts_unspaced ON posts (id) WHERE unspaced = 1; -- substring search of the few

-- Which source saw which post, and with what body.
CREATE TABLE sightings (
  source_id INTEGER NOT NULL REFERENCES sources(id), -- The source.
  post_id INTEGER NOT NULL REFERENCES posts(id), -- The post.
  remote_id TEXT, -- The id this source uses.
  payload_id INTEGER REFERENCES payloads(id), -- What it sent last.
  body_rank INTEGER NOT NULL, -- How good its body is.
  modified_at TEXT, -- What it says of the last change, UTC.
  facts TEXT, -- JSON: this source's view of the row where it is not the row itself.
  run_id INTEGER, -- The run that last changed this sighting.
  first_seen_at TEXT NOT NULL, -- When the source first showed it.
  last_seen_at TEXT NOT NULL, -- When it last showed something new of it.
  PRIMARY KEY (source_id, post_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sightings_by_post ON sightings (post_id); -- who saw this post

-- Every name a post goes by: guids as published, permalinks, shortlinks, former doc_ids.
CREATE TABLE aliases (
  site_id INTEGER NOT NULL REFERENCES sites(id), -- The site.
  kind TEXT NOT NULL, -- `guid`, `path` (permalink within the site), `url`, `doc_id`, `text` (hash of a document without any other name).
  value TEXT NOT NULL, -- The name.
  post_id INTEGER NOT NULL REFERENCES posts(id), -- The post.
  source_id INTEGER NOT NULL, -- The source that brought it.
  PRIMARY KEY (site_id, kind, value, post_id, source_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX aliases_by_post ON aliases (post_id); -- the names of a post

-- Every earlier title and text of a post. A revision is a change by the publisher, never by our rules.
CREATE TABLE revisions (
  post_id INTEGER NOT NULL REFERENCES posts(id), -- The post.
  n INTEGER NOT NULL, -- 1 is the oldest.
  title TEXT NOT NULL, -- Title then.
  text TEXT NOT NULL, -- Text then.
  text_hash TEXT NOT NULL, -- SHA-256 of title and text, hex.
  modified_at TEXT, -- What the source said of its last change, UTC.
  seen_at TEXT NOT NULL, -- When this corpus first held this version.
  payload_id INTEGER REFERENCES payloads(id), -- What it was made from.
  PRIMARY KEY (post_id, n)
) STRICT;

-- Every payload that ever came for a post, also those that lost: a file that is loaded again changes nothing, and
-- `forget` finds all of them.
CREATE TABLE post_payloads (
  post_id INTEGER NOT NULL REFERENCES posts(id), -- The post.
  payload_id INTEGER NOT NULL REFERENCES payloads(id), -- What was sent.
  PRIMARY KEY (post_id, payload_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX post_payloads_by_payload ON post_payloads (payload_id); -- the posts of a payload

-- A person who writes for a site.
CREATE TABLE authors (
  id INTEGER PRIMARY KEY, -- Row number.
  site_id INTEGER NOT NULL REFERENCES sites(id), -- The site.
  remote_id TEXT, -- The site's own id; NULL when only the name is known.
  name TEXT, -- Name as shown; NULL when only the id is known.
  slug TEXT, -- Name in addresses.
  url TEXT, -- Their own site or their page.
  description TEXT -- What the site says of them, as text.
) STRICT;
CREATE UNIQUE INDEX authors_by_remote_id ON authors (site_id, remote_id) WHERE remote_id IS NOT NULL; -- join by id
CREATE INDEX authors_by_name ON authors (site_id, name); -- join by name

-- Who wrote a post.
CREATE TABLE post_authors (
  post_id INTEGER NOT NULL REFERENCES posts(id), -- The post.
  position INTEGER NOT NULL, -- Order of the names, from 0.
  author_id INTEGER NOT NULL REFERENCES authors(id), -- The person.
  PRIMARY KEY (post_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX post_authors_by_author ON post_authors (author_id); -- the posts of a person

-- A category, tag or term of another taxonomy.
CREATE TABLE terms (
  id INTEGER PRIMARY KEY, -- Row number.
  site_id INTEGER NOT NULL REFERENCES sites(id), -- The site.
  taxonomy TEXT NOT NULL, -- `category`, `post_tag`, or the publisher's own.
  remote_id TEXT, -- The site's own id.
  name TEXT, -- Name as shown; NULL when unknown.
  slug TEXT, -- Name in addresses.
  parent TEXT, -- remote_id of the parent term.
  description TEXT -- What the site says of it, as text.
) STRICT;
CREATE UNIQUE INDEX terms_by_remote_id ON terms (site_id, taxonomy, remote_id) WHERE remote_id IS NOT NULL; -- join by id
CREATE INDEX terms_by_slug ON terms (site_id, taxonomy, slug); -- join by slug
CREATE INDEX terms_by_name ON terms (site_id, taxonomy, name); -- join by name

-- What a post is filed under.
CREATE TABLE post_terms (
  post_id INTEGER NOT NULL REFERENCES posts(id), -- The post.
  term_id INTEGER NOT NULL REFERENCES terms(id), -- The term.
  position INTEGER NOT NULL, -- Order given by the source, from 0.
  PRIMARY KEY (post_id, term_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX post_terms_by_term ON post_terms (term_id); -- the posts under a term

-- A link in a post's body.
CREATE TABLE links (
  post_id INTEGER NOT NULL REFERENCES posts(id), -- The post.
  n INTEGER NOT NULL, -- Order in the body, from 0.
  url TEXT NOT NULL, -- Absolute target, http(s) or mailto.
  anchor TEXT NOT NULL, -- The words of the link.
  internal INTEGER NOT NULL, -- 1 when it stays on the site.
  target_post_id INTEGER REFERENCES posts(id), -- The post it leads to, when this corpus holds it.
  PRIMARY KEY (post_id, n)
) STRICT, WITHOUT ROWID;

-- Images, sounds, films and embedded things: in a post's body, beside it, or in the site's library. No bytes are kept.
CREATE TABLE media (
  id INTEGER PRIMARY KEY, -- Row number.
  site_id INTEGER NOT NULL REFERENCES sites(id), -- The site.
  post_id INTEGER REFERENCES posts(id), -- The post it stands in or is attached to.
  n INTEGER, -- Order in the body, from 0; NULL for the library.
  remote_id TEXT, -- The site's own id, for the library.
  url TEXT, -- Absolute address.
  kind TEXT NOT NULL, -- `image`, `video`, `audio`, `embed`, `file`.
  mime TEXT, -- Media type.
  title TEXT NOT NULL DEFAULT '', -- Title as text.
  alt TEXT NOT NULL DEFAULT '', -- Text in place of the image.
  caption TEXT NOT NULL DEFAULT '', -- Caption as text.
  width INTEGER, -- Pixels.
  height INTEGER, -- Pixels.
  published_at TEXT -- When it was uploaded, UTC.
) STRICT;
CREATE UNIQUE INDEX media_by_post ON media (post_id, n) WHERE n IS NOT NULL; -- the media of a post
CREATE UNIQUE INDEX media_by_remote_id ON media (site_id, remote_id) WHERE remote_id IS NOT NULL; -- the library

-- A reader's comment. Collected only where the operator asked for it.
CREATE TABLE comments (
  id INTEGER PRIMARY KEY, -- Row number.
  site_id INTEGER NOT NULL REFERENCES sites(id), -- The site.
  remote_id TEXT NOT NULL, -- The site's own id.
  post_id INTEGER REFERENCES posts(id), -- The post; NULL while this corpus does not hold it.
  post_remote_id TEXT, -- The site's own id of the post.
  parent TEXT, -- remote_id of the comment it answers.
  author TEXT, -- Name as shown.
  author_remote_id TEXT, -- The site's id of the author, when they have an account.
  url TEXT, -- Its own address.
  status TEXT NOT NULL, -- `approved`, …
  text TEXT NOT NULL, -- The comment as text.
  published_at TEXT, -- When it was made, UTC.
  published_raw TEXT, -- The date as the source wrote it.
  first_seen_at TEXT NOT NULL, -- When this corpus first held it.
  last_seen_at TEXT NOT NULL, -- When it last changed here.
  gone_at TEXT -- When it was found to be gone.
) STRICT;
CREATE UNIQUE INDEX comments_by_remote_id ON comments (site_id, remote_id); -- identity
CREATE INDEX comments_by_post ON comments (post_id); -- the comments of a post

-- What looked like a post and could not be stored, kept as it came.
CREATE TABLE rejects (
  id INTEGER PRIMARY KEY, -- Row number.
  source_id INTEGER NOT NULL REFERENCES sources(id), -- The source.
  key TEXT NOT NULL, -- What it is known by: `type/id`, else the hash of the bytes.
  type TEXT, -- The publisher's slug of the type, when it can be told.
  remote_id TEXT, -- The site's own id, when it can be told.
  url TEXT, -- Where it was.
  reason TEXT NOT NULL, -- What is wrong with it.
  raw BLOB NOT NULL, -- What was sent, at most 1 MiB.
  first_seen_at TEXT NOT NULL, -- When it was first met.
  last_seen_at TEXT NOT NULL, -- When it was last met.
  tries INTEGER NOT NULL DEFAULT 1, -- How often it was met.
  resolved_at TEXT, -- When the post could be stored after all.
  UNIQUE (source_id, key)
) STRICT;

-- Full text of every post: title and text. External content: rows are in `posts`.
CREATE VIRTUAL TABLE posts_fts USING fts5 (title, text, content = 'posts', content_rowid = 'id', tokenize = 'unicode61');
INSERT INTO posts_fts (posts_fts, rank) VALUES ('rank', 'bm25(8.0, 1.0)');

-- Substring index of the posts in scripts without spaces (Chinese, Japanese, Thai, …), so that a word in them is found.
CREATE VIRTUAL TABLE posts_trigram USING fts5 (title, text, content = 'posts', content_rowid = 'id', tokenize = 'trigram');

-- What this file is, for those who find it in ten years.
CREATE TABLE about (
  key TEXT NOT NULL PRIMARY KEY, -- A word.
  value TEXT NOT NULL -- What there is to say.
) STRICT, WITHOUT ROWID;
