package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/spf13/cobra"

	"gevor/alliance"
	"gevor/authz"
	"gevor/fault"
	"gevor/internal/config"
	"gevor/internal/store"
	where "gevor/lines"
)

func allianceCommand(c console) *cobra.Command {
	var at installation
	var file string
	seed := &cobra.Command{
		Use:   "seed --file ALLIANCE.toml",
		Short: "Bring what an alliance has made public into an installation: charter and milestones",
		Long: `Reads a file like regions/ruhr/alliance.toml. Where there is no charter yet, its title, day and principles become the
first version; milestones whose title is not there yet are added. What is there stays as it is: twice changes nothing.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if file == "" {
				return usage{errors.New("--file is missing; regions/ruhr/alliance.toml shows its form")}
			}
			s, err := readAlliance(file)
			if err != nil {
				return err
			}
			return at.within(cmd, func(ctx context.Context, _ *config.Config, db *store.Store) error {
				charter, milestones, err := s.bring(ctx, db, time.Now())
				if err != nil {
					return err
				}
				said := "the charter that is there stays"
				if charter {
					said = "the charter is there in its first version"
				}
				_, err = fmt.Fprintf(c.out, "%s, %d milestones added\n", said, milestones)
				return err
			})
		},
	}
	seed.Flags().StringVar(&file, "file", "", "`file` to read")
	return family("alliance", "What the alliance itself has made public", at.houseFlags(seed))
}

// allianceSeed is the content of such a file.
type allianceSeed struct {
	Version int
	Charter struct {
		Title, Adopted, Body string
		Principles           []string
	}
	Milestone []struct{ On, Title, Text string }

	charter    alliance.Charter
	milestones []alliance.Milestone
}

// readAlliance reads a file strictly: a key that is unknown and a day that is none are refused with file and line.
func readAlliance(file string) (*allianceSeed, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, fault.Wrap(fault.NotFound, file, "cannot be read", "name the file with --file", err)
	}
	s := &allianceSeed{}
	meta, err := toml.Decode(string(raw), s)
	if err != nil {
		if e := (toml.ParseError{}); errors.As(err, &e) {
			return nil, fault.Wrap(fault.Invalid, fmt.Sprintf("%s:%d", file, e.Position.Line), "this is no valid TOML: "+e.Message, "mend the line", err)
		}
		return nil, fault.Wrap(fault.Invalid, file, "a value has the wrong type", "texts and days stand in quotation marks", err)
	}
	at := where.Of(string(raw))
	wrong := func(key, what, advice string) error {
		return fault.New(fault.Invalid, fmt.Sprintf("%s:%d", file, at[key]), what, advice)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return nil, wrong(unknown[0].String(), fmt.Sprintf("unknown key %q", unknown[0].String()), "keys are version, [charter] with title, adopted, body, principles, and [[milestone]] with on, title, text")
	}
	if s.Version != 1 {
		return nil, wrong("version", "the version of the file is not 1", "write version = 1; later versions need a newer program")
	}
	day := func(text string) (time.Time, error) {
		if text == "" {
			return time.Time{}, nil
		}
		return time.Parse(time.DateOnly, text)
	}
	s.charter = alliance.Charter{Title: s.Charter.Title, Body: s.Charter.Body}
	for _, p := range s.Charter.Principles {
		s.charter.Principles = append(s.charter.Principles, alliance.Principle{Title: p})
	}
	if s.charter.Adopted, err = day(s.Charter.Adopted); err != nil {
		return nil, wrong("charter.adopted", fmt.Sprintf("%q is no day", s.Charter.Adopted), "write it like 2023-08-14")
	}
	if s.charter, err = s.charter.Check(); err != nil {
		return nil, fault.Wrap(fault.Invalid, file, "the charter lacks a title or principles", "complete [charter]", err)
	}
	for i, x := range s.Milestone {
		m := alliance.Milestone{Title: x.Title, Text: x.Text}
		if m.On, err = day(x.On); err != nil {
			return nil, wrong(fmt.Sprintf("milestone[%d].on", i), fmt.Sprintf("%q is no day", x.On), "write it like 2023-08-14")
		}
		if m, err = m.Check(); err != nil {
			return nil, fault.Wrap(fault.Invalid, file, fmt.Sprintf("milestone %d lacks a title", i+1), "give it one", err)
		}
		s.milestones = append(s.milestones, m)
	}
	return s, nil
}

// bring adds what is not there yet, in the name of the installation.
func (s *allianceSeed) bring(ctx context.Context, db *store.Store, at time.Time) (charter bool, milestones int, err error) {
	office := authz.Actor{Memberships: []authz.Membership{{Roles: []authz.Role{authz.Coordinator}}}}
	_, err = db.Charter(ctx, office)
	if fault.KindOf(err) == fault.NotFound {
		charter = true
		_, err = db.AdoptCharter(ctx, office, at, s.charter)
	}
	if err != nil {
		return charter, 0, err
	}
	have, err := db.Milestones(ctx, office)
	if err != nil {
		return charter, 0, err
	}
	for _, m := range s.milestones {
		if slices.ContainsFunc(have, func(x alliance.Milestone) bool { return x.Title == m.Title }) {
			continue
		}
		if _, err := db.SaveMilestone(ctx, office, at, m); err != nil {
			return charter, milestones, err
		}
		milestones++
	}
	return charter, milestones, nil
}
