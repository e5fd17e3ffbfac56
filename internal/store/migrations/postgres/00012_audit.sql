-- +goose Up
-- What happened to handovers and keys: only ever added to. Checkpoints outside the database say what it was.
CREATE TABLE audit_records (
  sequence BIGINT NOT NULL PRIMARY KEY,
  line TEXT NOT NULL
);

-- One line: how many records there are. Whoever adds one holds it until the end.
CREATE TABLE audit_head (
  id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  size BIGINT NOT NULL
);
INSERT INTO audit_head (id, size) VALUES (1, 0);

-- +goose Down
DROP TABLE audit_head;
DROP TABLE audit_records;
