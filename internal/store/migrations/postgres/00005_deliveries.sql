-- +goose Up
-- What belongs into one delivery, and what the last attempt met; never a name or an address.
ALTER TABLE outbox ADD COLUMN bundle TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN note TEXT NOT NULL DEFAULT '';
CREATE INDEX outbox_by_owner ON outbox (owner, topic, sequence);

-- Where an organisation wants to be called. Secrets are kept as they are: calls are signed with them.
CREATE TABLE webhooks (
  id TEXT NOT NULL PRIMARY KEY,
  organisation TEXT NOT NULL REFERENCES organisations (id),
  address TEXT NOT NULL,
  secret TEXT NOT NULL,
  old_secret TEXT NOT NULL DEFAULT '',
  old_until TEXT NOT NULL DEFAULT '',
  made TEXT NOT NULL,
  off INTEGER NOT NULL DEFAULT 0 CHECK (off IN (0, 1)),
  failures INTEGER NOT NULL DEFAULT 0,
  failing_since TEXT NOT NULL DEFAULT '',
  version INTEGER NOT NULL DEFAULT 1
);
CREATE INDEX webhooks_by_organisation ON webhooks (organisation, made);

-- +goose Down
DROP TABLE webhooks;
DROP INDEX outbox_by_owner;
ALTER TABLE outbox DROP COLUMN note;
ALTER TABLE outbox DROP COLUMN bundle;
