package handover_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"gevor/directory"
	"gevor/form"
	"gevor/handover"
)

func days(t *testing.T) handover.Days {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return handover.Days{Zone: zone, Holiday: directory.NRWHoliday}
}

// Of 2026: 14 May is Ascension Day, 25 May Whit Monday, 4 June Corpus Christi (North Rhine-Westphalia).
func TestWorkingDays(t *testing.T) {
	d := days(t)
	for _, c := range []struct {
		from string
		n    int
		want string
	}{
		{"2026-05-12", 0, "2026-05-12"},
		{"2026-05-12", 2, "2026-05-15"}, // Tuesday, over Ascension Day
		{"2026-05-15", 1, "2026-05-18"}, // Friday
		{"2026-05-22", 2, "2026-05-27"}, // over Whit Monday
		{"2026-06-03", 1, "2026-06-05"}, // over Corpus Christi
		{"2026-12-23", 3, "2026-12-29"}, // both days of Christmas, one of them on a Saturday; Christmas Eve counts
	} {
		from, err := time.ParseInLocation(time.DateOnly, c.from, d.Zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := d.After(from.Add(9*time.Hour), c.n).Format("2006-01-02 15"); got != c.want+" 09" {
			t.Errorf("%d working days after %s: %s, want %s", c.n, c.from, got, c.want)
		}
	}
}

func TestDues(t *testing.T) {
	d := days(t)
	h := handover.Handover{Status: handover.Requested, Requested: day, Level: handover.StatusOnly, Lapses: 10}
	names := func(h handover.Handover, working int) string {
		var out []string
		for _, x := range h.Dues(handover.UsualTerms(), d, d.After(day, working)) {
			out = append(out, string(x.Notice))
		}
		return strings.Join(out, " ")
	}
	opened, silent, answered, steady := h, h, h, h
	opened.Status = handover.Received
	silent.Level = handover.Nothing
	answered.Status = handover.Accepted
	steady.Lapses = 0
	for _, c := range []struct {
		what    string
		h       handover.Handover
		working int
		want    string
	}{
		{"one day", h, 1, ""},
		{"two", h, 2, "reminder"},
		{"four", h, 4, "reminder unheard"},
		{"seven", h, 7, "reminder unheard escalated"},
		{"ten", h, 10, "reminder unheard escalated lapsed"},
		{"opened after two", opened, 2, ""},
		{"opened after four", opened, 4, "unheard"},
		{"nothing is told back", silent, 7, "reminder escalated"},
		{"answered", answered, 20, ""},
		{"never lapses", steady, 30, "reminder unheard escalated"},
	} {
		if got := names(c.h, c.working); got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
}

func TestWhatASenderMaySee(t *testing.T) {
	h := handover.Handover{Status: handover.Rejected, Reason: handover.NoPlace, Level: handover.Nothing, Requested: day, Opened: day.Add(1), Answered: day.Add(2), Ended: day.Add(2), Changed: day.Add(2)}
	if got := h.For(handover.Sender); got.Status != handover.Requested || got.Reason != "" || !got.Opened.IsZero() || !got.Answered.IsZero() || !got.Ended.IsZero() || got.Changed != day {
		t.Errorf("%+v", got)
	}
	if got := h.For(handover.Receiver); got != h {
		t.Errorf("the receiver sees %+v", got)
	}
	h.Level = handover.StatusOnly
	if got := h.For(handover.Sender); got != h {
		t.Errorf("a sender who may see the state sees %+v", got)
	}
}

func TestConsentFields(t *testing.T) {
	good := handover.Consent{Giver: handover.ByPerson, Receiver: "o", Categories: []handover.Category{"contact"}, Purpose: "debt", Until: day.AddDate(0, 3, 0), Language: "ar", How: handover.OnPaper, Level: handover.StatusOnly}
	if err := good.Check(day); err != nil {
		t.Error(err)
	}
	for field, spoil := range map[string]func(*handover.Consent){
		"giver": func(c *handover.Consent) { c.Giver = "x" }, "how": func(c *handover.Consent) { c.How = "" }, "level": func(c *handover.Consent) { c.Level = "all" },
		"categories": func(c *handover.Consent) { c.Categories = nil }, "purpose": func(c *handover.Consent) { c.Purpose = " " }, "language": func(c *handover.Consent) { c.Language = "" },
		"until": func(c *handover.Consent) { c.Until = day.AddDate(2, 0, 0) },
	} {
		bad := good
		spoil(&bad)
		wrong := form.Of(bad.Check(day))
		if len(wrong) != 1 || wrong[0].Name != field {
			t.Errorf("%s: %v", field, wrong)
		}
	}
	given := good
	given.Given = day
	h := handover.Handover{Receiver: "o"}
	if !given.Covers(h, day) || good.Covers(h, day) || given.Covers(h, good.Until) || given.Covers(handover.Handover{Receiver: "other"}, day) {
		t.Error("what a consent covers")
	}
	given.Withdrawn = day
	if given.Covers(h, day) {
		t.Error("a withdrawn consent covers nothing")
	}
}

func TestCodesAreReadAsPeopleTypeThem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := handover.NewCode()
		typed := handover.Spell(code)
		if rapid.Bool().Draw(t, "small") {
			typed = strings.ToLower(typed)
		}
		typed = strings.ReplaceAll(typed, "0", rapid.SampledFrom([]string{"0", "O", "o"}).Draw(t, "zero"))
		typed = strings.ReplaceAll(typed, "1", rapid.SampledFrom([]string{"1", "I", "l"}).Draw(t, "one"))
		typed = strings.ReplaceAll(typed, "-", rapid.SampledFrom([]string{"-", " ", "", " - "}).Draw(t, "between"))
		if got, ok := handover.ReadCode(typed); got != code || !ok {
			t.Fatalf("%q is read as %q, want %q", typed, got, code)
		}
	})
	for _, bad := range []string{"", "ABC", strings.Repeat("A", 15), strings.Repeat("A", 17), strings.Repeat("Ä", 8), "AAAA-AAAA-AAAA-AAA!"} {
		if got, ok := handover.ReadCode(bad); ok {
			t.Errorf("%q is read as %q", bad, got)
		}
	}
}

func TestReasonsAreParted(t *testing.T) {
	for _, r := range handover.Declines() {
		if r.Lies() == handover.Nowhere {
			t.Errorf("%s lies nowhere", r)
		}
	}
	if slices.ContainsFunc(handover.Recalls(), func(r handover.Reason) bool { return r.Lies() == handover.WithOffer }) {
		t.Error("a sender's reason lies with the offer")
	}
}
