package audit

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"gevor/fault"
)

// stored gives the hashes of the tree over records, and a reader of them. Cost: one pass.
func stored(records [][]byte) (tlog.HashReader, error) {
	var all []tlog.Hash
	reader := tlog.HashReaderFunc(func(at []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(at))
		for i, k := range at {
			out[i] = all[k]
		}
		return out, nil
	})
	for n, r := range records {
		more, err := tlog.StoredHashes(int64(n), r, reader)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	return reader, nil
}

// root gives the hash of the tree over records.
func root(records [][]byte) (tlog.Hash, error) {
	reader, err := stored(records)
	if err != nil {
		return tlog.Hash{}, err
	}
	return tlog.TreeHash(int64(len(records)), reader)
}

// Proof shows that a line stands in the record that a checkpoint signs, without the other lines.
type Proof struct {
	Number     int      `json:"number"` // from 0
	Line       string   `json:"line"`
	Path       []string `json:"path"` // hashes of RFC 6962, in base64
	Checkpoint string   `json:"checkpoint"`
}

// Prove gives a proof for each of some lines, by their numbers, under a checkpoint of the same record. Invalid where a
// line is younger than the checkpoint.
func Prove(records [][]byte, numbers []int, checkpoint []byte, public string) ([]Proof, error) {
	size, err := signedSize(checkpoint, public)
	if err != nil {
		return nil, err
	}
	if size > len(records) {
		return nil, wrong(1, fmt.Sprintf("counts %d records, but there are %d", size, len(records)), nil)
	}
	reader, err := stored(records[:size])
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "audit", "cannot be summed up", "", err)
	}
	out := make([]Proof, 0, len(numbers))
	for _, n := range numbers {
		if n < 0 || n >= size {
			return nil, fault.New(fault.Invalid, "audit", fmt.Sprintf("record %d is younger than the checkpoint", n), "sign a new checkpoint first")
		}
		path, err := tlog.ProveRecord(int64(size), int64(n), reader)
		if err != nil {
			return nil, fault.Wrap(fault.Internal, "audit", "cannot be proven", "", err)
		}
		p := Proof{Number: n, Line: string(records[n]), Checkpoint: string(checkpoint)}
		for _, h := range path {
			p.Path = append(p.Path, h.String())
		}
		out = append(out, p)
	}
	return out, nil
}

// Check says whether the line stands where the proof says, under a checkpoint that the key signed. Corrupt otherwise.
func (p Proof) Check(public string) error {
	v, err := note.NewVerifier(strings.TrimSpace(public))
	if err != nil {
		return fault.Wrap(fault.Invalid, "audit", "the public key cannot be read", "name the file that the installation wrote", err)
	}
	bad := fault.New(fault.Corrupt, fmt.Sprintf("record %d", p.Number), "does not stand in the record that the checkpoint signs", "ask the installation for a new proof, and compare checkpoints with other members")
	size, h, _, err := open([]byte(p.Checkpoint), v)
	if err != nil {
		return bad
	}
	var path tlog.RecordProof
	for _, text := range p.Path {
		x, err := tlog.ParseHash(text)
		if err != nil {
			return bad
		}
		path = append(path, x)
	}
	if p.Number < 0 || p.Number >= size || tlog.CheckRecord(path, int64(size), h, int64(p.Number), tlog.RecordHash([]byte(p.Line))) != nil {
		return bad
	}
	return nil
}

// Signed gives how many records a checkpoint counts, and when it was signed. Corrupt where the key did not sign it.
func Signed(checkpoint []byte, public string) (size int, at time.Time, err error) {
	v, err := note.NewVerifier(strings.TrimSpace(public))
	if err != nil {
		return 0, at, fault.Wrap(fault.Invalid, "audit", "the public key cannot be read", "name the file that the installation wrote", err)
	}
	if size, _, at, err = open(checkpoint, v); err != nil {
		return 0, at, wrong(1, "is not signed with this key, or damaged", err)
	}
	return size, at, nil
}

func signedSize(checkpoint []byte, public string) (int, error) {
	size, _, err := Signed(checkpoint, public)
	return size, err
}

// Grown shows that the record of a later checkpoint begins with that of an earlier one: hashes of RFC 6962 in base64.
func Grown(records [][]byte, from, to []byte, public string) ([]string, error) {
	before, err := signedSize(from, public)
	if err != nil {
		return nil, err
	}
	after, err := signedSize(to, public)
	if err != nil {
		return nil, err
	}
	if before > after || after > len(records) || before == 0 {
		return nil, fault.New(fault.Invalid, "audit", "has no such stretch", "name the earlier checkpoint first, and one over at least one record")
	}
	reader, err := stored(records[:after])
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "audit", "cannot be summed up", "", err)
	}
	proof, err := tlog.ProveTree(int64(after), int64(before), reader)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "audit", "cannot be proven", "", err)
	}
	out := make([]string, len(proof))
	for i, h := range proof {
		out[i] = h.String()
	}
	return out, nil
}

// Cosign adds a member's signature to a checkpoint that the installation signed. last is the checkpoint that the member
// signed before, nil for the first; grown shows that the record since only grew. Corrupt where it did not: then the
// member has found tampering and signs nothing.
func Cosign(checkpoint, last []byte, grown []string, public, secret string) ([]byte, error) {
	v, err := note.NewVerifier(strings.TrimSpace(public))
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "audit", "the public key cannot be read", "name the file that the installation wrote", err)
	}
	size, h, at, err := open(checkpoint, v)
	if err != nil {
		return nil, wrong(2, "is not signed with this key, or damaged", err)
	}
	if last != nil {
		size0, h0, at0, err := open(last, v)
		if err != nil {
			return nil, wrong(1, "is not signed with this key, or damaged", err)
		}
		var proof tlog.TreeProof
		for _, text := range grown {
			x, err := tlog.ParseHash(text)
			if err != nil {
				return nil, wrong(2, "comes with a proof that cannot be read", err)
			}
			proof = append(proof, x)
		}
		if size < size0 || at.Before(at0) || size0 > 0 && tlog.CheckTree(proof, int64(size), h, int64(size0), h0) != nil {
			return nil, wrong(2, "is not of the record that you signed before", nil)
		}
	}
	signer, err := note.NewSigner(strings.TrimSpace(secret))
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "audit", "your key cannot be read", "name the file with your secret key", err)
	}
	n, err := note.Open(bytes.Clone(checkpoint), note.VerifierList(v))
	if err != nil {
		return nil, wrong(2, "is not signed with this key, or damaged", err)
	}
	signed, err := note.Sign(n, signer)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "audit", "cannot be signed", "", err)
	}
	return signed, nil
}

// Cosigners names the members among some public keys who have signed a checkpoint that the installation signed too.
func Cosigners(checkpoint []byte, public string, members []string) ([]string, error) {
	if _, err := signedSize(checkpoint, public); err != nil {
		return nil, err
	}
	var known []note.Verifier
	for _, m := range members {
		v, err := note.NewVerifier(strings.TrimSpace(m))
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, "audit", "a member's public key cannot be read", "one key a line", err)
		}
		known = append(known, v)
	}
	n, err := note.Open(checkpoint, note.VerifierList(known...))
	if err != nil {
		if _, none := err.(*note.UnverifiedNoteError); none { //nolint:errorlint // the library returns it bare
			return nil, nil
		}
		return nil, wrong(1, "bears a false signature of a member", err)
	}
	var out []string
	for _, s := range n.Sigs {
		out = append(out, s.Name)
	}
	return out, nil
}

// Last gives the last checkpoint of a file of them, or of one that stands alone.
func Last(checkpoints []byte) []byte {
	all := bytes.Split(bytes.TrimSuffix(checkpoints, separator), separator)
	return all[len(all)-1]
}
