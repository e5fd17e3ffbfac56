package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"gevor/fault"
	"gevor/internal/audit"
	"gevor/internal/config"
	"gevor/internal/store"
)

// The files of the record in a state folder. The key that signs is hidden, so that no backup takes it along.
const (
	auditSecret      = ".audit-key"
	auditPublic      = "audit-key.pub"
	auditCheckpoints = "audit-checkpoints.txt"
)

func auditCommand(c console) *cobra.Command {
	var at installation
	var kept, public, members string
	verify := &cobra.Command{
		Use:   "verify",
		Short: "Hold the record of handovers and keys against its signed checkpoints",
		Long: `Reads the whole record from the database and compares it with every checkpoint. Checkpoints and key are those of the
state folder, or those that somebody else has kept: only a copy outside the machine shows that both were exchanged.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return at.within(cmd, func(ctx context.Context, conf *config.Config, s *store.Store) error {
				return auditVerify(ctx, c, conf.State.Dir, s, kept, public, members)
			})
		},
	}
	verify.Flags().StringVar(&kept, "checkpoints", "", "file of checkpoints (default: that of the state folder)")
	verify.Flags().StringVar(&public, "key", "", "file with the public key (default: that of the state folder)")
	verify.Flags().StringVar(&members, "members", "", "file of members' public keys, one a line; one of them must have signed last")
	checkpoint := &cobra.Command{
		Use:   "checkpoint",
		Short: "Sign the record as it is now, and print the checkpoint for others to keep",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return at.within(cmd, func(ctx context.Context, conf *config.Config, s *store.Store) error {
				signed, err := signAudit(ctx, conf.State.Dir, s, time.Now())
				if err != nil {
					return err
				}
				_, err = c.out.Write(signed)
				return err
			})
		},
	}
	cmd := &cobra.Command{Use: "audit", Short: "Show that nobody has changed the record of handovers and keys"}
	cmd.AddCommand(at.houseFlags(verify), at.houseFlags(checkpoint), auditProveCommand(c, &at), auditGrownCommand(c, &at), auditCosignCommand(c), auditCheckCommand(c), auditBundleCommand(c))
	return cmd
}

func auditVerify(ctx context.Context, c console, state string, s *store.Store, kept, public, members string) error {
	if kept == "" {
		kept = filepath.Join(state, auditCheckpoints)
	}
	if public == "" {
		public = filepath.Join(state, auditPublic)
	}
	key, err := os.ReadFile(public)
	if err != nil {
		return fault.Wrap(fault.NotFound, public, "cannot be read", "name the file with the public key", err)
	}
	checkpoints, err := os.ReadFile(kept)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fault.Wrap(fault.NotFound, kept, "cannot be read", "name the file with the checkpoints", err)
	}
	records, err := s.AuditRecords(ctx)
	if err != nil {
		return err
	}
	r, err := audit.Verify(records, checkpoints, string(key))
	if err != nil {
		return err
	}
	if members != "" {
		if err := memberSigned(c, checkpoints, string(key), members); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(c.out, "%d records, %d checkpoints, the last of %s over %d records: nothing was changed up to there\n", r.Records, r.Checkpoints, r.Last.Format(time.RFC3339), r.Covered)
	return err
}

// signAudit signs the record and adds the checkpoint to the file. The keys are made where there are none.
func signAudit(ctx context.Context, state string, s *store.Store, now time.Time) ([]byte, error) {
	failed := func(err error) error {
		return fault.Wrap(fault.Internal, state, "checkpoints cannot be written", "check free space and rights of the state folder", err)
	}
	secret, err := os.ReadFile(filepath.Join(state, auditSecret))
	if errors.Is(err, fs.ErrNotExist) {
		private, public, err := audit.Keys("gevor")
		if err != nil {
			return nil, err
		}
		if err := errors.Join(os.WriteFile(filepath.Join(state, auditPublic), []byte(public+"\n"), 0o600), os.WriteFile(filepath.Join(state, auditSecret), []byte(private+"\n"), 0o600)); err != nil {
			return nil, failed(err)
		}
		secret = []byte(private)
	} else if err != nil {
		return nil, failed(err)
	}
	records, err := s.AuditRecords(ctx)
	if err != nil {
		return nil, err
	}
	signed, err := audit.Checkpoint(records, now, string(secret))
	if err != nil {
		return nil, err
	}
	file, err := os.OpenFile(filepath.Join(state, auditCheckpoints), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, failed(err)
	}
	_, err = file.Write(audit.Join(nil, signed))
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return nil, failed(err)
	}
	return signed, nil
}

// signDaily signs the record where the last checkpoint is older than a day.
func signDaily(ctx context.Context, state string, s *store.Store, now time.Time) error {
	info, err := os.Stat(filepath.Join(state, auditCheckpoints))
	if err == nil && now.Sub(info.ModTime()) < 24*time.Hour {
		return nil
	}
	_, err = signAudit(ctx, state, s, now)
	return err
}
