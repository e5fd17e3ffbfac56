package find

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"gevor/fault"
	"gevor/vocabulary"
)

// Index is immutable.
type Index struct {
	tuning  Tuning
	docs    []indexed
	byTitle map[string][]int32 // stems of a title → documents

	termID map[string]int32
	lists  [][]posting
	idf    []float32

	typeID    map[string]int32 // folded word, with its language before it where that is not German
	typeTerms [][]weighted     // what one occurrence of a word counts for
	forward   [][]int32        // per document its words in order; -1 parts fields

	split  *splitter
	forms  *trie // folded words of the documents
	sounds map[string][]string
	lex    *lexicon
	voc    *vocabulary.Vocabulary

	scratch sync.Pool
}

type indexed struct {
	id    string
	facts []string
	title string
	rank  int32 // place of the id among all ids
}

// posting is one document of a term; tf is its length-normalised, field-weighted frequency (BM25F).
type posting struct {
	doc int32
	tf  float32
}

type weighted struct {
	term   int32
	weight float32
}

// Prefixes that keep the kinds of terms apart; stems have none.
const (
	rootMark    = "~"
	conceptMark = "#"
)

func build(docs []Doc, voc *vocabulary.Vocabulary, o Options) (*Index, error) {
	ix := &Index{
		tuning: o.Tuning, byTitle: map[string][]int32{}, termID: map[string]int32{}, typeID: map[string]int32{},
		split: newSplitter(), sounds: map[string][]string{}, lex: newLexicon(voc), voc: voc,
	}
	if ix.tuning == (Tuning{}) {
		ix.tuning = DefaultTuning()
	}
	if err := distinct(docs); err != nil {
		return nil, err
	}
	texts := make([][][]token, len(docs))
	counts := map[string]int{}
	for n, d := range docs {
		seen := map[string]bool{}
		for _, f := range d.Fields {
			tokens := words(f.Text)
			texts[n] = append(texts[n], tokens)
			for _, t := range tokens {
				if !seen[t.word] {
					seen[t.word] = true
					counts[t.word]++
				}
			}
		}
		if german(d.Language) {
			for w := range seen {
				ix.split.learn(w, 1)
			}
		}
	}
	ix.learnVocabulary(counts)
	ix.index(docs, texts)
	ix.forms = newTrie(counts)
	ix.learnSounds(counts)
	ix.scratch.New = func() any { return newScratch(len(docs)) }
	return ix, nil
}

func german(lang string) bool { return lang == "" || lang == "de" || strings.HasPrefix(lang, "de-") }

func distinct(docs []Doc) error {
	seen := make(map[string]int, len(docs))
	for n, d := range docs {
		if first, twice := seen[d.ID]; twice {
			return fault.New(fault.Invalid, "search index", fmt.Sprintf("documents %d and %d have one id %q", first, n, d.ID), "give every document an id of its own")
		}
		seen[d.ID] = n
	}
	return nil
}

// learnVocabulary lets the splitter divide by the German words of the vocabulary too, and lets typing errors be
// mended to them.
func (ix *Index) learnVocabulary(counts map[string]int) {
	d := ix.lex.of["de"]
	if d == nil {
		return
	}
	for w := range d.isForm {
		ix.split.learn(w, 1)
		if _, there := counts[w]; !there {
			counts[w] = 1
		}
	}
}

func (ix *Index) term(s string) int32 {
	if id, ok := ix.termID[s]; ok {
		return id
	}
	id := int32(len(ix.lists))
	ix.termID[s] = id
	ix.lists = append(ix.lists, nil)
	return id
}

// wordType gives the number of a word and what it counts for.
func (ix *Index) wordType(w, lang string) int32 {
	key := w
	if !german(lang) {
		key = lang + "\x00" + w
	}
	if id, ok := ix.typeID[key]; ok {
		return id
	}
	id := int32(len(ix.typeTerms))
	ix.typeID[key] = id
	ix.typeTerms = append(ix.typeTerms, ix.termsOf(w, lang))
	return id
}

// termsOf: a word counts fully for its stem, less for its root, and less for the words it is made of.
func (ix *Index) termsOf(w, lang string) []weighted {
	if !german(lang) {
		return []weighted{{ix.term(lang + ":" + stem(lang, w)), 1}, {ix.term(stemGerman(w)), 0.5}}
	}
	t := ix.tuning
	out := []weighted{{ix.term(stemGerman(w)), 1}}
	add := func(s string, weight float64) {
		id := ix.term(s)
		if !slices.ContainsFunc(out, func(x weighted) bool { return x.term == id }) {
			out = append(out, weighted{id, float32(weight)})
		}
	}
	if r := rootGerman(w); r != "" {
		add(rootMark+r, 1)
	}
	for _, p := range ix.split.split(w) {
		add(stemGerman(p), t.Part)
		if r := rootGerman(p); r != "" {
			add(rootMark+r, t.Part)
		}
	}
	return out
}

func (ix *Index) index(docs []Doc, texts [][][]token) {
	lengths := make([]float64, len(docs))
	var whole float64
	for n := range docs {
		for i, f := range docs[n].Fields {
			lengths[n] += fieldWeight(f) * float64(len(texts[n][i]))
		}
		whole += lengths[n]
	}
	average := math.Max(1, whole/math.Max(1, float64(len(docs))))
	for n, d := range docs {
		tf := map[int32]float64{}
		var order []int32
		count := func(x weighted, weight float64) {
			if _, seen := tf[x.term]; !seen {
				order = append(order, x.term)
			}
			tf[x.term] += weight * float64(x.weight)
		}
		row := make([]int32, 0, len(texts[n])*8)
		title := ""
		for i, f := range d.Fields {
			for _, t := range texts[n][i] {
				id := ix.wordType(t.word, d.Language)
				row = append(row, id)
				for _, x := range ix.typeTerms[id] {
					count(x, fieldWeight(f))
				}
			}
			row = append(row, -1)
			if f.Title && title == "" {
				title = titleKey(texts[n][i])
			}
		}
		norm := 1 - ix.tuning.B + ix.tuning.B*lengths[n]/average
		for _, id := range order {
			ix.lists[id] = append(ix.lists[id], posting{int32(n), float32(tf[id] / norm)})
		}
		ix.indexConcepts(int32(n), d.Concepts)
		if title != "" {
			ix.byTitle[title] = append(ix.byTitle[title], int32(n))
		}
		ix.docs = append(ix.docs, indexed{id: d.ID, facts: slices.Clone(d.Facts), title: title})
		ix.forward = append(ix.forward, row)
	}
	order := make([]int32, len(docs))
	for n := range order {
		order[n] = int32(n)
	}
	slices.SortFunc(order, func(a, b int32) int { return cmp.Compare(docs[a].ID, docs[b].ID) })
	for rank, n := range order {
		ix.docs[n].rank = int32(rank)
	}
	ix.idf = make([]float32, len(ix.lists))
	for id, list := range ix.lists {
		df := float64(len(list))
		ix.idf[id] = float32(math.Log(1 + (float64(len(docs))-df+0.5)/(df+0.5)))
	}
}

func fieldWeight(f Field) float64 {
	if f.Weight <= 0 {
		return 1
	}
	return f.Weight
}

// indexConcepts enters a document under its concepts and, weaker with every step, under all that are broader: who
// looks for "debts" also means the kinds of service below it.
func (ix *Index) indexConcepts(n int32, concepts []string) {
	if ix.voc == nil {
		return
	}
	strongest := map[string]float64{}
	for _, c := range concepts {
		for k, steps := range ix.voc.Above(c) {
			strongest[k] = math.Max(strongest[k], math.Pow(ix.tuning.Step, float64(steps)))
		}
	}
	for _, k := range sorted(strongest) {
		id := ix.term(conceptMark + k)
		ix.lists[id] = append(ix.lists[id], posting{n, float32(strongest[k])})
	}
}

func sorted[T any](m map[string]T) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func titleKey(tokens []token) string {
	var b strings.Builder
	for _, t := range tokens {
		b.WriteString(t.word)
		b.WriteByte(' ')
	}
	return b.String()
}

// learnSounds lets names and international words be found that were written in another script or by ear.
func (ix *Index) learnSounds(counts map[string]int) {
	for _, w := range sorted(counts) {
		if s := sound(w); len(s) >= minSounds && scriptOf(w) == latin && w[0] > '9' {
			ix.sounds[s] = append(ix.sounds[s], w)
		}
	}
	for s, list := range ix.sounds {
		slices.SortStableFunc(list, func(a, b string) int { return counts[b] - counts[a] })
		if len(list) > 4 {
			ix.sounds[s] = list[:4]
		}
	}
}
