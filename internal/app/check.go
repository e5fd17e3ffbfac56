package app

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gevor/fault"
	"gevor/internal/backup"
	"gevor/internal/config"
	"gevor/internal/erasure"
	"gevor/internal/store"
)

// verdict is how one check ends.
type verdict string

const (
	sound   verdict = "ok"
	warning verdict = "warning"
	broken  verdict = "failed"
)

// checked is one line of gevor check.
type checked struct {
	what    string
	verdict verdict
	text    string
}

func checkCommand(c console) *cobra.Command {
	var at installation
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check database, journal, disk, clock, certificate, mail and backups",
		Long: `One line for each: ok, warning or failed, with advice. Nothing is changed; a server may be running. The exit code is 1
where anything failed. Run it as the user that serves, best every night.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			conf, err := at.read(cmd)
			if err != nil {
				return err
			}
			failed := 0
			for _, r := range examine(cmd.Context(), conf, time.Now().UTC()) {
				fmt.Fprintf(c.out, "%-12s %-8s %s\n", r.what, r.verdict, r.text)
				if r.verdict == broken {
					failed++
				}
			}
			switch failed {
			case 0:
				return nil
			case 1:
				return fault.New(fault.Internal, "check", "one thing failed, see above", "")
			}
			return fault.New(fault.Internal, "check", fmt.Sprintf("%d things failed, see above", failed), "")
		},
	}
	at.flags(cmd)
	return cmd
}

// examine runs all checks.
func examine(ctx context.Context, conf *config.Config, now time.Time) []checked {
	dsn := source(conf).Database
	out := append(checkDatabase(ctx, conf.State.Dir, dsn), checkJournal(ctx, conf, dsn), checkDisk(conf.State.Dir), checkClock(ctx, dsn, now), checkTexts(ctx, dsn))
	if conf.Server.TLSCert != "" {
		out = append(out, checkCertificate(conf.Server, now))
	}
	if conf.Mail.Host != "" {
		out = append(out, checkMail(ctx, conf.Mail))
	}
	return append(out, checkBackup(ctx, conf, dsn, now))
}

func failing(what string, err error) checked {
	return checked{what, broken, strings.ReplaceAll(message(err), "\n", " ")}
}

func checkDatabase(ctx context.Context, state, dsn string) []checked {
	if err := backup.Unfinished(state); err != nil {
		return []checked{failing("database", err)}
	}
	pending, err := store.Check(ctx, dsn)
	if err != nil {
		return []checked{failing("database", err)}
	}
	out := []checked{{"database", sound, "whole, and no row points nowhere"}}
	if len(pending) > 0 {
		out = append(out, checked{"migrations", warning, strconv.Itoa(len(pending)) + " pending; rehearse them with gevor migrate --rehearse, then restart"})
	} else {
		out = append(out, checked{"migrations", sound, "none pending"})
	}
	if weak, err := store.Unkept(ctx, dsn); err != nil {
		out = append(out, failing("postgresql", err))
	} else if len(weak) > 0 {
		out = append(out, checked{"postgresql", broken, "may lose what it has acknowledged: " + strings.Join(weak, ", ") + "; switch them on"})
	}
	return out
}

// checkJournal looks whether every erasure would survive a restore.
func checkJournal(ctx context.Context, conf *config.Config, dsn string) checked {
	const what = "erasures"
	all, err := store.ErasuresOf(ctx, dsn)
	if err != nil {
		return failing(what, err)
	}
	type log interface {
		Records(context.Context) ([]erasure.Record, error)
		Place() string
	}
	logs := []log{erasure.InFile(filepath.Join(conf.State.Dir, erasure.FileName))}
	if conf.Backup.To != "" {
		p, err := place("", conf.Backup)
		if err != nil {
			return failing(what, err)
		}
		logs = append(logs, backup.JournalAt(p))
	}
	for _, l := range logs {
		records, err := l.Records(ctx)
		if err != nil {
			return failing(what, err)
		}
		known := map[int64]bool{}
		for _, r := range records {
			known[r.Sequence] = true
		}
		for _, r := range all {
			if !known[r.Sequence] {
				return checked{what, broken, fmt.Sprintf("%s lacks erasure %d, so a restore could bring it back; make it writable and restart", l.Place(), r.Sequence)}
			}
		}
	}
	return checked{what, sound, fmt.Sprintf("all %d in %d journals", len(all), len(logs))}
}

// What should be free for logs, runs and copies of the database.
const (
	littleSpace = 5 << 30
	hardlyAny   = 500 << 20
)

func checkDisk(state string) checked {
	free, err := freeBytes(state)
	if err != nil {
		return failing("disk", fault.Wrap(fault.Internal, state, "cannot be looked at", "check that the state folder is there", err))
	}
	text := fmt.Sprintf("%.1f GB free", float64(free)/1e9)
	switch {
	case free < hardlyAny:
		return checked{"disk", broken, text + "; free space at once"}
	case free < littleSpace:
		return checked{"disk", warning, text + "; free space soon"}
	}
	return checked{"disk", sound, text}
}

func checkClock(ctx context.Context, dsn string, now time.Time) checked {
	last, err := store.LastChange(ctx, dsn)
	if err != nil {
		return failing("clock", err)
	}
	if now.Before(last) {
		return checked{"clock", broken, fmt.Sprintf("shows %s, but something was recorded at %s; set the clock, and let it be kept (NTP)", now.Format(time.RFC3339), last.Format(time.RFC3339))}
	}
	return checked{"clock", sound, now.Format(time.RFC3339)}
}

// soon is how long before its end a certificate is worth a warning.
const soon = 14 * 24 * time.Hour

func checkCertificate(s config.Server, now time.Time) checked {
	const what = "certificate"
	pair, err := tls.LoadX509KeyPair(s.TLSCert, s.TLSKey)
	if err != nil {
		return failing(what, fault.Wrap(fault.Invalid, s.TLSCert, "is no certificate that fits its key", "check server.tls_cert and server.tls_key", err))
	}
	end := pair.Leaf.NotAfter
	switch {
	case now.Before(pair.Leaf.NotBefore):
		return checked{what, broken, "is not valid before " + pair.Leaf.NotBefore.Format(time.DateOnly) + "; check the clock"}
	case now.After(end):
		return checked{what, broken, "has expired on " + end.Format(time.DateOnly) + "; renew it"}
	case end.Sub(now) < soon:
		return checked{what, warning, "expires on " + end.Format(time.DateOnly) + "; renew it"}
	}
	return checked{what, sound, "valid until " + end.Format(time.DateOnly)}
}

func checkMail(ctx context.Context, m config.Mail) checked {
	address := net.JoinHostPort(m.Host, strconv.Itoa(m.Port))
	conn, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "tcp", address)
	if err != nil {
		return checked{"mail", broken, address + " cannot be reached; mail stays in the outbox until it can"}
	}
	if err := conn.Close(); err != nil {
		return failing("mail", err)
	}
	return checked{"mail", sound, address + " can be reached"}
}

// checkBackup compares the newest backup with the newest change: where nobody changes anything, an old one is as good
// as a new one.
func checkBackup(ctx context.Context, conf *config.Config, dsn string, now time.Time) checked {
	const what = "backup"
	if conf.Backup.To == "" {
		return checked{what, warning, "none is configured; set backup.to, or run gevor backup every night"}
	}
	p, err := place("", conf.Backup)
	if err != nil {
		return failing(what, err)
	}
	at, err := backup.Newest(ctx, p)
	if err != nil {
		return failing(what, err)
	}
	last, err := store.LastChange(ctx, dsn)
	if err != nil {
		return failing(what, err)
	}
	text := fmt.Sprintf("%s holds a state of %s", p, at.UTC().Format(time.RFC3339))
	switch {
	case last.After(at.Add(time.Hour)) && now.Sub(at) > 25*time.Hour:
		return checked{what, broken, text + ", older than a day; see why no newer one was made"}
	case last.After(at.Add(time.Hour)):
		return checked{what, warning, text + ", and there were changes since"}
	}
	return checked{what, sound, text}
}
