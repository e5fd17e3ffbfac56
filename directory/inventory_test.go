package directory_test

import (
	"slices"
	"testing"
	"time"

	"gevor/directory"
)

// Nothing found is 0 where the district is covered, and unknown where no service at all is known of it; what does not say for
// whom it is, is counted apart; drafts and what has ended are not counted.
func TestInventory(t *testing.T) {
	record := func(kind, district string, f directory.For) directory.Record {
		r := directory.Record{Service: directory.Service{Kinds: []string{kind}, For: f}}
		if district != "" {
			r.Locations = []directory.Location{{District: district}}
		}
		return r
	}
	children := directory.For{MaxAge: 12}
	twice := record("debt", "a", directory.For{MinAge: 18})
	twice.Locations = append(twice.Locations, directory.Location{District: "a"}, directory.Location{District: "b"})
	draft, ended := record("debt", "c", children), record("debt", "c", children)
	draft.Draft, ended.Ended = true, time.Unix(1, 0)
	all := []directory.Record{record("doctor", "a", children), record("doctor", "a", directory.For{}), twice, record("doctor", "", children), draft, ended}
	school := directory.Phases()[1]
	v := directory.TakeInventory(all, func(s *directory.Service) []string { return s.Kinds }, func(l *directory.Location) string { return l.District }, func(s *directory.Service) directory.Three { return school.Suits(s.For) })
	for _, c := range []struct {
		field, district string
		want            directory.Holding
	}{
		{"doctor", "a", directory.Holding{Suiting: 1, Unsaid: 1, Covered: true}},
		{"debt", "a", directory.Holding{Covered: true}},
		{"debt", "b", directory.Holding{Covered: true}},
		{"doctor", "c", directory.Holding{}},
		{"doctor", "", directory.Holding{Suiting: 1, Covered: true}},
	} {
		if got := v.At(c.field, c.district); got != c.want {
			t.Errorf("%s in %q: %+v, want %+v", c.field, c.district, got, c.want)
		}
	}
}

// Every age lies in exactly one phase, and a service for one age suits that phase alone.
func TestPhasesCoverLife(t *testing.T) {
	for age := 1; age <= 100; age++ {
		suits := slices.DeleteFunc(directory.Phases(), func(p directory.Phase) bool { return p.Suits(directory.For{MinAge: age, MaxAge: age}) != directory.Yes })
		if len(suits) != 1 || suits[0].From > age || suits[0].To > 0 && suits[0].To < age {
			t.Errorf("age %d lies in %v", age, suits)
		}
	}
}
