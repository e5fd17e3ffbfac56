package words

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// residents gives the keys that residents read, with the German texts.
func residents(t *testing.T) []string {
	t.Helper()
	used := map[string]bool{}
	var out []string
	for _, k := range New("de").Keys() {
		for _, r := range Residents() {
			if k == r || strings.HasSuffix(r, ".") && strings.HasPrefix(k, r) {
				used[r] = true
				out = append(out, k)
				break
			}
		}
	}
	for _, r := range Residents() {
		if !used[r] {
			t.Errorf("residents' keys name %q, which does not exist", r)
		}
	}
	return out
}

// TestResidentsReadEveryTextInTheirLanguage holds that a language which only residents read has their keys, all of them
// and no other.
func TestResidentsReadEveryTextInTheirLanguage(t *testing.T) {
	want := residents(t)
	texts := 0
	for _, lang := range ResidentLanguages() {
		if slices.Contains(Languages(), lang) {
			continue
		}
		p := New(lang)
		for _, k := range want {
			if !p.Owns(k) {
				t.Errorf("key %q has no text in %q", k, lang)
			}
		}
		for _, k := range p.Keys() {
			if !slices.Contains(want, k) {
				t.Errorf("key %q of %q is none that residents read", k, lang)
			}
		}
		texts += len(p.Keys())
	}
	t.Logf("figure: %d texts for residents in each of %d languages, %d of them beside German and English", len(want), len(ResidentLanguages()), texts)
}

// TestHeads holds that every language names itself and says how its texts came about, and that a confirmation has a
// person and a day.
func TestHeads(t *testing.T) {
	names := map[string]bool{}
	for _, lang := range ResidentLanguages() {
		h := New(lang).head
		if h.Name == "" || names[h.Name] {
			t.Errorf("%s calls itself %q", lang, h.Name)
		}
		names[h.Name] = true
		if h.Made != "original" && h.Made != "machine" {
			t.Errorf("%s was made by %q", lang, h.Made)
		}
		if _, err := time.Parse(time.DateOnly, h.ConfirmedOn); (h.ConfirmedBy != "") != (err == nil) {
			t.Errorf("%s was confirmed by %q on %q", lang, h.ConfirmedBy, h.ConfirmedOn)
		}
		if (lang == "de") == New(lang).Unconfirmed() && h.ConfirmedBy == "" {
			t.Errorf("%s counts as unconfirmed: %v", lang, New(lang).Unconfirmed())
		}
	}
}

// TestEveryCountHasItsForm asks for every text with plural forms with all counts up to 200 and a few large ones: each
// must find the form that the rules of CLDR ask for, with the number in it or a form that stands for one number alone.
func TestEveryCountHasItsForm(t *testing.T) {
	for _, lang := range ResidentLanguages() {
		p := New(lang)
		messages, _, err := load(locales, lang)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range messages {
			if m.One+m.Two+m.Few+m.Many+m.Zero == "" {
				continue
			}
			for n := range 205 {
				if n > 200 {
					n = []int{1000, 1001, 21000, 1000000}[n-201]
				}
				got := p.N(m.ID, n, map[string]any{"What": "x", "Place": "x", "Total": "x", "Found": "x", "Days": "x", "Name": "x"})
				written := strings.Contains(got, p.Number(float64(n), 0))
				if strings.HasPrefix(got, "[") || !written && n > 2 && strings.Contains(m.Other, ".Count") {
					t.Errorf("%s, %s, %d: %q", lang, m.ID, n, got)
					break
				}
			}
		}
	}
}
