-- +goose Up
-- Versions of the charter. One that is written stays as it is.
CREATE TABLE charters (
  version INTEGER NOT NULL PRIMARY KEY,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  principles TEXT NOT NULL,
  adopted TEXT NOT NULL DEFAULT '',
  at TEXT NOT NULL
);

CREATE TABLE signatures (
  id TEXT NOT NULL PRIMARY KEY,
  organisation TEXT NOT NULL REFERENCES organisations (id),
  version INTEGER NOT NULL REFERENCES charters (version),
  signatory TEXT NOT NULL,
  authority TEXT NOT NULL,
  signed TEXT NOT NULL,
  reply_days INTEGER NOT NULL,
  back TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  left_at TEXT NOT NULL DEFAULT '',
  left_reason TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX signatures_current ON signatures (organisation) WHERE left_at = '';

CREATE TABLE bodies (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  quorum INTEGER NOT NULL,
  closed INTEGER NOT NULL DEFAULT 0 CHECK (closed IN (0, 1)),
  version INTEGER NOT NULL DEFAULT 1
);

CREATE TABLE seats (
  id TEXT NOT NULL PRIMARY KEY,
  body TEXT NOT NULL REFERENCES bodies (id),
  organisation TEXT NOT NULL REFERENCES organisations (id),
  holder TEXT NOT NULL,
  substitute TEXT NOT NULL,
  mandate TEXT NOT NULL,
  votes INTEGER NOT NULL CHECK (votes IN (0, 1)),
  begins TEXT NOT NULL,
  ends TEXT NOT NULL
);
CREATE INDEX seats_by_body ON seats (body);

-- What began as a finding. The evidence is that of the run it was opened with and never changes.
CREATE TABLE dossiers (
  id TEXT NOT NULL PRIMARY KEY,
  title TEXT NOT NULL,
  finding TEXT NOT NULL,
  region TEXT NOT NULL,
  run TEXT NOT NULL,
  place TEXT NOT NULL,
  people INTEGER NOT NULL,
  source TEXT NOT NULL,
  owner TEXT NOT NULL REFERENCES organisations (id),
  state TEXT NOT NULL,
  body TEXT NOT NULL DEFAULT '',
  opened TEXT NOT NULL,
  version INTEGER NOT NULL DEFAULT 1
);

-- The register: what was taken, and what was not.
CREATE TABLE decisions (
  id TEXT NOT NULL PRIMARY KEY,
  body TEXT NOT NULL REFERENCES bodies (id),
  title TEXT NOT NULL,
  wording TEXT NOT NULL,
  reasons TEXT NOT NULL,
  way TEXT NOT NULL,
  counted TEXT NOT NULL,
  decided TEXT NOT NULL,
  ends TEXT NOT NULL,
  outcome TEXT NOT NULL,
  dossier TEXT NOT NULL,
  dossier_version INTEGER NOT NULL
);
CREATE INDEX decisions_by_dossier ON decisions (dossier);

CREATE TABLE dossier_steps (
  dossier TEXT NOT NULL REFERENCES dossiers (id),
  number INTEGER NOT NULL,
  step TEXT NOT NULL,
  before TEXT NOT NULL,
  after TEXT NOT NULL,
  decision TEXT NOT NULL REFERENCES decisions (id),
  reason TEXT NOT NULL,
  at TEXT NOT NULL,
  PRIMARY KEY (dossier, number)
);

CREATE TABLE measures (
  id TEXT NOT NULL PRIMARY KEY,
  dossier TEXT NOT NULL REFERENCES dossiers (id),
  owner TEXT NOT NULL REFERENCES organisations (id),
  title TEXT NOT NULL,
  whom TEXT NOT NULL,
  place TEXT NOT NULL,
  indicator TEXT NOT NULL,
  expected TEXT NOT NULL,
  fails_if TEXT NOT NULL,
  due TEXT NOT NULL,
  version INTEGER NOT NULL DEFAULT 1
);
CREATE INDEX measures_by_dossier ON measures (dossier);

-- What an organisation brings from its own. A line is withdrawn, never removed.
CREATE TABLE commitments (
  id TEXT NOT NULL PRIMARY KEY,
  measure TEXT NOT NULL REFERENCES measures (id),
  owner TEXT NOT NULL REFERENCES organisations (id),
  gift TEXT NOT NULL,
  what TEXT NOT NULL,
  pot TEXT NOT NULL,
  begins TEXT NOT NULL,
  ends TEXT NOT NULL,
  conditions TEXT NOT NULL,
  made TEXT NOT NULL,
  withdrawn TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT ''
);
CREATE INDEX commitments_by_measure ON commitments (measure);
CREATE INDEX commitments_by_owner ON commitments (owner);

-- +goose Down
DROP TABLE commitments;
DROP TABLE measures;
DROP TABLE dossier_steps;
DROP TABLE decisions;
DROP TABLE dossiers;
DROP TABLE seats;
DROP TABLE bodies;
DROP TABLE signatures;
DROP TABLE charters;
