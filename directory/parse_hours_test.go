package directory_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"gevor/directory"
)

func TestHoursAsPeopleTypeThem(t *testing.T) {
	const mo, di, mi, do, fr, sa = time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday
	slot := func(d time.Weekday, from, to int) directory.Slot {
		return directory.Slot{Day: d, From: from * 60, To: to * 60}
	}
	for text, want := range map[string][]directory.Slot{
		"Mo 9-12":                                {slot(mo, 9, 12)},
		"Mo–Mi 8:00–12:00 Uhr":                   {slot(mo, 8, 12), slot(di, 8, 12), slot(mi, 8, 12)},
		"montags 9 bis 12 Uhr; Do. 14.00-18.00":  {slot(mo, 9, 12), slot(do, 14, 18)},
		"Di, Do 9–11, 14–16":                     {slot(di, 9, 11), slot(di, 14, 16), slot(do, 9, 11), slot(do, 14, 16)},
		"Di und Do: 9-11":                        {slot(di, 9, 11), slot(do, 9, 11)},
		"Fr 22-2":                                {slot(fr, 22, 26)},
		"1. Mi 9-11":                             {{Day: mi, From: 540, To: 660, Weeks: directory.OnlyWeek(1)}},
		"jeden 1. und 3. Mittwoch im Monat 9-11": {{Day: mi, From: 540, To: 660, Weeks: directory.OnlyWeek(1) | directory.OnlyWeek(3)}},
		"Sa nach Vereinbarung 10-12":             {{Day: sa, From: 600, To: 720, ByCall: true}},
		"Sa 10-12 nach Vereinbarung":             {{Day: sa, From: 600, To: 720, ByCall: true}},
		"Mon-Tue 9-10\nWed 11-12":                {slot(mo, 9, 10), slot(di, 9, 10), slot(mi, 11, 12)},
		"":                                       nil,
	} {
		got, unread := directory.ParseHours(text)
		if !slices.Equal(got, want) || len(unread) > 0 {
			t.Errorf("%q: %v %v, want %v", text, got, unread, want)
		}
	}
	for _, text := range []string{"Mo 25:99-26", "Mo 9", "irgendwann 9-12", "Mo 9-12 aber nicht in den Ferien", "9-12", "Mo 9-9:00", "Mo ab 9", "Mo 9-12 und manchmal 14-16"} {
		if got, unread := directory.ParseHours(text); len(got) > 0 || len(unread) != 1 {
			t.Errorf("%q was guessed as %v", text, got)
		}
	}
	got, unread := directory.ParseHours("Mo 9-12; nach Ostern anders; Do 14-16")
	if len(got) != 2 || !slices.Equal(unread, []string{"nach Ostern anders"}) {
		t.Errorf("%v %v", got, unread)
	}
}

// What is written is read back as the same hours.
func TestHoursAreReadAsTheyWereWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var slots []directory.Slot
		for range rapid.IntRange(0, 8).Draw(t, "n") {
			from := rapid.IntRange(0, 23*60+45).Draw(t, "from")
			slots = append(slots, directory.Slot{
				Day: time.Weekday(rapid.IntRange(0, 6).Draw(t, "day")), From: from, To: from + rapid.IntRange(1, 17*60).Draw(t, "length"),
				Weeks: directory.Weeks(rapid.SampledFrom([]int{0, 0, 0, 1, 2, 5}).Draw(t, "weeks")), ByCall: rapid.Bool().Draw(t, "call"),
			})
		}
		text := directory.FormatHours(slots)
		got, unread := directory.ParseHours(text)
		back := directory.FormatHours(got)
		if len(unread) > 0 || text != back || len(got) > len(slots) {
			t.Fatalf("%v\n%q\n%v %v\n%q", slots, text, got, unread, back)
		}
		for _, s := range slots {
			if !slices.Contains(got, s) {
				t.Fatalf("%v got lost in %q", s, text)
			}
		}
	})
}

func FuzzParseHours(f *testing.F) {
	for _, s := range []string{"Mo–Fr 8:00–12:00; Di 14–18", "1. Mi 9-11", "täglich 0-24", "Mo - - 9-12"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		slots, _ := directory.ParseHours(s)
		for _, x := range slots {
			if x.From < 0 || x.From > 24*60 || x.To <= x.From || x.To > 48*60 || x.Day < 0 || x.Day > 6 {
				t.Fatalf("%q gives %+v", s, x)
			}
		}
	})
}
