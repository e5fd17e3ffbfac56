package indicator

import (
	"math"

	"gevor/disclosure"
)

// take keeps what the gate lets through.
func (b *gating) take(k int, p Period, source []Figure, table *disclosure.Table, out *disclosure.Protected, report *disclosure.Report) {
	d, n := &b.p.Dataset, len(b.p.Periods)
	rates := map[string]disclosure.Derived{}
	for _, r := range out.Rates() {
		if r.Name == b.codes.rate {
			rates[r.At[0]] = r
		}
	}
	for i, a := range b.p.Areas {
		to := i*n + k
		f := source[i]
		if d.Values {
			fig, _ := out.Figure(a.Key, b.codes.count)
			b.p.Shown[to] = released(fig.Status, f.Rate.Number, f.Rate)
			continue
		}
		fig, _ := out.Figure(a.Key, b.codes.count)
		b.p.Count[to] = released(fig.Status, fig.Value, f.Count)
		if !d.Ratio() {
			b.p.Shown[to] = b.p.Count[to]
			continue
		}
		fig, _ = out.Figure(a.Key, b.codes.base)
		b.p.Base[to] = released(fig.Status, fig.Value, f.Base)
		r := rates[a.Key]
		b.p.Shown[to] = released(r.Status, r.Value, Value{Kind: rateKind(f)})
		b.p.Shown[to].Error = d.chance(b.p.Count[to], b.p.Base[to])
	}
	b.tell(p, source, table, report)
}

// rateKind says why there may be no rate: what was kept back by the source is suppressed, what nobody gathered missing.
func rateKind(f Figure) Kind {
	if f.Count.Kind == Suppressed || f.Base.Kind == Suppressed {
		return Suppressed
	}
	return Missing
}

// released joins what the gate says with what the source says: what it suppressed stays so.
func released(s disclosure.Status, number float64, source Value) Value {
	switch s {
	case disclosure.Published:
		return Value{Kind: Measured, Number: number, Error: source.Error}
	case disclosure.Zero:
		return Value{Kind: Measured, Number: number, Error: source.Error}
	case disclosure.Suppressed:
		return Value{Kind: Suppressed}
	case disclosure.Missing:
	}
	if source.Kind == Suppressed {
		return Value{Kind: Suppressed}
	}
	return Value{}
}

// chance is the standard deviation that chance alone gives a rate of so many: binomial for a part, else Poisson, in the
// unit of the rate. With 0 cases it is that of half a case, so that a small area never looks certain.
func (d *Dataset) chance(count, base Value) float64 {
	if !count.Known() || !base.Known() || base.Number <= 0 {
		return 0
	}
	n := base.Number
	c := math.Max(count.Number, 0.5)
	if d.Part {
		c = math.Min(c, n-math.Min(0.5, n/2))
		return d.Per * math.Sqrt(c/n*(1-c/n)/n)
	}
	return d.Per * math.Sqrt(c) / n
}

// tell counts for the owner of one table; where several were protected together, a base that they share counts in each.
func (b *gating) tell(p Period, source []Figure, table *disclosure.Table, r *disclosure.Report) {
	v := b.preview
	v.Unbound += r.Revised + r.Unlinked
	for i, reason := range r.Reasons {
		cell := &table.Cells[i]
		measure := b.measure(cell.At[1])
		if measure == "" || reason.Fate == disclosure.FateMissing {
			continue
		}
		v.Figures++
		v.Value += cell.Value
		switch reason.Fate {
		case disclosure.FatePublished:
			v.Published++
		case disclosure.FateZero:
			v.Zeros++
		case disclosure.FatePrimary, disclosure.FateSecondary:
			v.HiddenOf += cell.Value
			if reason.Fate == disclosure.FatePrimary {
				v.Primary++
			} else {
				v.Secondary++
			}
			v.Rows = append(v.Rows, PreviewRow{Area: cell.At[0], Period: p, Measure: measure, Fate: reason.Fate, Rule: reason.Rule})
		case disclosure.FateMissing:
		}
	}
	for _, f := range source {
		switch {
		case f.Count.Kind == Suppressed || f.Rate.Kind == Suppressed:
			v.AtSource++
		case f.Count.Kind == Missing && f.Rate.Kind == Missing:
			v.Absent++
		}
	}
}

// measure is the word of previews for a code of this table; empty for another table's.
func (b *gating) measure(code string) string {
	switch {
	case code == b.codes.count && b.t.Dataset.Values:
		return valueCode
	case code == b.codes.count:
		return countCode
	case b.t.Dataset.Ratio() && code == b.codes.base:
		return baseCode
	}
	return ""
}
