package app

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"gevor/atlas"
	"gevor/authz"
	"gevor/internal/config"
	"gevor/internal/store"
)

// keeping is what a what-if needs to be kept among the trials that pages show.
type keeping struct {
	at          installation
	name, owner string
}

func (k *keeping) flags(cmd *cobra.Command) {
	k.at.houseFlags(cmd)
	cmd.Flags().StringVar(&k.name, "keep", "", "name under which pages keep the trial, for --owner")
	cmd.Flags().StringVar(&k.owner, "owner", "", "organisation that keeps the trial, by its id")
}

// check says whether flags fit together.
func (k *keeping) check() error {
	if (k.name == "") != (k.owner == "") {
		return usage{fmt.Errorf("--keep and --owner belong together")}
	}
	return nil
}

// put keeps a trial where it is asked for: the history says that the installation did it.
func (k *keeping) put(cmd *cobra.Command, c console, t *tried, changes []atlas.Change, effects []atlas.Effect) error {
	if k.name == "" {
		return nil
	}
	if err := cmd.Flags().Set("state", t.state.Dir()); err != nil {
		return err
	}
	return k.at.within(cmd, func(ctx context.Context, _ *config.Config, s *store.Store) error {
		owner := authz.OrganisationID(k.owner)
		planner := authz.Actor{Memberships: []authz.Membership{{Organisation: owner, Roles: []authz.Role{authz.Planner}}}}
		snap := t.run.Result.Snapshot
		id, err := s.KeepTrial(ctx, planner, time.Now(), atlas.Trial{
			Owner: owner, Name: k.name, Region: t.run.Record.Region.Key, Run: t.run.Hash, Changes: changes, Outcomes: atlas.Outcomes(snap, effects),
		})
		if err == nil {
			fmt.Fprintf(c.err, "kept as %s; pages show it under /en/try-out/%s\n", k.name, id)
		}
		return err
	})
}

// ridesOf are the changes that feeds stand for.
func ridesOf(feeds []string) []atlas.Change {
	var out []atlas.Change
	for _, path := range feeds {
		out = append(out, atlas.Change{Feed: filepath.Base(path)})
	}
	return out
}
