-- +goose Up
CREATE TABLE meetings (
  id TEXT NOT NULL PRIMARY KEY,
  body TEXT NOT NULL REFERENCES bodies (id),
  title TEXT NOT NULL,
  begins TEXT NOT NULL,
  ends TEXT NOT NULL,
  place TEXT NOT NULL,
  series TEXT NOT NULL,
  state TEXT NOT NULL,
  present TEXT NOT NULL DEFAULT '[]',
  minutes TEXT NOT NULL DEFAULT '',
  confirmer TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT '',
  version INTEGER NOT NULL DEFAULT 1
);
CREATE INDEX meetings_by_body ON meetings (body, begins);

-- Points of an agenda belong to the organisation that proposed them.
CREATE TABLE agenda_items (
  id TEXT NOT NULL PRIMARY KEY,
  meeting TEXT NOT NULL REFERENCES meetings (id),
  owner TEXT NOT NULL REFERENCES organisations (id),
  title TEXT NOT NULL,
  said TEXT NOT NULL,
  dossier TEXT NOT NULL DEFAULT '',
  measure TEXT NOT NULL DEFAULT '',
  at TEXT NOT NULL,
  taken TEXT NOT NULL DEFAULT ''
);
CREATE INDEX agenda_items_by_meeting ON agenda_items (meeting);

-- Where a decision was taken; empty for those entered without a meeting.
ALTER TABLE decisions ADD COLUMN meeting TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE decisions DROP COLUMN meeting;
DROP TABLE agenda_items;
DROP TABLE meetings;
