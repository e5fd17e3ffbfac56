-- +goose Up
-- What planners tried out and kept: changes to offers on one run, and what they would do.
CREATE TABLE trials (
  id TEXT NOT NULL PRIMARY KEY,
  owner TEXT NOT NULL REFERENCES organisations (id),
  name TEXT NOT NULL,
  region TEXT NOT NULL,
  run TEXT NOT NULL,
  changes TEXT NOT NULL,
  outcomes TEXT NOT NULL,
  at TEXT NOT NULL
);
CREATE INDEX trials_by_owner ON trials (owner);

-- +goose Down
DROP TABLE trials;
