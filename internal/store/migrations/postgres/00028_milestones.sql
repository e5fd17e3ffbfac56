-- +goose Up
CREATE TABLE milestones (
  id TEXT NOT NULL PRIMARY KEY,
  day TEXT NOT NULL,
  title TEXT NOT NULL,
  said TEXT NOT NULL,
  version INTEGER NOT NULL DEFAULT 1
);

-- +goose Down
DROP TABLE milestones;
