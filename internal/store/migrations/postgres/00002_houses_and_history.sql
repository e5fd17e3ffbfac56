-- +goose Up
-- Whoever can act: people and the houses they work in. Times are ISO 8601 text in UTC, as before.
CREATE TABLE organisations (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  municipality TEXT NOT NULL DEFAULT '',
  email TEXT NOT NULL DEFAULT '',
  alliance INTEGER NOT NULL DEFAULT 0 CHECK (alliance IN (0, 1)),
  closed INTEGER NOT NULL DEFAULT 0 CHECK (closed IN (0, 1)),
  version INTEGER NOT NULL DEFAULT 1
);

CREATE TABLE people (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  email TEXT NOT NULL,
  email_key TEXT NOT NULL UNIQUE,
  language TEXT NOT NULL,
  blocked INTEGER NOT NULL DEFAULT 0 CHECK (blocked IN (0, 1)),
  epoch INTEGER NOT NULL DEFAULT 1,
  version INTEGER NOT NULL DEFAULT 1
);

CREATE TABLE memberships (
  organisation TEXT NOT NULL REFERENCES organisations (id),
  person TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
  roles TEXT NOT NULL,
  since TEXT NOT NULL,
  suspended INTEGER NOT NULL DEFAULT 0 CHECK (suspended IN (0, 1)),
  version INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (organisation, person)
);
CREATE INDEX memberships_by_person ON memberships (person);

-- The secret of an invitation's link is kept as a hash only.
CREATE TABLE invitations (
  id TEXT NOT NULL PRIMARY KEY,
  secret_hash TEXT NOT NULL UNIQUE,
  organisation TEXT NOT NULL REFERENCES organisations (id),
  email TEXT NOT NULL,
  roles TEXT NOT NULL,
  language TEXT NOT NULL,
  invited_by TEXT NOT NULL,
  made TEXT NOT NULL,
  expires TEXT NOT NULL,
  accepted TEXT
);
CREATE INDEX invitations_by_organisation ON invitations (organisation, made);

-- How far the owner released a thing for a use. No line means private.
CREATE TABLE releases (
  kind TEXT NOT NULL,
  object TEXT NOT NULL,
  purpose TEXT NOT NULL,
  owner TEXT NOT NULL REFERENCES organisations (id),
  level TEXT NOT NULL CHECK (level IN ('private', 'named', 'alliance', 'public')),
  named TEXT NOT NULL DEFAULT '',
  since TEXT NOT NULL,
  withdrawn TEXT,
  version INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (kind, object, purpose)
);
CREATE INDEX releases_by_owner ON releases (owner, kind, object);

-- Who stands behind a pseudonym of the history; deleting a line makes its changes anonymous for ever.
CREATE TABLE actors (
  pseudonym TEXT NOT NULL PRIMARY KEY,
  person TEXT NOT NULL UNIQUE
);

-- Every change, unchanged for ever: before and after as JSON, empty where there was nothing.
CREATE TABLE changes (
  sequence BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at TEXT NOT NULL,
  actor TEXT NOT NULL,
  kind TEXT NOT NULL,
  object TEXT NOT NULL,
  owner TEXT NOT NULL,
  verb TEXT NOT NULL,
  before TEXT NOT NULL,
  after TEXT NOT NULL,
  undoes BIGINT
);
CREATE INDEX changes_by_owner ON changes (owner, sequence);
CREATE INDEX changes_by_object ON changes (kind, object, sequence);

-- What is to be told to the outside, written in the transaction that caused it.
CREATE TABLE outbox (
  sequence BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  topic TEXT NOT NULL,
  owner TEXT NOT NULL,
  key TEXT NOT NULL UNIQUE,
  payload TEXT NOT NULL,
  made TEXT NOT NULL,
  due TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  leased_until TEXT NOT NULL DEFAULT '',
  settled TEXT,
  outcome TEXT NOT NULL DEFAULT ''
);
CREATE INDEX outbox_open ON outbox (settled, due, sequence);

-- What must stay gone even after an older backup is brought back: withdrawals, deletions, destroyed keys.
CREATE TABLE erasures (
  sequence BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at TEXT NOT NULL,
  kind TEXT NOT NULL,
  ref TEXT NOT NULL,
  detail TEXT NOT NULL DEFAULT ''
);

-- Facts about this installation, by name.
CREATE TABLE installation (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
);

-- +goose Down
DROP TABLE installation;
DROP TABLE erasures;
DROP TABLE outbox;
DROP TABLE changes;
DROP TABLE actors;
DROP TABLE releases;
DROP TABLE invitations;
DROP TABLE memberships;
DROP TABLE people;
DROP TABLE organisations;
