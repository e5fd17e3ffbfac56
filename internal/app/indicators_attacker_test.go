package app

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"gevor/authz"
	"gevor/indicator"
	"gevor/internal/demo"
	"gevor/internal/web"
	"gevor/internal/web/webtest"
)

// dense is a matrix of rows with one slack each.
func dense(rows [][]float64, width int) *mat.Dense {
	m := mat.NewDense(len(rows), width, nil)
	for i, row := range rows {
		for k, x := range row {
			m.Set(i, k, x)
		}
		m.Set(i, width-len(rows)+i, 1)
	}
	return m
}

// shownFigure is what published bytes say of one figure: its number, or in words that there is none.
type shownFigure struct{ count, base, rate string }

// edition is one reading of a dataset: by "area period".
type edition map[string]shownFigure

// stranger reads without a name.
type stranger struct {
	t *testing.T
	h http.Handler
}

func (s stranger) get(path string) (int, string) {
	rec := httptest.NewRecorder()
	s.h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, path, nil))
	return rec.Code, rec.Body.String()
}

func (s stranger) table(path string, comma rune) (map[string]int, [][]string) {
	s.t.Helper()
	code, body := s.get(path)
	if code != http.StatusOK {
		s.t.Fatalf("%s: %d", path, code)
	}
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(body, "\ufeff")))
	r.Comma = comma
	rows, err := r.ReadAll()
	if err != nil {
		s.t.Fatal(err)
	}
	at := map[string]int{}
	for i, name := range rows[0] {
		at[name] = i
	}
	return at, rows[1:]
}

// read gathers what a dataset's file and the tables of its page say. What a page tells beyond the file counts as told.
func (s stranger) read(d *indicator.Dataset, periods []indicator.Period) edition {
	s.t.Helper()
	out := edition{}
	at, rows := s.table("/figures/"+d.ID, ',')
	for _, row := range rows {
		f := shownFigure{row[at["count"]], row[at["base"]], row[at["value"]]}
		for kind, into := range map[string]*string{"count_kind": &f.count, "base_kind": &f.base, "kind": &f.rate} {
			if *into == "" {
				*into = row[at[kind]]
			}
		}
		out[row[at["area"]]+" "+row[at["period"]]] = f
	}
	if !d.Ratio() {
		return out
	}
	for _, p := range periods[max(0, len(periods)-2):] {
		at, rows := s.table("/de/daten/"+d.ID+"?as=csv&time="+url.QueryEscape(p.String()), ';')
		for _, row := range rows {
			key := row[at["Schlüssel"]] + " " + p.String()
			f := out[key]
			for column, into := range map[string]*string{"Fälle": &f.count, "Nenner": &f.base} {
				if text := strings.Replace(row[at[column]], ",", ".", 1); text != "" {
					*into = text
				}
			}
			out[key] = f
		}
	}
	return out
}

// gathered is all that somebody knows of the region: which areas are made of which, and what was ever published.
type gathered struct {
	s        *statistics
	editions [][]edition // of a dataset in every release
}

// parts are the areas of an area, by what everybody knows of the region.
func (g *gathered) parts() map[string][]string {
	out := map[string][]string{}
	for _, level := range indicator.Levels() {
		for _, a := range g.s.ground.Of(level) {
			if a.Parent != "" {
				out[a.Parent] = append(out[a.Parent], a.Key)
			}
		}
	}
	for whole, members := range g.s.members {
		out[whole] = slices.Clone(members)
	}
	return out
}

// baseName names denominators: datasets that divide by the same column have one.
func (g *gathered) baseName(i int) string {
	e := &g.s.catalogue.Entries[i]
	if code := e.Options().BaseCode; code != "" {
		return "of " + code
	}
	return "of " + e.ID
}

// reckoner puts what was published of a period into one system of figures and sums. A total is that of its release: what a
// release lacks is in none of its totals.
func (g *gathered) reckoner(p indicator.Period, entries []int) *reckoner {
	r := newReckoner()
	parts := g.parts()
	for _, i := range entries {
		e := &g.s.catalogue.Entries[i]
		half := 0.5 * math.Pow10(-e.Decimals)
		for release, seen := range g.editions[i] {
			name := func(what, area string) string {
				if _, total := parts[area]; total {
					return what + " " + area + " " + strconv.Itoa(release)
				}
				return what + " " + area
			}
			for key, f := range seen {
				area, period, _ := strings.Cut(key, " ")
				if period != p.String() {
					continue
				}
				n := r.figure(name(e.ID, area))
				r.told(n, f.count, e.Rules.MinimumDenominator == 0)
				if !e.Ratio() {
					continue
				}
				b := r.figure(name(g.baseName(i), area))
				r.told(b, f.base, false)
				if e.Part && f.base != indicator.Missing.String() && f.count != indicator.Missing.String() {
					r.claim(map[int]float64{n: 1, b: -1}, math.Inf(-1), 0)
				}
				if rate, err := strconv.ParseFloat(f.rate, 64); err == nil {
					r.claim(map[int]float64{n: 1, b: -(rate + half) / e.Per}, math.Inf(-1), 1e-6)
					r.claim(map[int]float64{n: 1, b: -(rate - half) / e.Per}, -1e-6, math.Inf(1))
				}
			}
			for whole, of := range parts {
				total, ok := seen[whole+" "+p.String()]
				if !ok {
					continue
				}
				for what, kind := range map[string]func(shownFigure) string{e.ID: func(f shownFigure) string { return f.count }, g.baseName(i): func(f shownFigure) string { return f.base }} {
					weight := map[int]float64{}
					if kind(total) == indicator.Missing.String() {
						continue
					}
					weight[r.figure(name(what, whole))] = -1
					for _, part := range of {
						if f, ok := seen[part+" "+p.String()]; ok && kind(f) != indicator.Missing.String() {
							weight[r.figure(name(what, part))] = 1
						}
					}
					r.claim(weight, 0, 0)
				}
			}
		}
	}
	return r
}

// told takes what is printed in a cell: a number, or that there is none. What is suppressed is at least 1 where zeros are
// always shown.
func (r *reckoner) told(i int, text string, zerosShown bool) {
	if x, err := strconv.ParseFloat(text, 64); err == nil {
		r.between(i, x, x)
	} else if text == indicator.Suppressed.String() && zerosShown {
		r.between(i, 1, math.Inf(1))
	}
}

// found is what a reckoner gets out of a region.
type found struct{ figures, hidden, small, exact, narrow, failed int }

// attack reckons every period of every dataset, linked ones together, and compares with the truth: figures that nobody
// published but somebody knows, and small ones that lie between closer bounds than the least cell is wide.
func (g *gathered) attack() (out found) {
	for _, group := range g.s.catalogue.Linked() {
		group = slices.DeleteFunc(group, func(i int) bool { return g.s.catalogue.Entries[i].Values || len(g.s.tables[i].Figures) == 0 })
		if len(group) == 0 {
			continue
		}
		for _, p := range g.s.tables[group[0]].Periods() {
			r := g.reckoner(p, group)
			r.reckon()
			for _, i := range group {
				least := float64(g.s.catalogue.Entries[i].Rules.MinimumCell)
				for _, f := range g.s.tables[i].Figures {
					if f.Period != p || !f.Count.Known() || len(g.parts()[f.Area]) > 0 {
						continue
					}
					out.figures++
					if slices.ContainsFunc(g.editions[i], func(e edition) bool { return isNumber(e[f.Area+" "+p.String()].count) }) {
						continue
					}
					out.hidden++
					n := r.figure(g.s.catalogue.Entries[i].ID + " " + f.Area)
					small := f.Count.Number > 0 && f.Count.Number < least
					low, high := r.low[n], r.high[n]
					if small && low < high && !g.s.catalogue.Entries[i].OpenBase { // numerators and denominators hang together
						low, high = r.program(n)
					}
					if small {
						out.small++
						if high-low < least-1 {
							out.narrow++
						}
					}
					if low >= high {
						out.exact++
					}
				}
			}
			out.failed += r.failed
		}
	}
	return out
}

func isNumber(text string) bool {
	_, err := strconv.ParseFloat(text, 64)
	return err == nil
}

// TestNobodyReckonsFiguresOfTheRegion publishes the statistics of a demo region, takes them back, and publishes them again
// with two districts more. Somebody who kept the bytes of both, files and pages, eliminates and solves linear programs: no
// hidden figure is found, and no small one bounded more closely than its rules allow. The control takes out small figures
// and those on small denominators alone: then totals give them away.
func TestNobodyReckonsFiguresOfTheRegion(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "region")
	if err := demo.Write(context.Background(), dir, demo.Options{Seed: 1, People: 60_000}); err != nil {
		t.Fatal(err)
	}
	s, err := readStatistics(dir)
	if err != nil {
		t.Fatal(err)
	}
	server, err := webtest.Handler(web.Normal, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	who := stranger{t, server}
	c := console{out: io.Discard, err: io.Discard}
	g := &gathered{s: s, editions: make([][]edition, len(s.tables))}
	publish := func(tables []indicator.Table, days int) {
		t.Helper()
		some := *s
		some.tables = tables
		if err := some.keep(t.Context(), c, server.Houses.Store, string(webtest.East), webtest.Day().AddDate(0, 0, days)); err != nil {
			t.Fatal(err)
		}
		for i := range tables {
			g.editions[i] = append(g.editions[i], who.read(&tables[i].Dataset, tables[i].Periods()))
		}
	}
	late := s.ground.Of(indicator.Districts)
	late = []indicator.Area{late[2], late[len(late)/2]}
	var early []indicator.Table
	for i := range s.tables {
		x := s.tables[i]
		x.Figures = slices.DeleteFunc(slices.Clone(x.Figures), func(f indicator.Figure) bool {
			return f.Area == late[0].Key || f.Area == late[1].Key
		})
		early = append(early, x)
	}
	publish(early, 0)
	for i := range s.tables {
		id := s.tables[i].Dataset.ID
		if err := server.Houses.Release(t.Context(), figureKeeper(webtest.East), webtest.Day().AddDate(0, 0, 1), authz.Ref{Kind: authz.Figures, Object: id, Purpose: authz.ForAtlas}, authz.Release{}); err != nil {
			t.Fatal(err)
		}
		if code, _ := who.get("/figures/" + id); code != http.StatusNotFound {
			t.Errorf("%s is withdrawn but answers %d", id, code)
		}
	}
	publish(s.tables, 2)
	got := g.attack()
	open := &gathered{s: s, editions: primaryAlone(s)}
	control := open.attack()
	t.Logf("figure: statistics of the demo region, two releases of which one was withdrawn: %d counts of districts, %d withheld (%.1f %%), %d of them below the minimum; %d found, %d bounded too closely (%d programs without answer); control with secondary suppression off: %d withheld, %d found, %d bounded too closely",
		got.figures, got.hidden, 100*float64(got.hidden)/float64(got.figures), got.small, got.exact, got.narrow, got.failed, control.hidden, control.exact, control.narrow)
	if got.small == 0 || got.exact+got.narrow > 0 {
		t.Errorf("%+v", got)
	}
	if control.exact == 0 || control.narrow == 0 {
		t.Errorf("the control finds nothing: %+v", control)
	}
	if 3*got.hidden > got.figures {
		t.Errorf("%d of %d figures are withheld: hiding everything is no protection", got.hidden, got.figures)
	}
}

// primaryAlone is what would be published if rules hid small figures alone, and all sums stood.
func primaryAlone(s *statistics) [][]edition {
	out := make([][]edition, len(s.tables))
	for i := range s.tables {
		d := &s.tables[i].Dataset
		seen, sums := edition{}, map[string]float64{}
		for _, f := range s.tables[i].Figures {
			if a, _ := s.ground.Area(f.Area); a.Level != indicator.Districts || !f.Count.Known() {
				continue
			} else if a.Parent != "" {
				sums[a.Parent+" "+f.Period.String()] += f.Count.Number
			}
			x := shownFigure{count: fmt.Sprint(f.Count.Number), base: indicator.Missing.String(), rate: indicator.Missing.String()}
			if n := f.Count.Number; n > 0 && n < float64(d.Rules.MinimumCell) || f.Base.Known() && f.Base.Number < float64(d.Rules.MinimumDenominator) {
				x.count = indicator.Suppressed.String()
			}
			seen[f.Area+" "+f.Period.String()] = x
		}
		for key, sum := range sums {
			seen[key] = shownFigure{count: fmt.Sprint(sum), base: indicator.Missing.String(), rate: indicator.Missing.String()}
		}
		out[i] = []edition{seen}
	}
	return out
}
