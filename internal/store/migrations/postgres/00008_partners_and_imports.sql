-- +goose Up
-- Who is asked to stand with their name under an offer of another house, and what they said.
CREATE TABLE partnerships (
  service TEXT NOT NULL REFERENCES services (id) ON DELETE CASCADE,
  provider TEXT NOT NULL REFERENCES providers (id) ON DELETE CASCADE,
  state TEXT NOT NULL CHECK (state IN ('asked', 'agreed', 'declined')),
  asked TEXT NOT NULL,
  decided TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (service, provider)
);
CREATE INDEX partnerships_by_provider ON partnerships (provider);

-- How a house reads the files of a source: which column holds what.
CREATE TABLE import_sources (
  owner TEXT NOT NULL REFERENCES organisations (id),
  system TEXT NOT NULL,
  format TEXT NOT NULL,
  mapping TEXT NOT NULL DEFAULT '',
  used TEXT NOT NULL,
  PRIMARY KEY (owner, system)
);

-- A file that was read and not yet taken over: what it says, for those who uploaded it to look at. It is gone when it was
-- taken over or dropped, or after a day.
CREATE TABLE import_drafts (
  id TEXT NOT NULL PRIMARY KEY,
  owner TEXT NOT NULL REFERENCES organisations (id),
  system TEXT NOT NULL,
  made TEXT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX import_drafts_by_owner ON import_drafts (owner, made);

-- +goose Down
DROP TABLE import_drafts;
DROP TABLE import_sources;
DROP TABLE partnerships;
