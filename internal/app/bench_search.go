package app

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"gevor/fault"
	"gevor/find"
	"gevor/vocabulary"
)

// page and question are lines of the public question set (OMoS-QA) as its publisher's format has them.
type page struct {
	City string `json:"city"`
	Page int    `json:"page"`
	Text string `json:"text"`
}

type question struct {
	ID         int               `json:"id"`
	City       string            `json:"city"`
	Page       int               `json:"page"`
	Answerable bool              `json:"answerable"`
	Question   map[string]string `json:"question"`
}

type searchFlags struct {
	pages, questions string
	write            string
	typos            uint64
	misspell, misses bool
}

func benchSearchCommand(c console) *cobra.Command {
	var f searchFlags
	cmd := &cobra.Command{
		Use:   "search --pages FILE --questions FILE",
		Short: "Hold the search against questions whose page is known",
		Long: `Indexes the pages as they stand and asks every question among the pages of its city. Prints, for each language
and city, how often the page of the question came first (success_at_1) and among the first ten (success_at_10), and
how often gevor abstained on questions that the page does not answer. --typos adds the same questions misspelt.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f.misspell = cmd.Flags().Changed("typos")
			return benchSearch(c, f)
		},
	}
	cmd.Flags().StringVar(&f.pages, "pages", "", "pages as JSON lines: city, page, text")
	cmd.Flags().StringVar(&f.questions, "questions", "", "questions as JSON lines: id, city, page, answerable, question by language")
	cmd.Flags().Uint64Var(&f.typos, "typos", 0, "also ask every question misspelt, by this seed")
	cmd.Flags().BoolVar(&f.misses, "misses", false, "also list the ids of the questions whose page is not among the first ten")
	cmd.Flags().StringVar(&f.write, "write", "", "with --typos: write the questions with their misspelt German form to this file, for bench/search")
	for _, needed := range []string{"pages", "questions"} {
		_ = cmd.MarkFlagRequired(needed) // fails only for a flag that does not exist
	}
	return cmd
}

type askedWire struct {
	Questions  int     `json:"questions"`
	At1        float64 `json:"success_at_1"`
	At10       float64 `json:"success_at_10"`
	Abstained  float64 `json:"abstained"`
	Understood float64 `json:"language_recognised"`
	Misses     []int   `json:"misses,omitempty"`
}

type searchWire struct {
	Pages     int                             `json:"pages"`
	Questions int                             `json:"questions"`
	Seed      *uint64                         `json:"typo_seed,omitempty"`
	Results   map[string]map[string]resultSet `json:"results"` // city ("all" = both), language
}

type resultSet struct {
	Untouched    askedWire  `json:"untouched"`
	Misspelt     *askedWire `json:"misspelt,omitempty"`
	Unanswerable askedWire  `json:"unanswerable"`
	Abstention   abstention `json:"abstention"`
}

// abstention says how well the confidence tells answerable questions from others, untouched ones.
type abstention struct {
	AUC       float64 `json:"auc"`                        // chance that an answerable question is the surer one of a pair
	Precision float64 `json:"precision"`                  // share of unanswerable ones among those abstained from
	Recall    float64 `json:"recall"`                     // share of the unanswerable ones that are abstained from
	All       float64 `json:"answerable"`                 // share of answerable ones among all
	Surest    float64 `json:"answerable_without_a_fifth"` // the same where the least sure fifth is abstained from
}

// abstaining compares the confidence of answerable and unanswerable questions.
func abstaining(answerable, unanswerable tally) abstention {
	thousandth := func(x float64) float64 { return math.Round(1000*x) / 1000 }
	var pairs float64
	for _, a := range answerable.confidence {
		for _, u := range unanswerable.confidence {
			switch {
			case a > u:
				pairs++
			case a == u:
				pairs += 0.5
			}
		}
	}
	type one struct {
		confidence float64
		answerable bool
	}
	var all []one
	for _, a := range answerable.confidence {
		all = append(all, one{a, true})
	}
	for _, u := range unanswerable.confidence {
		all = append(all, one{u, false})
	}
	slices.SortStableFunc(all, func(a, b one) int { return cmp.Compare(a.confidence, b.confidence) })
	sure := 0
	kept := all[len(all)/5:]
	for _, o := range kept {
		if o.answerable {
			sure++
		}
	}
	return abstention{
		AUC:       thousandth(pairs / math.Max(1, float64(answerable.n*unanswerable.n))),
		Precision: thousandth(float64(unanswerable.abstained) / math.Max(1, float64(answerable.abstained+unanswerable.abstained))),
		Recall:    thousandth(float64(unanswerable.abstained) / math.Max(1, float64(unanswerable.n))),
		All:       thousandth(float64(answerable.n) / math.Max(1, float64(len(all)))),
		Surest:    thousandth(float64(sure) / math.Max(1, float64(len(kept)))),
	}
}

func benchSearch(c console, f searchFlags) error {
	pages, err := readLines[page](f.pages)
	if err != nil {
		return err
	}
	questions, err := readLines[question](f.questions)
	if err != nil {
		return err
	}
	if f.misspell && f.write != "" {
		if err := writeMisspelt(f.write, questions, f.typos); err != nil {
			return err
		}
	}
	indexes, err := indexPages(pages)
	if err != nil {
		return err
	}
	out := searchWire{Pages: len(pages), Questions: len(questions), Results: map[string]map[string]resultSet{}}
	if f.misspell {
		out.Seed = &f.typos
	}
	languages := map[string]bool{}
	for _, q := range questions {
		for l := range q.Question {
			languages[l] = true
		}
	}
	cities := []string{"all"}
	for city := range indexes {
		cities = append(cities, city)
	}
	for _, city := range cities {
		out.Results[city] = map[string]resultSet{}
	}
	for lang := range languages {
		var all asked
		for city := range indexes {
			a := askAll(indexes[city], questions, city, lang, f)
			out.Results[city][lang] = a.wire(f)
			all.add(a)
		}
		out.Results["all"][lang] = all.wire(f)
	}
	enc := json.NewEncoder(c.out)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}

// asked is what became of the questions in one language.
type asked struct{ untouched, misspelt, unanswerable tally }

func (a *asked) add(b asked) {
	a.untouched.add(b.untouched)
	a.misspelt.add(b.misspelt)
	a.unanswerable.add(b.unanswerable)
}

func (a *asked) wire(f searchFlags) resultSet {
	set := resultSet{
		Untouched: a.untouched.wire(f.misses), Unanswerable: a.unanswerable.wire(false), Abstention: abstaining(a.untouched, a.unanswerable),
	}
	if f.misspell {
		w := a.misspelt.wire(f.misses)
		set.Misspelt = &w
	}
	return set
}

// askAll asks every question of one city in one language.
func askAll(ix *find.Index, questions []question, city, lang string, f searchFlags) asked {
	var a asked
	for _, q := range questions {
		text := q.Question[lang]
		if text == "" || q.City != city {
			continue
		}
		if !q.Answerable {
			a.unanswerable.ask(ix, q, text, lang)
			continue
		}
		a.untouched.ask(ix, q, text, lang)
		if f.misspell {
			a.misspelt.ask(ix, q, find.Misspell(text, f.typos+uint64(q.ID)), lang)
		}
	}
	return a
}

// tally counts what became of the questions of one kind.
type tally struct {
	n, at1, at10, abstained, understood int
	misses                              []int
	confidence                          []float64
}

func (t *tally) add(o tally) {
	t.n += o.n
	t.at1 += o.at1
	t.at10 += o.at10
	t.abstained += o.abstained
	t.understood += o.understood
	t.misses = append(t.misses, o.misses...)
	t.confidence = append(t.confidence, o.confidence...)
}

func (t *tally) ask(ix *find.Index, q question, text, lang string) {
	r := ix.Search(find.Query{Text: text, Limit: 10})
	t.n++
	t.confidence = append(t.confidence, r.Confidence)
	wanted := strconv.Itoa(q.Page)
	at := slices.IndexFunc(r.Hits, func(h find.Hit) bool { return h.ID == wanted })
	switch {
	case at == 0:
		t.at1++
		t.at10++
	case at > 0:
		t.at10++
	default:
		t.misses = append(t.misses, q.ID)
	}
	if r.Abstain {
		t.abstained++
	}
	if r.Language == lang {
		t.understood++
	}
}

func (t *tally) wire(misses bool) askedWire {
	share := func(n int) float64 { return float64(n*1000/max(1, t.n)) / 1000 }
	w := askedWire{Questions: t.n, At1: share(t.at1), At10: share(t.at10), Abstained: share(t.abstained), Understood: share(t.understood)}
	if misses {
		slices.Sort(t.misses)
		w.Misses = t.misses
	}
	return w
}

// indexPages builds one index for each city: the first line of a page is its title.
func indexPages(pages []page) (map[string]*find.Index, error) {
	voc, err := vocabulary.Load(nil)
	if err != nil {
		return nil, err
	}
	docs := map[string][]find.Doc{}
	for _, p := range pages {
		title, text, _ := strings.Cut(p.Text, "\n")
		docs[p.City] = append(docs[p.City], find.Doc{ID: strconv.Itoa(p.Page), Fields: []find.Field{
			{Text: title, Weight: pageTitleWeight, Title: true}, {Text: text, Weight: 1},
		}})
	}
	out := map[string]*find.Index{}
	for city, list := range docs {
		if out[city], err = find.Build(list, voc, find.Options{}); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// writeMisspelt lets other engines be asked exactly the same misspelt questions.
func writeMisspelt(path string, questions []question, seed uint64) error {
	file, err := os.Create(path)
	if err != nil {
		return fault.Wrap(fault.NotFound, path, "the file cannot be written", "check the path", err)
	}
	defer file.Close()
	enc := json.NewEncoder(file)
	for _, q := range questions {
		line := struct {
			question
			Misspelt string `json:"misspelt"`
		}{q, find.Misspell(q.Question["de"], seed+uint64(q.ID))}
		if err := enc.Encode(line); err != nil {
			return fault.Wrap(fault.Internal, path, "the file cannot be written", "check the disk", err)
		}
	}
	return nil
}

const pageTitleWeight = 3

func readLines[T any](path string) ([]T, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fault.Wrap(fault.NotFound, path, "the file cannot be opened", "check the path", err)
	}
	defer file.Close()
	var out []T
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 16<<20)
	for n := 1; lines.Scan(); n++ {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		var v T
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			return nil, fault.Wrap(fault.Invalid, fmt.Sprintf("%s:%d", path, n), "the line is no JSON object of the kind expected", "one object a line is needed", err)
		}
		out = append(out, v)
	}
	if err := lines.Err(); err != nil {
		return nil, fault.Wrap(fault.Invalid, path, "the file cannot be read", "", err)
	}
	if len(out) == 0 {
		return nil, fault.Wrap(fault.Invalid, path, "the file is empty", "one JSON object a line is needed", errors.New("no lines"))
	}
	return out, nil
}
