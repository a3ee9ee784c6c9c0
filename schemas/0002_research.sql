-- What research on a corpus asks for beyond the first schema. The comment on a new column stands inside its definition,
-- where SQLite keeps it: `ADD COLUMN name TYPE /* what it holds */ DEFAULT NULL`.

ALTER TABLE posts ADD COLUMN language_from TEXT /* Who says what the language is: `declared` by the site, `detected` from the text; NULL when it is not known. */ DEFAULT NULL;
