-- +goose Up
-- The log of contacts. No column knows a person, a day or an hour; author is empty after some days.
CREATE TABLE contacts (
  owner TEXT NOT NULL REFERENCES organisations (id),
  key TEXT NOT NULL,
  week TEXT NOT NULL,
  arrived TEXT NOT NULL,
  author TEXT NOT NULL,
  kind TEXT NOT NULL,
  duration TEXT NOT NULL,
  language TEXT NOT NULL,
  situation TEXT NOT NULL,
  needs TEXT NOT NULL,
  district TEXT NOT NULL,
  deeds TEXT NOT NULL,
  reason TEXT NOT NULL,
  note TEXT NOT NULL,
  PRIMARY KEY (owner, key)
);
CREATE INDEX contacts_by_arrival ON contacts (arrived);

-- What devices have sent already: outlives the entry, so that nothing counts twice.
CREATE TABLE contact_keys (
  owner TEXT NOT NULL REFERENCES organisations (id),
  key TEXT NOT NULL,
  arrived TEXT NOT NULL,
  PRIMARY KEY (owner, key)
);

-- What is left of entries: needs by week, place and reason, and what else was said by month.
CREATE TABLE contact_counts (
  source TEXT NOT NULL,
  house TEXT NOT NULL REFERENCES organisations (id),
  week TEXT NOT NULL,
  district TEXT NOT NULL,
  need TEXT NOT NULL,
  reason TEXT NOT NULL,
  times INTEGER NOT NULL,
  PRIMARY KEY (house, week, source, district, need, reason)
);
CREATE TABLE contact_shares (
  house TEXT NOT NULL REFERENCES organisations (id),
  month TEXT NOT NULL,
  facet TEXT NOT NULL,
  code TEXT NOT NULL,
  times INTEGER NOT NULL,
  PRIMARY KEY (house, month, facet, code)
);

-- +goose Down
DROP TABLE contact_shares;
DROP TABLE contact_counts;
DROP TABLE contact_keys;
DROP TABLE contacts;
