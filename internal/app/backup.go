package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gevor/fault"
	"gevor/internal/backup"
	"gevor/internal/config"
	"gevor/internal/store"
)

// installation is where commands of the operator find what they work on.
type installation struct {
	file, state string
}

func (i *installation) flags(cmd *cobra.Command) {
	configFlag(cmd.Flags(), &i.file)
	cmd.Flags().StringVar(&i.state, "state", "var", "state folder of the installation")
}

// read gives the configuration with what the command line says on top.
func (i *installation) read(cmd *cobra.Command) (*config.Config, error) {
	conf, err := configuration(i.file)
	if err != nil {
		return nil, err
	}
	if cmd.Flags().Changed("state") {
		conf.State.Dir = i.state
	}
	return conf, nil
}

// source is what a backup is made of.
func source(conf *config.Config) backup.Source {
	return backup.Source{State: conf.State.Dir, Database: databaseOf(conf.Database.DSN.Reveal(), conf.State.Dir), Program: Version}
}

// place gives the place of backups: as the command line says, or as configured.
func place(to string, b config.Backup) (backup.Place, error) {
	if to == "" {
		to = b.To
	}
	if strings.HasPrefix(to, "s3://") && !strings.Contains(to, "endpoint=") {
		endpoint := b.S3Endpoint
		if endpoint == "" {
			endpoint = "https://s3." + b.S3Region + ".amazonaws.com"
		}
		to += "?" + url.Values{"endpoint": {endpoint}, "region": {b.S3Region}}.Encode()
	}
	return backup.At(to, backup.Keys{Access: b.S3AccessKey, Secret: b.S3Secret.Reveal()})
}

// follow starts the continuous backup where one is configured. end brings the rest to its place; call it once nobody
// writes any more.
func follow(ctx context.Context, conf *config.Config, log *slog.Logger) (end func() error, err error) {
	if conf.Backup.To == "" {
		return func() error { return nil }, nil
	}
	p, err := place("", conf.Backup)
	if err != nil {
		return nil, err
	}
	running, err := backup.Start(ctx, source(conf), p, backup.Plan{Whole: conf.Backup.Every, Keep: conf.Backup.Retention, Now: time.Now, Log: log})
	if err != nil {
		return nil, err
	}
	return func() error {
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownGrace)
		defer cancel()
		return running.Close(stop)
	}, nil
}

func backupCommand(c console) *cobra.Command {
	var at installation
	var to string
	var verify bool
	cmd := &cobra.Command{
		Use:   "backup --to PLACE",
		Short: "Make a whole backup and prove that it can be restored",
		Long: `Copies database, runs, snapshots and the journal of erasures, beside a server that may be running, to a folder or to
s3://BUCKET/PREFIX (endpoint and keys from the configuration). What is there already is not copied again. Then the
database is read back, restored into a temporary file, checked and compared. With --verify nothing is copied: every
byte that lies in the place is read and compared with its checksum, and the last state is restored for a trial.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			conf, err := at.read(cmd)
			if err != nil {
				return err
			}
			p, err := place(to, conf.Backup)
			if err != nil {
				return err
			}
			if verify {
				return verifyBackup(cmd, c, p)
			}
			if err := backup.Unfinished(conf.State.Dir); err != nil {
				return err
			}
			r, err := backup.Once(cmd.Context(), source(conf), p, time.Now())
			if err != nil {
				return err
			}
			fmt.Fprintf(c.out, "backed up to %s\n%d files, %d objects new (%d bytes), %d erasures in the journal\nproved: restored into a temporary file, dump %s\n",
				p, r.Files, r.Added, r.Bytes, r.Erasures, r.Dump)
			return nil
		},
	}
	at.flags(cmd)
	cmd.Flags().StringVar(&to, "to", "", "folder or s3://BUCKET/PREFIX (default: as configured)")
	cmd.Flags().BoolVar(&verify, "verify", false, "copy nothing; read and compare all that is there")
	return cmd
}

func verifyBackup(cmd *cobra.Command, c console, p backup.Place) (err error) {
	temp, err := os.MkdirTemp("", "gevor-verify-")
	if err != nil {
		return fault.Wrap(fault.Internal, os.TempDir(), "cannot hold a trial restore", "free space, or set TMPDIR", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	r, err := backup.Verify(cmd.Context(), p, temp)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.out, "%s is sound; its last state is from %s: %d files, dump %s\n", p, r.At.Format(time.RFC3339), r.Files, r.Dump)
	return nil
}

func restoreCommand(c console) *cobra.Command {
	var at installation
	var from, when string
	cmd := &cobra.Command{
		Use:   "restore --from PLACE --state DIR",
		Short: "Bring an installation back into an empty folder",
		Long: `Takes the last state from a place of backups, or with --at the last one before that time. Every byte is compared with
its checksum, the database is checked and brought up to date, and everything is erased again that was erased after the
backup, before anything gets its name. Where a PostgreSQL is configured, its database must be empty. A folder in which
a restore was interrupted is not served; running the same command again begins anew.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			conf, err := at.read(cmd)
			if err != nil {
				return err
			}
			p, err := place(from, conf.Backup)
			if err != nil {
				return err
			}
			to := backup.Target{State: conf.State.Dir}
			if dsn := conf.Database.DSN.Reveal(); store.IsPostgres(dsn) {
				to.Database = dsn
			}
			if when != "" {
				if to.At, err = time.Parse(time.RFC3339, when); err != nil {
					return usage{fmt.Errorf("--at %s is no time; write it as 2026-05-12T08:30:00Z", when)}
				}
			}
			r, err := backup.Restore(cmd.Context(), p, to)
			if err != nil {
				return err
			}
			fmt.Fprintf(c.out, "restored the state of %s into %s\n%d files, %d erasures made since were carried out again\ndump %s\n",
				r.At.Format(time.RFC3339), to.State, r.Files, r.Replayed, r.Dump)
			return nil
		},
	}
	at.flags(cmd)
	cmd.Flags().StringVar(&from, "from", "", "folder or s3://BUCKET/PREFIX (default: as configured)")
	cmd.Flags().StringVar(&when, "at", "", "bring back the last state before this time, e.g. 2026-05-12T08:30:00Z")
	return cmd
}

func migrateCommand(c console) *cobra.Command {
	var at installation
	var rehearse bool
	var to string
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database up to date, rehearse it, or move it",
		Long: `Every command that opens the database brings it up to date; this one does nothing else. All migrations run in one
transaction: what interrupts them leaves the database as it was. With --rehearse they run on a copy of the SQLite
file, or in a transaction of PostgreSQL that is rolled back, and the database is not touched.

With --to everything in the database is written into another, empty one: from the SQLite file to PostgreSQL
(--to postgres://USER@HOST/NAME, or a file that holds this address) or back (--to FILE.db). Both are then dumped and
compared; the one it came from stays as it was. Stop gevor before, and name the new database in the configuration after.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			conf, err := at.read(cmd)
			if err != nil {
				return err
			}
			if err := backup.Unfinished(conf.State.Dir); err != nil {
				return err
			}
			dsn := source(conf).Database
			if to != "" {
				return moveDatabase(cmd, c, dsn, to)
			}
			r, err := store.Rehearse(cmd.Context(), dsn, conf.State.Dir)
			if err != nil {
				return err
			}
			tellRehearsal(c.out, r)
			if rehearse {
				fmt.Fprintln(c.out, "rehearsed; the database is untouched")
				return nil
			}
			s, err := store.Open(cmd.Context(), dsn)
			if err != nil {
				return err
			}
			fmt.Fprintln(c.out, "the database is up to date")
			return s.Close()
		},
	}
	at.flags(cmd)
	cmd.Flags().BoolVar(&rehearse, "rehearse", false, "touch nothing; say what would happen")
	cmd.Flags().StringVar(&to, "to", "", "move into this empty database: postgres://…, a file with such an address, or the path of a new SQLite file")
	cmd.MarkFlagsMutuallyExclusive("rehearse", "to")
	return cmd
}

// moveDatabase moves everything into another database. The address of a PostgreSQL may stand in a file, so that no
// password stands on a command line.
func moveDatabase(cmd *cobra.Command, c console, from, to string) error {
	if !store.IsPostgres(to) {
		if text, err := os.ReadFile(to); err == nil && store.IsPostgres(strings.TrimSpace(string(text))) {
			to = strings.TrimSpace(string(text))
		}
	}
	sum, err := store.Move(cmd.Context(), from, to)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.out, "moved; both databases hold the same, dump %s\nname the new one in the configuration (database.dsn_file), then start gevor\n", sum)
	return nil
}

func tellRehearsal(out io.Writer, r *store.Rehearsal) {
	if len(r.Pending) == 0 {
		fmt.Fprintln(out, "no migration is pending")
		return
	}
	for _, p := range r.Pending {
		fmt.Fprintln(out, "pending:", p)
	}
	for _, t := range r.Tables {
		switch {
		case t.Before < 0:
			fmt.Fprintf(out, "%-28s new, %d rows\n", t.Table, t.After)
		case t.After < 0:
			fmt.Fprintf(out, "%-28s gone, had %d rows\n", t.Table, t.Before)
		default:
			fmt.Fprintf(out, "%-28s %d rows, then %d\n", t.Table, t.Before, t.After)
		}
	}
}
