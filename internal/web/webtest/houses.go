package webtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"gevor/atlas"
	"gevor/authz"
	"gevor/directory"
	"gevor/internal/signin"
	"gevor/internal/store"
	"gevor/organisation"
)

// Day is when everything in the example town happens.
func Day() time.Time { return time.Date(2026, 5, 12, 8, 30, 0, 0, time.UTC) }

// The houses of the example town.
const (
	East  authz.OrganisationID = "o-east"  // owns what the tests of rights ask for; member of the alliance
	West  authz.OrganisationID = "o-west"  // another member of the alliance
	South authz.OrganisationID = "o-south" // no member
)

// Everything is somebody who has every role in the east.
const Everything authz.PersonID = "p-everything"

// Canary is a word that stands in the private things of the east and must not be seen from elsewhere.
const Canary = "Zaunkönig"

// UndoableChange is the sequence number of a change of the east that can be taken back.
const UndoableChange = "8"

// Person is who has one role in one house: every house has somebody for every role.
func Person(o authz.OrganisationID, r authz.Role) authz.PersonID {
	return authz.PersonID("p-" + string(o[2:]) + "-" + string(r))
}

// Houses is the store of the example town. Close it.
type Houses struct{ *store.Store }

// OpenHouses opens a fresh copy of the houses of the example town in a folder.
func OpenHouses(ctx context.Context, dir string) (*Houses, error) {
	town, err := built()
	if err != nil {
		return nil, fmt.Errorf("the houses of the example town: %w", err)
	}
	at := filepath.Join(dir, "town.db")
	if err := os.WriteFile(at, town.raw, 0o600); err != nil {
		return nil, err
	}
	if err := town.layShares(dir); err != nil {
		return nil, err
	}
	s, err := store.Open(ctx, at, sharing(dir))
	if err != nil {
		return nil, err
	}
	return &Houses{s}, nil
}

// built is the database of the example town, made once for all tests of a process: every line of it is synced to disk.
var built = sync.OnceValues(func() (found example, err error) {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "gevor-town-")
	if err != nil {
		return found, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	at := filepath.Join(dir, "town.db")
	found.dir, found.shares = dir, map[string][]byte{}
	s, err := store.Open(ctx, at, sharing(dir))
	if err != nil {
		return found, err
	}
	h := &Houses{s}
	if err := h.build(ctx); err != nil {
		return found, errors.Join(err, s.Close())
	}
	if err := h.link(ctx, &found); err != nil {
		return found, errors.Join(err, s.Close())
	}
	if err := s.Close(); err != nil { // the last one to close brings everything into the one file
		return found, err
	}
	found.raw, err = os.ReadFile(at)
	return found, err
})

// example is the database of the example town, and the secrets of links that are open in it.
type example struct {
	raw                  []byte
	invitation, recovery string
	hook                 string              // an endpoint of the east
	service, public      directory.ServiceID // an offer of the east that nobody else sees, and one that everybody sees
	suggestion           string              // about the offer of the east
	missing              string              // answer that names an offer without an entry
	pair                 string              // of the two offers
	draft                string              // a file of the east that was read and not taken over
	trial                string              // of the east
	sketch               string              // a dataset that the east writes by hand
	letter               string              // secret of a reminder about the public one
	hidden, shown        outside             // the offers as programs know them
	work                 work                // of the alliance
	handover, receipt    string              // sent by the east, and the code of one that the south sent
	attachment           string              // of the one that the east sent
	slip, practice, note string              // the code of a slip of the west, the secret of its practice, and what that wrote
	dir                  string              // where it was made
	shares               map[string][]byte   // of the contents, by handover
}

// link makes an invitation and a recovery whose links the tests know. Whoever holds a link sees the name of the house, so
// they are not of the east.
func (h *Houses) link(ctx context.Context, e *example) (err error) {
	_, e.invitation, err = h.UnsafeInvite(ctx, Day(), organisation.Invitation{Organisation: West, Email: "neu@west.example", Roles: []authz.Role{authz.Navigator, authz.Editor}, Language: "de"})
	if err != nil {
		return err
	}
	all, _, err := h.UnsafeActor(ctx, Everything)
	if err != nil {
		return err
	}
	if err := h.list(ctx, e); err != nil {
		return err
	}
	if err := h.publish(ctx, all); err != nil {
		return err
	}
	if e.trial, err = h.KeepTrial(ctx, all, Day(), atlas.Trial{
		Owner: East, Name: "Zweite Praxis " + Canary, Region: RegionKey, Run: strings.Repeat("0", 64), Changes: []atlas.Change{{Offer: "fort", Capacity: 0}},
		Outcomes: []atlas.Outcome{{Standard: "kinderarzt-plaetze", Group: "kinder", Known: true, People: 900, Missing: 400, After: 460, Total: atlas.DistrictOutcome{Lose: 60}, Districts: []atlas.DistrictOutcome{{District: District(), Lose: 60}}}},
	}); err != nil {
		return err
	}
	if e.hook, _, err = h.CreateWebhook(ctx, all, Day(), East, "https://hooks.example.org/"+Canary); err != nil {
		return err
	}
	if e.recovery, err = h.UnsafeStartRecovery(ctx, Day(), Person(West, authz.Receiver)); err != nil {
		return err
	}
	if e.work, err = h.works(ctx, all); err != nil {
		return err
	}
	if err := h.talks(ctx); err != nil {
		return err
	}
	return h.hands(ctx, e)
}

func (h *Houses) build(ctx context.Context) error {
	for _, o := range []organisation.Organisation{
		{ID: East, Name: "Beratungshaus " + Canary, Kind: "counselling", Email: "haus@" + asHost(Canary)},
		{ID: West, Name: "Stadt West", Kind: "city", Municipality: "05999001"},
		{ID: South, Name: "Praxis Süd", Kind: "practice"},
	} {
		if _, err := h.UnsafeFound(ctx, Day(), o); err != nil {
			return err
		}
	}
	if err := h.joins(ctx, East, Everything, "Alma "+Canary, authz.Roles()...); err != nil {
		return err
	}
	all, _, err := h.UnsafeActor(ctx, Everything)
	if err != nil {
		return err
	}
	east, err := h.Organisation(ctx, all, East)
	if err != nil {
		return err
	}
	east.Municipality = "05999002"
	if err := h.ChangeOrganisation(ctx, all, Day(), east); err != nil {
		return err
	}
	for _, o := range []authz.OrganisationID{East, West} {
		if err := h.SetAlliance(ctx, all, Day(), o, true); err != nil {
			return err
		}
	}
	for _, o := range []authz.OrganisationID{East, West, South} {
		for _, r := range authz.Roles() {
			if err := h.joins(ctx, o, Person(o, r), "Jemand "+string(o), r); err != nil {
				return err
			}
		}
	}
	if _, _, err := h.Invite(ctx, all, Day(), organisation.Invitation{Organisation: East, Email: "gast@" + asHost(Canary), Roles: []authz.Role{authz.Editor}, Language: "de"}); err != nil {
		return err
	}
	if err := h.declare(ctx, all); err != nil {
		return err
	}
	return h.Release(ctx, all, Day(), authz.Ref{Kind: authz.Atlas, Object: RegionKey, Purpose: authz.ForAtlas}, authz.Release{Level: authz.PublicLevel})
}

func asHost(string) string { return "zaunkoenig.example" }

// hostOf is where the people of a house have their mail: only those of the east under the canary.
func hostOf(o authz.OrganisationID) string {
	if o == East {
		return asHost(Canary)
	}
	return string(o[2:]) + ".example"
}

func (h *Houses) joins(ctx context.Context, o authz.OrganisationID, id authz.PersonID, name string, roles ...authz.Role) error {
	_, secret, err := h.UnsafeInvite(ctx, Day(), organisation.Invitation{ID: "i-" + string(id), Organisation: o, Email: string(id) + "@" + hostOf(o), Roles: roles, Language: "de"})
	if err != nil {
		return err
	}
	_, err = h.UnsafeJoinAsNew(ctx, Day(), secret, organisation.Person{ID: id, Name: name, Language: "de"}, func(context.Context, *sql.Tx, authz.PersonID) error { return nil })
	return err
}

// PersonHeader names who is behind a request to a server of these tests.
const PersonHeader = "X-Test-Person"

// doors takes requests for somebody: always the same person, or the one of PersonHeader. Requests that name nobody have
// the real sessions of package signin.
type doors struct {
	*signin.Doors
	always authz.PersonID
}

func (d doors) named(r *http.Request) authz.PersonID {
	if d.always != "" {
		return d.always
	}
	return authz.PersonID(r.Header.Get(PersonHeader))
}

// Person gives who is behind a request.
func (d doors) Person(r *http.Request) (authz.PersonID, int) {
	if id := d.named(r); id != "" {
		return id, 1
	}
	return d.Doors.Person(r)
}

// doorsOf makes the doors of the example town over a store; always is who is behind every request, if anybody. No provider
// answers there.
func doorsOf(s *store.Store, always authz.PersonID, log *slog.Logger) (doors, error) {
	d := doors{always: always}
	var err error
	d.Doors, err = signin.New(signin.Options{
		Keeper: s, Log: log, Now: Day, Hashing: signin.Hashing{MemoryKiB: 64, Passes: 1, Lanes: 1, AtOnce: 4}, Invented: func() bool { return true },
		Providers: []signin.Provider{{Key: ProviderKey, Label: "Stadtkonto", Issuer: "https://provider.invalid", ClientID: "gevor"}},
		Client:    &http.Client{Transport: silent{}},
		// Whoever is named has no session that could say so.
		UnsafeFresh: func(r *http.Request) bool { return d.named(r) != "" },
	})
	return d, err
}

// ProviderKey names the provider of the example town.
const ProviderKey = "stadt"

type silent struct{}

var errSilent = errors.New("no request leaves the tests")

// RoundTrip answers nothing.
func (silent) RoundTrip(*http.Request) (*http.Response, error) { return nil, errSilent }
