package contact

import (
	"cmp"
	"slices"

	"gevor/authz"
	"gevor/disclosure"
)

// Rules are what counts of several organisations are published by: five at least, from three organisations at least,
// rounded to fives, so that two publications do not differ by one.
func Rules() disclosure.Rules {
	return disclosure.Rules{Name: "contacts", MinimumCell: 5, MinimumOrganisations: 3, RoundingBase: 5, Rounding: disclosure.Deterministic}
}

// Total is a published figure of the region. Hidden says that it was withheld: too few stand behind it, or another one
// would follow from it.
type Total struct {
	Code   string
	Times  int
	Hidden bool
}

// Totals are the unmet needs of a region, seen three ways.
type Totals struct {
	All       Total
	Needs     []Total // the most frequent first
	Reasons   []Total
	Districts []Total // what nobody gave a district for has an empty code
}

// Released gives unmet needs past the gate. The three tables share nothing but their total, which is published or
// withheld in all of them.
func Released(counts []Count) (Totals, error) {
	var out Totals
	unmet := slices.DeleteFunc(slices.Clone(counts), func(c Count) bool { return c.Reason == Met })
	if len(unmet) == 0 {
		return out, nil
	}
	for _, by := range []struct {
		to   *[]Total
		name string
		code func(Count) string
	}{
		{&out.Needs, "need", func(c Count) string { return c.Need }},
		{&out.Reasons, "reason", func(c Count) string { return string(c.Reason) }},
		{&out.Districts, "district", func(c Count) string { return c.District }},
	} {
		all, list, err := published(unmet, by.name, by.code)
		if err != nil {
			return Totals{}, err
		}
		out.All, *by.to = all, list
	}
	return out, nil
}

// everything is the code of the total; no code of a vocabulary has a space.
const everything = "in all"

func published(counts []Count, name string, code func(Count) string) (all Total, list []Total, err error) {
	type sum struct {
		times  int
		houses map[authz.OrganisationID]bool
	}
	sums := map[string]*sum{}
	for _, c := range counts {
		for _, k := range []string{"=" + code(c), everything} {
			if sums[k] == nil {
				sums[k] = &sum{houses: map[authz.OrganisationID]bool{}}
			}
			sums[k].times += c.Times
			sums[k].houses[c.House] = true
		}
	}
	var codes []string
	for k := range sums {
		if k != everything {
			codes = append(codes, k)
		}
	}
	slices.Sort(codes)
	total := disclosure.Sum{Total: everything}
	table := &disclosure.Table{Counts: true}
	for _, k := range append(codes, everything) {
		if k != everything {
			total.Parts = append(total.Parts, disclosure.Part{Code: k, Share: 1})
		}
		table.Cells = append(table.Cells, disclosure.Cell{At: []string{k}, Value: float64(sums[k].times), Organisations: len(sums[k].houses)})
	}
	table.Dimensions = []disclosure.Dimension{{Name: name, Sums: []disclosure.Sum{total}}}
	shown, _, err := disclosure.Gate(table, Rules(), disclosure.Options{})
	if err != nil {
		return all, nil, err
	}
	for _, f := range shown.Figures() {
		// To the gate a rounded figure is protected whatever its size; here none below the minimum is shown, rounded or not.
		t := Total{Hidden: f.Status != disclosure.Published || sums[f.At[0]].times < Rules().MinimumCell}
		if !t.Hidden {
			t.Times = int(f.Value)
		}
		if f.At[0] == everything {
			all = t
			continue
		}
		t.Code = f.At[0][1:]
		list = append(list, t)
	}
	slices.SortStableFunc(list, func(a, b Total) int { return cmp.Or(cmp.Compare(b.Times, a.Times), cmp.Compare(a.Code, b.Code)) })
	return all, list, nil
}
