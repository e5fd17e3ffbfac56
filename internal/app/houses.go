package app

import (
	"context"
	"log/slog"
	"path/filepath"
	"strconv"
	"time"

	"gevor/fault"
	"gevor/internal/backup"
	"gevor/internal/config"
	"gevor/internal/erasure"
	"gevor/internal/shares"
	"gevor/internal/signin"
	"gevor/internal/store"
)

// openHouses opens the database of an installation for changes: what is erased goes into its journals.
func openHouses(ctx context.Context, conf *config.Config) (*store.Store, error) {
	logs := []store.ErasureLog{erasure.InFile(filepath.Join(conf.State.Dir, erasure.FileName))}
	if conf.Backup.To != "" {
		p, err := place("", conf.Backup)
		if err != nil {
			return nil, err
		}
		logs = append(logs, backup.JournalAt(p))
	}
	return store.Open(ctx, databaseOf(conf.Database.DSN.Reveal(), conf.State.Dir), store.WithErasureLogs(logs...),
		store.WithShares(shares.In(filepath.Join(conf.State.Dir, shares.FolderName))))
}

// openDoors makes the doors by which people come in.
func openDoors(conf *config.Config, s *store.Store, runs *currentRun, log *slog.Logger) (*signin.Doors, error) {
	o := signin.Options{
		Keeper: s, Log: log, Origin: conf.Server.PublicURL, Secure: conf.Server.TLS(), Name: conf.Site.Name,
		Lifetime: time.Duration(conf.SignIn.SessionHours) * time.Hour, Invented: runs.invented,
	}
	for i, x := range conf.SignIn.OIDC {
		label := x.Label
		if label == "" {
			label = x.Issuer
		}
		o.Providers = append(o.Providers, signin.Provider{
			Key: strconv.Itoa(i + 1), Label: label, Issuer: x.Issuer, ClientID: x.ClientID, ClientSecret: x.ClientSecret.Reveal(),
		})
	}
	return signin.New(o)
}

// invented says whether the region that is served now is a synthetic one.
func (c *currentRun) invented() bool {
	run, err := c.Current()
	return err == nil && run.Result.Snapshot.Synthetic
}

// seedDemo fills the database of a demo region that nobody uses yet. A real region, and a database with anybody in it,
// stay as they are.
func seedDemo(ctx context.Context, s *store.Store, runs *currentRun, at time.Time) error {
	run, err := runs.Current()
	if fault.KindOf(err) == fault.NotFound {
		return nil
	}
	if err != nil || !run.Result.Snapshot.Synthetic {
		return err
	}
	err = s.UnsafeSeedDemo(ctx, at, run.Region)
	if fault.KindOf(err) == fault.Conflict {
		return nil
	}
	return err
}
