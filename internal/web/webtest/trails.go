package webtest

import (
	"context"
	"encoding/json"

	"gevor/authz"
	"gevor/history"
	"gevor/internal/audit"
	"gevor/internal/store"
)

// signed gives trails of a record that is signed as often as somebody looks, but for its last line.
type signed struct {
	*store.Store
	secret, public string
}

func signedOf(s *store.Store) (signed, error) {
	secret, public, err := audit.Keys("example")
	return signed{s, secret, public}, err
}

// Trail gives the lines without their proofs.
func (s signed) Trail(ctx context.Context, actor authz.Actor, o authz.OrganisationID, most int) (out history.Trail, err error) {
	if out, err = s.ProvenTrail(ctx, actor, o); err != nil {
		return out, err
	}
	out.Lines = out.Lines[:min(len(out.Lines), most)]
	for i := range out.Lines {
		out.Lines[i].Proof = nil
	}
	return out, nil
}

// ProvenTrail gives the lines with their proofs.
func (s signed) ProvenTrail(ctx context.Context, actor authz.Actor, o authz.OrganisationID) (out history.Trail, err error) {
	if out.Lines, err = s.Store.Trail(ctx, actor, o, 0); err != nil {
		return out, err
	}
	records, err := s.AuditRecords(ctx)
	if err != nil {
		return out, err
	}
	records = records[:len(records)-1]
	checkpoint, err := audit.Checkpoint(records, Day(), s.secret)
	if err != nil {
		return out, err
	}
	out.Signed, out.Public, out.Size = Day(), s.public, len(records)
	for i, x := range out.Lines {
		if x.Number >= len(records) {
			continue
		}
		proofs, err := audit.Prove(records, []int{x.Number}, checkpoint, s.public)
		if err != nil {
			return out, err
		}
		if out.Lines[i].Proof, err = json.Marshal(proofs[0]); err != nil {
			return out, err
		}
	}
	return out, nil
}
