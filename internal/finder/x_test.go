package finder_test

import (
	"testing"
	"time"

	"gevor/authz"
	"gevor/directory"
	"gevor/geo"
	"gevor/internal/finder"
	"gevor/region"
)

func TestWhatIsReleasedToAHouseIsFoundThereAlone(t *testing.T) {
	w := &town{records: []directory.Record{offer("s-1", "Kinderarzt am Markt", "kinderarzt"), offer("s-2", "Kinderarzt am Hafen", "kinderarzt"), offer("s-3", "Kinderarzt im Hof", "kinderarzt")}}
	w.records[1].Released = authz.Release{Level: authz.AllianceLevel}
	w.records[2].Released = authz.Release{Level: authz.Named, Named: []authz.OrganisationID{"o-south"}}
	f := open(t, w, nil)
	q := finder.Query{Text: "kinderarzt", Language: "de"}
	for _, x := range []struct {
		who  authz.Actor
		want int
	}{{authz.Public(), 1}, {member("o-west"), 2}, {member("o-south"), 3}, {member("o-east"), 3}} {
		if got := search(t, f, x.who, q); got.Total != x.want || len(got.Hits) != x.want {
			t.Errorf("%v finds %d (%s), want %d", x.who.Memberships, got.Total, names(got), x.want)
		}
	}
}

// A withdrawal counts in the very next search, before any index is built anew: with the background held still.
func TestAWithdrawalCountsAtOnce(t *testing.T) {
	w := &town{records: []directory.Record{offer("s-1", "Kinderarzt am Markt", "kinderarzt"), offer("s-2", "Kinderarzt Zaunkönig", "kinderarzt")}}
	f := open(t, w, nil)
	still := finder.HoldStill(f)
	q := finder.Query{Text: "kinderarzt", Language: "de"}
	if got := search(t, f, authz.Public(), q); got.Total != 2 {
		t.Fatalf("found %d", got.Total)
	}
	w.release("s-2", authz.Private)
	got := search(t, f, authz.Public(), q)
	if got.Total != 1 || names(got) != "s-1" || !still() {
		t.Errorf("after the withdrawal: %d, %s", got.Total, names(got))
	}
	if got := search(t, f, authz.Public(), finder.Query{Text: "zaunkoenik", Language: "de"}); got.Total != 0 || got.DidYouMean != "" {
		t.Errorf("a withdrawn word is suggested: %q", got.DidYouMean)
	}
}

func TestUnknownIsKeptMarkedAndLower(t *testing.T) {
	known, unknown, no := offer("s-1", "Kinderarzt", "kinderarzt"), offer("s-2", "Kinderarzt", "kinderarzt"), offer("s-3", "Kinderarzt", "kinderarzt")
	known.Access, no.Access = []directory.Access{directory.WalkIn}, []directory.Access{directory.Appointment}
	f := open(t, &town{records: []directory.Record{unknown, no, known}}, nil)
	q := finder.Query{Text: "kinderarzt", Language: "de", WalkIn: true}
	got := search(t, f, authz.Public(), q)
	if names(got) != "s-1 s-2" || got.Hits[1].Verdicts[finder.ByWalkIn] != directory.Unknown {
		t.Errorf("got %s", names(got))
	}
	q.Sure = true
	if got := search(t, f, authz.Public(), q); names(got) != "s-1" {
		t.Errorf("for sure: %s", names(got))
	}
}

// NRW: Corpus Christi 2026 is Thursday 4 June. Who said nothing of holidays is neither open nor closed.
func TestHolidays(t *testing.T) {
	w := &town{}
	for i, h := range []directory.Holidays{directory.HolidaysOpen, directory.HolidaysClosed, directory.HolidaysUnknown} {
		x := offer([]string{"s-open", "s-shut", "s-unsaid"}[i], "Kinderarzt", "kinderarzt")
		x.Locations = []directory.Location{{ID: "l"}}
		x.Places = []directory.Place{{Location: "l", Hours: directory.Hours{Holidays: h, Slots: []directory.Slot{{Day: time.Thursday, From: 480, To: 1080}}}}}
		w.records = append(w.records, x)
	}
	f := open(t, w, nil)
	q := finder.Query{Text: "kinderarzt", Language: "de", Arrive: time.Date(2026, 6, 4, 10, 0, 0, 0, time.UTC)}
	if got := search(t, f, authz.Public(), q); names(got) != "s-open s-unsaid" {
		t.Errorf("on a holiday: %s", names(got))
	}
	q.Sure = true
	if got := search(t, f, authz.Public(), q); names(got) != "s-open" {
		t.Errorf("on a holiday, for sure: %s", names(got))
	}
	q.Arrive = q.Arrive.AddDate(0, 0, 7)
	if got := search(t, f, authz.Public(), q); got.Total != 3 {
		t.Errorf("a week later: %s", names(got))
	}
}

// Two things asked of a place must hold at one place: a step-free house that is closed and an open one with stairs are no
// answer.
func TestConditionsHoldAtOnePlace(t *testing.T) {
	x := offer("s-1", "Kinderarzt", "kinderarzt")
	tuesday := directory.Hours{Slots: []directory.Slot{{Day: time.Tuesday, From: 480, To: 1080}}}
	friday := directory.Hours{Slots: []directory.Slot{{Day: time.Friday, From: 480, To: 1080}}}
	x.Locations = []directory.Location{{ID: "a", StepFree: directory.Yes}, {ID: "b", StepFree: directory.No}}
	x.Places = []directory.Place{{Location: "a", Hours: friday}, {Location: "b", Hours: tuesday}}
	f := open(t, &town{records: []directory.Record{x}}, nil)
	q := finder.Query{Text: "kinderarzt", Language: "de", StepFree: true, Arrive: noon}
	if got := search(t, f, authz.Public(), q); got.Total != 0 || len(got.Relax) != 2 {
		t.Errorf("found %s, relax %v", names(got), got.Relax)
	}
}

// What is out of date, full or far away sinks and stays; where nothing lies within the time asked for, what lies farther
// away is shown, and said to.
func TestRankingAndFarther(t *testing.T) {
	at := func(id string, km float64) directory.Record {
		x := offer(id, "Hebamme", "hebamme")
		p := geo.LonLat{Lon: 7 + km/70, Lat: 51.4}
		x.Locations, x.Places = []directory.Location{{ID: "l", At: &p}}, []directory.Place{{Location: "l"}}
		x.Confirmations = []directory.Confirmation{{Service: x.ID, How: directory.ByPhone, At: noon.AddDate(0, 0, -10)}}
		return x
	}
	near, far, old, full := at("s-near", 0.5), at("s-far", 30), at("s-old", 0.5), at("s-full", 0.5)
	old.Confirmations[0].At = noon.AddDate(-2, 0, 0)
	full.Capacity = directory.Capacity{Room: directory.RoomClosed, On: noon}
	g := finder.GroundOf(&region.Snapshot{
		Areas: []region.Area{{Key: "a", Kind: region.Municipality, Name: "A", Parent: -1}},
		Cells: region.Cells{At: []geo.LonLat{{Lon: 7, Lat: 51.4}}, Population: []float32{5}, Municipality: []int32{0}, District: []int32{-1}},
	}, "run")
	q := finder.Query{Text: "hebamme", Language: "de", Home: "a"}
	f := open(t, &town{records: []directory.Record{far, full, old, near}}, g)
	if got := search(t, f, authz.Public(), q); names(got) != "s-near s-old s-full s-far" {
		t.Errorf("order: %s", names(got))
	} else if !got.Hits[0].Trip.Guessed() {
		t.Error("a beeline is not said to be one")
	}
	f = open(t, &town{records: []directory.Record{far}}, g)
	q.Within = 20
	if got := search(t, f, authz.Public(), q); names(got) != "s-far" || !got.Farther {
		t.Errorf("far away: %s, %v", names(got), got.Farther)
	}
}

func TestAcuteWordsAndTheLedger(t *testing.T) {
	w := &town{records: []directory.Record{offer("s-1", "Kinderarzt am Markt", "kinderarzt")}}
	f := open(t, w, twoCities())
	if got := search(t, f, authz.Public(), finder.Query{Text: "ich will mich umbringen", Language: "de"}); len(got.Acute) == 0 || got.Acute[0] != "suizid" {
		t.Errorf("acute: %v", got.Acute)
	}
	w.counted = nil
	for range 3 {
		search(t, f, authz.Public(), finder.Query{Needs: []string{"hebamme"}, Language: "de", Home: "a1"})
	}
	if err := f.ReportHurdle("language", "b1", "en", noon); err != nil {
		t.Fatal(err)
	}
	if err := f.ReportHurdle("my name is", "b1", "en", noon); err == nil {
		t.Error("a free text was counted")
	}
	if len(w.counted) != 0 {
		t.Error("counts were written at the time of a search")
	}
	if err := f.WriteLedger(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := map[directory.Unanswered]bool{
		{Month: "2026-05", District: "a1", Need: "hebamme", Language: "de", Reason: directory.NothingFits, Times: 3}: true,
		{Month: "2026-05", District: "b1", Language: "en", Reason: "hurdle-language", Times: 1}:                      true,
	}
	found := 0
	for _, u := range w.counted {
		if want[u] {
			found++
		}
	}
	if found != 2 {
		t.Errorf("counted %+v", w.counted)
	}
}

// Whoever asks for debts and is shown debt counselling need not be asked whether something else was meant; whoever asks
// for what nobody offers is.
func TestAHitThatIsMeantIsNotDoubted(t *testing.T) {
	w := &town{records: []directory.Record{
		offer("s-1", "Haus am Markt", "schuldnerberatung"), offer("s-2", "Haus am Hafen", "kinderarzt"), offer("s-3", "Beratung in der Werkstatt", "arbeitslosenberatung"),
	}}
	f := open(t, w, nil)
	if got := search(t, f, authz.Public(), finder.Query{Text: "Schulden", Language: "de"}); len(got.Hits) == 0 || got.Hits[0].Record.ID != "s-1" || got.Unsure {
		t.Errorf("debts: %s, unsure %v", names(got), got.Unsure)
	}
	if got := search(t, f, authz.Public(), finder.Query{Text: "Haus für Raumschiffe, Quantenphysik, Zauberei und Drachenflug", Language: "de"}); len(got.Hits) == 0 || !got.Unsure {
		t.Errorf("space ships: %s, unsure %v", names(got), got.Unsure)
	}
}
