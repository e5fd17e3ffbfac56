package web_test

import (
	"encoding/csv"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"gevor/indicator"
	"gevor/internal/web"
	"gevor/internal/web/webtest"
)

// bound is what somebody who reads and reckons knows of a count.
type bound struct{ low, high float64 }

// reckoner knows published counts by area and the sums that bind them. It shares no code with the gate.
type reckoner struct {
	known map[string]bound
	sums  map[string][]string // total to parts
}

// reckon narrows bounds by the sums until nothing moves any more.
func (r *reckoner) reckon() {
	for moved := true; moved; {
		moved = false
		narrow := func(area string, low, high float64) {
			b := r.known[area]
			n := bound{math.Max(b.low, low), math.Min(b.high, high)}
			if n != b {
				r.known[area], moved = n, true
			}
		}
		for total, parts := range r.sums {
			var low, high float64
			for _, p := range parts {
				low += r.known[p].low
				high += r.known[p].high
			}
			narrow(total, low, high)
			t := r.known[total]
			for _, p := range parts {
				b := r.known[p]
				if others := high - b.high; !math.IsInf(others, 0) && !math.IsNaN(others) {
					narrow(p, t.low-others, math.Inf(1))
				}
				narrow(p, math.Inf(-1), t.high-(low-b.low))
			}
		}
	}
}

// published reads the bytes of a dataset's file as a stranger gets them: counts by period and area. Where a count is
// suppressed it is at least 1, as zeros are shown; where a rate and its base are shown, they bind the count as well.
func published(t *testing.T, body string) map[string]map[string]bound {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for i, name := range rows[0] {
		at[name] = i
	}
	number := func(row []string, name string) (float64, bool) {
		x, err := strconv.ParseFloat(row[at[name]], 64)
		return x, err == nil
	}
	out := map[string]map[string]bound{}
	for _, row := range rows[1:] {
		period := row[at["period"]]
		if out[period] == nil {
			out[period] = map[string]bound{}
		}
		b := bound{0, math.Inf(1)}
		switch count, ok := number(row, "count"); {
		case ok:
			b = bound{count, count}
		case row[at["count_kind"]] == "suppressed":
			b.low = 1
		case row[at["count_kind"]] == "missing":
			b = bound{0, 0} // the worst case: the stranger knows that nobody is there
		}
		if rate, ok := number(row, "value"); ok {
			if base, ok := number(row, "base"); ok {
				b.low, b.high = math.Max(b.low, math.Ceil((rate-0.05)/100*base-1e-9)), math.Min(b.high, math.Floor((rate+0.05)/100*base+1e-9))
			}
		}
		out[period][row[at["area"]]] = b
	}
	return out
}

// townSums are the cities of the example town with their districts, and the planning area with its cities.
func townSums() map[string][]string {
	s := webtest.Run(web.Normal).Result.Snapshot
	out := map[string][]string{}
	for i := range s.Areas {
		if p := s.Areas[i].Parent; p >= 0 {
			out[s.Areas[p].Key] = append(out[s.Areas[p].Key], s.Areas[i].Key)
		} else {
			out["PB1"] = append(out["PB1"], s.Areas[i].Key)
		}
	}
	return out
}

const smallest = 5 // the minimum of the rules in webtest

// recovered counts the small figures of a table whose value somebody finds, or bounds more closely than the rules allow.
func recovered(table *indicator.Table, seen map[string]map[string]bound) (small, found int) {
	for period, known := range seen {
		r := &reckoner{known: known, sums: townSums()}
		for total := range r.sums {
			if _, ok := known[total]; !ok {
				known[total] = bound{0, math.Inf(1)}
			}
		}
		r.reckon()
		for _, f := range table.Figures {
			if f.Period.String() != period || !f.Count.Known() || f.Count.Number == 0 || f.Count.Number >= smallest {
				continue
			}
			small++
			if b := r.known[f.Area]; b.high-b.low < smallest-1 {
				found++
			}
		}
	}
	return small, found
}

// TestNobodyReckonsSmallFigures reads every file and page of the statistics as a stranger does and reckons: no figure below
// the minimum can be found or bounded closely. The control is the same table with the small figures alone taken out:
// then totals give them away.
func TestNobodyReckonsSmallFigures(t *testing.T) {
	s, err := webtest.Handler(web.Normal, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	get := func(path string) (int, string) {
		rec := httptest.NewRecorder()
		s.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, path, nil))
		return rec.Code, rec.Body.String()
	}
	var small, found, control, lost, all int
	tables := webtest.Figures()
	for i := range tables {
		table := &tables[i]
		if !table.Dataset.Ratio() {
			continue
		}
		code, body := get("/figures/" + table.Dataset.ID)
		if table.Dataset.ID == webtest.PrivateDataset {
			if code != http.StatusNotFound {
				t.Errorf("a private dataset answers a stranger with %d", code)
			}
			continue
		}
		seen := published(t, body)
		for _, known := range seen {
			for _, b := range known {
				all++
				if b.low != b.high {
					lost++
				}
			}
		}
		n, hits := recovered(table, seen)
		small, found = small+n, found+hits
		_, hits = recovered(table, primaryOnly(table))
		control += hits
	}
	t.Logf("figure: statistics of the example town: %d figures below the minimum, %d recovered; control with secondary suppression off: %d recovered; %d of %d published counts withheld", small, found, control, lost, all)
	if small == 0 || found > 0 {
		t.Errorf("%d of %d small figures are recovered", found, small)
	}
	if control == 0 {
		t.Error("the control recovers nothing")
	}
	if 4*lost > all {
		t.Errorf("%d of %d counts are withheld: hiding everything is no protection", lost, all)
	}
}

// primaryOnly is what a stranger would know if small figures alone were taken out: all totals stand.
func primaryOnly(table *indicator.Table) map[string]map[string]bound {
	out := map[string]map[string]bound{}
	sums := townSums()
	truth := map[string]map[string]float64{}
	for _, f := range table.Figures {
		p := f.Period.String()
		if truth[p] == nil {
			truth[p], out[p] = map[string]float64{}, map[string]bound{}
		}
		truth[p][f.Area] = f.Count.Number
		out[p][f.Area] = bound{f.Count.Number, f.Count.Number}
		if c := f.Count.Number; c > 0 && c < smallest {
			out[p][f.Area] = bound{1, math.Inf(1)}
		}
	}
	for p := range out {
		for total, parts := range sums {
			if total == "PB1" {
				continue
			}
			sum := 0.0
			for _, part := range parts {
				sum += truth[p][part]
			}
			out[p][total] = bound{sum, sum}
		}
	}
	return out
}

// TestSmallFiguresStandOnNoPage looks on every page of the statistics, in tables and downloads, for the true number beside
// the name of a district whose figure is hidden.
func TestSmallFiguresStandOnNoPage(t *testing.T) {
	s, err := webtest.Handler(web.Normal, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	tables := webtest.Figures()
	table := &tables[0]
	names := map[string]string{}
	snap := webtest.Run(web.Normal).Result.Snapshot
	for i := range snap.Areas {
		names[snap.Areas[i].Key] = snap.Areas[i].Name
	}
	looked, hidden := 0, 0
	for _, f := range table.Figures {
		if f.Count.Number == 0 || f.Count.Number >= smallest {
			continue
		}
		for _, query := range []string{"?as=csv&time=", "?time="} {
			rec := httptest.NewRecorder()
			s.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/de/daten/"+table.Dataset.ID+query+url.QueryEscape(f.Period.String()), nil))
			if rec.Code != http.StatusOK {
				t.Fatalf("%s: %d", query, rec.Code)
			}
			looked++
			for _, line := range strings.Split(rec.Body.String(), "\n") {
				if !strings.Contains(line, names[f.Area]) || !strings.Contains(query, "csv") {
					continue
				}
				hidden++
				if fields := strings.Split(strings.TrimSpace(line), ";"); len(fields) < 5 || fields[4] != "" || fields[2] != "" {
					t.Errorf("a hidden figure stands in %q", line)
				}
			}
		}
	}
	if looked == 0 || hidden == 0 {
		t.Errorf("looked at %d pages and %d lines", looked, hidden)
	}
}
