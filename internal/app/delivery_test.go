package app

import (
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"gevor/authz"
	"gevor/internal/config"
	"gevor/internal/store"
	"gevor/organisation"
	"gevor/outbox"
)

// A demo region lays its mails down, wakes when one is told, and stops without leaving anything running. A database that
// was not made for a demo shows no letters, whatever region is served.
func TestDeliveriesOfADemo(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	dir := t.TempDir()
	s, err := store.Open(t.Context(), filepath.Join(dir, "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	conf := config.Default()
	conf.State.Dir = dir
	log := slog.New(slog.DiscardHandler)
	real, err := openDeliveries(t.Context(), conf, s, true, log)
	if err != nil || real.letters != nil || real.mail != nil {
		t.Fatalf("a database of people lays letters down for all to read: %+v, %v", real, err)
	}
	if err := s.UnsafeSeedDemo(t.Context(), time.Now(), "demo"); err != nil {
		t.Fatal(err)
	}
	d, err := openDeliveries(t.Context(), conf, s, true, log)
	if err != nil {
		t.Fatal(err)
	}
	house, err := s.UnsafeFound(t.Context(), time.Now(), organisation.Organisation{Name: "Haus", Kind: "guest"})
	if err != nil {
		t.Fatal(err)
	}
	stop := d.start(t.Context())
	if _, _, err := s.UnsafeInvite(t.Context(), time.Now(), organisation.Invitation{Organisation: house, Email: "neu@haus.example", Roles: []authz.Role{authz.Editor}, Language: "de"}); err != nil {
		t.Fatal(err)
	}
	var letters []outbox.Letter
	for len(letters) == 0 && t.Context().Err() == nil { // the deliverer is woken, not polled: it takes moments
		if letters, err = d.letters.Letters(10); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	if len(letters) != 1 || letters[0].To != "neu@haus.example" || !strings.Contains(letters[0].Text, "http://localhost:8080/de/einladung/") {
		t.Errorf("%+v", letters)
	}
}
