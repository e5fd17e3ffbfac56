-- +goose Up
CREATE TABLE yardsticks (
  measure TEXT NOT NULL PRIMARY KEY REFERENCES measures (id),
  dataset TEXT NOT NULL,
  areas TEXT NOT NULL,
  starts TEXT NOT NULL,
  worthwhile DOUBLE PRECISION NOT NULL,
  fixed TEXT NOT NULL,
  version INTEGER NOT NULL DEFAULT 1
);
CREATE TABLE appraisals (
  id TEXT NOT NULL PRIMARY KEY,
  measure TEXT NOT NULL REFERENCES measures (id),
  owner TEXT NOT NULL,
  at TEXT NOT NULL,
  yardstick TEXT NOT NULL,
  judged TEXT NOT NULL,
  note TEXT NOT NULL
);
CREATE INDEX appraisals_of ON appraisals (measure, at);

-- +goose Down
DROP TABLE appraisals;
DROP TABLE yardsticks;
