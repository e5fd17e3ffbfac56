package vocabulary

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"gevor/fault"
	"gevor/notice"
)

func TestBuiltInSpeaksEveryLanguage(t *testing.T) {
	v, err := Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[Kind]int{}
	for _, c := range v.Concepts() {
		kinds[c.Kind]++
		for _, lang := range Languages() {
			if lang == "de-simple" {
				continue // Leichte Sprache has labels where somebody has written them
			}
			if len(v.Words(c.Key, lang)) == 0 {
				t.Errorf("%s has no label in %s", c.Key, lang)
			}
		}
	}
	t.Logf("figure: vocabulary %d situations, %d needs, %d kinds of service, %d languages", kinds[Situation], kinds[Need], kinds[Service], len(Languages()))
	for _, lang := range Languages() {
		t.Logf("figure: thesaurus %s %d lines", lang, len(v.Thesaurus(lang)))
	}
}

func TestEveryConceptLeadsToASituationAndEveryNeedToAService(t *testing.T) {
	v, err := Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range v.Concepts() {
		up := slices.ContainsFunc(sortedKeys(v.Above(c.Key)), func(k string) bool { x, _ := v.Concept(k); return x.Kind == Situation })
		down := slices.ContainsFunc(v.Within(c.Key), func(k string) bool { x, _ := v.Concept(k); return x.Kind == Service })
		if !up || !down {
			t.Errorf("%s: leads to a situation %v, to a service %v", c.Key, up, down)
		}
	}
	if got := v.Broader("frauenhaus"); !slices.Equal(got, []string{"gewalt-zuhause", "zwang-heirat"}) {
		t.Errorf("broader than a women's refuge: %q", got)
	}
	if !slices.Contains(v.Narrower("schulden"), "schuldnerberatung") {
		t.Error("debt counselling is not below debts")
	}
}

func TestMachineMadeUntilAPersonConfirms(t *testing.T) {
	v, err := Load(fstest.MapFS{"words/tr.csv": file("key;label;words;source;confirmed\ntafel;Gıda bankası;;Musterverein;A. Beispiel\n")})
	if err != nil {
		t.Fatal(err)
	}
	if label, shown, confirmed := v.Label("tafel", "tr"); label != "Gıda bankası" || shown != "tr" || !confirmed {
		t.Errorf("got %q in %q, confirmed %v", label, shown, confirmed)
	}
	if _, _, confirmed := v.Label("kita", "tr"); confirmed {
		t.Error("a line that nobody confirmed counts as confirmed")
	}
	if _, shown, _ := v.Label("kita", "it"); shown != "de" {
		t.Errorf("a language without words shows %q, want German", shown)
	}
}

func TestHotlinesComeInOrderAndOnlyWhereTheyHold(t *testing.T) {
	v, err := Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	numbers := func(matter, ags string) (out []string) {
		for _, h := range v.Hotlines(matter, ags) {
			out = append(out, h.Number)
		}
		return out
	}
	for matter, want := range map[string]string{"notfall": "112", "suizid": "08001110111", "gewalt": "110", "kind": "116111"} {
		if got := numbers(matter, ""); len(got) == 0 || got[0] != want {
			t.Errorf("%s: first number of %q is not %s", matter, got, want)
		}
	}
	if got := numbers("vergiftung", "05513000"); got[0] != "022819240" {
		t.Errorf("poison helpline in North Rhine-Westphalia: %q", got)
	}
	if got := numbers("vergiftung", "09761000"); slices.Contains(got, "022819240") {
		t.Errorf("the helpline of another state is shown: %q", got)
	}
}

func file(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }

func TestWhatIsWrongIsNamedWithItsLine(t *testing.T) {
	const head = "key;kind;parents;acute;open_eligibility;leika;osm\n"
	const words = "key;label;words;source;confirmed\n"
	cases := []struct {
		name, file, text string
		line             int
		rule             string
	}{
		{"unknown parent", "concepts.csv", head + "neu;service;gibtsnicht;;;;\n", 2, "unknown-parent"},
		{"cycle", "concepts.csv", head + "a1;need;geld b1;;;;\nb1;need;a1;;;;\n", 3, "cycle"},
		{"own parent", "concepts.csv", head + "a1;need;a1;;;;\n", 2, "cycle"},
		{"narrower parent", "concepts.csv", head + "a1;need;tafel;;;;\n", 2, "narrower-parent"},
		{"unknown kind", "concepts.csv", head + "a1;ding;geld;;;;\n", 2, "unknown-kind"},
		{"no parent", "concepts.csv", head + "a1;need;;;;;\n", 2, "no-parent"},
		{"unknown acute", "concepts.csv", head + "a1;need;geld;brand;;;\n", 2, "unknown-acute"},
		{"no German label", "concepts.csv", head + "a1;need;geld;;;;\n", 2, "no-label"},
		{"doubled key", "concepts.csv", head + "tafel;service;schulden;;;;\ntafel;service;schulden;;;;\n", 3, "doubled-key"},
		{"missing label", "words/en.csv", words + "tafel;;free food;x;\n", 2, "no-label"},
		{"missing source", "words/en.csv", words + "kita;Nursery;;gevor;\ntafel;Food bank;;;\n", 3, "no-source"},
		{"doubled word", "words/en.csv", words + "tafel;Food bank;free food | FREE FOOD;x;\n", 2, "doubled-word"},
		{"unknown key", "words/en.csv", words + "gibtsnicht;Nothing;;x;\n", 2, "unknown-key"},
		{"unknown language", "words/xx.csv", words + "tafel;Food bank;;x;\n", 1, "unknown-language"},
		{"empty thesaurus line", "thesaurus/en.csv", "german;words;source;confirmed\nHaus; | ;x;\n", 2, "no-words"},
		{"bad hotline", "hotlines.csv", "acute;rank;number;shown;name_de;name_en;hours;region;source\nnotfall;1;eins;1;Notruf;;24/7;DE;x\n", 2, "bad-number"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			fsys := fstest.MapFS{c.file: file(c.text)}
			notes := &notice.List{}
			if _, err := Check(fsys, notes); err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(notes.Notices(), func(n notice.Notice) bool {
				return n.File == "vocabulary/"+c.file && n.Line == c.line && n.Rule == c.rule && n.Severity == notice.Reject
			}) {
				t.Errorf("no %s on line %d among %+v", c.rule, c.line, notes.Notices())
			}
			_, err := Load(fsys)
			if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), fmt.Sprintf("vocabulary/%s:", c.file)) {
				t.Errorf("loading gave %v", err)
			}
		})
	}
}

// The control to the cases above: a correct file of a region changes what it names and nothing else.
func TestARegionAddsAndReplaces(t *testing.T) {
	v, err := Load(fstest.MapFS{
		"concepts.csv": file("key;kind;parents;acute;open_eligibility;leika;osm\nzechenhaus;service;einsam;;;;amenity=community_centre\n"),
		"words/de.csv": file("key;label;words;source;confirmed\nzechenhaus;Zechenhaus;Pütt-Treff;Stadt;\n"),
	})
	if err != nil {
		t.Fatal(err)
	}
	plain, err := Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(v.Concepts()) != len(plain.Concepts())+1 || !slices.Equal(v.Words("zechenhaus", "de"), []string{"Zechenhaus", "Pütt-Treff"}) {
		t.Errorf("got %d concepts, words %q", len(v.Concepts()), v.Words("zechenhaus", "de"))
	}
}

func FuzzCheck(f *testing.F) {
	f.Add("key;kind;parents;acute;open_eligibility;leika;osm\na;need;a b;;;;\nb;need;a;;;;x=\n", "key;label;words;source;confirmed\na;A;b|b;x;\n")
	f.Fuzz(func(t *testing.T, concepts, words string) {
		fsys := fstest.MapFS{"concepts.csv": file(concepts), "words/de.csv": file(words)}
		v, err := Check(fsys, &notice.List{})
		if err != nil {
			return
		}
		for _, c := range v.Concepts() {
			if above := v.Above(c.Key); above[c.Key] != 0 {
				t.Fatalf("%q lies above itself", c.Key)
			}
			v.Within(c.Key)
		}
	})
}
