package indicator

import (
	"fmt"
	"math"
	"reflect"
	"slices"

	"gevor/disclosure"
)

// Publication is what may leave of a dataset: figures that have passed the gate. Only Protect makes one. It holds no number
// where a figure is suppressed. Count, Base and Shown have one value for each area and period, areas first.
type Publication struct {
	Dataset Dataset  `json:"dataset"`
	Areas   []Area   `json:"areas"`
	Periods []Period `json:"periods"`
	Count   []Value  `json:"count,omitempty"` // none where figures were gathered as rates
	Base    []Value  `json:"base,omitempty"`  // none without a denominator
	Shown   []Value  `json:"shown"`           // count / base · Per, else the count, else the value as gathered
	// Classes are the inner bounds of the classes of maps, ascending: those of the first release of the same definition.
	Classes []float64 `json:"classes,omitempty"`
}

// Preview tells the owner of a dataset what its rules hide. It is not for readers.
type Preview struct {
	Figures    int // counts and bases with a value
	Published  int
	Zeros      int
	Primary    int
	Secondary  int
	AtSource   int // suppressed by the source already
	Absent     int // never gathered
	Unbound    int // earlier figures that bind nothing, as they were revised or do not add up
	Lost       float64
	Value      float64
	HiddenOf   float64 // of Value, in the unit of the count
	Rows       []PreviewRow
	DrawnTotal int // totals that the source does not give and that follow from its parts
}

// PreviewRow is one hidden figure.
type PreviewRow struct {
	Area    string
	Period  Period
	Measure string // "count", "base" or "value"
	Fate    disclosure.Fate
	Rule    disclosure.Rule
}

// GateOptions are what belongs to one release of a dataset.
type GateOptions struct {
	// Earlier is what was published of the dataset before, withdrawn or not, oldest first.
	Earlier []*Publication
	// Base is the publication of the dataset that BaseOf names; where it hides a figure, nobody divides by it.
	Base *Publication
	// OpenBase says that the base is published by its own source under no rule.
	OpenBase bool
	// Members are areas that are exact unions of others, as planning areas of districts.
	Members map[string][]string
	// BaseCode tells bases apart where several tables are protected together: tables that name the same share their bases.
	BaseCode string
	// SumOf are the ids of the tables, protected together with this one, whose counts add up to its counts.
	SumOf []string
	// Conceded are areas and periods, as "area period", that the owner gives up as known.
	Conceded []string
}

const (
	countCode = "count"
	baseCode  = "base"
	valueCode = "value"
	rateName  = "rate"
)

// Protect puts a table through the gate with the rules of its source. Every period passes by itself, as no sum binds
// periods together; what was published earlier of the same period binds it. A figure that its source suppresses stays
// suppressed, and is protected like any other where it follows from a total. Totals that the source does not give are
// added where all parts are known, since readers add up themselves. Faults are those of disclosure.Gate.
func Protect(t *Table, g *Ground, o GateOptions) (*Publication, *Preview, error) {
	out, previews, err := ProtectTogether([]*Table{t}, g, []GateOptions{o})
	if err != nil {
		return nil, nil, err
	}
	return out[0], previews[0], nil
}

// prune leaves out totals that neither the source gives nor follow from all their parts.
func (b *gating) prune() {
	p, n := b.p, len(b.p.Periods)
	var areas []Area
	var count, base, shown []Value
	for i, a := range p.Areas {
		row := p.Shown[i*n : (i+1)*n]
		if a.Level != p.Dataset.Level && !slices.ContainsFunc(row, func(v Value) bool { return v.Kind != Missing }) {
			continue
		}
		areas, shown = append(areas, a), append(shown, row...)
		if p.Count != nil {
			count = append(count, p.Count[i*n:(i+1)*n]...)
		}
		if p.Base != nil {
			base = append(base, p.Base[i*n:(i+1)*n]...)
		}
	}
	p.Areas, p.Count, p.Base, p.Shown = areas, count, base, shown
}

type gating struct {
	codes   codes
	t       *Table
	g       *Ground
	o       GateOptions
	p       *Publication
	preview *Preview
	index   map[string]int // of areas
	at      map[key]int    // of figures
}

// areas lists what any of the tables has figures of, and the totals that readers can add up.
func (b *gating) areas(all []*Table) {
	b.index = map[string]int{}
	has := map[string]bool{}
	for i, f := range b.t.Figures {
		b.at[key{f.Area, f.Period}] = i
	}
	for _, t := range all {
		for _, f := range t.Figures {
			has[f.Area] = true
		}
	}
	if !b.t.Dataset.Values {
		for _, a := range b.g.areas {
			if a.Parent != "" && has[a.Key] {
				has[a.Parent] = true
			}
		}
		for union, members := range b.o.Members {
			has[union] = has[union] || !slices.ContainsFunc(members, func(m string) bool { return !has[m] })
		}
	}
	for _, a := range b.g.areas {
		if has[a.Key] {
			a.Members = b.o.Members[a.Key]
			b.index[a.Key] = len(b.p.Areas)
			b.p.Areas = append(b.p.Areas, a)
		}
	}
}

// lowest is one less than the least value of a period, at most −1: the gate wants figures of 0 and more and takes a zero
// for harmless, which the mean of few is not. Without sums only differences between values matter to it.
func (b *gating) lowest(p Period) float64 {
	low := 0.0 // a rate of 0 is a value like any other
	for _, f := range b.t.Figures {
		if f.Period == p && f.Rate.Known() {
			low = math.Min(low, f.Rate.Number)
		}
	}
	return low - 1
}

// figure gives what the owner knows; the base comes from where it was published.
func (b *gating) figure(area string, p Period) Figure {
	f := Figure{Area: area, Period: p}
	if i, ok := b.at[key{area, p}]; ok {
		f = b.t.Figures[i]
	}
	if b.o.Base != nil {
		f.Base = b.o.Base.count(area, p)
	}
	return f
}

// complete gives totals that the source does not give: from all parts where each is known, for count and base alike.
func (b *gating) complete(source []Figure) {
	for i, a := range b.p.Areas {
		f := &source[i]
		if f.Place != "" {
			continue
		}
		var parts []string
		for _, x := range b.g.Parts(a.Key) {
			parts = append(parts, x.Key)
		}
		if len(parts) == 0 {
			parts = b.o.Members[a.Key]
		}
		count, base, whole, based := 0.0, 0.0, len(parts) > 0, len(parts) > 0
		units := 0
		for _, part := range parts {
			k, ok := b.index[part]
			whole = whole && ok && source[k].Count.Kind == Measured
			based = based && ok && source[k].Base.Kind == Measured
			if ok {
				count += source[k].Count.Number
				base += source[k].Base.Number
				units += source[k].Units
			}
		}
		if whole {
			f.Count, f.Units = Of(count), units
			b.preview.DrawnTotal++
		}
		if based && b.o.Base == nil {
			f.Base = Of(base)
		}
	}
}

// open says that the source keeps nothing secret.
func (b *gating) open() bool { return reflect.ValueOf(b.t.Dataset.Rules).IsZero() }

func (b *gating) options(p Period, shift float64) disclosure.Options {
	var o disclosure.Options
	if b.open() {
		return o
	}
	for n, e := range b.o.Earlier {
		r := disclosure.Release{Name: fmt.Sprintf("release %d", n+1)}
		for _, a := range e.Areas {
			known := func(code string, v Value, from float64) {
				if v.Kind == Measured && v.Number >= from {
					r.Figures = append(r.Figures, disclosure.Known{At: []string{a.Key, code}, Value: v.Number - from, Place: r.Name})
				}
			}
			if e.Dataset.Values {
				known(valueCode, e.shown(a.Key, p), shift)
				continue
			}
			known(b.codes.count, e.count(a.Key, p), 0)
			if e.Dataset.Ratio() {
				known(b.codes.base, e.base(a.Key, p), 0)
			}
		}
		o.Earlier = append(o.Earlier, r)
	}
	for _, c := range b.o.Conceded {
		for _, a := range b.p.Areas {
			if c == a.Key+" "+p.String() {
				o.Conceded = append(o.Conceded, []string{a.Key, b.codes.count})
			}
		}
	}
	return o
}
