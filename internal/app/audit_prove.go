package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gevor/fault"
	"gevor/internal/audit"
	"gevor/internal/config"
	"gevor/internal/store"
)

// ownerField is the place of the organisation in a line of the record: time, kind, object, owner, verb, who.
const ownerField = 3

// linesOf gives the numbers of the lines about an organisation's things, and about everybody's.
func linesOf(records [][]byte, organisation string) []int {
	var out []int
	for i, r := range records {
		if f := strings.Fields(string(r)); len(f) > ownerField && (f[ownerField] == organisation || f[ownerField] == "-") {
			out = append(out, i)
		}
	}
	return out
}

func auditProveCommand(c console, at *installation) *cobra.Command {
	var organisation string
	cmd := &cobra.Command{
		Use:   "prove",
		Short: "List who saw and changed an organisation's things, each line with its proof of inclusion",
		Long: `Signs a checkpoint over the record as it is now, and prints as lines of JSON every line about the organisation's
handovers and keys with the hashes that prove that it stands in that record. "gevor audit check-proofs" checks them
anywhere, with the installation's public key alone.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return at.within(cmd, func(ctx context.Context, conf *config.Config, s *store.Store) error {
				return auditProve(ctx, c, conf.State.Dir, s, organisation)
			})
		},
	}
	cmd.Flags().StringVar(&organisation, "organisation", "", "name of the organisation's record (o-…)")
	_ = cmd.MarkFlagRequired("organisation") // fails only for a flag that does not exist
	return at.houseFlags(cmd)
}

func auditProve(ctx context.Context, c console, state string, s *store.Store, organisation string) error {
	signed, err := signAudit(ctx, state, s, time.Now())
	if err != nil {
		return err
	}
	public, err := auditFile(filepath.Join(state, auditPublic))
	if err != nil {
		return err
	}
	records, err := s.AuditRecords(ctx)
	if err != nil {
		return err
	}
	proofs, err := audit.Prove(records, linesOf(records, organisation), signed, string(public))
	if err != nil {
		return err
	}
	out := json.NewEncoder(c.out)
	for _, p := range proofs {
		if err := out.Encode(p); err != nil {
			return fault.Wrap(fault.Internal, "output", "cannot be written", "", err)
		}
	}
	return nil
}

// auditFile reads a file of the record that somebody named.
func auditFile(path string) ([]byte, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.Wrap(fault.NotFound, path, "cannot be read", "name a file of the record", err)
	}
	return raw, nil
}

func auditCheckCommand(c console) *cobra.Command {
	var public string
	cmd := &cobra.Command{
		Use:   "check-proofs FILE",
		Short: "Check proofs of inclusion anywhere, without the installation",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			key, err := auditFile(public)
			if err != nil {
				return err
			}
			raw, err := auditFile(args[0])
			if err != nil {
				return err
			}
			n := 0
			for line := range strings.Lines(string(raw)) {
				var p audit.Proof
				if err := json.Unmarshal([]byte(line), &p); err != nil {
					return fault.Wrap(fault.Invalid, args[0], "holds no proofs", "name the output of gevor audit prove", err)
				}
				if err := p.Check(string(key)); err != nil {
					return err
				}
				n++
			}
			_, err = fmt.Fprintf(c.out, "%d lines stand in the record that the installation signed\n", n)
			return err
		},
	}
	cmd.Flags().StringVar(&public, "key", auditPublic, "file with the installation's public key")
	return cmd
}

func auditGrownCommand(c console, at *installation) *cobra.Command {
	return at.houseFlags(&cobra.Command{
		Use:   "grown FROM TO",
		Short: "Prove to members that the record of a later checkpoint begins with that of an earlier one",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return at.within(cmd, func(ctx context.Context, conf *config.Config, s *store.Store) error {
				public, err := auditFile(filepath.Join(conf.State.Dir, auditPublic))
				if err != nil {
					return err
				}
				from, err := auditFile(args[0])
				if err != nil {
					return err
				}
				to, err := auditFile(args[1])
				if err != nil {
					return err
				}
				records, err := s.AuditRecords(ctx)
				if err != nil {
					return err
				}
				grown, err := audit.Grown(records, from, to, string(public))
				if err != nil {
					return err
				}
				_, err = fmt.Fprintln(c.out, strings.Join(grown, "\n"))
				return err
			})
		},
	})
}

// cosigning is what a member says on the command line.
type cosigning struct{ public, secret, name, last, grown string }

func auditCosignCommand(c console) *cobra.Command {
	var o cosigning
	cmd := &cobra.Command{
		Use:   "cosign CHECKPOINT",
		Short: "Sign a checkpoint as a member of the alliance, after checking that the record only grew",
		Long: `Runs at a member, without the installation. Checks the installation's signature and, from the second time on, that the
record since the checkpoint signed before (--last) only grew, by the output of "gevor audit grown". Prints the
checkpoint with the member's signature. The first time it makes the member's keys: FILE and FILE.pub.`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return auditCosign(c, o, args[0]) },
	}
	cmd.Flags().StringVar(&o.public, "key", auditPublic, "file with the installation's public key")
	cmd.Flags().StringVar(&o.secret, "member-key", "", "file with the member's secret key, made where it is absent")
	cmd.Flags().StringVar(&o.name, "name", "", "name of the member, for a new key")
	cmd.Flags().StringVar(&o.last, "last", "", "checkpoint that the member signed before")
	cmd.Flags().StringVar(&o.grown, "grown", "", "proof that the record only grew since --last")
	_ = cmd.MarkFlagRequired("member-key") // fails only for a flag that does not exist
	return cmd
}

func auditCosign(c console, o cosigning, checkpoint string) error {
	public, err := auditFile(o.public)
	if err != nil {
		return err
	}
	fresh, err := auditFile(checkpoint)
	if err != nil {
		return err
	}
	var last []byte
	var grown []string
	if o.last != "" {
		if last, err = auditFile(o.last); err != nil {
			return err
		}
		if o.grown != "" {
			proof, err := auditFile(o.grown)
			if err != nil {
				return err
			}
			grown = strings.Fields(string(proof))
		}
	}
	secret, err := os.ReadFile(o.secret)
	if errors.Is(err, fs.ErrNotExist) && o.name != "" {
		private, open, err := audit.Keys(o.name)
		if err != nil {
			return err
		}
		if err := errors.Join(os.WriteFile(o.secret, []byte(private+"\n"), 0o600), os.WriteFile(o.secret+".pub", []byte(open+"\n"), 0o600)); err != nil {
			return fault.Wrap(fault.Internal, o.secret, "cannot be written", "name a file in a folder that you may write to", err)
		}
		secret = []byte(private)
	} else if err != nil {
		return fault.Wrap(fault.NotFound, o.secret, "cannot be read", "name the file with your secret key, or give --name for a new one", err)
	}
	signed, err := audit.Cosign(fresh, last, grown, string(public), string(secret))
	if err != nil {
		return err
	}
	_, err = c.out.Write(signed)
	return err
}

// memberSigned fails where no member among those of a file has signed the last of some checkpoints.
func memberSigned(c console, checkpoints []byte, public, members string) error {
	raw, err := auditFile(members)
	if err != nil {
		return err
	}
	names, err := audit.Cosigners(audit.Last(checkpoints), public, strings.Fields(string(raw)))
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return fault.New(fault.Corrupt, "last checkpoint", "is signed by none of the members named", "ask them to sign it with gevor audit cosign, and name the file with their signatures by --checkpoints")
	}
	_, err = fmt.Fprintf(c.out, "the last checkpoint is signed by %s too\n", strings.Join(names, ", "))
	return err
}
