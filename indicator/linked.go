package indicator

import "slices"

// baseCode names where the base of an entry comes from; empty where it is public by itself or another dataset's.
func (e *Entry) baseCode() string {
	if e.Base == "" || e.OpenBase || e.BaseOf != "" || e.Values || e.RuleFile == NoRules {
		return ""
	}
	return e.File + " " + e.Sheet + " " + e.Base
}

// linked says whether somebody could reckon from the figures of one dataset to those of another: they share a denominator
// that is not public, or one is part of a sum that the other is.
func (e *Entry) linked(o *Entry) bool {
	if e.RuleFile != o.RuleFile || e.Owner != o.Owner {
		return false
	}
	return e.baseCode() != "" && e.baseCode() == o.baseCode() || slices.Contains(e.SumOf, o.ID) || slices.Contains(o.SumOf, e.ID)
}

// Linked parts the entries into groups that must pass the gate together, denominators before what is divided by them, else in
// the order of the catalogue.
func (c *Catalogue) Linked() [][]int {
	var out [][]int
	seen := make([]bool, len(c.Entries))
	for i := range c.Entries {
		if seen[i] {
			continue
		}
		seen[i] = true
		group := []int{i}
		for k := 0; k < len(group); k++ {
			for o := range c.Entries {
				if !seen[o] && c.Entries[group[k]].linked(&c.Entries[o]) {
					seen[o] = true
					group = append(group, o)
				}
			}
		}
		slices.Sort(group)
		out = append(out, group)
	}
	divides := func(group []int) int {
		if slices.ContainsFunc(group, func(i int) bool { return c.Entries[i].BaseOf != "" }) {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(out, func(a, b []int) int { return divides(a) - divides(b) })
	return out
}

// Options are what the catalogue says of an entry's passage through the gate.
func (e *Entry) Options() GateOptions {
	return GateOptions{OpenBase: e.OpenBase, BaseCode: e.baseCode(), SumOf: e.SumOf}
}
