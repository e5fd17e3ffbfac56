package words_test

import (
	"math"
	"testing"

	"gevor/atlas"
	"gevor/internal/words"
	"gevor/notice"
	"gevor/travel"
)

func TestNumbersAreWrittenAsTheLanguageWritesThem(t *testing.T) {
	de, en := words.New("de"), words.New("en-GB")
	for _, c := range []struct{ name, got, want string }{
		{"German thousands and comma", de.Number(1234567.25, 1), "1.234.567,2"},
		{"English thousands and point", en.Number(1234567.25, 1), "1,234,567.2"},
		{"no decimals", de.Number(999.6, 0), "1.000"},
		{"fixed decimals", de.Number(2, 2), "2,00"},
		{"negative that rounds to zero", en.Number(-0.04, 1), "0.0"},
		{"unknown number", de.Number(math.NaN(), 1), words.Unknown},
		{"German share", de.Percent(0.125, 1), "12,5\u00a0%"},
		{"English share", en.Percent(0.125, 1), "12.5%"},
		{"unknown share", en.Percent(math.Inf(1), 0), words.Unknown},
		{"German date", de.Date("2026-05-12"), "12.05.2026"},
		{"English date", en.Date("2026-05-12"), "12 May 2026"},
		{"a year stays a year", de.Date("2022"), "2022"},
		{"no date", de.Date(""), words.Unknown},
		{"one", de.N("count.people", 1, nil), "1 Mensch"},
		{"many", de.N("count.people", 1200, nil), "1.200 Menschen"},
		{"a key that does not exist shows", de.T("no.such.key", nil), "[no.such.key]"},
		{"an unknown language gets German", words.New("xx").T("mode.walk", nil), "zu Fuß"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, c.got, c.want)
		}
	}
}

func TestEveryWordOfTheSubjectHasAText(t *testing.T) {
	for _, lang := range words.Languages() {
		p := words.New(lang)
		for c := atlas.CauseNone; c <= atlas.CauseUsedUp; c++ {
			needs(t, p, "cause."+c.String())
			needs(t, p, "cause_explained."+c.String())
		}
		for m := travel.Walk; m <= travel.Transit; m++ {
			needs(t, p, "mode."+m.String())
		}
		for s := notice.Info; s <= notice.Reject; s++ {
			needs(t, p, "severity."+s.String())
		}
	}
}

func needs(t *testing.T, p *words.Printer, key string) {
	t.Helper()
	if !p.Has(key) {
		t.Errorf("%s: key %q has no text", p.Lang(), key)
	}
}
