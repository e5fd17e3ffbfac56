-- +goose Up
-- What the installation says about itself, in Markdown; no line means that the template stands.
CREATE TABLE texts (
  name TEXT NOT NULL,
  language TEXT NOT NULL,
  body TEXT NOT NULL,
  changed TEXT NOT NULL,
  version INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (name, language)
);

-- Barriers that readers report. The contact is empty unless somebody wants an answer, and again once it is done.
CREATE TABLE feedback (
  id TEXT NOT NULL PRIMARY KEY,
  at TEXT NOT NULL,
  language TEXT NOT NULL,
  page TEXT NOT NULL,
  message TEXT NOT NULL,
  contact TEXT NOT NULL,
  done TEXT NOT NULL DEFAULT ''
);
CREATE INDEX feedback_by_time ON feedback (at, id);

-- +goose Down
DROP TABLE feedback;
DROP TABLE texts;
