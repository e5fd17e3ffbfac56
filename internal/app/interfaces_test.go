package app

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"gevor/authz"
	"gevor/directory"
	"gevor/geo"
	"gevor/internal/api"
	"gevor/internal/config"
	"gevor/internal/store"
	"gevor/organisation"
	"gevor/vocabulary"
)

// installationOf opens an installation with one house.
func installationOf(t *testing.T) (*store.Store, authz.OrganisationID) {
	t.Helper()
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "gevor.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	o, err := s.CreateOrganisation(t.Context(), authz.Actor{Memberships: []authz.Membership{{Roles: []authz.Role{authz.SystemAdmin}}}}, time.Now(), organisation.Organisation{Name: "Haus", Kind: organisation.Kinds()[0]})
	if err != nil {
		t.Fatal(err)
	}
	return s, o
}

// lent is the i-th offer that one installation lends another: everything that the way between them keeps.
func lent(i int, now time.Time) directory.Imported {
	return directory.Imported{
		Source: fmt.Sprint("s", i), ProviderName: fmt.Sprint("p", i%3), Provider: directory.Provider{Name: fmt.Sprintf("Verein %d", i%3), Legal: "e. V.", Website: "https://verein.hilfe-vor-ort.de", Email: "haus@hilfe-vor-ort.de", Phone: "+4923499999"},
		Service: directory.Service{
			Name: directory.Texts{"de": fmt.Sprint("Beratung ", i)}, Description: directory.Texts{"de": "Wir hören zu."}, Kinds: []string{"schuldnerberatung"},
			For: directory.For{MinAge: i % 4, MaxAge: 60 + i%50, Conditions: directory.Texts{"de": "Mit Termin"}}, Cost: directory.Free, CostText: directory.Texts{"de": "kostenlos"},
			Languages: []directory.Language{{Tag: "de"}, {Tag: "tr"}}, Website: "https://www.hilfe-vor-ort.de", Area: directory.Area{Reach: directory.Municipality, Keys: []string{"05911000"}},
			Places: []directory.Place{{Hours: directory.Hours{Slots: []directory.Slot{{Day: time.Monday, From: 540, To: 720}, {Day: time.Friday, From: 1320, To: 1500}}}, Contacts: []directory.Contact{{Phone: "+4923412345", Email: "post@hilfe-vor-ort.de"}}}},
		},
		Places:  []directory.ImportedPlace{{Source: fmt.Sprint("l", i), Location: directory.Location{Name: "Haus", Street: fmt.Sprintf("Weg %d", i+1), Postcode: "44787", City: "Bochum", At: &geo.LonLat{Lon: 7.2 + float64(i)/1000, Lat: 51.48}}}},
		Assured: []directory.Confirmation{{Field: directory.Whole, How: directory.ByPhone, At: time.Date(now.Year()-1, 3, 1, 0, 0, 0, 0, time.UTC)}},
	}
}

// told is what two installations must agree about: a record without what each gives by itself.
func told(r directory.Record) string {
	s := r.Service
	assured := ""
	if t := s.TrustAt(directory.Whole, r.Confirmations, time.Now()); !t.Confirmed.IsZero() {
		assured = t.Confirmed.Format(time.DateOnly)
	}
	p, l := r.Provider, r.Locations[0]
	at := ""
	if l.At != nil {
		at = fmt.Sprintf("%.6f %.6f", l.At.Lon, l.At.Lat)
	}
	return fmt.Sprint(s.Name, s.Description, s.Kinds, s.For, s.Cost, s.CostText, s.Languages, s.Website, s.Area, s.Places[0].Hours, s.Places[0].Contacts, s.Draft, p.Name, p.Legal, p.Website, p.Email, p.Phone, l.Name, l.Street, l.Postcode, l.City, at, assured)
}

// TestOneInstallationHarvestsAnother serves one installation's directory, harvests it with the program's own harvest into
// another, and compares record by record; then after changes, and after a withdrawal.
func TestOneInstallationHarvestsAnother(t *testing.T) {
	ctx, now := context.Background(), time.Now().UTC().Truncate(time.Second)
	from, owner := installationOf(t)
	voc, err := vocabulary.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	const n = 230 // three pages of a harvest
	list := make([]directory.Imported, n)
	for i := range list {
		list[i] = lent(i, now)
	}
	if _, err := from.ImportEntries(ctx, keeper(owner), now.Add(-48*time.Hour), owner, "own", authz.Release{Level: authz.PublicLevel}, list, nil); err != nil {
		t.Fatal(err)
	}
	open, err := openInterfaces(&config.Config{}, from, voc, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	for _, a := range api.Addresses() {
		mux.HandleFunc(a.Method+" "+a.Path, func(w http.ResponseWriter, req *http.Request) { open.Answer(w, req, a.Path) })
	}
	srv := httptest.NewServer(mux)
	defer srv.Close()

	to, here := installationOf(t)
	var out, wrong bytes.Buffer
	harvest := func() {
		t.Helper()
		i := importer{console: console{out: &out, err: &wrong}, store: to, owner: here, release: authz.Release{Level: authz.PublicLevel}, now: time.Now()}
		if err := i.harvest(ctx, "other", srv.URL+"/hsds/v3", true); err != nil {
			t.Fatalf("%v\n%s", err, wrong.String())
		}
	}
	of := func(s *store.Store, actor authz.Actor) []string {
		t.Helper()
		all, err := s.Services(ctx, actor, "", time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, r := range all {
			if !r.Draft {
				out = append(out, told(r))
			}
		}
		slices.Sort(out)
		return out
	}
	same := func(when string) {
		t.Helper()
		a, b := of(from, authz.Public()), of(to, authz.Public())
		equal := 0
		for i := range min(len(a), len(b)) {
			if a[i] == b[i] {
				equal++
			} else if i < 3 {
				t.Errorf("%s:\n%s\n%s", when, a[i], b[i])
			}
		}
		t.Logf("figure: %s, %d of %d records are equal here and there", when, equal, len(a))
		if equal != len(a) || len(a) != len(b) {
			t.Errorf("%s: %d there, %d here, %d equal", when, len(a), len(b), equal)
		}
	}
	harvest()
	same("after the first harvest")
	all, err := from.Services(ctx, authz.Public(), "", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		x := all[i*7].Service
		x.Description = directory.Texts{"de": fmt.Sprint("Geändert ", i)}
		if _, err := from.SaveService(ctx, keeper(owner), now, x, directory.Rules{}); err != nil {
			t.Fatal(err)
		}
	}
	harvest()
	same("after ten changes")
	ref := authz.Ref{Kind: authz.Entry, Object: string(all[3].ID), Purpose: authz.ForDirectory}
	if err := from.Release(ctx, keeper(owner), now, ref, authz.Release{}); err != nil {
		t.Fatal(err)
	}
	harvest()
	same("after a withdrawal")
	if wrong.Len() > 0 {
		t.Error(wrong.String())
	}
}
