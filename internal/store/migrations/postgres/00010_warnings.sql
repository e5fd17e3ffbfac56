-- +goose Up
-- What early warning watches in a region: the false alarms a month that the region bears, and what the last report rests on.
CREATE TABLE warning_watches (
  region TEXT NOT NULL PRIMARY KEY,
  rate REAL NOT NULL,
  reported TEXT NOT NULL DEFAULT '',
  panels TEXT NOT NULL DEFAULT '[]'
);

-- One line for each place, group and problem that was ever warned of, with its latest signals, all of them past the gate.
CREATE TABLE warnings (
  region TEXT NOT NULL,
  id TEXT NOT NULL,
  gap TEXT NOT NULL,
  level TEXT NOT NULL,
  area TEXT NOT NULL,
  group_key TEXT NOT NULL,
  problem TEXT NOT NULL,
  since TEXT NOT NULL,
  seen TEXT NOT NULL,
  signals TEXT NOT NULL,
  PRIMARY KEY (region, id),
  UNIQUE (region, level, area, group_key, problem)
);

-- Its signals report by report, unchanged for ever.
CREATE TABLE warning_evidence (
  region TEXT NOT NULL,
  warning TEXT NOT NULL,
  at TEXT NOT NULL,
  signals TEXT NOT NULL,
  PRIMARY KEY (region, warning, at),
  FOREIGN KEY (region, warning) REFERENCES warnings (region, id)
);

-- What organisations on the spot said of it, and how strong it was then.
CREATE TABLE warning_answers (
  id TEXT NOT NULL PRIMARY KEY,
  region TEXT NOT NULL,
  warning TEXT NOT NULL,
  owner TEXT NOT NULL REFERENCES organisations (id),
  kind TEXT NOT NULL,
  reason TEXT NOT NULL,
  service TEXT NOT NULL,
  made TEXT NOT NULL,
  strength REAL NOT NULL,
  sources INTEGER NOT NULL,
  FOREIGN KEY (region, warning) REFERENCES warnings (region, id)
);
CREATE INDEX warning_answers_by_warning ON warning_answers (region, warning, made);
CREATE INDEX warning_answers_by_owner ON warning_answers (owner);

-- +goose Down
DROP TABLE warning_answers;
DROP TABLE warning_evidence;
DROP TABLE warnings;
DROP TABLE warning_watches;
