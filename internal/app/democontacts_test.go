package app

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"gevor/authz"
	"gevor/contact"
	"gevor/internal/store"
	"gevor/region"
	"gevor/vocabulary"
)

// Contacts of a demo are ones that the form would take, the same every time, and enough for totals of the region.
func TestContactsOfTheDemo(t *testing.T) {
	voc, err := vocabulary.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	snap := &region.Snapshot{Areas: []region.Area{{Key: "05999001", Kind: region.Municipality}, {Key: "05999001-01", Kind: region.District}, {Key: "05999001-02", Kind: region.District}}}
	at := time.Date(2026, 5, 12, 8, 30, 0, 0, time.UTC)
	filled := func() (contact.Totals, []contact.Count) {
		s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "demo.db"))
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if err := s.UnsafeSeedDemo(t.Context(), at, "demo"); err != nil {
			t.Fatal(err)
		}
		system := authz.Actor{Memberships: []authz.Membership{{Roles: []authz.Role{authz.SystemAdmin}}}}
		houses, err := s.Organisations(t.Context(), system)
		if err != nil {
			t.Fatal(err)
		}
		if err := fillContacts(t.Context(), s, houses, snap, at); err != nil {
			t.Fatal(err)
		}
		from, to := at.AddDate(0, -6, 0), at
		totals, err := s.ContactTotals(t.Context(), system, from, to)
		if err != nil {
			t.Fatal(err)
		}
		counts, err := s.UnsafeContactCounts(t.Context(), from, to)
		if err != nil {
			t.Fatal(err)
		}
		for i := range counts {
			counts[i].House = "" // drawn anew in every database
		}
		return totals, counts
	}
	totals, counts := filled()
	again, _ := filled()
	if !reflect.DeepEqual(totals, again) {
		t.Errorf("%+v, then %+v", totals, again)
	}
	if totals.All.Hidden || totals.All.Times < 50 || len(totals.Reasons) < 5 {
		t.Errorf("too little to look at: %+v", totals)
	}
	for _, c := range counts {
		if x, ok := voc.Concept(c.Need); !ok || x.Kind != vocabulary.Need {
			t.Errorf("%s is no need", c.Need)
		}
	}
	for n := range 300 {
		e := madeUpContact(contact.WeekOf(at), strings.Repeat("x", n), []string{"05999001-01"}, n%20)
		e.Key = strings.Repeat("a", 26)
		if err := e.Check(); err != nil {
			t.Fatalf("%+v: %v", e, err)
		}
		if x, ok := voc.Concept(e.Situation); !ok || x.Kind != vocabulary.Situation {
			t.Errorf("%s is no life situation", e.Situation)
		}
	}
}
