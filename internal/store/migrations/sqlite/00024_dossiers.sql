-- +goose Up
-- What a finding's page said when the dossier was opened, whom it affects, and how the alliance sorts it.
ALTER TABLE dossiers ADD COLUMN snapshot TEXT NOT NULL DEFAULT '';
ALTER TABLE dossiers ADD COLUMN facts TEXT NOT NULL DEFAULT '[]';
ALTER TABLE dossiers ADD COLUMN whom TEXT NOT NULL DEFAULT '';
ALTER TABLE dossiers ADD COLUMN cluster TEXT NOT NULL DEFAULT '';

-- Steps name who took them; those that are work on the dossier need no decision.
CREATE TABLE dossier_course (
  dossier TEXT NOT NULL REFERENCES dossiers (id),
  number INTEGER NOT NULL,
  step TEXT NOT NULL,
  before TEXT NOT NULL,
  after TEXT NOT NULL,
  decision TEXT REFERENCES decisions (id),
  owner TEXT NOT NULL,
  reason TEXT NOT NULL,
  at TEXT NOT NULL,
  PRIMARY KEY (dossier, number)
);
INSERT INTO dossier_course (dossier, number, step, before, after, decision, owner, reason, at)
  SELECT s.dossier, s.number, s.step, s.before, s.after, s.decision, d.owner, s.reason, s.at FROM dossier_steps s JOIN dossiers d ON d.id = s.dossier;
DROP TABLE dossier_steps;

-- Voices from the spot, hypotheses, leeway: each belongs to the organisation that said it.
CREATE TABLE dossier_notes (
  id TEXT NOT NULL PRIMARY KEY,
  dossier TEXT NOT NULL REFERENCES dossiers (id),
  owner TEXT NOT NULL REFERENCES organisations (id),
  kind TEXT NOT NULL,
  said TEXT NOT NULL,
  at TEXT NOT NULL,
  taken TEXT NOT NULL DEFAULT ''
);
CREATE INDEX dossier_notes_by_dossier ON dossier_notes (dossier);

-- +goose Down
DROP TABLE dossier_notes;
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
INSERT INTO dossier_steps (dossier, number, step, before, after, decision, reason, at)
  SELECT dossier, number, step, before, after, decision, reason, at FROM dossier_course WHERE decision IS NOT NULL;
DROP TABLE dossier_course;
ALTER TABLE dossiers DROP COLUMN cluster;
ALTER TABLE dossiers DROP COLUMN whom;
ALTER TABLE dossiers DROP COLUMN facts;
ALTER TABLE dossiers DROP COLUMN snapshot;
