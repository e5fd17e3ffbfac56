package finder_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"gevor/authz"
	"gevor/directory"
	"gevor/internal/finder"
	"gevor/region"
)

func twoCities() *finder.Ground {
	return finder.GroundOf(&region.Snapshot{Areas: []region.Area{
		{Key: "a", Kind: region.Municipality, Name: "A", Parent: -1},
		{Key: "b", Kind: region.Municipality, Name: "B", Parent: -1},
		{Key: "a1", Kind: region.District, Name: "A1", Parent: 0},
		{Key: "b1", Kind: region.District, Name: "B1", Parent: 1},
	}}, "run")
}

// breaks says in a second, plain way which conditions a hit breaks; it shares nothing with the search but the record.
func breaks(q finder.Query, h finder.Hit) (out []finder.Condition) {
	r, berlin := h.Record, time.FixedZone("summer", 2*3600) // all arrivals of the test lie in summer
	bad := func(c finder.Condition, b bool) {
		if b {
			out = append(out, c)
		}
	}
	inSlot := func(s []directory.Slot) bool {
		at := q.Arrive.In(berlin)
		return slices.ContainsFunc(s, func(s directory.Slot) bool {
			m := at.Hour()*60 + at.Minute()
			return s.Day == at.Weekday() && m >= s.From && m < s.To
		})
	}
	bad(finder.ByInsurance, q.Insurance != "" && (len(r.Insurance) > 0 || q.Sure) && !slices.Contains(r.Insurance, q.Insurance))
	bad(finder.ByAge, q.Age != nil && (*q.Age < r.For.MinAge || r.For.MaxAge > 0 && *q.Age > r.For.MaxAge))
	bad(finder.ByWalkIn, q.WalkIn && (len(r.Access) > 0 || q.Sure) && !slices.Contains(r.Access, directory.WalkIn))
	bad(finder.ByFree, q.Free && (r.Cost != "" || q.Sure) && r.Cost != directory.Free)
	if q.Speaks != "" && (len(r.Languages) > 0 || q.Sure) {
		bad(finder.ByLanguage, !slices.ContainsFunc(r.Languages, func(l directory.Language) bool {
			return l.Tag == q.Speaks && (q.Arrive.IsZero() || len(l.Hours) == 0 || inSlot(l.Hours))
		}))
	}
	if q.Home != "" && (r.Area.Reach == directory.Municipality || r.Area.Reach == directory.DistrictReach) {
		city := strings.TrimRight(q.Home, "1")
		maybe := q.Home == "a" && !q.Sure && r.Area.Keys[0] == "a1"
		bad(finder.ByArea, r.Area.Keys[0] != q.Home && r.Area.Keys[0] != city && !maybe)
	}
	if len(r.Places) > 0 && (!q.Arrive.IsZero() || q.StepFree) {
		bad(finder.ByOpen, !slices.ContainsFunc([]int{0, 1}, func(i int) bool {
			if i >= len(r.Places) {
				return false
			}
			p, l := r.Places[i], r.Locations[i]
			openThen := q.Arrive.IsZero() || inSlot(p.Hours.Slots) || !q.Sure && len(p.Hours.Slots) == 0
			level := !q.StepFree || l.StepFree == directory.Yes || !q.Sure && l.StepFree == directory.Unknown
			return openThen && level
		}))
	}
	return out
}

func draw(r *rand.Rand) finder.Query {
	q := finder.Query{Language: "de", Limit: 30, Text: []string{"", "kinderarzt", "schulden", "hebamme", "beratung"}[r.IntN(5)], Sure: r.IntN(2) == 0}
	if r.IntN(3) == 0 {
		q.Speaks = []string{"tr", "ar"}[r.IntN(2)]
	}
	if r.IntN(3) == 0 {
		q.Insurance = directory.Insurances()[r.IntN(4)]
	}
	if r.IntN(3) == 0 {
		age := r.IntN(90)
		q.Age = &age
	}
	if r.IntN(2) == 0 { // 8 to 18 June 2026 holds no public holiday
		q.Arrive = time.Date(2026, 6, 8+r.IntN(10), 4+r.IntN(16), r.IntN(60), 0, 0, time.UTC)
	}
	q.WalkIn, q.Free, q.StepFree = r.IntN(4) == 0, r.IntN(4) == 0, r.IntN(3) == 0
	if r.IntN(2) == 0 {
		q.Home = []string{"a", "a1", "b", "b1"}[r.IntN(4)]
	}
	return q
}

// TestNoResultBreaksACondition draws queries over services with known, contrary and unknown facts and looks at every hit in
// a second way. The control searches without the conditions and finds hits that break them.
func TestNoResultBreaksACondition(t *testing.T) {
	w := crowd(300, 7)
	f := open(t, w, twoCities())
	r := rand.New(rand.NewPCG(3, 4))
	asked, hits, broken, control := 0, 0, 0, 0
	for range 400 {
		q := draw(r)
		res := search(t, f, authz.Public(), q)
		asked++
		for _, h := range res.Hits {
			hits++
			if b := breaks(q, h); len(b) > 0 {
				if broken++; broken < 5 {
					t.Errorf("%s breaks %v of %+v", h.Record.ID, b, q)
				}
			}
		}
		for _, h := range search(t, f, authz.Public(), finder.Query{Text: q.Text, Language: "de", Limit: 30}).Hits {
			if len(breaks(q, h)) > 0 {
				control++
			}
		}
	}
	t.Logf("figure: %d searches gave %d hits, %d break a condition; without conditions %d do", asked, hits, broken, control)
	if hits < 500 || control < 500 {
		t.Errorf("the test saw %d hits and its control %d violations: too few to say anything", hits, control)
	}
}

// TestRelaxationsAreTrue holds every count of what giving up one condition brings against that very search.
func TestRelaxationsAreTrue(t *testing.T) {
	f := open(t, crowd(120, 9), twoCities())
	r := rand.New(rand.NewPCG(5, 6))
	told := 0
	for range 200 {
		q := draw(r)
		q.Sure = true
		res := search(t, f, authz.Public(), q)
		for _, x := range res.Relax {
			told++
			if got := search(t, f, authz.Public(), q.Without(x.Condition)).Total; got != x.Total {
				t.Errorf("without %s: %d told, %d found", x.Condition, x.Total, got)
			}
		}
	}
	t.Logf("figure: %d promises of empty lists held", told)
	if told < 20 {
		t.Errorf("only %d promises", told)
	}
}

// TestHiddenEntriesChangeNothing adds private services with words of their own, and compares every answer that the public
// gets with that of a town without them. The control, a directory that shows everything, differs.
func TestHiddenEntriesChangeNothing(t *testing.T) {
	plain, hidden, shown := crowd(120, 11), crowd(120, 11), crowd(120, 11)
	for i := range 40 {
		x := offer("s-9"+string(rune('a'+i%26))+string(rune('a'+i/26)), "Kinderarzt Zaunkönig Schuldnerberatung", "kinderarzt")
		x.Released = authz.Release{}
		hidden.records, shown.records = append(hidden.records, x), append(shown.records, x)
	}
	shown.open = true
	a, b, c := open(t, plain, twoCities()), open(t, hidden, twoCities()), open(t, shown, twoCities())
	r := rand.New(rand.NewPCG(8, 8))
	differ := 0
	for i := range 150 {
		q := draw(r)
		q.Text = []string{"kinderarzt", "zaunkönig", "zaunkoenik", "schulden", "beratung", ""}[i%6]
		want, got, control := search(t, a, authz.Public(), q), search(t, b, authz.Public(), q), search(t, c, authz.Public(), q)
		if names(want) != names(got) || want.Total != got.Total || want.DidYouMean != got.DidYouMean || !slices.Equal(want.Relax, got.Relax) || want.Unsure != got.Unsure {
			t.Errorf("%+v: hidden entries show: %d and %d, %q and %q", q, want.Total, got.Total, want.DidYouMean, got.DidYouMean)
		}
		for k := range want.Hits {
			if want.Hits[k].Score != got.Hits[k].Score {
				t.Errorf("%+v: the score of %s tells of hidden entries", q, want.Hits[k].Record.ID)
			}
		}
		if want.Total != control.Total || want.DidYouMean != control.DidYouMean || names(want) != names(control) {
			differ++
		}
	}
	t.Logf("figure: 150 answers are the same with and without 40 hidden entries; shown to everybody, %d answers differ", differ)
	if differ < 30 {
		t.Errorf("the control differs %d times only", differ)
	}
}
