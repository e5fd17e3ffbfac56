-- +goose Up
-- What practices write about a slip, sealed to the organisation, and what it answers, sealed to the practice.
CREATE TABLE slip_notes (
  id TEXT NOT NULL PRIMARY KEY,
  block TEXT NOT NULL REFERENCES slip_blocks (id),
  number INTEGER NOT NULL,
  box TEXT NOT NULL,
  takes TEXT NOT NULL,
  made TEXT NOT NULL,
  reply TEXT NOT NULL DEFAULT '',
  replied TEXT NOT NULL DEFAULT ''
);
CREATE INDEX slip_notes_by_block ON slip_notes (block, made);

-- Handovers without content, to organisations without an account: the link of the mail and the code that somebody says
-- on the telephone, as hashes.
CREATE TABLE handover_letters (
  handover TEXT NOT NULL PRIMARY KEY REFERENCES handovers (id),
  secret_hash TEXT NOT NULL UNIQUE,
  code_hash TEXT NOT NULL DEFAULT '',
  phone TEXT NOT NULL,
  misses INTEGER NOT NULL DEFAULT 0,
  made TEXT NOT NULL
);

-- +goose Down
DROP TABLE handover_letters;
DROP TABLE slip_notes;
