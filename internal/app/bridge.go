package app

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"gevor/authz"
	"gevor/fault"
	"gevor/handover"
	"gevor/internal/config"
	"gevor/internal/loop4"
	"gevor/internal/store"
	"gevor/seal"
)

// bridgeCommand speaks FHIR between handovers and an organisation's own system.
func bridgeCommand(c console) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "bridge",
		Short: "Carry handovers to an organisation's own system and its answers back, as FHIR R4",
		Long: `At the installation, "export" writes the envelopes of an organisation's handovers as bundles of FHIR R4, and "import"
takes Tasks back. Beside the organisation's own system, "unseal" opens a saved sealed file and adds what it says to the
bundle: that happens there and nowhere else, and nothing is sent anywhere.`,
	}
	cmd.AddCommand(bridgeExport(c), bridgeImport(c), bridgeUnseal(c))
	return cmd
}

// handler acts for an organisation at the machine.
func handler(o authz.OrganisationID) authz.Actor {
	return authz.Actor{Memberships: []authz.Membership{{Organisation: o, Roles: []authz.Role{authz.Receiver}}}}
}

func bridgeExport(c console) *cobra.Command {
	var at installation
	var organisation, out string
	cmd := &cobra.Command{
		Use: "export", Short: "Write an organisation's handovers as bundles of FHIR R4, without their sealed content", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return at.within(cmd, func(ctx context.Context, conf *config.Config, s *store.Store) error {
				return exportLoops(ctx, c, s, conf.Server.PublicURL, authz.OrganisationID(organisation), out)
			})
		},
	}
	cmd.Flags().StringVar(&organisation, "organisation", "", "name of the organisation's record (o-…)")
	cmd.Flags().StringVar(&out, "out", "", "folder to write, one file for each handover")
	for _, f := range []string{"organisation", "out"} {
		_ = cmd.MarkFlagRequired(f) // fails only for a flag that does not exist
	}
	return at.houseFlags(cmd)
}

func exportLoops(ctx context.Context, c console, s *store.Store, base string, o authz.OrganisationID, out string) error {
	if err := os.MkdirAll(out, 0o700); err != nil {
		return fault.Wrap(fault.Internal, out, "cannot be made", "name a folder that you may write to", err)
	}
	n := 0
	for _, side := range []handover.Side{handover.Receiver, handover.Sender} {
		items, err := s.Handovers(ctx, handler(o), o, side)
		if err != nil {
			return err
		}
		for _, i := range items {
			f, err := s.Handover(ctx, handler(o), o, i.ID)
			if err != nil {
				return err
			}
			if err := writeBundle(filepath.Join(out, string(i.ID)+".json"), loop4.Write(f, base)); err != nil {
				return err
			}
			n++
		}
	}
	_, err := fmt.Fprintf(c.out, "%d handovers written\n", n)
	return err
}

func writeBundle(path string, b loop4.Bundle) error {
	raw, err := json.MarshalIndent(b, "", "  ")
	if err != nil {
		return fault.Wrap(fault.Internal, path, "cannot be written", "", err)
	}
	if err := os.WriteFile(path, append(raw, '\n'), 0o600); err != nil {
		return fault.Wrap(fault.Internal, path, "cannot be written", "check free space and rights", err)
	}
	return nil
}

// readSmall reads a Task or bundle.
func readSmall(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err == nil && info.Size() > loop4.MostBytes {
		return nil, fault.New(fault.TooLarge, path, "is larger than any Task", "name a Task, or a bundle with one")
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.Wrap(fault.NotFound, path, "cannot be read", "name a Task, or a bundle with one", err)
	}
	return raw, nil
}

func bridgeImport(c console) *cobra.Command {
	var at installation
	var organisation string
	cmd := &cobra.Command{
		Use: "import HANDOVER FILE", Short: "Take over what an organisation's own system did, from a Task of FHIR R4", Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			raw, err := readSmall(args[1])
			if err != nil {
				return err
			}
			return at.within(cmd, func(ctx context.Context, _ *config.Config, s *store.Store) error {
				return importTask(ctx, c, s, authz.OrganisationID(organisation), handover.ID(args[0]), raw)
			})
		},
	}
	cmd.Flags().StringVar(&organisation, "organisation", "", "name of the organisation's record (o-…)")
	_ = cmd.MarkFlagRequired("organisation") // fails only for a flag that does not exist
	return at.houseFlags(cmd)
}

func importTask(ctx context.Context, c console, s *store.Store, o authz.OrganisationID, id handover.ID, raw []byte) error {
	f, err := s.Handover(ctx, handler(o), o, id)
	if err != nil {
		return err
	}
	if f.Side != handover.Receiver {
		return fault.New(fault.Conflict, "Task", "comes from a sender", "senders act on the page of the handover")
	}
	command, err := loop4.Read(raw, f.Handover)
	if err != nil {
		return err
	}
	h, err := s.CommandHandover(ctx, handler(o), time.Now(), o, id, command)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.out, "%s is %s\n", h.ID, h.Status)
	return err
}

func bridgeUnseal(c console) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use: "unseal BUNDLE PARCEL", Short: "Open a saved sealed file beside the own system, and add what it says to the bundle", Args: cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error { return unsealLoop(c, args[0], args[1], out) },
	}
	cmd.Flags().StringVar(&out, "out", "", "file to write, for the own system alone")
	_ = cmd.MarkFlagRequired("out") // fails only for a flag that does not exist
	return cmd
}

func unsealLoop(c console, bundle, parcel, out string) error {
	raw, err := readSmall(bundle)
	if err != nil {
		return err
	}
	b, err := loop4.Bundled(raw)
	if err != nil {
		return err
	}
	p, err := readParcel(parcel)
	if err != nil {
		return err
	}
	if len(p.Parts) == 0 || !b.About(p.Parts[0].Context.Handover) {
		return fault.New(fault.Invalid, parcel, "is of another handover than the bundle", "name both files of one handover")
	}
	o, err := opened(c, p)
	if err != nil {
		return err
	}
	var told []loop4.Told
	for _, content := range o.Messages {
		m, err := seal.ReadMessage(content)
		if err != nil {
			return err
		}
		for _, name := range slices.Sorted(maps.Keys(m.Fields)) {
			told = append(told, loop4.Told{Field: name, Text: m.Fields[name]})
		}
		for _, f := range m.Files {
			if raw, there := o.Files[f.Part]; there {
				told = append(told, loop4.Told{Field: "attachment", Text: f.Name, File: raw})
			}
		}
	}
	return writeBundle(out, b.WithContent(told))
}
