package webtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"gevor/authz"
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
	raw, err := built()
	if err != nil {
		return nil, fmt.Errorf("the houses of the example town: %w", err)
	}
	at := filepath.Join(dir, "town.db")
	if err := os.WriteFile(at, raw, 0o600); err != nil {
		return nil, err
	}
	s, err := store.Open(ctx, at)
	if err != nil {
		return nil, err
	}
	return &Houses{s}, nil
}

// built is the database of the example town, made once for all tests of a process: every line of it is synced to disk.
var built = sync.OnceValues(func() (raw []byte, err error) {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "gevor-town-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	at := filepath.Join(dir, "town.db")
	s, err := store.Open(ctx, at)
	if err != nil {
		return nil, err
	}
	if err := (&Houses{s}).build(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := s.Close(); err != nil { // the last one to close brings everything into the one file
		return nil, err
	}
	return os.ReadFile(at)
})

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
	return h.Release(ctx, all, Day(), authz.Ref{Kind: authz.Atlas, Object: RegionKey, Purpose: authz.ForAtlas}, authz.Release{Level: authz.PublicLevel})
}

func asHost(string) string { return "zaunkoenig.example" }

func (h *Houses) joins(ctx context.Context, o authz.OrganisationID, id authz.PersonID, name string, roles ...authz.Role) error {
	_, secret, err := h.UnsafeInvite(ctx, Day(), organisation.Invitation{ID: "i-" + string(id), Organisation: o, Email: string(id) + "@" + asHost(Canary), Roles: roles, Language: "de"})
	if err != nil {
		return err
	}
	_, err = h.UnsafeJoinAsNew(ctx, Day(), secret, organisation.Person{ID: id, Name: name, Language: "de"}, func(context.Context, *sql.Tx, authz.PersonID) error { return nil })
	return err
}

// PersonHeader names who is behind a request to a server of these tests.
const PersonHeader = "X-Test-Person"

// doors takes every request for somebody: the person of PersonHeader, or always the same one.
type doors struct{ always authz.PersonID }

// Wrap changes nothing.
func (d doors) Wrap(h http.Handler) http.Handler { return h }

// Person gives who is behind a request.
func (d doors) Person(r *http.Request) (authz.PersonID, int) {
	if d.always != "" {
		return d.always, 1
	}
	return authz.PersonID(r.Header.Get(PersonHeader)), 1
}

// SignOut does nothing: there is no session.
func (doors) SignOut(*http.Request) error { return nil }
