package alliance_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"gevor/alliance"
	"gevor/authz"
)

// Whatever is asked of a dossier in whatever order, its version counts the steps that happened, its course is a chain
// without gaps, every line names a decision or is work that needs none, and a refused step changes nothing.
func TestTheCourseIsAChain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := alliance.Dossier{ID: "d", State: alliance.Seen, Version: 1}
		var course []alliance.Entry
		for range rapid.IntRange(0, 30).Draw(t, "asked") {
			m := alliance.Move{
				Step: rapid.SampledFrom(alliance.Steps()).Draw(t, "step"), Reason: rapid.SampledFrom([]string{"", "N.N."}).Draw(t, "reason"),
				Body: rapid.SampledFrom([]string{"", "g"}).Draw(t, "body"), Measures: rapid.IntRange(0, 1).Draw(t, "measures"),
				Version: d.Version - rapid.IntRange(0, 1).Draw(t, "behind"), Decision: decided(d),
			}
			if rapid.Bool().Draw(t, "alone") {
				m.Decision = alliance.Decision{}
			}
			was := d
			got, e, err := d.Step(m, today)
			if err != nil {
				if got.State != was.State || got.Version != was.Version {
					t.Fatalf("refused (%v), and yet %+v", err, got)
				}
				continue
			}
			d = got
			course = append(course, e)
		}
		if d.Version != 1+len(course) {
			t.Fatalf("version %d after %d steps", d.Version, len(course))
		}
		at := alliance.Seen
		for _, e := range course {
			if e.From != at || e.Decision == "" && !e.Step.Alone() {
				t.Fatalf("the course breaks at %+v", e)
			}
			at = e.To
		}
		if at != d.State {
			t.Fatalf("the course ends %s, the dossier is %s", at, d.State)
		}
	})
}

// One more present seat never costs the quorum, and seats without vote or outside their term change nothing.
func TestMorePresentNeverCostsTheQuorum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := alliance.Body{ID: "g", Quorum: rapid.IntRange(0, 99).Draw(t, "quorum")}
		var seats []alliance.Seat
		var present []string
		for i := range rapid.IntRange(0, 12).Draw(t, "seats") {
			s := alliance.Seat{ID: string(rune('a' + i)), Body: "g", Votes: rapid.Bool().Draw(t, "votes"), From: today.AddDate(0, 0, rapid.IntRange(-3, 3).Draw(t, "from"))}
			seats = append(seats, s)
			if rapid.Bool().Draw(t, "present") {
				present = append(present, s.ID)
			}
		}
		here, of, quorate := b.Quorate(seats, present, today)
		if here > of || quorate && here == 0 {
			t.Fatalf("%d of %d, quorate %v", here, of, quorate)
		}
		for _, s := range seats {
			more, same, still := b.Quorate(seats, append(slices.Clone(present), s.ID), today)
			if same != of || more < here || quorate && !still {
				t.Fatalf("with %s as well: %d of %d, quorate %v; before %d of %d, %v", s.ID, more, same, still, here, of, quorate)
			}
			if (!s.Votes || !s.Held(today)) && more != here {
				t.Fatalf("%s has no vote and counts", s.ID)
			}
		}
	})
}

// Whatever they bring, commitments stand in the order of names: the order of a page says nothing about who gave more.
func TestCommitmentsAreNotRanked(t *testing.T) {
	name := func(o authz.OrganisationID) string { return string(o) }
	rapid.Check(t, func(t *rapid.T) {
		var all []alliance.Commitment
		for range rapid.IntRange(0, 8).Draw(t, "commitments") {
			all = append(all, alliance.Commitment{
				Owner: authz.OrganisationID(rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "owner")),
				Made:  today.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "made")) * time.Hour), What: rapid.SampledFrom([]string{"1 €", "900.000 €"}).Draw(t, "what"),
			})
		}
		plain := slices.Clone(all)
		for i := range plain {
			plain[i].What = ""
		}
		alliance.Alphabetical(all, name)
		alliance.Alphabetical(plain, name)
		for i := range all {
			if all[i].Owner != plain[i].Owner || !all[i].Made.Equal(plain[i].Made) {
				t.Fatal("what they bring changed the order")
			}
		}
	})
}
