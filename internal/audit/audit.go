// Package audit makes tampering with a record visible. A record is a list of lines that only grows; a checkpoint says,
// signed, how long it was and what the hash of its tree was (RFC 6962, golang.org/x/mod/sumdb/tlog). Whoever keeps a
// checkpoint notices every line up to it that was changed, taken out, added or moved.
package audit

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"gevor/fault"
)

// origin is the first line of a checkpoint.
const origin = "gevor audit"

// Keys makes a pair of keys for checkpoints: secret signs, public verifies. name says whose they are.
func Keys(name string) (secret, public string, err error) {
	secret, public, err = note.GenerateKey(rand.Reader, name)
	if err != nil {
		return "", "", fault.Wrap(fault.Invalid, "audit", "cannot make keys for "+name, "give a name without spaces and plus signs", err)
	}
	return secret, public, nil
}

// Checkpoint signs the records as they are at a time. Equal arguments give equal bytes.
func Checkpoint(records [][]byte, at time.Time, secret string) ([]byte, error) {
	signer, err := note.NewSigner(strings.TrimSpace(secret))
	if err != nil {
		return nil, fault.Wrap(fault.Corrupt, "audit", "the key for checkpoints cannot be read", "put the key back, or make a new one and tell whoever keeps checkpoints", err)
	}
	h, err := root(records)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "audit", "cannot be summed up", "", err)
	}
	text := fmt.Sprintf("%s\n%d\n%s\n%s\n", origin, len(records), h, at.UTC().Format(time.RFC3339))
	signed, err := note.Sign(&note.Note{Text: text}, signer)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "audit", "cannot be signed", "", err)
	}
	return signed, nil
}

// separator stands between checkpoints of a file.
var separator = []byte("\n=\n")

// Join appends a checkpoint to those before.
func Join(before, checkpoint []byte) []byte {
	return append(append(bytes.Clone(before), checkpoint...), separator...)
}

// Report is what a verification found to be sound.
type Report struct {
	Records     int
	Checkpoints int
	Covered     int // records up to the last checkpoint
	Last        time.Time
}

// Verify holds records against the checkpoints of a file, in their order. Corrupt where a signature, a length or a hash
// does not fit; NotFound where there are records but no checkpoint.
func Verify(records [][]byte, checkpoints []byte, public string) (Report, error) {
	r := Report{Records: len(records)}
	verifier, err := note.NewVerifier(strings.TrimSpace(public))
	if err != nil {
		return r, fault.Wrap(fault.Invalid, "audit", "the public key cannot be read", "name the file that the installation wrote", err)
	}
	for _, raw := range bytes.Split(checkpoints, separator) {
		if len(raw) == 0 {
			continue
		}
		r.Checkpoints++
		size, h, at, err := open(raw, verifier)
		if err != nil {
			return r, wrong(r.Checkpoints, "is not signed with this key, or damaged", err)
		}
		if size < r.Covered || at.Before(r.Last) {
			return r, wrong(r.Checkpoints, "goes back behind the one before", nil)
		}
		if size > len(records) {
			return r, wrong(r.Checkpoints, fmt.Sprintf("counts %d records, but there are %d", size, len(records)), nil)
		}
		got, err := root(records[:size])
		if err != nil || got != h {
			return r, wrong(r.Checkpoints, fmt.Sprintf("does not fit the first %d records", size), err)
		}
		r.Covered, r.Last = size, at
	}
	if r.Checkpoints == 0 && len(records) > 0 {
		return r, fault.New(fault.NotFound, "audit", "has records but no checkpoint", "name a file of checkpoints that somebody kept")
	}
	return r, nil
}

func wrong(n int, what string, cause error) error {
	return fault.Wrap(fault.Corrupt, fmt.Sprintf("checkpoint %d", n), what, "the record was tampered with after this checkpoint, or before the next; restore a backup and compare", cause)
}

func open(raw []byte, v note.Verifier) (size int, h tlog.Hash, at time.Time, err error) {
	n, err := note.Open(raw, note.VerifierList(v))
	if err != nil {
		return 0, h, at, err
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) != 5 || lines[0] != origin {
		return 0, h, at, fault.New(fault.Corrupt, "checkpoint", "has another form", "")
	}
	if size, err = strconv.Atoi(lines[1]); err != nil || size < 0 {
		return 0, h, at, fault.New(fault.Corrupt, "checkpoint", "has no length", "")
	}
	if h, err = tlog.ParseHash(lines[2]); err != nil {
		return 0, h, at, err
	}
	at, err = time.Parse(time.RFC3339, lines[3])
	return size, h, at, err
}
