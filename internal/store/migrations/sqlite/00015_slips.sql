-- +goose Up
-- Slips that practices hand out: an offer, a number, a state. Nothing here is about a person.
CREATE TABLE slip_blocks (
  id TEXT NOT NULL PRIMARY KEY,
  owner TEXT NOT NULL REFERENCES organisations (id),
  service TEXT NOT NULL,
  practice TEXT NOT NULL,
  secret_hash TEXT NOT NULL UNIQUE,
  made TEXT NOT NULL
);
CREATE INDEX slip_blocks_by_owner ON slip_blocks (owner, made);

CREATE TABLE slips (
  hash TEXT NOT NULL PRIMARY KEY,
  block TEXT NOT NULL REFERENCES slip_blocks (id),
  number INTEGER NOT NULL,
  state TEXT NOT NULL,
  feedback INTEGER NOT NULL DEFAULT 0 CHECK (feedback IN (0, 1)),
  changed TEXT NOT NULL,
  UNIQUE (block, number)
);

-- +goose Down
DROP TABLE slips;
DROP TABLE slip_blocks;
