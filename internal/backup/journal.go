package backup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"

	"gevor/fault"
	"gevor/internal/erasure"
)

// Journal is a journal of erasures beside the backups. Objects cannot be appended to, so it is a row of them,
// erasures/1.log and so on, that put together are the text of one journal. One process writes to it at a time.
type Journal struct {
	place Place
	mu    sync.Mutex
	// How many parts there were when this process looked last, and the hash at their end; "" before it has looked.
	last  string
	parts int
}

// JournalAt gives the journal of a place.
func JournalAt(p Place) *Journal { return &Journal{place: p} }

const journalPrefix = "erasures/"

func journalName(n int) string { return fmt.Sprintf("%s%012d.log", journalPrefix, n) }

// Place is where the journal lies.
func (j *Journal) Place() string { return j.place.String() }

// Records gives all records in the order of the journal.
func (j *Journal) Records(ctx context.Context) ([]erasure.Record, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	records, _, _, err := j.read(ctx)
	return records, err
}

func (j *Journal) read(ctx context.Context) (records []erasure.Record, last string, parts int, err error) {
	var text []byte
	for parts = 0; ; parts++ {
		part, err := read(ctx, j.place, journalName(parts+1))
		if errors.Is(err, fs.ErrNotExist) {
			break
		}
		if err != nil {
			return nil, "", 0, err
		}
		text = append(text, part...)
	}
	if objects, err := j.place.List(ctx, journalPrefix); err != nil {
		return nil, "", 0, err
	} else if len(objects) > parts {
		return nil, "", 0, fault.New(fault.Corrupt, journalName(parts+1), "is missing from the journal of erasures", "bring it back from another copy")
	}
	records, last, sound, err := erasure.Read(j.place.String()+"/"+journalPrefix, text)
	if err == nil && sound != len(text) {
		err = fault.New(fault.Corrupt, journalName(parts), "is cut off", "bring it back from another copy")
	}
	if err == nil {
		j.last, j.parts = last, parts
	}
	return records, last, parts, err
}

// end gives which part comes next and what it follows. Where the parts are as they were, they are not read again.
func (j *Journal) end(ctx context.Context) (last string, parts int, err error) {
	if j.last != "" {
		next, err := j.place.Open(ctx, journalName(j.parts+1), 0, 1)
		if errors.Is(err, fs.ErrNotExist) {
			return j.last, j.parts, nil
		}
		if err != nil {
			return "", 0, err
		}
		if err := next.Close(); err != nil { // another process has written
			return "", 0, err
		}
	}
	_, last, parts, err = j.read(ctx)
	return last, parts, err
}

// Append adds records at the end.
func (j *Journal) Append(ctx context.Context, records ...erasure.Record) error {
	if len(records) == 0 {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	last, parts, err := j.end(ctx)
	if err != nil {
		return err
	}
	text, last, err := erasure.Write(last, records...)
	if err != nil {
		return err
	}
	j.last = ""
	if err := j.place.Put(ctx, journalName(parts+1), bytes.NewReader(text)); err != nil {
		return err
	}
	j.last, j.parts = last, parts+1
	return nil
}

// lacking gives the records that a journal does not have yet.
func lacking(have, all []erasure.Record) (out []erasure.Record) {
	known := map[int64]bool{}
	for _, r := range have {
		known[r.Sequence] = true
	}
	for _, r := range all {
		if !known[r.Sequence] {
			out, known[r.Sequence] = append(out, r), true
		}
	}
	return out
}
