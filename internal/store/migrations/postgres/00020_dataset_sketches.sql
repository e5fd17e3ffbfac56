-- +goose Up
-- Datasets that people of an organisation write by hand, until they are put through the gate or dropped: the only place with
-- true figures, seen by the organisation's statisticians alone, and forgotten after a month.
CREATE TABLE dataset_sketches (
  id TEXT NOT NULL PRIMARY KEY,
  owner TEXT NOT NULL REFERENCES organisations (id),
  made TEXT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX dataset_sketches_by_owner ON dataset_sketches (owner, made);

-- +goose Down
DROP TABLE dataset_sketches;
