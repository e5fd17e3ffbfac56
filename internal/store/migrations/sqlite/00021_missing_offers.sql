-- +goose Up
-- What became of an offer that an answer speaks of and that has no entry: the day on which somebody entered it, or said that
-- there is nothing to enter; empty while it waits.
ALTER TABLE warning_answers ADD COLUMN settled TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE warning_answers DROP COLUMN settled;
