package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"strings"

	"gevor/authz"
	"gevor/fault"
	"gevor/internal/erasure"
)

// The kinds of erasures: what must stay gone even after an older backup is brought back.
const (
	erasedRelease      = "release"      // ref: kind, object, purpose; detail: what is left of the release
	erasedPerson       = "person"       // ref: the person
	erasedOrganisation = "organisation" // ref: the organisation that was closed
	erasedInvitation   = "invitation"   // ref: the invitation that was withdrawn
)

// applyErasure does again to a restored database what had been done when it was erased. Doing it twice changes
// nothing more.
func (s *Store) applyErasure(ctx context.Context, t *sql.Tx, r erasure.Record) error {
	run := func(query string, args ...any) error {
		_, err := t.ExecContext(ctx, query, args...)
		return err
	}
	switch r.Kind {
	case erasedRelease:
		parts := strings.SplitN(r.Ref, " ", 3)
		var left remaining
		if err := json.Unmarshal([]byte(r.Detail), &left); err != nil || len(parts) != 3 {
			return fault.New(fault.Corrupt, "erasures", "a withdrawn release cannot be read: "+r.Ref, "")
		}
		// A release that is newer than the withdrawal was given again afterwards, and stands.
		return run(`UPDATE releases SET level = $5, named = $6, withdrawn = $4, version = version + 1 WHERE kind = $1 AND object = $2 AND purpose = $3 AND since < $4`,
			parts[0], parts[1], parts[2], stamp(r.At), left.Level, left.Named)
	case erasedPerson:
		return (&tx{Tx: t, store: s, at: r.At}).forget(ctx, authz.PersonID(r.Ref))
	case erasedOrganisation:
		if err := run(`UPDATE organisations SET closed = 1, alliance = 0, version = version + 1 WHERE id = $1 AND closed = 0`, r.Ref); err != nil {
			return err
		}
		return run(`UPDATE releases SET level = 'private', named = '', withdrawn = $2, version = version + 1 WHERE owner = $1 AND level <> 'private'`, r.Ref, stamp(r.At))
	case erasedInvitation:
		return run(`DELETE FROM invitations WHERE id = $1`, r.Ref)
	}
	return fault.New(fault.Corrupt, "erasures", "holds a kind that this program does not know: "+r.Kind, "restore with a newer program")
}
