-- +goose Up
-- Attachments of the messages of a handover, sealed as these are: apart from them, so that no page loads a file that
-- nobody asked for.
CREATE TABLE handover_files (
  handover TEXT NOT NULL REFERENCES handovers (id),
  part TEXT NOT NULL,
  message TEXT NOT NULL,
  position INTEGER NOT NULL,
  box TEXT NOT NULL,
  PRIMARY KEY (handover, part)
);
CREATE INDEX handover_files_by_message ON handover_files (handover, message, position);

-- +goose Down
DROP TABLE handover_files;
