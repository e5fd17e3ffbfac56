package indicator

import (
	"cmp"
	"slices"

	"gevor/disclosure"
	"gevor/fault"
)

// codes are the names of a table's measures at the gate.
type codes struct{ count, base, rate string }

// ProtectTogether puts tables through the gate as one, so that no figure of one can be reckoned with those of another: tables
// with the same BaseCode share a denominator, those named in SumOf add up. They must be under the same rules, which are those
// of the first; options go with tables. One table alone is protected as Protect does.
func ProtectTogether(tables []*Table, g *Ground, options []GateOptions) ([]*Publication, []*Preview, error) {
	j := &joint{g: g}
	var periods []Period
	for i, t := range tables {
		b := &gating{t: t, g: g, o: options[i], p: &Publication{Dataset: t.Dataset, Periods: t.Periods()}, preview: &Preview{}, at: map[key]int{}}
		b.codes = codes{countCode, baseCode, rateName}
		if len(tables) > 1 {
			b.codes = codes{countCode + " " + t.Dataset.ID, baseCode + " " + cmp.Or(options[i].BaseCode, t.Dataset.ID), rateName + " " + t.Dataset.ID}
			if t.Dataset.Values {
				return nil, nil, invalid(t.Dataset.ID, "has rates or means, which cannot be protected together with counts", "give the counts behind them")
			}
		}
		if t.Dataset.Values {
			b.codes.count = valueCode
		}
		b.areas(tables)
		n := len(b.p.Areas) * len(b.p.Periods)
		b.p.Shown = make([]Value, n)
		if !t.Dataset.Values {
			b.p.Count = make([]Value, n)
		}
		if t.Dataset.Ratio() {
			b.p.Base = make([]Value, n)
		}
		periods = append(periods, b.p.Periods...)
		j.all = append(j.all, b)
	}
	slices.SortFunc(periods, Period.Compare)
	for _, p := range slices.Compact(periods) {
		if err := j.period(p); err != nil {
			return nil, nil, err
		}
	}
	var out []*Publication
	var previews []*Preview
	for _, b := range j.all {
		b.prune()
		b.p.Classes = b.p.classesAfter(b.o.Earlier)
		if b.preview.Figures > 0 {
			b.preview.Lost = float64(b.preview.Primary+b.preview.Secondary) / float64(b.preview.Figures)
		}
		out, previews = append(out, b.p), append(previews, b.preview)
	}
	return out, previews, nil
}

// joint is some tables at the gate.
type joint struct {
	g   *Ground
	all []*gating
}

// period protects one period of all tables that have it.
func (j *joint) period(p Period) error {
	var of []*gating
	for _, b := range j.all {
		if slices.Contains(b.p.Periods, p) {
			of = append(of, b)
		}
	}
	first := of[0]
	d := &first.t.Dataset
	table := &disclosure.Table{Counts: !d.Values, Dimensions: []disclosure.Dimension{{Name: "area"}, {Name: "measure"}}}
	rules, shift := d.Rules, 0.0
	if d.Values {
		// Rates and means carry no counts: only the number of contributors can make one sensitive.
		rules = disclosure.Rules{Name: rules.Name, MinimumUnits: rules.MinimumUnits, ProtectPercent: rules.ProtectPercent}
		shift = first.lowest(p)
	}
	if first.open() {
		rules = disclosure.Rules{MinimumCell: 2} // no figure meets it: all are marked as public
	}
	sources := make([][]Figure, len(of))
	for i, b := range of {
		sources[i] = make([]Figure, len(b.p.Areas))
		for k, a := range b.p.Areas {
			sources[i][k] = b.figure(a.Key, p)
		}
		if !d.Values {
			b.complete(sources[i])
		}
	}
	if !d.Values && !first.open() {
		table.Dimensions[0].Sums = j.sums(first, sources)
		table.Dimensions[1].Sums = measureSums(of)
	}
	var options disclosure.Options
	bases := map[string]bool{}
	for i, b := range of {
		b.cells(table, sources[i], shift, bases)
		options = mergedOptions(options, b.options(p, shift))
	}
	protected, report, err := disclosure.Gate(table, rules, options)
	if err != nil {
		return fault.Wrap(fault.KindOf(err), d.ID+" "+p.String(), "the figures cannot be released", "see the notices of the dataset, or what the gate says", err)
	}
	for i, b := range of {
		b.take(slices.Index(b.p.Periods, p), p, sources[i], table, protected, report)
	}
	return nil
}

// mergedOptions joins what was published of several tables: releases of one number are one release.
func mergedOptions(a, b disclosure.Options) disclosure.Options {
	for i, r := range b.Earlier {
		if i < len(a.Earlier) {
			a.Earlier[i].Figures = append(a.Earlier[i].Figures, r.Figures...)
			continue
		}
		a.Earlier = append(a.Earlier, r)
	}
	a.Conceded = append(a.Conceded, b.Conceded...)
	return a
}

// cells adds the figures of a table; a base that stands there already is not added again.
func (b *gating) cells(table *disclosure.Table, source []Figure, shift float64, bases map[string]bool) {
	d := &b.t.Dataset
	based := d.Ratio() && !bases[b.codes.base]
	bases[b.codes.base] = bases[b.codes.base] || based
	for i, a := range b.p.Areas {
		f := source[i]
		cell := disclosure.Cell{At: []string{a.Key, b.codes.count}, Value: f.Count.Number, Missing: !f.Count.Known(), Units: f.Units, Place: f.Place, Public: b.open()}
		if d.Values {
			cell.Value, cell.Missing = f.Rate.Number-shift, !f.Rate.Known()
		}
		table.Cells = append(table.Cells, cell)
		if based {
			table.Cells = append(table.Cells, disclosure.Cell{
				At: []string{a.Key, b.codes.base}, Value: f.Base.Number, Missing: !f.Base.Known(), Place: f.Place, Public: b.open() || b.o.OpenBase || b.o.Base != nil,
			})
		}
	}
	if d.Ratio() {
		table.Rates = append(table.Rates, disclosure.Rate{Name: b.codes.rate, Dimension: "measure", Numerator: b.codes.count, Denominator: b.codes.base, Per: d.Per, Decimals: d.Decimals, Part: d.Part})
	}
}

// measureSums are the datasets that are sums of others, where all of them are there.
func measureSums(of []*gating) []disclosure.Sum {
	var out []disclosure.Sum
	for _, b := range of {
		s := disclosure.Sum{Total: b.codes.count, By: "datasets"}
		for _, id := range b.o.SumOf {
			if at := slices.IndexFunc(of, func(x *gating) bool { return x.t.Dataset.ID == id }); at >= 0 {
				s.Parts = append(s.Parts, disclosure.Part{Code: of[at].codes.count, Share: 1})
			}
		}
		if len(s.Parts) > 0 && len(s.Parts) == len(b.o.SumOf) {
			out = append(out, s)
		}
	}
	return out
}

// sums gives the parts of every area that has some, in one period. Parts without any figure in any of the tables then are left
// out where the others may be the whole: whoever knows that nobody lives there would reckon so.
func (j *joint) sums(b *gating, sources [][]Figure) []disclosure.Sum {
	var out []disclosure.Sum
	for i, a := range b.p.Areas {
		var parts []string
		for _, part := range j.g.Parts(a.Key) {
			parts = append(parts, part.Key)
		}
		for by, codes := range map[string][]string{"areas": parts, "members": b.o.Members[a.Key]} {
			if s := b.sum(a.Key, by, codes, sources, i); len(s.Parts) > 0 {
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
func (b *gating) sum(total, by string, parts []string, sources [][]Figure, whole int) disclosure.Sum {
	s, all := disclosure.Sum{Total: total, By: by}, disclosure.Sum{Total: total, By: by}
	for _, code := range parts {
		part := disclosure.Part{Code: code, Share: 1}
		all.Parts = append(all.Parts, part)
		k, ok := b.index[code]
		if ok && slices.ContainsFunc(sources, func(of []Figure) bool { return of[k].Count.Kind != Missing }) {
			s.Parts = append(s.Parts, part)
		}
	}
	for _, of := range sources {
		known, reached := true, 0.0
		for _, part := range s.Parts {
			v := of[b.index[part.Code]].Count
			known = known && v.Known()
			reached += v.Number
		}
		if t := of[whole].Count; known && t.Known() && reached != t.Number {
			return all // something is in the parts without a figure
		}
	}
	return s
}

// SameBase gives those of other publications that divide by the figures that t divides by, as far as what is published of them
// tells: three or more denominators are equal and none differs. Counts and rates are left out, so that they bind, as earlier
// releases, nothing but the denominators. Whoever has true figures of both protects them together instead (ProtectTogether).
// TestASecondDatasetKeepsTheDenominator.
func SameBase(t *Table, others []*Publication) []*Publication {
	var out []*Publication
	for _, o := range others {
		if !t.Dataset.Ratio() || !o.Dataset.Ratio() || o.Dataset.Level != t.Dataset.Level {
			continue
		}
		equal, differ := 0, 0
		for _, f := range t.Figures {
			switch base := o.base(f.Area, f.Period); {
			case !f.Base.Known() || base.Kind != Measured:
			case base.Number == f.Base.Number:
				equal++
			default:
				differ++
			}
		}
		if equal >= 3 && differ == 0 {
			bases := *o
			bases.Count, bases.Shown = nil, nil
			out = append(out, &bases)
		}
	}
	return out
}
