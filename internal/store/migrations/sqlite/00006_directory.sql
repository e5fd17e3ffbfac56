-- +goose Up
-- The living directory. A record is one JSON document; what is searched by stands in columns beside it.
CREATE TABLE providers (
  id TEXT NOT NULL PRIMARY KEY,
  owner TEXT NOT NULL REFERENCES organisations (id),
  version INTEGER NOT NULL,
  modified TEXT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX providers_by_owner ON providers (owner);

CREATE TABLE locations (
  id TEXT NOT NULL PRIMARY KEY,
  owner TEXT NOT NULL REFERENCES organisations (id),
  version INTEGER NOT NULL,
  modified TEXT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX locations_by_owner ON locations (owner);

CREATE TABLE services (
  id TEXT NOT NULL PRIMARY KEY,
  owner TEXT NOT NULL REFERENCES organisations (id),
  provider TEXT NOT NULL REFERENCES providers (id),
  draft INTEGER NOT NULL CHECK (draft IN (0, 1)),
  ended TEXT NOT NULL DEFAULT '',
  version INTEGER NOT NULL,
  modified TEXT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX services_by_owner ON services (owner);
CREATE INDEX services_by_provider ON services (provider);
CREATE INDEX services_by_modified ON services (modified);

-- Which record a source means by its own name for it. A record may be known to several sources.
CREATE TABLE entry_sources (
  kind TEXT NOT NULL CHECK (kind IN ('provider', 'location', 'service')),
  system TEXT NOT NULL,
  source_id TEXT NOT NULL,
  entry TEXT NOT NULL,
  read_at TEXT NOT NULL,
  PRIMARY KEY (kind, system, source_id)
);
CREATE INDEX entry_sources_by_entry ON entry_sources (kind, entry);

-- Who made sure of what, and how. The field is empty for a whole record.
CREATE TABLE confirmations (
  service TEXT NOT NULL REFERENCES services (id) ON DELETE CASCADE,
  field TEXT NOT NULL,
  organisation TEXT NOT NULL,
  how TEXT NOT NULL,
  at TEXT NOT NULL,
  PRIMARY KEY (service, field, at, organisation)
);

-- What professionals found out. It stands beside the record and is shown for a while.
CREATE TABLE observations (
  id TEXT NOT NULL PRIMARY KEY,
  service TEXT NOT NULL REFERENCES services (id) ON DELETE CASCADE,
  organisation TEXT NOT NULL,
  what TEXT NOT NULL,
  words TEXT NOT NULL DEFAULT '',
  at TEXT NOT NULL
);
CREATE INDEX observations_by_service ON observations (service, at);

-- What readers think is wrong: no name, no address, decided by the owner.
CREATE TABLE suggestions (
  id TEXT NOT NULL PRIMARY KEY,
  service TEXT NOT NULL REFERENCES services (id) ON DELETE CASCADE,
  field TEXT NOT NULL,
  proposed TEXT NOT NULL,
  made TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'accepted', 'declined')),
  decided TEXT NOT NULL DEFAULT ''
);
CREATE INDEX suggestions_by_service ON suggestions (service, state);

-- The secret of a letter's link, as a hash. A link speaks of one record and is used once for each answer.
CREATE TABLE confirmation_links (
  secret_hash TEXT NOT NULL PRIMARY KEY,
  service TEXT NOT NULL REFERENCES services (id) ON DELETE CASCADE,
  reminder TEXT NOT NULL,
  made TEXT NOT NULL,
  expires TEXT NOT NULL,
  used TEXT NOT NULL DEFAULT ''
);
CREATE INDEX confirmation_links_by_service ON confirmation_links (service, made);

-- Searches without a result: what was needed, where, in which month. Nothing of who asked.
CREATE TABLE unanswered (
  month TEXT NOT NULL,
  district TEXT NOT NULL,
  need TEXT NOT NULL,
  language TEXT NOT NULL,
  reason TEXT NOT NULL,
  times INTEGER NOT NULL,
  PRIMARY KEY (month, district, need, language, reason)
);

-- +goose Down
DROP TABLE unanswered;
DROP TABLE confirmation_links;
DROP TABLE suggestions;
DROP TABLE observations;
DROP TABLE confirmations;
DROP TABLE entry_sources;
DROP TABLE services;
DROP TABLE locations;
DROP TABLE providers;
