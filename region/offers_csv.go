package region

import (
	"math"

	"gevor/fault"
	"gevor/tabular"
)

// offersCSV makes one offer of each row.
func (b *builder) offersCSV(spec OffersSpec) error {
	if err := b.mapping(&spec); err != nil {
		return err
	}
	return b.in.with(spec.File, spec.Source, spec.Line, func(f *file) error {
		t, err := tabular.Open(f.reader(), tabular.Options{File: spec.File, Notes: b.notes})
		if err != nil {
			return err
		}
		cols, err := placeColumns(t, spec.Place)
		if err != nil {
			return err
		}
		if cols.id < 0 {
			return fault.New(fault.Invalid, DescriptionFile+":"+itoa(spec.Line), "no column holds the id of an offer", "add id = \"…\" to [offers.columns]")
		}
		o := offerRow{b: b, spec: spec, t: t, cols: cols, numbers: t.Numbers()}
		for _, x := range []struct {
			to   *int
			name string
		}{
			{&o.name, spec.Columns.Name},
			{&o.category, spec.Columns.Category},
			{&o.capacity, spec.Columns.Capacity},
			{&o.confirmed, spec.Columns.Confirmed},
			{&o.every, spec.Columns.ConfirmEvery},
			{&o.area, spec.Columns.ServiceArea},
			{&o.steps, spec.Columns.StepFree},
			{&o.languages, spec.Columns.Languages},
		} {
			*x.to = -1
			if x.name == "" {
				continue
			}
			if *x.to, err = t.Need(x.name); err != nil {
				return err
			}
		}
		if o.chosen, err = rowFilter(t, spec.Where); err != nil {
			return err
		}
		return t.Each(o.row)
	})
}

type offerRow struct {
	b       *builder
	spec    OffersSpec
	t       *tabular.Table
	cols    placeCols
	numbers tabular.Numbers
	chosen  func(tabular.Row) *tabular.Problem

	name, category, capacity, confirmed, every, area, steps, languages int // columns, -1 where the description names none
}

func (o *offerRow) row(r tabular.Row) *tabular.Problem {
	if problem := o.chosen(r); problem != nil {
		return problem
	}
	id := r.Text(o.cols.id)
	warn := func(p tabular.Problem) {
		p.Record = id
		o.t.Warn(r, p)
	}
	p, problem := o.cols.read(o.numbers, r)
	if problem != nil {
		problem.Record = id
		return problem
	}
	c := candidate{id: id, record: id, name: r.Text(o.name), at: p, capacity: math.NaN(), confirmed: r.Text(o.confirmed), serviceAreas: splitList(r.Text(o.area)), languages: splitList(r.Text(o.languages))}
	if o.spec.Category != "" {
		c.categories = []string{o.spec.Category}
	}
	if text := r.Text(o.category); text != "" {
		if _, whole := o.spec.Terms[text]; whole {
			c.categories = append(c.categories, text)
		} else {
			c.categories = append(c.categories, splitList(text)...)
		}
	}
	if o.capacity >= 0 {
		v, reading := o.numbers.Parse(r.Text(o.capacity))
		switch {
		case reading == tabular.Unreadable:
			warn(tabular.Problem{Field: o.spec.Columns.Capacity, Value: r.Text(o.capacity), Rule: "no-capacity", Advice: "a number is expected; the capacity was taken as unknown"})
		case v.Flag == tabular.Known || v.Flag == tabular.Zero:
			c.capacity = v.Number
		}
		if reading == tabular.Ambiguous {
			warn(ambiguous(id, o.spec.Columns.Capacity, r.Text(o.capacity), v.Number))
		}
	}
	if o.every >= 0 {
		if v, reading := o.numbers.Parse(r.Text(o.every)); reading != tabular.Unreadable && v.Number >= 1 && v.Number <= 3650 {
			c.confirmEvery = int(v.Number)
		}
	}
	if o.steps >= 0 {
		var ok bool
		if c.stepFree, ok = readTristate(r.Text(o.steps)); !ok {
			warn(tabular.Problem{Field: o.spec.Columns.StepFree, Value: r.Text(o.steps), Rule: "no-yes-or-no", Advice: "yes, no or nothing is expected; it was taken as unknown"})
		}
	}
	return o.b.offer(o.spec, o.spec.File, c, warn)
}
