-- +goose Up
-- Two services that may be one offer, and what the houses that own them said about it. Neither record changes by it.
CREATE TABLE duplicates (
  first TEXT NOT NULL REFERENCES services (id) ON DELETE CASCADE,
  second TEXT NOT NULL REFERENCES services (id) ON DELETE CASCADE,
  band TEXT NOT NULL CHECK (band IN ('different', 'ask', 'same')),
  score DOUBLE PRECISION NOT NULL,
  reasons TEXT NOT NULL DEFAULT '',
  found TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'later', 'same', 'different')),
  until TEXT NOT NULL DEFAULT '',
  decided TEXT NOT NULL DEFAULT '',
  decided_by TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (first, second)
);
CREATE INDEX duplicates_by_second ON duplicates (second);
CREATE INDEX duplicates_by_state ON duplicates (state);

-- What an owner said to a field of a joined view. Before holds the record as it stood, so that it can be taken back.
CREATE TABLE merge_answers (
  service TEXT NOT NULL REFERENCES services (id) ON DELETE CASCADE,
  field TEXT NOT NULL,
  other TEXT NOT NULL,
  answer TEXT NOT NULL CHECK (answer IN ('accepted', 'declined')),
  proposed TEXT NOT NULL,
  before TEXT NOT NULL,
  at TEXT NOT NULL,
  taken_back TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (service, field, at)
);

-- How far a directory elsewhere has been read. Page and began are those of a reading under way.
CREATE TABLE harvests (
  system TEXT NOT NULL PRIMARY KEY,
  owner TEXT NOT NULL,
  address TEXT NOT NULL,
  modified_after TEXT NOT NULL DEFAULT '',
  page INTEGER NOT NULL DEFAULT 0,
  began TEXT NOT NULL DEFAULT '',
  finished TEXT NOT NULL DEFAULT '',
  trouble TEXT NOT NULL DEFAULT ''
);

-- +goose Down
DROP TABLE harvests;
DROP TABLE merge_answers;
DROP TABLE duplicates;
