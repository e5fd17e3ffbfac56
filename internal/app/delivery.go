package app

import (
	"cmp"
	"context"
	"log/slog"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"gevor/internal/config"
	"gevor/internal/mail"
	"gevor/internal/store"
	"gevor/internal/web"
	"gevor/internal/webhook"
	"gevor/outbox"
)

// deliveries carry out what the outbox holds while the server runs.
type deliveries struct {
	store   *store.Store
	log     *slog.Logger
	mail    *mail.Deliverer // nil where mails have nowhere to go: they wait, in sight of the system admin
	calls   *webhook.Caller
	guard   *webhook.Guard
	folder  *mail.Folder // nil where mails are not laid down
	letters web.Letters  // nil except in a demo region
}

// callers is how many webhooks are called at once, so that a slow receiver does not hold up all others.
const callers = 4

// mailFolder is where a demo region lays its mails down, in the state folder.
const mailFolder = "mails"

// openDeliveries prepares the ways out. Where the region is invented and the database was made for it, mails are laid
// down and can be read by the system admin, because everybody in them is invented too.
func openDeliveries(ctx context.Context, conf *config.Config, s *store.Store, invented bool, log *slog.Logger) (*deliveries, error) {
	seats, err := s.UnsafeSeats(ctx)
	if err != nil {
		return nil, err
	}
	demo := invented && len(seats) > 0
	d := &deliveries{store: s, log: log, guard: &webhook.Guard{Allow: conf.Webhooks.Allow}}
	d.calls = webhook.New(webhook.Config{Endpoints: s, Guard: d.guard, Version: Version, Now: time.Now, Log: log})
	base := address(conf)
	c := mail.Config{
		From: cmp.Or(conf.Mail.From, "gevor@localhost"), Name: cmp.Or(conf.Site.Name, "GeVoR"), Log: log,
		Link: func(lang, page string, values ...string) string { return base + web.Address(lang, page, values...) },
	}
	dir := conf.Mail.OutboxDir
	if dir == "" && demo {
		dir = filepath.Join(conf.State.Dir, mailFolder)
	}
	if dir != "" {
		if c.Folder, err = mail.OpenFolder(dir); err != nil {
			return nil, err
		}
		d.folder = c.Folder
		if demo {
			d.letters = c.Folder
		}
	}
	if m := conf.Mail; m.Host != "" {
		c.Relay = &mail.Relay{Host: m.Host, Port: m.Port, Security: mail.Security(m.TLS), User: m.User, Password: m.Password.Reveal()}
		if u, err := url.Parse(base); err == nil {
			c.Relay.Hello = u.Hostname()
		}
	}
	if c.Folder == nil && c.Relay == nil {
		return d, nil
	}
	d.mail, err = mail.New(c)
	return d, err
}

// address is how people reach the installation, without a slash at the end.
func address(conf *config.Config) string {
	if conf.Server.PublicURL != "" {
		return conf.Server.PublicURL
	}
	scheme := "http://"
	if conf.Server.TLS() {
		scheme = "https://"
	}
	return scheme + strings.Replace(conf.Server.Listen, "0.0.0.0", "localhost", 1)
}

// start delivers until ctx is done or stop is called; stop returns when nothing is under way any more.
func (d *deliveries) start(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	if d.mail != nil {
		all.Go(func() { d.deliver(ctx, outbox.Mail, d.mail) })
	}
	for range callers {
		all.Go(func() { d.deliver(ctx, outbox.Webhook, d.calls) })
	}
	return func() {
		cancel()
		all.Wait()
	}
}

// deliver goes on where the database failed, after a while.
func (d *deliveries) deliver(ctx context.Context, topic outbox.Topic, to outbox.Deliverer) {
	for ctx.Err() == nil {
		err := outbox.Deliver(ctx, d.store, topic, to, wallClock{})
		if err == nil {
			return
		}
		d.log.Error("the outbox cannot be read", "topic", topic, "cause", err)
		select {
		case <-ctx.Done():
		case <-time.After(outbox.Poll):
		}
	}
}

// wallClock is the time of the machine.
type wallClock struct{}

// Now gives the time.
func (wallClock) Now() time.Time { return time.Now() }

// After waits.
func (wallClock) After(d time.Duration) <-chan time.Time { return time.After(d) }
