package app

import (
	"crypto/sha256"
	"strconv"
	"strings"
	"testing"
)

const needsFolder = "../../bench/needs"

// The intents that came with the second, larger set are held back by a draw that nobody can choose.
func TestHeldBackIsDrawn(t *testing.T) {
	intents, _, err := readNeeds(needsFolder)
	if err != nil {
		t.Fatal(err)
	}
	first := map[string]int{"kinder": 14, "chronisch": 14, "alleinerziehend": 12, "arbeitslos": 12, "neu": 15}
	groups, held := map[string]int{}, 0
	for name, in := range intents {
		groups[in.group]++
		if in.held {
			held++
		}
		_, number, _ := strings.Cut(name, "-")
		n, err := strconv.Atoi(number)
		if err != nil {
			t.Fatalf("%s: an intent is group-number", name)
		}
		drawn := sha256.Sum256([]byte("gevor needs 2026:" + name))
		if n > first[in.group] && in.held != (drawn[0]%3 == 0) {
			t.Errorf("%s: held back %v, the draw says otherwise", name, in.held)
		}
	}
	for group, n := range groups {
		if n != 40 {
			t.Errorf("%s has %d intents, want 40", group, n)
		}
	}
	t.Logf("figure: needs %d intents in %d groups, %d held back", len(intents), len(groups), held)
}

// Every intent is asked in every language and form, so that no average hides a gap.
func TestNeedsAreWhole(t *testing.T) {
	intents, queries, err := readNeeds(needsFolder)
	if err != nil {
		t.Fatal(err)
	}
	_, kinds, err := needServices(needsFolder)
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, k := range kinds {
		known[k] = true
	}
	for name, in := range intents {
		if len(in.grade) == 0 {
			t.Errorf("%s has no judgement", name)
		}
		for k := range in.grade {
			if !known[k] || in.wrong[k] {
				t.Errorf("%s: %s is no kind of service, or right and wrong at once", name, k)
			}
		}
		for k := range in.wrong {
			if !known[k] {
				t.Errorf("%s: %s is no kind of service", name, k)
			}
		}
	}
	asked := map[[3]string]int{}
	for _, q := range queries {
		if _, ok := intents[q.intent]; !ok || strings.TrimSpace(q.text) == "" {
			t.Errorf("%+v asks for nothing", q)
		}
		asked[[3]string{q.intent, q.language, q.form}]++
	}
	for name := range intents {
		for _, l := range []string{"de", "en", "tr", "ar", "uk", "ru", "ro", "pl"} {
			for _, form := range []string{"sentence", "keyword", "slang"} {
				if n := asked[[3]string{name, l, form}]; n != 1 {
					t.Errorf("%s %s %s: %d queries, want 1", name, l, form, n)
				}
			}
		}
	}
}
