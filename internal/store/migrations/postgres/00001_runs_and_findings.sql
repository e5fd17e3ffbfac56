-- +goose Up
-- Times are ISO 8601 text in UTC, which orders as time does and reads the same in both engines.
-- One line for each region. Whoever records a run of a region holds its line until the end.
CREATE TABLE regions (
  region TEXT NOT NULL PRIMARY KEY
);

CREATE TABLE runs (
  sequence BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  region TEXT NOT NULL REFERENCES regions (region),
  snapshot TEXT NOT NULL,
  recorded_at TEXT NOT NULL,
  published_at TEXT
);
CREATE INDEX runs_by_region ON runs (region, sequence);

-- One line for each finding a region ever had, with its latest figures.
CREATE TABLE findings (
  region TEXT NOT NULL,
  id TEXT NOT NULL,
  standard TEXT NOT NULL,
  group_key TEXT NOT NULL,
  category TEXT NOT NULL,
  first_run TEXT NOT NULL REFERENCES runs (hash),
  last_run TEXT NOT NULL REFERENCES runs (hash),
  state TEXT NOT NULL CHECK (state IN ('present', 'absent', 'merged')),
  cause TEXT NOT NULL,
  people DOUBLE PRECISION NOT NULL,
  low DOUBLE PRECISION NOT NULL,
  high DOUBLE PRECISION NOT NULL,
  shortfall DOUBLE PRECISION NOT NULL,
  need DOUBLE PRECISION NOT NULL,
  score DOUBLE PRECISION NOT NULL,
  estimated INTEGER NOT NULL CHECK (estimated IN (0, 1)),
  PRIMARY KEY (region, id)
);
CREATE INDEX findings_by_score ON findings (region, state, score);

-- What each run found, unchanged for ever.
CREATE TABLE finding_evidence (
  run TEXT NOT NULL REFERENCES runs (hash),
  region TEXT NOT NULL,
  finding TEXT NOT NULL,
  place INTEGER NOT NULL,
  cause TEXT NOT NULL,
  people DOUBLE PRECISION NOT NULL,
  low DOUBLE PRECISION NOT NULL,
  high DOUBLE PRECISION NOT NULL,
  shortfall DOUBLE PRECISION NOT NULL,
  need DOUBLE PRECISION NOT NULL,
  score DOUBLE PRECISION NOT NULL,
  estimated INTEGER NOT NULL CHECK (estimated IN (0, 1)),
  cells INTEGER NOT NULL,
  PRIMARY KEY (run, finding),
  FOREIGN KEY (region, finding) REFERENCES findings (region, id)
);
CREATE INDEX evidence_by_finding ON finding_evidence (region, finding);

-- How many notices of each rule a run had to show.
CREATE TABLE run_notices (
  run TEXT NOT NULL REFERENCES runs (hash),
  file TEXT NOT NULL,
  rule TEXT NOT NULL,
  severity TEXT NOT NULL CHECK (severity IN ('info', 'warning', 'reject')),
  notices BIGINT NOT NULL,
  PRIMARY KEY (run, file, rule, severity)
);

-- +goose Down
DROP TABLE run_notices;
DROP TABLE finding_evidence;
DROP TABLE findings;
DROP TABLE runs;
DROP TABLE regions;
