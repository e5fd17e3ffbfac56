// Package erasure keeps the journal of erasures: what was withdrawn, deleted or made unreadable for good, written
// where no restored backup can take it back. A backup made before an erasure still holds what was erased; whoever
// restores it replays the journal before anybody sees the data.
//
// The journal is text, one line for each erasure. Every line carries the hash of the line before and its own, so a
// line cannot be changed, dropped or moved without the journal saying so. It holds names of things (random IDs), never
// what was in them.
package erasure

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"gevor/fault"
)

// Record is one erasure.
type Record struct {
	Sequence int64     // given by the database that recorded it, from 1; unique in one installation
	At       time.Time // UTC
	Kind     string    // what was erased, e.g. "organisation"
	Ref      string    // which one
	Detail   string    // how far, where a kind knows degrees
}

// line is how a record stands in the journal.
type line struct {
	Sequence int64  `json:"sequence"`
	At       string `json:"at"`
	Kind     string `json:"kind"`
	Ref      string `json:"ref"`
	Detail   string `json:"detail"`
	Previous string `json:"previous"`
}

const timeForm = "2006-01-02T15:04:05.000000Z"

// Start is the hash before the first line.
var Start = strings.Repeat("0", 2*sha256.Size)

// Same says whether two records speak of the same erasure, to the microsecond that both forms keep.
func (r Record) Same(o Record) bool {
	return r.Sequence == o.Sequence && r.Kind == o.Kind && r.Ref == o.Ref && r.Detail == o.Detail &&
		r.At.UTC().Format(timeForm) == o.At.UTC().Format(timeForm)
}

// Write gives the lines of records after a line with the hash previous, and the hash of the last one. A line is its
// own hash in hex, a blank, and the record as JSON.
func Write(previous string, records ...Record) (text []byte, last string, err error) {
	for _, r := range records {
		body, err := json.Marshal(line{r.Sequence, r.At.UTC().Format(timeForm), r.Kind, r.Ref, r.Detail, previous})
		if err != nil {
			return nil, "", err
		}
		sum := sha256.Sum256(body)
		previous = hex.EncodeToString(sum[:])
		text = fmt.Appendf(text, "%s %s\n", previous, body)
	}
	return text, previous, nil
}

// Read gives the records of a journal, the hash of its last line, and how many bytes of the text hold. A last line
// that was cut off while it was written does not count; nobody was told that it does. All other damage is Corrupt,
// with the number of the line.
func Read(name string, text []byte) (records []Record, last string, sound int, err error) {
	last = Start
	for n := 1; sound < len(text); n++ {
		raw, rest, whole := bytes.Cut(text[sound:], []byte("\n"))
		r, hash, err := readLine(raw, last)
		if err != nil {
			if torn := !whole || len(rest) == 0 && bytes.IndexByte(raw, 0) >= 0; torn {
				return records, last, sound, nil
			}
			return nil, "", 0, fault.Wrap(fault.Corrupt, fmt.Sprintf("%s:%d", name, n), "this line of the journal of erasures is damaged",
				"take the journal of the backup, or of another copy, in its place", err)
		}
		if !whole { // all of it is there but its end of line
			return records, last, sound, nil
		}
		records, last = append(records, r), hash
		sound += len(raw) + 1
	}
	return records, last, sound, nil
}

func readLine(raw []byte, previous string) (r Record, hash string, err error) {
	hash, body, ok := strings.Cut(string(raw), " ")
	if !ok {
		return r, "", fmt.Errorf("no hash and record")
	}
	sum := sha256.Sum256([]byte(body))
	if hash != hex.EncodeToString(sum[:]) {
		return r, "", fmt.Errorf("does not match its hash")
	}
	var l line
	if err := json.Unmarshal([]byte(body), &l); err != nil {
		return r, "", err
	}
	if l.Previous != previous {
		return r, "", fmt.Errorf("does not follow the line before")
	}
	at, err := time.Parse(timeForm, l.At)
	if err != nil {
		return r, "", err
	}
	return Record{l.Sequence, at, l.Kind, l.Ref, l.Detail}, hash, nil
}
