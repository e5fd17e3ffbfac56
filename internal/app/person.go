package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gevor/authz"
	"gevor/fault"
	"gevor/internal/config"
	"gevor/internal/store"
	"gevor/internal/web"
	"gevor/organisation"
)

// within runs one command of the operator on the database of an installation.
func (i *installation) within(cmd *cobra.Command, work func(context.Context, *config.Config, *store.Store) error) (err error) {
	conf, err := i.read(cmd)
	if err != nil {
		return err
	}
	if cmd.Flags().Changed("database") {
		dsn, err := cmd.Flags().GetString("database")
		if err != nil {
			return err
		}
		conf.Database.DSN = config.NewSecret(dsn)
	}
	if err := os.MkdirAll(conf.State.Dir, 0o750); err != nil {
		return fault.Wrap(fault.Invalid, conf.State.Dir, "cannot be used as state folder", "choose a folder that can be written to with --state", err)
	}
	s, err := openHouses(cmd.Context(), conf)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return work(cmd.Context(), conf, s)
}

// houseFlags are those of commands about organisations and people.
func (i *installation) houseFlags(cmd *cobra.Command) *cobra.Command {
	i.flags(cmd)
	cmd.Flags().String("database", "", "postgres://… or a file (default: as configured)")
	return cmd
}

func organisationCommand(c console) *cobra.Command {
	var at installation
	var o organisation.Organisation
	var kind, admin, language string
	var system bool
	create := &cobra.Command{
		Use:   "create --name NAME --kind KIND --admin EMAIL",
		Short: "Add an organisation and invite its first admin",
		Long: `Adds an organisation and prints the link by which its first admin joins; the link holds for 14 days and counts once.
The first organisation runs the installation: it owns what the program itself computes. With --system-admin the admin
runs the installation, too. Kinds:
` + listed(kinds()),
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return at.within(cmd, func(ctx context.Context, conf *config.Config, s *store.Store) error {
				o.Kind = organisation.Kind(kind)
				now := time.Now()
				id, err := s.UnsafeFound(ctx, now, o)
				if err != nil {
					return err
				}
				roles := []authz.Role{authz.OrganisationAdmin}
				if system {
					roles = append(roles, authz.SystemAdmin)
				}
				fmt.Fprintf(c.out, "organisation %s: %s\n", id, o.Name)
				return invite(ctx, c, conf, s, now, organisation.Invitation{Organisation: id, Email: admin, Roles: roles, Language: language})
			})
		},
	}
	fl := at.houseFlags(create).Flags()
	fl.StringVar(&o.Name, "name", "", "its name")
	fl.StringVar(&kind, "kind", "", "what sort of house it is")
	fl.StringVar(&o.Municipality, "municipality", "", "official key (AGS)")
	fl.StringVar(&admin, "admin", "", "address of its first admin")
	fl.BoolVar(&system, "system-admin", false, "let the admin run the installation, too")
	fl.StringVar(&language, "language", "de", "language of the mail")
	for _, name := range []string{"name", "kind", "admin"} {
		_ = create.MarkFlagRequired(name) // fails only for a flag that does not exist
	}
	return family("organisation", "Organisations, from the machine itself", create)
}

// listed writes words one below the other, as help texts show them.
func listed(words []string) string { return "  " + strings.Join(words, "\n  ") }

func kinds() []string {
	var out []string
	for _, k := range organisation.Kinds() {
		out = append(out, string(k))
	}
	return out
}

// invite makes an invitation and prints its link.
func invite(ctx context.Context, c console, conf *config.Config, s *store.Store, now time.Time, i organisation.Invitation) error {
	_, secret, err := s.UnsafeInvite(ctx, now, i)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.out, "invitation for %s, once, until %s:\n%s\n", i.Email, now.AddDate(0, 0, organisation.InvitationDays).Format(time.DateOnly), link(conf, "invitation", i.Language, secret))
	return nil
}

// link is the address of a page of the installation.
func link(conf *config.Config, route, language, secret string) string {
	base := conf.Server.PublicURL
	if base == "" {
		base = "http://" + conf.Server.Listen
	}
	for _, r := range web.Routes() {
		if r.Name == route {
			return base + r.Path(language, secret)
		}
	}
	return base
}

func personCommand(c console) *cobra.Command {
	return family("person", "People and their accounts, from the machine itself", personInvite(c), personRecover(c), personBlock(c), personList(c))
}

func personInvite(c console) *cobra.Command {
	var at installation
	var house, email, language string
	var roles []string
	cmd := &cobra.Command{
		Use:   "invite --organisation ID --email EMAIL --role ROLE",
		Short: "Invite somebody to an organisation",
		Long:  "Prints the link of the invitation. Organisations are named by ID or by their whole name. Roles:\n" + listed(roleNames()),
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return at.within(cmd, func(ctx context.Context, conf *config.Config, s *store.Store) error {
				id, err := organisationNamed(ctx, s, house)
				if err != nil {
					return err
				}
				i := organisation.Invitation{Organisation: id, Email: email, Language: language}
				for _, r := range roles {
					i.Roles = append(i.Roles, authz.Role(r))
				}
				return invite(ctx, c, conf, s, time.Now(), i)
			})
		},
	}
	fl := at.houseFlags(cmd).Flags()
	fl.StringVar(&house, "organisation", "", "ID or whole name")
	fl.StringVar(&email, "email", "", "address of the person")
	fl.StringSliceVar(&roles, "role", nil, "what the person does there; several with commas")
	fl.StringVar(&language, "language", "de", "language of the mail")
	for _, name := range []string{"organisation", "email", "role"} {
		_ = cmd.MarkFlagRequired(name) // fails only for a flag that does not exist
	}
	return cmd
}

func roleNames() []string {
	var out []string
	for _, r := range authz.Roles() {
		out = append(out, string(r))
	}
	return out
}

// organisationNamed looks an organisation up by ID or whole name.
func organisationNamed(ctx context.Context, s *store.Store, named string) (authz.OrganisationID, error) {
	// The operator at the machine sees every organisation, as the office does.
	everything, err := s.Organisations(ctx, authz.Actor{Person: "installation", Memberships: []authz.Membership{{Organisation: "installation", Roles: []authz.Role{authz.SystemAdmin}}}})
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(everything, func(o organisation.Organisation) bool { return string(o.ID) == named || o.Name == named })
	if i < 0 {
		return "", fault.New(fault.NotFound, named, "is no organisation here", "give its ID or its whole name; gevor person list shows names")
	}
	return everything[i].ID, nil
}

func personRecover(c console) *cobra.Command {
	var at installation
	cmd := &cobra.Command{
		Use:   "recover EMAIL",
		Short: "Print a link by which somebody gets a new way in",
		Long: `Prints a link that holds for 24 hours and counts once. Whoever uses it sets new credentials; all old ones and every
session end. Make sure that it is really this person who asks. Places in organisations stay as they are.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return at.within(cmd, func(ctx context.Context, conf *config.Config, s *store.Store) error {
				p, err := s.UnsafePersonByEmail(ctx, args[0])
				if err != nil {
					return err
				}
				secret, err := s.UnsafeStartRecovery(ctx, time.Now(), p.ID)
				if err != nil {
					return err
				}
				fmt.Fprintf(c.out, "recovery for %s, once, within 24 hours:\n%s\n", p.Email, link(conf, "regain", p.Language, secret))
				return nil
			})
		},
	}
	return at.houseFlags(cmd)
}

func personBlock(c console) *cobra.Command {
	var at installation
	var undo bool
	cmd := &cobra.Command{
		Use:   "block EMAIL",
		Short: "Keep somebody from signing in, at once and everywhere",
		Long:  "Every session ends with its next request. With --undo the person may sign in again.",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return at.within(cmd, func(ctx context.Context, _ *config.Config, s *store.Store) error {
				p, err := s.UnsafePersonByEmail(ctx, args[0])
				if err != nil {
					return err
				}
				if err := s.UnsafeBlock(ctx, time.Now(), p.ID, !undo); err != nil {
					return err
				}
				state := "blocked"
				if undo {
					state = "may sign in again"
				}
				fmt.Fprintf(c.out, "%s: %s\n", p.Email, state)
				return nil
			})
		},
	}
	at.houseFlags(cmd).Flags().BoolVar(&undo, "undo", false, "let the person sign in again")
	return cmd
}

func personList(c console) *cobra.Command {
	var at installation
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List people with their organisations and roles",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return at.within(cmd, func(ctx context.Context, _ *config.Config, s *store.Store) error {
				people, err := s.UnsafePeople(ctx)
				if err != nil {
					return err
				}
				for _, p := range people {
					state := ""
					if p.Blocked {
						state = " (blocked)"
					}
					fmt.Fprintf(c.out, "%s <%s>%s\n", p.Name, p.Email, state)
					for _, x := range p.Places {
						fmt.Fprintf(c.out, "  %s\n", x)
					}
				}
				return nil
			})
		},
	}
	return at.houseFlags(cmd)
}
