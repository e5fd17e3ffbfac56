package app

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"gevor/authz"
	"gevor/fault"
	"gevor/indicator"
	"gevor/internal/config"
	"gevor/internal/files"
	"gevor/internal/store"
	"gevor/notice"
)

// indicatorFolder is where a region keeps its catalogue of statistics.
const indicatorFolder = "indicators"

func indicatorsCommand(c console) *cobra.Command {
	return family("indicators", "Municipal statistics: check, import and list datasets", indicatorsCheck(c), indicatorsImport(c), indicatorsList(c))
}

// statistics are the datasets of a region's folder, read and ready for the gate.
type statistics struct {
	catalogue *indicator.Catalogue
	ground    *indicator.Ground
	members   map[string][]string
	tables    []indicator.Table
	elsewhere map[string]*indicator.Publication // what sources publish themselves, by id
	notes     *notice.List
}

// readStatistics reads boundaries, catalogue and tables of a region.
func readStatistics(region string) (*statistics, error) {
	folder := os.DirFS(filepath.Join(region, indicatorFolder))
	s := &statistics{notes: &notice.List{}}
	var err error
	if s.catalogue, err = indicator.ReadCatalogue(folder); err != nil {
		return nil, err
	}
	areas, err := areasOf(region, s.notes)
	if err != nil {
		return nil, err
	}
	more, members, err := indicator.Layers(folder, s.catalogue, indicator.NewGround(areas), s.notes)
	if err != nil {
		return nil, err
	}
	s.ground, s.members = indicator.NewGround(append(areas, more...)), members
	if s.tables, err = indicator.Read(folder, s.catalogue, s.ground, s.notes); err != nil {
		return nil, err
	}
	s.elsewhere, err = indicator.Elsewhere(folder, s.catalogue, s.ground, s.notes)
	return s, err
}

// protect puts the datasets through the gate, linked ones together, each told what was published of it before, and hands over what may leave.
func (s *statistics) protect(earlier func(id string) ([]*indicator.Publication, error), each func(i int, before int, p *indicator.Publication, v *indicator.Preview) error) error {
	done := map[string]*indicator.Publication{}
	for _, group := range s.catalogue.Linked() {
		group = slices.DeleteFunc(group, func(i int) bool { return len(s.tables[i].Figures) == 0 })
		if len(group) == 0 {
			continue
		}
		var tables []*indicator.Table
		var options []indicator.GateOptions
		var before []int
		for _, i := range group {
			e := &s.catalogue.Entries[i]
			o := e.Options()
			o.Base, o.Members = done[e.BaseOf], s.members
			var err error
			if o.Earlier, err = earlier(e.ID); err != nil {
				return err
			}
			before = append(before, len(o.Earlier))
			if known := s.elsewhere[e.ID]; known != nil {
				o.Earlier = append(slices.Clip(o.Earlier), known)
			}
			tables, options = append(tables, &s.tables[i]), append(options, o)
		}
		pubs, previews, err := indicator.ProtectTogether(tables, s.ground, options)
		if err != nil {
			return err
		}
		for k, i := range group {
			done[s.catalogue.Entries[i].ID] = pubs[k]
			if err := each(i, before[k], pubs[k], previews[k]); err != nil {
				return err
			}
		}
	}
	return nil
}

// tellNotices prints notices and counts.
func tellNotices(c console, notes *notice.List) {
	for _, n := range notes.Notices() {
		place := n.File
		if n.Line > 0 {
			place = fmt.Sprintf("%s:%d", n.File, n.Line)
		}
		fmt.Fprintf(c.err, "%s %s: %s %s %q: %s\n", n.Severity, place, n.Rule, n.Record, n.Value, n.Advice)
	}
	for _, f := range notes.Counts() {
		fmt.Fprintf(c.err, "%s: %d lines read, %d used, %d rejected\n", f.File, f.Read, f.Used, f.Rejected)
	}
}

func lossOf(v *indicator.Preview) string {
	return fmt.Sprintf("%d figures, %d published, %d zero, %d suppressed by rule, %d to protect others, %d by the source, %d missing; %.1f %% lost",
		v.Figures, v.Published, v.Zeros, v.Primary, v.Secondary, v.AtSource, v.Absent, 100*v.Lost)
}

func indicatorsCheck(c console) *cobra.Command {
	var region string
	cmd := &cobra.Command{
		Use:   "check --region DIR",
		Short: "Read a region's statistics and say what is wrong with them and what their rules would hide",
		Long: `Reads indicators/catalogue.toml of a region and every table it names, prints a notice with cell and advice for each line
that cannot be used, and tries the disclosure gate on what is left. Nothing is kept and nothing published. The format stands
in docs/indicator-format.md. Exit code 1 where a dataset cannot be read or cannot pass the gate.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			s, err := readStatistics(region)
			if err != nil {
				return err
			}
			tellNotices(c, s.notes)
			none := func(string) ([]*indicator.Publication, error) { return nil, nil }
			return s.protect(none, func(_, _ int, p *indicator.Publication, v *indicator.Preview) error {
				_, err := fmt.Fprintf(c.out, "%s: %d areas, %d periods; %s\n", p.Dataset.ID, len(p.Areas), len(p.Periods), lossOf(v))
				return err
			})
		},
	}
	cmd.Flags().StringVar(&region, "region", "", "folder of the region")
	_ = cmd.MarkFlagRequired("region") // fails only for a flag that does not exist
	return cmd
}

func indicatorsImport(c console) *cobra.Command {
	var at installation
	var region, owner string
	cmd := &cobra.Command{
		Use:   "import --region DIR",
		Short: "Put a region's statistics through the disclosure gate and keep what may be shown",
		Long: `Reads a region's statistics as "check" does, puts each dataset through the gate together with everything that was ever
published of it, and keeps the published tables. True figures are not kept. A dataset whose catalogue says state = "released"
is public at once, others are seen by their owner alone until it releases them. The owner is the organisation that the
catalogue names, or --owner.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := readStatistics(region)
			if err != nil {
				return err
			}
			tellNotices(c, s.notes)
			return at.within(cmd, func(ctx context.Context, conf *config.Config, st *store.Store) error {
				if state, err := files.OpenState(conf.State.Dir); err != nil {
					return err
				} else if err := seedDemo(ctx, st, &currentRun{state: state}, time.Now()); err != nil {
					return err
				}
				return s.keep(ctx, c, st, owner, time.Now())
			})
		},
	}
	at.houseFlags(cmd)
	cmd.Flags().StringVar(&region, "region", "", "folder of the region")
	cmd.Flags().StringVar(&owner, "owner", "", "organisation that owns the figures, by its id (default: the one of the catalogue's name)")
	_ = cmd.MarkFlagRequired("region") // fails only for a flag that does not exist
	return cmd
}

// figureKeeper is the operator in the name of an organisation.
func figureKeeper(owner authz.OrganisationID) authz.Actor {
	return authz.Actor{Memberships: []authz.Membership{{Organisation: owner, Roles: []authz.Role{authz.Statistician}}}}
}

// keep publishes every dataset.
func (s *statistics) keep(ctx context.Context, c console, st *store.Store, owner string, now time.Time) error {
	houses := map[string]authz.OrganisationID{}
	houseOf := func(name string) (authz.OrganisationID, error) {
		if owner != "" {
			return authz.OrganisationID(owner), nil
		}
		if id, ok := houses[name]; ok {
			return id, nil
		}
		id, err := st.UnsafeHouseNamed(ctx, name)
		houses[name] = id
		return id, err
	}
	owners := map[string]authz.OrganisationID{}
	for i := range s.catalogue.Entries {
		id, err := houseOf(s.catalogue.Entries[i].Owner)
		if err != nil {
			return err
		}
		owners[s.catalogue.Entries[i].ID] = id
	}
	earlier := func(id string) ([]*indicator.Publication, error) {
		return st.EarlierPublications(ctx, figureKeeper(owners[id]), id)
	}
	return s.protect(earlier, func(i, before int, p *indicator.Publication, v *indicator.Preview) error {
		wanted := authz.Release{}
		if p.Dataset.State == indicator.Released {
			wanted.Level = authz.PublicLevel
		}
		house := owners[p.Dataset.ID]
		n, err := st.PublishDataset(ctx, figureKeeper(house), now, house, i, before, p, v, wanted)
		if err != nil {
			return fault.Wrap(fault.KindOf(err), p.Dataset.ID, "the dataset cannot be kept", "", err)
		}
		_, err = fmt.Fprintf(c.out, "%s: release %d, %s; %s\n", p.Dataset.ID, n, wanted.Level, lossOf(v))
		return err
	})
}

func indicatorsList(c console) *cobra.Command {
	var at installation
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the datasets that are kept, with their releases",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return at.within(cmd, func(ctx context.Context, _ *config.Config, st *store.Store) error {
				list, err := st.UnsafeDatasets(ctx)
				if err != nil {
					return err
				}
				for _, x := range list {
					if _, err := fmt.Fprintf(c.out, "%s\trelease %d\t%s\t%s\t%s\t%s\n", x.Dataset.ID, x.Number, x.Level, x.At.Format(time.DateOnly), x.House, x.Dataset.Title.In("en")); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	at.houseFlags(cmd)
	return cmd
}
