-- +goose Up
-- When a release of statistics was first public, so that a profile can be shown as it was; empty where it never was.
ALTER TABLE dataset_releases ADD COLUMN shown TEXT NOT NULL DEFAULT '';
UPDATE dataset_releases SET shown = at WHERE (dataset, number) IN (
  SELECT d.id, d.newest FROM datasets d JOIN releases r ON r.object = d.id WHERE r.kind = 'figures' AND r.level = 'public');

-- +goose Down
ALTER TABLE dataset_releases DROP COLUMN shown;
