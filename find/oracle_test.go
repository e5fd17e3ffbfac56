package find

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// distance is the plain table of the optimal string alignment distance with the costs of trie.go, written
// recursively from the definition (Damerau 1964; Levenshtein 1966; adjacent exchanges only).
func distance(word, query []rune) int {
	seen := map[[2]int]int{}
	var d func(i, j int) int
	d = func(i, j int) int {
		if i == 0 && j == 0 {
			return 0
		}
		if v, ok := seen[[2]int{i, j}]; ok {
			return v
		}
		best := math.MaxInt / 2
		if i > 0 {
			best = min(best, d(i-1, j)+singleCost(word, i-1))
		}
		if j > 0 {
			best = min(best, d(i, j-1)+singleCost(query, j-1))
		}
		if i > 0 && j > 0 {
			change := 0
			if word[i-1] != query[j-1] {
				change = changeCost(word[i-1], query[j-1])
				if i == 1 && j == 1 {
					change += costFirst
				}
			}
			best = min(best, d(i-1, j-1)+change)
		}
		if i > 1 && j > 1 && word[i-1] == query[j-2] && word[i-2] == query[j-1] && word[i-1] != word[i-2] {
			best = min(best, d(i-2, j-2)+costSwap)
		}
		seen[[2]int{i, j}] = best
		return best
	}
	return d(len(word), len(query))
}

func TestNearAgreesWithFullTable(t *testing.T) {
	letters := rapid.StringOfN(rapid.SampledFrom([]rune("abdnest")), 1, 9, -1)
	rapid.Check(t, func(t *rapid.T) {
		counts := map[string]int{}
		for _, w := range rapid.SliceOfN(letters, 1, 30).Draw(t, "words") {
			counts[w]++
		}
		query := letters.Draw(t, "query")
		allowed := rapid.IntRange(1, 2*costEdit).Draw(t, "allowed")
		var want []string
		for w := range counts {
			if distance([]rune(w), []rune(query)) <= allowed {
				want = append(want, w)
			}
		}
		var got []string
		for _, n := range newTrie(counts).search(query, allowed, len(counts)) {
			if n.cost != distance([]rune(n.word), []rune(query)) {
				t.Fatalf("%q to %q costs %d, want %d", query, n.word, n.cost, distance([]rune(n.word), []rune(query)))
			}
			got = append(got, n.word)
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Fatalf("near %q: %q, want %q", query, got, want)
		}
	})
}

// BM25 by its formula (Robertson & Zaragoza 2009, eq. 3.15, with one field): three documents of one word each field,
// no compounds, no synonyms, so that only the formula is at work.
func TestFitIsBM25(t *testing.T) {
	tuning := DefaultTuning()
	tuning.Window = 0
	docs := []Doc{
		{ID: "a", Fields: []Field{{Text: "mond mond stern"}}},
		{ID: "b", Fields: []Field{{Text: "mond haus haus haus haus"}}},
		{ID: "c", Fields: []Field{{Text: "haus"}}},
	}
	ix, err := Build(docs, nil, Options{Tuning: tuning})
	if err != nil {
		t.Fatal(err)
	}
	score := func(tf, length, df float64) float64 {
		tf /= 1 - tuning.B + tuning.B*length/3 // 9 words in 3 documents
		return math.Log(1+(3-df+0.5)/(df+0.5)) * tf * (tuning.K1 + 1) / (tf + tuning.K1)
	}
	want := map[string]float64{"a": score(2, 3, 2), "b": score(1, 5, 2)}
	r := ix.Search(Query{Text: "mond"})
	if len(r.Hits) != 2 {
		t.Fatalf("got %+v", r.Hits)
	}
	for _, h := range r.Hits {
		if math.Abs(h.Fit-want[h.ID]) > 1e-5 {
			t.Errorf("%s: %v, want %v", h.ID, h.Fit, want[h.ID])
		}
	}
}

// German words whose division and stem any dictionary gives.
func TestCompoundsAndStems(t *testing.T) {
	s := newSplitter()
	for _, w := range []string{"kranken", "kasse", "versicherung", "schuld", "beratung", "stelle", "arbeit", "amt", "kinder", "garten", "masern", "impfung", "haus", "ordnung"} {
		s.learn(w, 1)
	}
	for w, want := range map[string][]string{
		"krankenversicherung": {"kranken", "versicherung"}, "arbeitsamt": {"arbeit", "amt"}, "kindergarten": {"kinder", "garten"},
		"beratungsstellen": {"beratung", "stellen"}, "masernimpfungen": {"masern", "impfungen"}, "hausordnung": {"haus", "ordnung"}, "unbekanntes": nil,
	} {
		if got := s.split(w); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", w, got, want)
		}
	}
	for _, same := range [][]string{{"impfungen", "impfung"}, {"kindern", "kinder"}, {"arztes", "arzt"}, {"beraterinnen", "berater"}} {
		if a, b := stemGerman(same[0]), stemGerman(same[1]); a != b {
			t.Errorf("%s → %s, %s → %s", same[0], a, same[1], b)
		}
	}
	for _, same := range [][]string{{"registrieren", "registrierung"}, {"angemeldet", "anmeldung"}, {"anzumelden", "anmeldung"}, {"geimpft", "impfung"}, {"integration", "integrieren"}} {
		if a, b := rootGerman(same[0]), rootGerman(same[1]); a != b {
			t.Errorf("%s → %s, %s → %s", same[0], a, same[1], b)
		}
	}
}

func TestFoldJoinsWhatIsTypedForOneAnother(t *testing.T) {
	for _, same := range [][]string{
		{"Ärzte", "Aerzte", "ARZTE", "Ärzte"},
		{"Straße", "Strasse", "STRASSE"},
		{"Müller", "Mueller"},
		{"İstanbul", "istanbul", "ıstanbul"},
		{"إعانة", "اعانه"},
		{"کودکی", "كودكي"},
		{"ё", "е"},
		{"здоров'я", "здоров’я", "здоровя"},
		{"școală", "scoala"},
		{"łódź", "lodz"},
		{"١١٢", "112"},
		{"ﬁt", "fit"},
	} {
		for _, s := range same[1:] {
			if fold(s) != fold(same[0]) {
				t.Errorf("%q → %q, %q → %q", same[0], fold(same[0]), s, fold(s))
			}
		}
	}
	for _, different := range [][]string{{"neue", "nu"}, {"Steuer", "Stur"}, {"Quelle", "Qulle"}} {
		if fold(different[0]) == fold(different[1]) {
			t.Errorf("%q and %q became one", different[0], different[1])
		}
	}
}
