-- +goose Up
-- How people prove who they are. Nothing here lets anybody in by itself: passwords are verifiers, the secrets of
-- authenticator apps are sealed under the password, links, codes and sessions are hashes.
CREATE TABLE passwords (
  person TEXT NOT NULL PRIMARY KEY REFERENCES people (id) ON DELETE CASCADE,
  hash TEXT NOT NULL,
  sealed TEXT NOT NULL,
  step BIGINT NOT NULL,
  since TEXT NOT NULL
);

CREATE TABLE passkeys (
  id TEXT NOT NULL PRIMARY KEY,
  person TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  handle TEXT NOT NULL,
  record TEXT NOT NULL,
  counter BIGINT NOT NULL,
  since TEXT NOT NULL,
  used TEXT NOT NULL DEFAULT ''
);
CREATE INDEX passkeys_by_person ON passkeys (person);

CREATE TABLE identities (
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL,
  person TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
  email TEXT NOT NULL,
  since TEXT NOT NULL,
  PRIMARY KEY (issuer, subject)
);
CREATE INDEX identities_by_person ON identities (person);

CREATE TABLE recovery_codes (
  person TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
  hash TEXT NOT NULL,
  since TEXT NOT NULL,
  PRIMARY KEY (person, hash)
);

-- Links by which somebody who lost every way in gets a new one. organisation is empty where the operator gave it.
CREATE TABLE recoveries (
  id TEXT NOT NULL PRIMARY KEY,
  secret_hash TEXT NOT NULL UNIQUE,
  person TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
  organisation TEXT NOT NULL,
  expires TEXT NOT NULL
);
CREATE INDEX recoveries_by_person ON recoveries (person);

CREATE TABLE sign_ins (
  person TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
  sequence BIGINT NOT NULL,
  at TEXT NOT NULL,
  way TEXT NOT NULL,
  device TEXT NOT NULL,
  PRIMARY KEY (person, sequence)
);

CREATE TABLE sessions (
  token_hash TEXT NOT NULL PRIMARY KEY,
  data TEXT NOT NULL,
  expires TEXT NOT NULL
);
CREATE INDEX sessions_by_expiry ON sessions (expires);

-- The people of a demo region: they sign in by its door and by nothing else.
CREATE TABLE demo_seats (
  person TEXT NOT NULL PRIMARY KEY REFERENCES people (id) ON DELETE CASCADE,
  role TEXT NOT NULL UNIQUE,
  place INTEGER NOT NULL
);

-- +goose Down
DROP TABLE demo_seats;
DROP TABLE sessions;
DROP TABLE sign_ins;
DROP TABLE recoveries;
DROP TABLE recovery_codes;
DROP TABLE identities;
DROP TABLE passkeys;
DROP TABLE passwords;
