-- +goose Up
-- Keys of organisations. Private halves stand here only wrapped: for the recovery sheet, and for each holder.
CREATE TABLE seal_keys (
  id TEXT NOT NULL PRIMARY KEY,
  organisation TEXT NOT NULL REFERENCES organisations (id),
  public TEXT NOT NULL,
  sheet TEXT NOT NULL,
  proof TEXT NOT NULL,
  made TEXT NOT NULL,
  ready TEXT NOT NULL DEFAULT '',
  retired TEXT NOT NULL DEFAULT '',
  lost INTEGER NOT NULL DEFAULT 0 CHECK (lost IN (0, 1)),
  holder_left INTEGER NOT NULL DEFAULT 0 CHECK (holder_left IN (0, 1))
);
CREATE INDEX seal_keys_by_organisation ON seal_keys (organisation, made);

CREATE TABLE seal_holders (
  seal_key TEXT NOT NULL REFERENCES seal_keys (id),
  person TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
  wrap TEXT NOT NULL,
  made TEXT NOT NULL,
  PRIMARY KEY (seal_key, person)
);
CREATE INDEX seal_holders_by_person ON seal_holders (person);

-- How an organisation takes handovers; without a line as usual.
CREATE TABLE handover_intakes (
  organisation TEXT NOT NULL PRIMARY KEY REFERENCES organisations (id),
  paused INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1)),
  remind INTEGER NOT NULL,
  tell INTEGER NOT NULL,
  chief INTEGER NOT NULL
);

-- The envelope. Nothing here is about a person.
CREATE TABLE handovers (
  id TEXT NOT NULL PRIMARY KEY,
  sender TEXT NOT NULL REFERENCES organisations (id),
  receiver TEXT NOT NULL REFERENCES organisations (id),
  service TEXT NOT NULL,
  status TEXT NOT NULL,
  sub TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT '',
  outcome TEXT NOT NULL DEFAULT '',
  withdrawn INTEGER NOT NULL DEFAULT 0 CHECK (withdrawn IN (0, 1)),
  cancel_asked INTEGER NOT NULL DEFAULT 0 CHECK (cancel_asked IN (0, 1)),
  reseal INTEGER NOT NULL DEFAULT 0 CHECK (reseal IN (0, 1)),
  lapses INTEGER NOT NULL DEFAULT 0,
  level TEXT NOT NULL,
  version INTEGER NOT NULL,
  made TEXT NOT NULL,
  requested TEXT NOT NULL DEFAULT '',
  opened TEXT NOT NULL DEFAULT '',
  answered TEXT NOT NULL DEFAULT '',
  changed TEXT NOT NULL,
  ended TEXT NOT NULL DEFAULT '',
  destroyed TEXT NOT NULL DEFAULT ''
);
CREATE INDEX handovers_by_sender ON handovers (sender, changed);
CREATE INDEX handovers_by_receiver ON handovers (receiver, changed);
CREATE INDEX handovers_by_status ON handovers (status);

CREATE TABLE handover_consents (
  handover TEXT NOT NULL PRIMARY KEY REFERENCES handovers (id),
  id TEXT NOT NULL UNIQUE,
  giver TEXT NOT NULL,
  categories TEXT NOT NULL,
  purpose TEXT NOT NULL,
  until TEXT NOT NULL,
  text_version TEXT NOT NULL,
  language TEXT NOT NULL,
  how TEXT NOT NULL,
  level TEXT NOT NULL,
  given TEXT NOT NULL DEFAULT '',
  withdrawn TEXT NOT NULL DEFAULT ''
);
CREATE INDEX handover_consents_by_until ON handover_consents (until);

-- Receipts by the hash of their code. Every paper that was printed keeps its force.
CREATE TABLE handover_receipts (
  hash TEXT NOT NULL PRIMARY KEY,
  handover TEXT NOT NULL REFERENCES handovers (id),
  made TEXT NOT NULL
);
CREATE INDEX handover_receipts_by_handover ON handover_receipts (handover);

-- Sealed content: nobody reads it here.
CREATE TABLE handover_boxes (
  handover TEXT NOT NULL REFERENCES handovers (id),
  part TEXT NOT NULL,
  side TEXT NOT NULL,
  box TEXT NOT NULL,
  sends TEXT NOT NULL,
  takes TEXT NOT NULL,
  made TEXT NOT NULL,
  PRIMARY KEY (handover, part)
);

-- Which command has acted: a repetition acts no more.
CREATE TABLE handover_commands (
  handover TEXT NOT NULL REFERENCES handovers (id),
  side TEXT NOT NULL,
  command TEXT NOT NULL,
  verb TEXT NOT NULL,
  version INTEGER NOT NULL,
  PRIMARY KEY (handover, side, command)
);

CREATE TABLE handover_events (
  handover TEXT NOT NULL REFERENCES handovers (id),
  version INTEGER NOT NULL,
  at TEXT NOT NULL,
  side TEXT NOT NULL,
  verb TEXT NOT NULL,
  was TEXT NOT NULL,
  became TEXT NOT NULL,
  sub TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT '',
  outcome TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (handover, version)
);

-- What the clock has told once.
CREATE TABLE handover_told (
  handover TEXT NOT NULL REFERENCES handovers (id),
  notice TEXT NOT NULL,
  at TEXT NOT NULL,
  PRIMARY KEY (handover, notice)
);

-- +goose Down
DROP TABLE handover_told;
DROP TABLE handover_events;
DROP TABLE handover_commands;
DROP TABLE handover_boxes;
DROP TABLE handover_receipts;
DROP TABLE handover_consents;
DROP TABLE handovers;
DROP TABLE handover_intakes;
DROP TABLE seal_holders;
DROP TABLE seal_keys;
