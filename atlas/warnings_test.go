package atlas

import (
	"slices"
	"testing"
	"time"

	"gevor/region"
	"gevor/signal"
)

var may = time.Date(2026, 5, 11, 0, 0, 0, 0, time.UTC)

// gapIn is a run with one standard and one gap in a district.
func gapIn(district string) *Result {
	s := &region.Snapshot{
		Areas: []region.Area{{Key: "t", Kind: region.Municipality, Parent: -1}, {Key: "d1", Kind: region.District}, {Key: "d2", Kind: region.District}}, Groups: []region.Group{{Key: "alle"}},
		Categories: []region.Category{{Key: "hausarzt"}}, Standards: []region.Standard{{Key: "s"}},
	}
	at := slices.IndexFunc(s.Areas, func(a region.Area) bool { return a.Key == district })
	return &Result{Snapshot: s, Summaries: []StandardSummary{{Known: true}}, Findings: []Finding{{ID: "B-GAPG-AP", Districts: []Share{{int32(at), 100}}}}}
}

func rise(area string, z float64, source signal.Source) signal.Signal {
	return signal.Signal{Sources: []signal.Source{source}, Level: signal.InDistrict, Area: area, Subject: signal.Subject{Group: "alle", Problem: "hausarzt"}, Strength: z, Since: may.AddDate(0, 0, int(-10*z))}
}

// Signals and the gap of one place, group and category are one finding; it keeps its name when the gap goes, and when
// signals go and come. Another place is another one. The control: with another group nothing is joined.
func TestWarningsGrowIntoOneFinding(t *testing.T) {
	list := Warnings([]signal.Signal{rise("d1", 3, signal.Contacts), rise("d1", 4, signal.Handovers), rise("d2", 5, signal.Contacts)}, gapIn("d1"), nil)
	if len(list) != 2 || list[0].Area != "d2" || list[1].ID != "B-GAPG-AP" || list[1].Gap != "B-GAPG-AP" || len(list[1].Signals) != 2 {
		t.Fatalf("%+v", list)
	}
	if z, n := list[1].Strength(); z != 4 || n != 2 || !list[1].Since.Equal(may.AddDate(0, 0, -40)) || list[1].Signals[0].Strength != 4 {
		t.Errorf("%+v", list[1])
	}
	if s := list[1].Signals[0]; !slices.Contains(s.Next, signal.LookAtGap) || slices.Contains(s.Against, signal.GapContradict) {
		t.Errorf("where there is a gap: %+v", s)
	}
	if s := list[0].Signals[0]; !slices.Contains(s.Against, signal.GapContradict) || list[0].Gap != "" || list[0].ID == "B-GAPG-AP" {
		t.Errorf("where the standard is met: %+v", list[0])
	}
	previous := []PreviousWarning{}
	for _, w := range list {
		previous = append(previous, PreviousWarning{ID: w.ID, Level: w.Level, Area: w.Area, Subject: w.Subject, Since: w.Since})
	}
	later := Warnings([]signal.Signal{rise("d2", 1, signal.Contacts), rise("d1", 2, signal.Contacts)}, gapIn("d2"), previous)
	for _, w := range later {
		at := slices.IndexFunc(list, func(x Warning) bool { return x.Area == w.Area })
		if w.ID != list[at].ID || !w.Since.Equal(list[at].Since) {
			t.Errorf("%+v lost its name or its beginning", w)
		}
	}
	if at := slices.IndexFunc(later, func(w Warning) bool { return w.Area == "d2" }); later[at].Gap != "B-GAPG-AP" {
		t.Errorf("a gap that came later is not named: %+v", later[at])
	}
	other := rise("d1", 3, signal.Contacts)
	other.Subject.Group = "kinder"
	if list := Warnings([]signal.Signal{other, rise("d1", 3, signal.Contacts)}, gapIn("d1"), nil); len(list) != 2 { // the control
		t.Errorf("%+v", list)
	}
	if list := Warnings([]signal.Signal{rise("d1", 3, signal.Contacts)}, nil, nil); len(list) != 1 || list[0].ID == "" || list[0].Gap != "" {
		t.Errorf("without a run: %+v", list)
	}
}

// A contradicted warning is silent at the same strength and speaks again when it has clearly grown; a later answer of the
// same organisation takes the place of the one before.
func TestAContradictedWarningDoesNotNag(t *testing.T) {
	k := KeptWarning{Warning: Warning{Signals: []signal.Signal{rise("d1", 4, signal.Contacts)}}, Seen: may}
	if s := k.Stage(may); s != Open || !s.Nags() {
		t.Errorf("unanswered: %s", s)
	}
	k.Answers = []Answer{{Owner: "o", Kind: Contradicts, Made: may, Strength: 4, Sources: 1}}
	if s := k.Stage(may); s != Disputed || s.Nags() {
		t.Errorf("contradicted: %s", s)
	}
	k.Signals[0].Strength = 5.5
	if s := k.Stage(may); s != Grown || !s.Nags() {
		t.Errorf("grown: %s", s)
	}
	k.Answers = append(k.Answers, Answer{Owner: "o", Kind: InWork, Made: may.Add(time.Hour)})
	if s := k.Stage(may); s != Working {
		t.Errorf("answered again: %s", s)
	}
	if s := k.Stage(may.AddDate(0, 0, 7)); s != Over {
		t.Errorf("no longer reported: %s", s)
	}
}
