package contact_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"gevor/contact"
	"gevor/fault"
	"gevor/form"
	"gevor/handover"
)

const now = contact.Week("2026-W20")

func codes() contact.Codes {
	return contact.Codes{
		Situations: []string{"geld", "wohnen"}, Needs: map[string][]string{"schulden": {"geld"}, "miete-zahlen": {"wohnen", "geld"}},
		Languages: []string{"de", "ar"}, Districts: []string{"05999001-02"},
	}
}

func sent(pairs ...string) map[string][]string {
	out := map[string][]string{"key": {strings.Repeat("a", 26)}, "kind": {"short"}, "duration": {"5"}, "need": {"geld/schulden"}}
	for i := 0; i+1 < len(pairs); i += 2 {
		out[pairs[i]] = append(out[pairs[i]], pairs[i+1])
	}
	return out
}

func TestAnEntryIsRead(t *testing.T) {
	e, err := codes().Read(sent("language", "ar", "district", "05999001-02", "also", "miete-zahlen", "also", "schulden", "reason", "full", "week", "2026-W18"), now)
	if err != nil {
		t.Fatal(err)
	}
	if e.Situation != "geld" || !slices.Equal(e.Needs, []string{"schulden", "miete-zahlen"}) || e.Week != "2026-W18" || !slices.Equal(e.Deeds, []contact.Deed{contact.NoDeed}) {
		t.Errorf("%+v", e)
	}
	e, err = codes().Read(sent(), now)
	if err != nil || e.Week != now || e.Reason != contact.Met || !slices.Equal(e.Deeds, []contact.Deed{contact.Informed}) {
		t.Errorf("the least that can be sent: %+v, %v", e, err)
	}
}

// Whatever is sent beside what the form asks for is refused as a whole, and so is text in the place of a code.
func TestNothingElseGetsIn(t *testing.T) {
	for _, field := range []string{"name", "born", "nationality", "status", "phone", "client", "author", "time", "day", "Key", ""} {
		if _, err := codes().Read(sent(field, "x"), now); fault.KindOf(err) != fault.Invalid {
			t.Errorf("the field %q is taken: %v", field, err)
		}
	}
	for field, value := range map[string]string{
		"kind": "Frau Zaunkönig", "duration": "7", "language": "xx", "district": "Beispielweg 3", "need": "zaunkoenig", "also": "zaunkoenig",
		"deed": "zaunkoenig", "reason": "zaunkoenig", "situation": "zaunkoenig", "week": "2026-W99", "note": "hat einen Hund", "key": "zaunkoenig",
	} {
		s := sent()
		s[field] = []string{value}
		if e, err := codes().Read(s, now); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s=%q is taken: %+v, %v", field, value, e, err)
		}
	}
	if _, err := codes().Read(sent("week", "2025-W40"), now); form.Of(err) == nil || form.Of(err)[0].Reason != "week_old" {
		t.Errorf("an entry of last year: %v", err)
	}
}

func TestNotesThatTellAreRefused(t *testing.T) {
	for want, notes := range map[string][]string{
		"name":    {"Frau Zaunkönig war da", "Anruf von Herrn Y.", "Familie Yilmaz", "Ahmed braucht Hilfe", "heißt Petra", "the mother is called Olena"},
		"number":  {"Tel. 0234 5550", "0172/5550123", "Az 123", "Aktenzeichen liegt vor", "Nr. 4711 22"},
		"address": {"wohnt Beispielstraße 3", "Musterweg 12", "44787 Bochum"},
		"mail":    {"n.n@example.org", "n (at) example"},
		"date":    {"geboren im Mai", "12.5.1988", "3. Mai", "seit 1988 hier", "42 Jahre alt", "5-jährig"},
	} {
		for _, n := range notes {
			if !slices.Contains(contact.Telling(n), want) {
				t.Errorf("%q gives %v, want %s", n, contact.Telling(n), want)
			}
		}
	}
	// The control: what helps the figures and tells nobody anything is taken.
	for _, n := range []string{"", "Sprechstunde war geschlossen", "Wartezeit zwei Monate", "Kasse verlangt Originalbescheid", "kein Aufzug im Haus", "Dolmetscherin hatte keine Zeit", "Formular nur auf Deutsch"} {
		if got := contact.Telling(n); len(got) != 0 {
			t.Errorf("%q is refused for %v", n, got)
		}
	}
}

func TestWeeks(t *testing.T) {
	for day, want := range map[string]contact.Week{"2026-05-12": "2026-W20", "2026-01-01": "2026-W01", "2027-01-01": "2026-W53", "2024-12-30": "2025-W01"} {
		at, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		if got := contact.WeekOf(at); got != want {
			t.Errorf("%s lies in %s, want %s", day, got, want)
		}
	}
	for _, w := range []contact.Week{"", "2026-W00", "2025-W53", "2026-W54", "2026-W2", "x026-W20", "2026-W200"} {
		if w.Valid() {
			t.Errorf("%q is a week", w)
		}
	}
	if m := contact.Week("2026-W01").Month(); m != "2026-01" {
		t.Errorf("the first week of 2026 lies in %s", m) // its Thursday is 1 January
	}
}

func TestEveryWeekKnowsItsMonday(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		day := time.Date(2000, 1, 3, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 36500).Draw(t, "day"))
		w := contact.WeekOf(day)
		monday := w.Monday()
		if monday.Weekday() != time.Monday || monday.After(day) || day.Sub(monday) >= 7*24*time.Hour || contact.WeekOf(monday) != w {
			t.Fatalf("%s: %s begins on %s", day, w, monday)
		}
		n := rapid.IntRange(0, 200).Draw(t, "weeks")
		if got := w.Before(contact.WeekOf(day.AddDate(0, 0, 7*n))); got != n {
			t.Fatalf("%d weeks, want %d", got, n)
		}
	})
}

// Figures do not depend on the order of entries, nor on when which of them was added up.
func TestFiguresAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pick := func(label string, from ...string) string { return rapid.SampledFrom(from).Draw(t, label) }
		var all []contact.Own
		for range rapid.IntRange(0, 40).Draw(t, "entries") {
			e := contact.Own{Owner: "o-1", Entry: contact.Entry{
				Week: contact.Week(pick("week", "2026-W20", "2026-W21", "2026-W30")), Kind: contact.Short, Duration: contact.UpTo5, Language: pick("language", "", "ar"), Situation: "geld",
				Needs: []string{pick("need", "schulden", "einsam")}, Deeds: []contact.Deed{contact.Informed}, Reason: contact.Reason(pick("reason", "", "full")),
			}}
			all = append(all, e)
		}
		want := contact.Tally(all)
		cut := rapid.IntRange(0, len(all)).Draw(t, "cut")
		got := contact.Tally(all[cut:]).And(contact.Tally(all[:cut]))
		if !slices.Equal(got.Counts, want.Counts) || !slices.Equal(got.Shares, want.Shares) {
			t.Fatalf("%+v, want %+v", got, want)
		}
		n := 0
		for _, s := range want.Shares {
			if s.Facet == contact.ByKind {
				n += s.Times
			}
		}
		if n != len(all) {
			t.Fatalf("%d contacts, want %d", n, len(all))
		}
	})
}

func TestReasonsOfHandovers(t *testing.T) {
	for _, r := range append(handover.Declines(), handover.Recalls()...) {
		reason, ok := contact.Unmet(r)
		if ok != (r.Lies() == handover.WithOffer) || ok != slices.Contains(contact.Reasons(), reason) || reason == contact.OtherReason {
			t.Errorf("%s gives %q, %v", r, reason, ok)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("need", "geld/schulden", "note", "x")
	f.Add("week", "2026-W20", "also", "/")
	f.Fuzz(func(t *testing.T, a, x, b, y string) {
		e, err := codes().Read(sent(a, x, b, y), now)
		if err != nil {
			return
		}
		if err := e.Check(); err != nil || e.Note != "" {
			t.Errorf("%+v is read and then refused: %v", e, err)
		}
	})
}
