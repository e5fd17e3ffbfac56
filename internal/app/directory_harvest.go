package app

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"gevor/authz"
	"gevor/directory"
	"gevor/fault"
	"gevor/hsds"
	"gevor/intake"
	"gevor/internal/config"
	"gevor/internal/harvest"
	"gevor/internal/imports"
	"gevor/internal/store"
	"gevor/notice"
	"gevor/vocabulary"
)

func harvestCommand(c console) *cobra.Command {
	var at installation
	var owner, source, release string
	var inside bool
	cmd := &cobra.Command{
		Use:   "harvest --owner ORG ADDRESS",
		Short: "Take over services of another directory over its HSDS interface",
		Long: `Reads the services of another installation, or of any directory that follows HSDS 3, from ADDRESS/services. The first time
everything is read, then what has changed since. A reading that was interrupted goes on where it stopped. A directory that
contradicts itself, whose pages never end, or that sends to another host is refused; what was taken over before stays.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			level, known := authz.LevelOf(release)
			if !known || level == authz.Named {
				return usage{fmt.Errorf("--release %s is none of private, alliance, public", release)}
			}
			return at.within(cmd, func(ctx context.Context, _ *config.Config, s *store.Store) error {
				name := source
				if u, err := url.Parse(args[0]); name == "" && err == nil {
					name = "hsds:" + u.Host
				}
				i := importer{console: c, store: s, owner: authz.OrganisationID(owner), release: authz.Release{Level: level}, now: time.Now()}
				if err := i.harvest(ctx, name, args[0], inside); err != nil {
					return err
				}
				return findDuplicates(ctx, c, s, i.now)
			})
		},
	}
	at.houseFlags(cmd)
	fl := cmd.Flags()
	fl.StringVar(&owner, "owner", "", "organisation that keeps the entries, by its id")
	fl.StringVar(&source, "source", "", "name of the source (default: hsds: and the host)")
	fl.StringVar(&release, "release", "private", "who sees new entries: private, alliance or public")
	fl.BoolVar(&inside, "inside", false, "allow addresses of this machine and of private networks")
	_ = cmd.MarkFlagRequired("owner") // fails only for a flag that does not exist
	return cmd
}

// harvest reads on where the last reading of the source ended.
func (i *importer) harvest(ctx context.Context, source, address string, inside bool) error {
	kept, err := i.store.Harvest(ctx, keeper(i.owner), source)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return err
	}
	if kept.Address != "" && kept.Address != address { // somewhere else: nothing is known of it
		kept = directory.Harvest{}
	}
	kept.System, kept.Owner, kept.Address = source, i.owner, address
	voc, err := vocabulary.Load(nil)
	if err != nil {
		return err
	}
	words, notes := intake.NewWords(voc), &notice.List{}
	var sum store.ImportOutcome
	save := func(ctx context.Context, at harvest.Cursor, trouble string) error {
		kept.ModifiedAfter, kept.Page, kept.Began, kept.Trouble = at.ModifiedAfter, at.Page, at.Began, trouble
		return i.store.SaveHarvest(ctx, keeper(i.owner), i.now, kept)
	}
	at, err := harvest.Run(ctx, harvest.Options{Address: address, Notes: notes, Inside: inside, Now: time.Now}, harvest.Cursor{ModifiedAfter: kept.ModifiedAfter, Page: kept.Page, Began: kept.Began},
		func(ctx context.Context, services []hsds.Service, behind harvest.Cursor) error {
			list, err := intake.HSDS(services, words, intake.Options{File: address, Notes: notes, Vocabulary: voc, Now: i.now, Rules: imports.Rules(voc)})
			if err != nil {
				return err
			}
			out, err := i.store.ImportEntries(ctx, keeper(i.owner), i.now, i.owner, source, i.release, list, nil)
			if err != nil {
				return err
			}
			sum.Created, sum.Changed, sum.Unchanged, sum.Kept = sum.Created+out.Created, sum.Changed+out.Changed, sum.Unchanged+out.Unchanged, sum.Kept+out.Kept
			if behind.Page == 0 {
				kept.Finished = i.now
			}
			return save(ctx, behind, "")
		})
	i.told(notes)
	if err != nil {
		trouble := fault.KindOf(err).String()
		return errors.Join(err, save(context.WithoutCancel(ctx), at, trouble)) // an interrupted reading is kept too
	}
	fmt.Fprintf(i.out, "%s: %d new, %d changed, %d as before, %d fields kept as the organisation wrote them, %d services not taken over\n", source, sum.Created, sum.Changed, sum.Unchanged, sum.Kept, rejected(notes))
	return nil
}
