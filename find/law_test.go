package find

import (
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

// wordsOf draws from words that the small directory holds and words it does not.
func queryText() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		list := rapid.SliceOfN(rapid.SampledFrom([]string{
			"Impfung", "Masern", "Schulden", "Zahn", "Frauen", "Kinder", "Lebensmittel", "Deutsch", "Beratung", "Versicherung", "ohne", "Termin", "Qxyz", "врач", "طبيب",
		}), 1, 5).Draw(t, "words")
		return strings.Join(list, " ")
	})
}

func TestAddingAConstraintNeverAddsResults(t *testing.T) {
	ix := index(t, small())
	rapid.Check(t, func(t *rapid.T) {
		text := queryText().Draw(t, "query")
		var must []Constraint
		before := everything(ix, Query{Text: text})
		for range rapid.IntRange(1, 4).Draw(t, "constraints") {
			mask := rapid.Uint16().Draw(t, "mask")
			must = append(must, Constraint{Keep: func(n int) bool { return mask>>(n%16)&1 == 1 }})
			after := everything(ix, Query{Text: text, Must: must})
			for _, id := range after {
				if !slices.Contains(before, id) {
					t.Fatalf("%q: %s appeared with a constraint", text, id)
				}
			}
			for _, h := range ix.Search(Query{Text: text, Must: must}).Hits {
				for _, c := range must {
					if !c.Keep(h.N) {
						t.Fatalf("%q: %s breaks a constraint", text, h.ID)
					}
				}
			}
			before = after
		}
	})
}

// The control: without its constraint, a query does give what the constraint keeps out.
func TestControlWithoutConstraintsTheOthersAreThere(t *testing.T) {
	ix := index(t, small())
	if got := everything(ix, Query{Text: "Impfung"}); len(got) < 2 {
		t.Fatalf("only %q: the law above would hold of anything", got)
	}
	if got := everything(ix, Query{Text: "Impfung", Must: []Constraint{{Keep: func(int) bool { return false }}}}); len(got) != 0 {
		t.Fatalf("got %q", got)
	}
}

func everything(ix *Index, q Query) []string {
	q.Limit = maxLimit
	var ids []string
	for _, h := range ix.Search(q).Hits {
		ids = append(ids, h.ID)
	}
	return ids
}

func TestSameQuerySameOrder(t *testing.T) {
	docs := small()
	ix := index(t, docs)
	rapid.Check(t, func(t *rapid.T) {
		q := Query{Text: queryText().Draw(t, "query"), Limit: 50}
		want := ix.Search(q)
		if got := ix.Search(q); !reflect.DeepEqual(got, want) {
			t.Fatalf("%+v, then %+v", want, got)
		}
	})
	// Whatever the order in which the documents came and how many processors there are.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	turned := slices.Clone(docs)
	slices.Reverse(turned)
	other := index(t, turned)
	for _, text := range []string{"Impfung Kinder", "Frauen Beratung", "طبيب", "Schutz"} {
		if a, b := everything(ix, Query{Text: text}), everything(other, Query{Text: text}); !slices.Equal(a, b) {
			t.Errorf("%q: %q and, documents turned, %q", text, a, b)
		}
	}
}

func TestAnExactTitleIsFirst(t *testing.T) {
	// Ten documents shout the words of the title that each of the others has.
	docs := small()
	for i, d := range small() {
		loud := strings.Repeat(d.Fields[0].Text+" ", 20)
		docs = append(docs, doc("laut"+string(rune('a'+i)), "Anderes", loud))
	}
	ix := index(t, docs)
	for _, d := range small() {
		for _, text := range []string{d.Fields[0].Text, strings.ToUpper(d.Fields[0].Text), " " + d.Fields[0].Text + "!"} {
			r := ix.Search(Query{Text: text})
			if first(r) != d.ID || !r.Hits[0].ExactTitle {
				t.Errorf("%q found %q first", text, first(r))
			}
		}
	}
}

func TestSearchesAtOnceDoNotDisturbOneAnother(t *testing.T) {
	ix := index(t, small())
	texts := []string{"Impfung", "Zahnschmerzen", "борги", "طبيب أسنان", "Mein Mann schlägt mich"}
	want := make([]Results, len(texts))
	for i, text := range texts {
		want[i] = ix.Search(Query{Text: text})
	}
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for range 20 {
				for i, text := range texts {
					if got := ix.Search(Query{Text: text}); !reflect.DeepEqual(got, want[i]) {
						t.Errorf("%q: another result beside other searches", text)
						return
					}
				}
			}
		})
	}
	wait.Wait()
}

func TestBoostReordersAndNeverAddsOrRemoves(t *testing.T) {
	ix := index(t, small())
	rapid.Check(t, func(t *rapid.T) {
		text := queryText().Draw(t, "query")
		by := rapid.SliceOfN(rapid.Float64Range(0, 3), 16, 16).Draw(t, "boosts")
		plain := everything(ix, Query{Text: text})
		boosted := everything(ix, Query{Text: text, Boost: func(n int) float64 { return by[n%16] }})
		slices.Sort(plain)
		slices.Sort(boosted)
		if !slices.Equal(plain, boosted) {
			t.Fatalf("%q: %q and with boosts %q", text, plain, boosted)
		}
	})
}
