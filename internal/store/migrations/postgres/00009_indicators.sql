-- +goose Up
-- Municipal statistics as they may leave: published tables and what their owner was told about them. True figures are
-- never kept here. Every release stays, withdrawn or not, since what people have read binds what may be shown next.
CREATE TABLE datasets (
  id TEXT NOT NULL PRIMARY KEY,
  owner TEXT NOT NULL REFERENCES organisations (id),
  newest INTEGER NOT NULL,
  place INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE dataset_releases (
  dataset TEXT NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  at TEXT NOT NULL,
  checksum TEXT NOT NULL,
  head TEXT NOT NULL,
  body TEXT NOT NULL,
  preview TEXT NOT NULL,
  PRIMARY KEY (dataset, number)
);

-- +goose Down
DROP TABLE dataset_releases;
DROP TABLE datasets;
