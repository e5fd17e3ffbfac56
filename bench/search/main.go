// Command search holds two public engines against the question set that "gevor bench search" uses, so that the choice
// in docs/adr/0008-search.md rests on the same questions: SQLite FTS5 with terms normalised in Go, and bleve with its
// German analyser and BM25 on the scorch index, plain and fuzzy.
//
// It is a module of its own: nothing of it is part of the product.
package main

import (
	"bufio"
	"database/sql"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/blevesearch/bleve/v2"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/de"
	"github.com/blevesearch/bleve/v2/index/scorch"
	_ "modernc.org/sqlite"
)

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
	Misspelt   string            `json:"misspelt"`
}

// engine answers with page ids, best first.
type engine interface {
	search(text string) ([]string, error)
}

func main() {
	pages := flag.String("pages", "", "pages.jsonl")
	questions := flag.String("questions", "", "questions.jsonl; a field \"misspelt\" is asked too where it is there")
	flag.Parse()
	if err := run(*pages, *questions); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(pagesFile, questionsFile string) error {
	pages, err := lines[page](pagesFile)
	if err != nil {
		return err
	}
	questions, err := lines[question](questionsFile)
	if err != nil {
		return err
	}
	byCity := map[string][]page{}
	for _, p := range pages {
		byCity[p.City] = append(byCity[p.City], p)
	}
	makers := []struct {
		name string
		make func([]page) (engine, error)
	}{
		{"fts5 words", func(p []page) (engine, error) { return newFTS(p, false) }},
		{"fts5 prefixes", func(p []page) (engine, error) { return newFTS(p, true) }},
		{"bleve", func(p []page) (engine, error) { return newBleve(p, 0) }},
		{"bleve fuzzy", func(p []page) (engine, error) { return newBleve(p, 1) }},
	}
	for _, m := range makers {
		for city, list := range byCity {
			began := time.Now()
			e, err := m.make(list)
			if err != nil {
				return fmt.Errorf("%s: %w", m.name, err)
			}
			built := time.Since(began)
			for _, form := range []string{"de", "misspelt", "ar", "uk"} {
				if err := report(m.name, city, form, built, e, questions); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func report(name, city, form string, built time.Duration, e engine, questions []question) error {
	n, at1, at10 := 0, 0, 0
	began := time.Now()
	for _, q := range questions {
		text := q.Question[form]
		if form == "misspelt" {
			text = q.Misspelt
		}
		if q.City != city || !q.Answerable || text == "" {
			continue
		}
		ids, err := e.search(text)
		if err != nil {
			return fmt.Errorf("%s: question %d: %w", name, q.ID, err)
		}
		n++
		for i, id := range ids {
			if id == strconv.Itoa(q.Page) {
				at10++
				if i == 0 {
					at1++
				}
			}
		}
	}
	if n > 0 {
		fmt.Printf("%-14s %-16s %-9s n %3d at1 %.3f at10 %.3f built %s query %s\n", name, city, form, n,
			float64(at1)/float64(n), float64(at10)/float64(n), built.Round(time.Millisecond), (time.Since(began) / time.Duration(n)).Round(time.Microsecond))
	}
	return nil
}

// normalise brings a text to small letters without umlauts and keeps words only, as one would before FTS5.
func normalise(s string) []string {
	s = strings.NewReplacer("ä", "a", "ö", "o", "ü", "u", "ß", "ss").Replace(strings.ToLower(s))
	return strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

type fts struct {
	db       *sql.DB
	prefixes bool
}

func newFTS(pages []page, prefixes bool) (engine, error) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("CREATE VIRTUAL TABLE p USING fts5(id UNINDEXED, title, body, tokenize = 'unicode61')"); err != nil {
		return nil, err
	}
	for _, p := range pages {
		title, body, _ := strings.Cut(p.Text, "\n")
		if _, err := db.Exec("INSERT INTO p VALUES (?, ?, ?)", strconv.Itoa(p.Page), strings.Join(normalise(title), " "), strings.Join(normalise(body), " ")); err != nil {
			return nil, err
		}
	}
	return &fts{db, prefixes}, nil
}

func (f *fts) search(text string) ([]string, error) {
	var terms []string
	for _, w := range normalise(text) {
		if f.prefixes && len([]rune(w)) > 5 {
			terms = append(terms, `"`+string([]rune(w)[:max(5, len([]rune(w))-3)])+`"*`)
		} else {
			terms = append(terms, `"`+w+`"`)
		}
	}
	if len(terms) == 0 {
		return nil, nil
	}
	rows, err := f.db.Query("SELECT id FROM p WHERE p MATCH ? ORDER BY bm25(p, 0, 3, 1) LIMIT 10", strings.Join(terms, " OR "))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

type bleveEngine struct {
	index bleve.Index
	fuzzy int
}

func newBleve(pages []page, fuzzy int) (engine, error) {
	m := bleve.NewIndexMapping()
	m.DefaultAnalyzer = "de"
	m.ScoringModel = "bm25"
	dir, err := os.MkdirTemp("", "bleve")
	if err != nil {
		return nil, err
	}
	index, err := bleve.NewUsing(dir+"/index", m, scorch.Name, scorch.Name, nil)
	if err != nil {
		return nil, err
	}
	batch := index.NewBatch()
	for _, p := range pages {
		title, body, _ := strings.Cut(p.Text, "\n")
		if err := batch.Index(strconv.Itoa(p.Page), map[string]any{"title": title, "body": body}); err != nil {
			return nil, err
		}
	}
	if err := index.Batch(batch); err != nil {
		return nil, err
	}
	return &bleveEngine{index, fuzzy}, nil
}

func (b *bleveEngine) search(text string) ([]string, error) {
	title, body := bleve.NewMatchQuery(text), bleve.NewMatchQuery(text)
	title.SetField("title")
	body.SetField("body")
	title.SetBoost(2)
	title.SetFuzziness(b.fuzzy)
	body.SetFuzziness(b.fuzzy)
	got, err := b.index.Search(bleve.NewSearchRequestOptions(bleve.NewDisjunctionQuery(title, body), 10, 0, false))
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, h := range got.Hits {
		ids = append(ids, h.ID)
	}
	return ids, nil
}

func lines[T any](path string) ([]T, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []T
	s := bufio.NewScanner(f)
	s.Buffer(nil, 16<<20)
	for s.Scan() {
		var v T
		if err := json.Unmarshal(s.Bytes(), &v); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, s.Err()
}
