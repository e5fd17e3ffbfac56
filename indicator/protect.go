package indicator

import (
	"cmp"
	"fmt"
	"math"
	"reflect"
	"slices"

	"gevor/disclosure"
	"gevor/fault"
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
	b := &gating{t: t, g: g, o: o, p: &Publication{Dataset: t.Dataset, Periods: t.Periods()}, preview: &Preview{}, at: map[key]int{}}
	b.areas()
	d := &b.p.Dataset
	n := len(b.p.Areas) * len(b.p.Periods)
	b.p.Shown = make([]Value, n)
	if !d.Values {
		b.p.Count = make([]Value, n)
	}
	if d.Ratio() {
		b.p.Base = make([]Value, n)
	}
	for k, p := range b.p.Periods {
		if err := b.period(k, p); err != nil {
			return nil, nil, err
		}
	}
	b.prune()
	if b.preview.Figures > 0 {
		b.preview.Lost = float64(b.preview.Primary+b.preview.Secondary) / float64(b.preview.Figures)
	}
	return b.p, b.preview, nil
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
	t       *Table
	g       *Ground
	o       GateOptions
	p       *Publication
	preview *Preview
	index   map[string]int // of areas
	at      map[key]int    // of figures
}

// areas lists what has figures, and the totals that readers can add up.
func (b *gating) areas() {
	b.index = map[string]int{}
	has := map[string]bool{}
	for i, f := range b.t.Figures {
		b.at[key{f.Area, f.Period}] = i
		has[f.Area] = true
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

// sums gives the parts of every area that has some, in one period. Parts without any figure then are left out where the
// others may be the whole: whoever knows that nobody lives there would reckon so.
func (b *gating) sums(source []Figure) []disclosure.Sum {
	var out []disclosure.Sum
	for i, a := range b.p.Areas {
		var parts []string
		for _, part := range b.g.Parts(a.Key) {
			parts = append(parts, part.Key)
		}
		for by, codes := range map[string][]string{"areas": parts, "members": b.o.Members[a.Key]} {
			if s := b.sum(a.Key, by, codes, source, source[i].Count); len(s.Parts) > 0 {
				out = append(out, s)
			}
		}
	}
	slices.SortStableFunc(out, func(x, y disclosure.Sum) int {
		return cmp.Or(cmp.Compare(b.index[x.Total], b.index[y.Total]), cmp.Compare(x.By, y.By))
	})
	return out
}

// sum is one total with its parts.
func (b *gating) sum(total, by string, parts []string, source []Figure, whole Value) disclosure.Sum {
	s, all := disclosure.Sum{Total: total, By: by}, disclosure.Sum{Total: total, By: by}
	known, reached := true, 0.0
	for _, code := range parts {
		part := disclosure.Part{Code: code, Share: 1}
		all.Parts = append(all.Parts, part)
		k, ok := b.index[code]
		if !ok || source[k].Count.Kind == Missing {
			continue
		}
		s.Parts = append(s.Parts, part)
		known = known && source[k].Count.Known()
		reached += source[k].Count.Number
	}
	if known && whole.Known() && reached != whole.Number {
		return all // something is in the parts without a figure
	}
	return s
}

// period protects one period.
func (b *gating) period(k int, p Period) error {
	d := &b.t.Dataset
	table := &disclosure.Table{Counts: !d.Values, Dimensions: []disclosure.Dimension{{Name: "area"}, {Name: "measure"}}}
	rules := d.Rules
	shift := 0.0
	if d.Values {
		// Rates and means carry no counts: only the number of contributors can make one sensitive.
		rules = disclosure.Rules{Name: rules.Name, MinimumUnits: rules.MinimumUnits, ProtectPercent: rules.ProtectPercent}
		shift = b.lowest(p)
	}
	if b.open() {
		rules = disclosure.Rules{MinimumCell: 2} // no figure meets it: all are marked as public
	}
	source := make([]Figure, len(b.p.Areas))
	for i, a := range b.p.Areas {
		source[i] = b.figure(a.Key, p)
	}
	if !d.Values {
		b.complete(source)
		if !b.open() {
			table.Dimensions[0].Sums = b.sums(source)
		}
	}
	for i, a := range b.p.Areas {
		f := source[i]
		cell := disclosure.Cell{At: []string{a.Key, countCode}, Value: f.Count.Number, Missing: !f.Count.Known(), Units: f.Units, Place: f.Place, Public: b.open()}
		if d.Values {
			cell.At[1], cell.Value, cell.Missing = valueCode, f.Rate.Number-shift, !f.Rate.Known()
		}
		table.Cells = append(table.Cells, cell)
		if d.Ratio() {
			table.Cells = append(table.Cells, disclosure.Cell{
				At: []string{a.Key, baseCode}, Value: f.Base.Number, Missing: !f.Base.Known(), Place: f.Place, Public: b.open() || b.o.OpenBase || b.o.Base != nil,
			})
		}
	}
	if d.Ratio() {
		table.Rates = []disclosure.Rate{{Name: rateName, Dimension: "measure", Numerator: countCode, Denominator: baseCode, Per: d.Per, Decimals: d.Decimals, Part: d.Part}}
	}
	protected, report, err := disclosure.Gate(table, rules, b.options(p, shift))
	if err != nil {
		return fault.Wrap(fault.KindOf(err), d.ID+" "+p.String(), "the figures cannot be released", "see the notices of the dataset, or what the gate says", err)
	}
	b.take(k, p, source, protected, report)
	return nil
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
			known(countCode, e.count(a.Key, p), 0)
			if e.Dataset.Ratio() {
				known(baseCode, e.base(a.Key, p), 0)
			}
		}
		o.Earlier = append(o.Earlier, r)
	}
	for _, c := range b.o.Conceded {
		for _, a := range b.p.Areas {
			if c == a.Key+" "+p.String() {
				o.Conceded = append(o.Conceded, []string{a.Key, countCode})
			}
		}
	}
	return o
}
