package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"gevor/authz"
	"gevor/fault"
	"gevor/history"
	"gevor/internal/audit"
	"gevor/internal/store"
	"gevor/internal/web/assets"
)

// trails gives organisations their lines of the record, each with its proof under the last checkpoint of the state
// folder.
type trails struct {
	store *store.Store
	state string
}

// Trail gives the latest lines about an organisation's things, without proofs: so many at most. It reads the last
// checkpoint, and of the record no more than the store needs for these lines.
func (t trails) Trail(ctx context.Context, actor authz.Actor, o authz.OrganisationID, most int) (out history.Trail, err error) {
	if out.Lines, err = t.store.Trail(ctx, actor, o, most); err != nil {
		return out, err
	}
	_, err = t.signed(&out)
	return out, err
}

// ProvenTrail gives all lines with their proofs. Cost: one pass over the whole record.
func (t trails) ProvenTrail(ctx context.Context, actor authz.Actor, o authz.OrganisationID) (out history.Trail, err error) {
	if out.Lines, err = t.store.Trail(ctx, actor, o, 0); err != nil {
		return out, err
	}
	checkpoint, err := t.signed(&out)
	if err != nil || out.Signed.IsZero() {
		return out, err
	}
	records, err := t.store.AuditRecords(ctx)
	if err != nil {
		return out, err
	}
	return out, prove(&out, records, checkpoint)
}

// signed adds to a trail what its last checkpoint says, and gives that; nothing before the first, which is signed within a
// day.
func (t trails) signed(out *history.Trail) (checkpoint []byte, err error) {
	checkpoints, err := os.ReadFile(filepath.Join(t.state, auditCheckpoints))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "audit", "the checkpoints cannot be read", "check the rights of the state folder", err)
	}
	public, err := auditFile(filepath.Join(t.state, auditPublic))
	if err != nil {
		return nil, err
	}
	checkpoint, out.Public = audit.Last(checkpoints), string(public)
	out.Size, out.Signed, err = audit.Signed(checkpoint, out.Public)
	return checkpoint, err
}

// prove adds to the lines of a trail the proofs that its checkpoint gives.
func prove(out *history.Trail, records [][]byte, checkpoint []byte) error {
	var numbers, which []int
	for i, x := range out.Lines {
		if x.Number < out.Size {
			numbers, which = append(numbers, x.Number), append(which, i)
		}
	}
	proofs, err := audit.Prove(records, numbers, checkpoint, out.Public)
	if err != nil {
		return err
	}
	for i, p := range proofs {
		if out.Lines[which[i]].Proof, err = json.Marshal(p); err != nil {
			return err
		}
	}
	return nil
}

// noteBundle writes the hash of the scripts that this server ships into the record where it changed.
func noteBundle(ctx context.Context, s *store.Store, now time.Time) error {
	b, err := assets.Open()
	if err != nil {
		return err
	}
	return s.UnsafeNoteBundle(ctx, now, b.Sum())
}

func auditBundleCommand(c console) *cobra.Command {
	return &cobra.Command{
		Use:   "bundle",
		Short: "Print the hash of the scripts that this program ships, to compare with those in a record",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			b, err := assets.Open()
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(c.out, b.Sum())
			return err
		},
	}
}
