package disclosure

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gevor/fault"
)

// Table is what a gate receives: figures with their true values. It never leaves the owner.
type Table struct {
	Dimensions []Dimension
	Cells      []Cell
	Counts     bool // figures are whole numbers of people or events; otherwise any finite numbers ≥ 0
	Rates      []Rate
	Changes    []Change
}

// Dimension is one key of a table, with the sums inside it: district, age, date, measure.
type Dimension struct {
	Name string
	Sums []Sum
}

// Sum says that the figures of the parts add up to that of the total, for every combination of the other dimensions.
// One total may have several: a city by districts and by planning areas that overlap them.
type Sum struct {
	Total string
	By    string // of what kind the parts are, for messages
	Parts []Part
}

// Part is a share of a code inside a total: 1 as a rule, less for a crosswalk of areas that overlap, where the total is
// an estimate rounded to a whole unit.
type Part struct {
	Code  string
	Share float64 // above 0, at most 1
}

// Cell is one figure.
type Cell struct {
	At      []string // one code per dimension
	Value   float64  // ≥ 0; no meaning where Missing
	Missing bool     // nothing was gathered: neither zero nor suppressed
	Public  bool     // its own source publishes it under no rule, as a register does population: never sensitive, never hidden

	// What the rules look at; 0 says that it is not known.
	Units         int       // contributing units behind the figure, such as practices
	Organisations int       // organisations that fed it
	Largest       []float64 // the largest contributions, falling, in the unit of Value

	Place string // where it stands, as file:line, for messages; may be empty
}

// Rate is a figure made of two cells that differ in one dimension: numerator / denominator · Per, rounded.
type Rate struct {
	Name                   string
	Dimension              string // as a rule the one that holds measures
	Numerator, Denominator string // codes of it
	Per                    float64
	Decimals               int
	Part                   bool // the numerator counts some of what the denominator counts
}

// Change is the difference of two cells that differ in one dimension, as two dates: To less From.
type Change struct {
	Name      string
	Dimension string
	From, To  string
}

// Release is what was published before, by whomever: earlier tables, withdrawn ones, publications of others about the
// same source. What people once read can no longer be hidden.
type Release struct {
	Name    string
	Figures []Known
	Rates   []KnownRate
}

// Known is a published figure. Its codes may be ones that the table does not have, as of another geography.
type Known struct {
	At     []string
	Value  float64
	Within float64 // the true value lies at most this far from Value; 0 for an exact figure
	Place  string
}

// KnownRate is a published rate whose numerator may have been hidden.
type KnownRate struct {
	Rate     string   // name of a rate of the table
	At       []string // codes; that of the rate's own dimension is not looked at
	Value    float64
	Decimals int
	Place    string
}

const separator = "\x1f"

func key(at []string) string { return strings.Join(at, separator) }

// named gives a cell's codes with the names of their dimensions: "district=north, age=0-5".
func named(dims []Dimension, at []string) string {
	var b strings.Builder
	for i, d := range dims {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s=%s", d.Name, at[i])
	}
	return b.String()
}

func invalid(place, what, advice string) error { return fault.New(fault.Invalid, place, what, advice) }

func (t *Table) dimension(name string) int {
	return slices.IndexFunc(t.Dimensions, func(d Dimension) bool { return d.Name == name })
}

// check refuses a table that cannot be understood.
func (t *Table) check() error {
	if len(t.Dimensions) == 0 {
		return invalid("", "the table has no dimension", "name at least one column as a key")
	}
	if len(t.Cells) == 0 {
		return invalid("", "the table holds no figure", "give one row for each figure")
	}
	for i, d := range t.Dimensions {
		if d.Name == "" || t.dimension(d.Name) != i {
			return invalid("", fmt.Sprintf("the dimension %q is unnamed or stands twice", d.Name), "give each dimension a name of its own")
		}
		for _, s := range d.Sums {
			if err := s.check(d.Name); err != nil {
				return err
			}
		}
	}
	first := map[string]int{}
	for i := range t.Cells {
		c := &t.Cells[i]
		if err := c.check(t); err != nil {
			return err
		}
		if before, twice := first[key(c.At)]; twice {
			where := ""
			if t.Cells[before].Place != "" {
				where = " at " + t.Cells[before].Place
			}
			return invalid(c.Place, named(t.Dimensions, c.At)+" stands already"+where, "keep one row for each combination of keys")
		}
		first[key(c.At)] = i
	}
	for _, r := range t.Rates {
		if t.dimension(r.Dimension) < 0 || r.Numerator == r.Denominator || !(r.Per > 0) || math.IsInf(r.Per, 0) || r.Decimals < 0 || r.Decimals > 12 {
			return invalid("", fmt.Sprintf("the rate %q is not complete", r.Name), "name its dimension, two different codes, a factor above 0, and 0 to 12 decimals")
		}
	}
	for _, c := range t.Changes {
		if t.dimension(c.Dimension) < 0 || c.From == c.To {
			return invalid("", fmt.Sprintf("the change %q is not complete", c.Name), "name its dimension and two different codes")
		}
	}
	return nil
}

func (s *Sum) check(dimension string) error {
	if len(s.Parts) == 0 {
		return invalid("", fmt.Sprintf("the total %q of %s has no part", s.Total, dimension), "name its parts, or leave it out of the hierarchy")
	}
	seen := map[string]bool{s.Total: true}
	for _, p := range s.Parts {
		if seen[p.Code] {
			return invalid("", fmt.Sprintf("%q is part of %q of %s twice, or of itself", p.Code, s.Total, dimension), "name every part once")
		}
		seen[p.Code] = true
		if !(p.Share > 0) || p.Share > 1 {
			return invalid("", fmt.Sprintf("the share %g of %q in %q is not above 0 and at most 1", p.Share, p.Code, s.Total), "write 1 where all of it belongs to the total")
		}
	}
	return nil
}

func (c *Cell) check(t *Table) error {
	if len(c.At) != len(t.Dimensions) {
		return invalid(c.Place, fmt.Sprintf("%d codes where the table has %d dimensions", len(c.At), len(t.Dimensions)), "give one code for each")
	}
	for i, code := range c.At {
		if code == "" || strings.Contains(code, separator) {
			return invalid(c.Place, t.Dimensions[i].Name+" is empty", "give every row all its keys")
		}
	}
	if c.Missing {
		return nil
	}
	switch {
	case math.IsNaN(c.Value) || math.IsInf(c.Value, 0) || math.Abs(c.Value) > 1e12:
		return invalid(c.Place, named(t.Dimensions, c.At)+" is no number up to 10¹²", "leave the value empty where nothing was gathered")
	case c.Value < 0:
		return invalid(c.Place, fmt.Sprintf("%s is %g, below 0", named(t.Dimensions, c.At), c.Value), "give counts; changes are computed from what is published")
	case t.Counts && c.Value != math.Trunc(c.Value):
		return invalid(c.Place, fmt.Sprintf("%s is %g, no whole number", named(t.Dimensions, c.At), c.Value), "give counts, or say that the table holds amounts")
	case c.Units < 0 || c.Organisations < 0:
		return invalid(c.Place, named(t.Dimensions, c.At)+" has a negative number of contributors", "leave it empty where it is not known")
	}
	sum := 0.0
	for i, v := range c.Largest {
		sum += v
		if !(v >= 0) || i > 0 && v > c.Largest[i-1] {
			return invalid(c.Place, named(t.Dimensions, c.At)+": the largest contributions do not fall", "write the largest first")
		}
	}
	if sum > c.Value*(1+1e-9) {
		return invalid(c.Place, fmt.Sprintf("%s: the largest contributions sum to %g, more than the figure %g", named(t.Dimensions, c.At), sum, c.Value), "correct them or the figure")
	}
	return nil
}
