package app

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gevor/authz"
	"gevor/internal/config"
	"gevor/internal/store"
)

func directoryCommand(c console) *cobra.Command {
	cmd := &cobra.Command{Use: "directory", Short: "The directory of health and social services", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	cmd.AddCommand(importCommand(c), harvestCommand(c), duplicatesCommand(c))
	return cmd
}

func importCommand(c console) *cobra.Command {
	var at installation
	var owner, source, release, mapping, form string
	cmd := &cobra.Command{
		Use:   "import --owner ORG FILE…",
		Short: "Take over services of HSDS, sheets, OpenStreetMap or FHIR",
		Long: `Takes services over as entries of one organisation, from

  hsds    Open Referral HSDS 3 as JSON (.json), or its CSV datapackage (a folder, or .zip)
  sheet   CSV (.csv, .txt) or a workbook (.xlsx), with --mapping that says which column holds what
  osm     OpenStreetMap (.pbf): places whose tags the vocabulary knows
  fhir    a FHIR R4 bundle after IHE mCSD (.json, with --format fhir)

A second import of the same source changes only what the source has changed; what somebody of the organisation has written
by hand stays. What cannot be right in a field is named with file, place, field and advice, and left out; an entry that is
there already keeps what it has in that field. Afterwards entries that may be duplicates of others are looked for.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			level, known := authz.LevelOf(release)
			if !known || level == authz.Named {
				return usage{fmt.Errorf("--release %s is none of private, alliance, public", release)}
			}
			return at.within(cmd, func(ctx context.Context, _ *config.Config, s *store.Store) error {
				i := importer{console: c, store: s, owner: authz.OrganisationID(owner), release: authz.Release{Level: level}, mapping: mapping, now: time.Now()}
				for _, file := range args {
					kind, err := formatOf(form, file, mapping)
					if err != nil {
						return err
					}
					name := source
					if name == "" {
						name = kind + ":" + strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
					}
					if err := i.file(ctx, kind, name, file); err != nil {
						return err
					}
				}
				return findDuplicates(ctx, c, s, i.now)
			})
		},
	}
	at.houseFlags(cmd)
	fl := cmd.Flags()
	fl.StringVar(&owner, "owner", "", "organisation that keeps the entries, by its id")
	fl.StringVar(&source, "source", "", "name of the source; the same for every import of it (default: the format and the name of the file)")
	fl.StringVar(&release, "release", "private", "who sees new entries: private, alliance or public")
	fl.StringVar(&form, "format", "", "hsds, sheet, osm or fhir (default: by the name of the file)")
	fl.StringVar(&mapping, "mapping", "", "TOML file that says which column of a sheet holds what")
	_ = cmd.MarkFlagRequired("owner") // fails only for a flag that does not exist
	return cmd
}

// keeper is the operator in the name of an organisation: the history says that the installation did it.
func keeper(owner authz.OrganisationID) authz.Actor {
	return authz.Actor{Memberships: []authz.Membership{{Organisation: owner, Roles: []authz.Role{authz.Editor}}}}
}

func duplicatesCommand(c console) *cobra.Command {
	var at installation
	cmd := &cobra.Command{
		Use: "duplicates", Short: "Look for entries that may be one offer",
		Long: `Looks through the directory for pairs of entries that may be one offer. Their owners find them on their pages; nothing is
joined here.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return at.within(cmd, func(ctx context.Context, _ *config.Config, s *store.Store) error {
				return findDuplicates(ctx, c, s, time.Now())
			})
		},
	}
	at.houseFlags(cmd)
	return cmd
}

func findDuplicates(ctx context.Context, c console, s *store.Store, at time.Time) error {
	n, err := s.UnsafeFindDuplicates(ctx, at)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.out, "%d pairs of entries wait for a decision of their owners whether they are one offer\n", n)
	return nil
}
