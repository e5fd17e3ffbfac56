package disclosure

import (
	"fmt"
	"math"
	"slices"
)

// figure is one cell as the attacker's knowledge sees it: an unknown, whether the table shows it or not.
type figure struct {
	at    []string
	value float64
	cell  *Cell // nil for figures that only follow from others or stood in earlier publications

	missing bool
	shown   bool // would be published if nothing spoke against it
	rule    Rule
	need    demand
	low     float64 // least value an attacker holds possible while it is hidden
	alone   bool    // one contributor stands behind it
	total   bool    // sum of others: who stands alone behind it does not know that she does

	open     [2]float64 // deviations possible while it is published: 0 for exact figures, wider with rounding
	printed  float64    // what is published
	out      string     // the release that published it before …
	known    [2]float64 // … and the deviations that it leaves possible
	conceded bool
	hideable bool
	hidden   bool
	weight   float64
}

// space is every figure that anybody could reason about, and the relations between them.
type space struct {
	table    *Table
	rules    Rules
	audience Audience
	figures  []figure
	index    map[string]int
	rows     [][]entry
	slack    [][2]float64
	unlinked int // relations with earlier figures that do not add up: another vintage
	revised  int // earlier figures whose value differs now
}

// behind gives deviations as far as earlier publications leave them possible.
func (f *figure) behind(free [2]float64) [2]float64 {
	if f.out == "" {
		return free
	}
	return [2]float64{max(free[0], f.known[0]), min(free[1], f.known[1])}
}

const slip = 1e-6 // relative error of sums of amounts that is no contradiction

func newSpace(t *Table, r Rules, audience Audience, earlier []Release, conceded map[string]bool) (*space, error) {
	s := &space{table: t, rules: r, audience: audience, index: map[string]int{}}
	for i := range t.Cells {
		c := &t.Cells[i]
		f := figure{at: c.At, value: c.Value, cell: c, missing: c.Missing, shown: !c.Missing}
		if c.Missing {
			f.value = math.NaN()
		}
		s.add(f)
	}
	if err := s.judge(); err != nil {
		return nil, err
	}
	if err := s.remember(earlier); err != nil {
		return nil, err
	}
	if err := s.relate(); err != nil {
		return nil, err
	}
	if err := s.complements(); err != nil {
		return nil, err
	}
	if err := s.rates(earlier); err != nil {
		return nil, err
	}
	for k := range conceded {
		if _, ok := s.index[k]; !ok {
			return nil, invalid("", "a conceded figure is not in the table", "write its codes in the order of the dimensions")
		}
	}
	for i := range s.figures {
		f := &s.figures[i]
		f.conceded = conceded[key(f.at)]
		if math.IsNaN(f.value) { // missing, and nothing follows for it
			f.value = 0
		}
	}
	return s, nil
}

func (s *space) add(f figure) int {
	s.figures = append(s.figures, f)
	s.index[key(f.at)] = len(s.figures) - 1
	return len(s.figures) - 1
}

func (s *space) name(i int) string { return named(s.table.Dimensions, s.figures[i].at) }

func (s *space) place(i int) string {
	if c := s.figures[i].cell; c != nil {
		return c.Place
	}
	return ""
}

// judge finds what is sensitive by itself.
func (s *space) judge() error {
	for i := range s.figures {
		f := &s.figures[i]
		if f.missing {
			continue
		}
		if f.cell.Public {
			f.out = "its own source"
			continue
		}
		var err error
		if f.rule, f.need, err = s.rules.sensitive(f.cell, s.audience, s.table.Counts); err != nil {
			return err
		}
		c := f.cell
		f.alone = c.Units == 1 || c.Organisations == 1 || s.table.Counts && c.Units == 0 && c.Organisations == 0 && c.Value == 1
		if s.table.Counts && s.rules.Zeros == ZerosShown && s.rules.Rounding == Exact && f.value > 0 {
			f.low = 1
		}
	}
	if s.rules.MinimumDenominator == 0 {
		return nil
	}
	for _, r := range s.table.Rates {
		s.eachRate(r, func(n, d int) {
			f := &s.figures[n]
			if f.missing || s.figures[d].missing || f.value == 0 || s.figures[d].value >= float64(s.rules.MinimumDenominator) {
				return
			}
			if f.rule == "" {
				f.rule = RuleDenominator
			}
			f.need = f.need.union(demand{width: float64(max(s.rules.MinimumCell-1, 2))})
		})
	}
	return nil
}

// eachRate gives numerator and denominator of a rate in every combination of the other dimensions.
func (s *space) eachRate(r Rate, each func(numerator, denominator int)) {
	k := s.table.dimension(r.Dimension)
	for i := range s.figures {
		at := s.figures[i].at
		if at[k] != r.Numerator {
			continue
		}
		other := slices.Clone(at)
		other[k] = r.Denominator
		if j, ok := s.index[key(other)]; ok {
			each(i, j)
		}
	}
}

// group is the figures that differ in one dimension only, by code.
type group struct {
	at   []string
	code map[string]int
}

// groups gives the groups of dimension k in the order of their first figure.
func (s *space) groups(k int) []group {
	var out []group
	at := map[string]int{}
	for i := range s.figures {
		f := &s.figures[i]
		if _, own := s.index[key(f.at)]; !own {
			continue
		}
		other := slices.Clone(f.at)
		other[k] = ""
		g, ok := at[key(other)]
		if !ok {
			g = len(out)
			at[key(other)] = g
			out = append(out, group{other, map[string]int{}})
		}
		out[g].code[f.at[k]] = i
	}
	return out
}

// relate makes the relations: each sum of each dimension for each combination of the others. Totals and parts that the
// table does not show but that follow from what it shows become figures too.
func (s *space) relate() error {
	for range 2 + len(s.table.Dimensions) { // what follows from what follows
		before := len(s.figures)
		for k := range s.table.Dimensions {
			if err := s.sums(k, false); err != nil {
				return err
			}
		}
		if len(s.figures) == before {
			break
		}
	}
	for k := range s.table.Dimensions {
		if err := s.sums(k, true); err != nil {
			return err
		}
	}
	return nil
}

// sums goes through the sums of dimension k: first to add figures that follow, at the end to write the relations.
func (s *space) sums(k int, final bool) error {
	used := map[string]int{}
	for _, sum := range s.table.Dimensions[k].Sums {
		used[sum.Total]++
		for _, p := range sum.Parts {
			used[p.Code]++
		}
	}
	for _, g := range s.groups(k) {
		for _, sum := range s.table.Dimensions[k].Sums {
			if err := s.sum(k, g, sum, used[sum.Total] > 1, final); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *space) sum(k int, g group, sum Sum, shared, final bool) error {
	total, have := g.code[sum.Total]
	have = have && !math.IsNaN(s.figures[total].value)
	var row []entry
	var absent []Part
	parts, whole, foreign := 0.0, true, false
	for _, p := range sum.Parts {
		i, ok := g.code[p.Code]
		if !ok || math.IsNaN(s.figures[i].value) {
			absent = append(absent, p)
			continue
		}
		parts += p.Share * s.figures[i].value
		whole = whole && p.Share == 1
		foreign = foreign || s.figures[i].cell == nil
		row = append(row, entry{i, -p.Share})
	}
	if len(row) == 0 {
		return nil
	}
	if !have {
		if len(absent) == 0 && shared {
			g.code[sum.Total] = s.follow(k, g, sum.Total, parts)
		}
		return nil
	}
	tolerance := s.rules.Tolerance + slip*max(1, parts)*1e-3
	if !whole {
		tolerance += 0.5
	}
	foreign = foreign || s.figures[total].cell == nil
	rest := s.figures[total].value - parts
	fits := math.Abs(rest) <= tolerance
	if !fits && (len(absent) == 0 || rest < 0) {
		if foreign {
			if final {
				s.unlinked++
			}
			return nil
		}
		return s.contradiction(total, sum, parts, len(absent))
	}
	if !fits {
		if len(absent) == 1 && absent[0].Share == 1 {
			if !final {
				g.code[absent[0].Code] = s.follow(k, g, absent[0].Code, rest)
			}
			return nil // at the end every such part exists
		}
		if !final {
			return nil
		}
		i := len(s.figures)
		at := slices.Clone(g.at)
		at[k] = "rest of " + sum.Total
		s.figures = append(s.figures, figure{at: at, value: rest})
		s.small(i, RuleResidual)
		row = append(row, entry{i, -1})
		rest = 0
	}
	if final {
		s.relation(append(row, entry{total, 1}), -tolerance-rest, tolerance-rest)
	}
	return nil
}

// follow adds a figure that is not shown but follows from others, or gives a missing one the value that follows.
func (s *space) follow(k int, g group, code string, value float64) int {
	at := slices.Clone(g.at)
	at[k] = code
	i, ok := s.index[key(at)]
	if !ok {
		i = s.add(figure{at: at})
	}
	s.figures[i].value = value
	s.small(i, RuleResidual)
	return i
}

// small makes a figure that only follows from others sensitive where it lies below the minimum cell.
func (s *space) small(i int, by Rule) {
	f, n := &s.figures[i], float64(s.rules.MinimumCell)
	if f.value < n && (f.value > 0 || s.rules.Zeros == ZerosHidden && by == RuleComplement) {
		f.rule, f.need = by, demand{width: n - 1}
	}
}

// relation keeps a row of figures, whose sum moves between low and high from where it is. Tiny slack is none.
func (s *space) relation(row []entry, low, high float64) {
	slices.SortFunc(row, func(a, b entry) int { return a.at - b.at })
	if high-low < 0.1 && s.rules.Tolerance == 0 && math.Abs(low+high) < 0.1 {
		low, high = 0, 0
	}
	for _, e := range row {
		s.figures[e.at].total = s.figures[e.at].total || e.val > 0
	}
	s.rows = append(s.rows, row)
	s.slack = append(s.slack, [2]float64{-max(high, 0), -min(low, 0)})
}

func (s *space) contradiction(total int, sum Sum, parts float64, absent int) error {
	by := sum.By
	if by == "" {
		by = "its parts"
	}
	advice := "correct the table; where a source perturbs its figures, give the rules a tolerance"
	if absent > 0 {
		advice = fmt.Sprintf("%d parts have no row, so the total should be larger; correct it", absent)
	}
	return invalid(s.place(total), fmt.Sprintf("totals do not add up: %s is %g, but %s sum to %g", s.name(total), s.figures[total].value, by, parts), advice)
}

// complements adds, for rates of a part, what is left of the denominator: nobody can be counted above and not below.
func (s *space) complements() error {
	for _, r := range s.table.Rates {
		if !r.Part {
			continue
		}
		var err error
		k := s.table.dimension(r.Dimension)
		s.eachRate(r, func(n, d int) {
			a, b := s.figures[n], s.figures[d]
			if math.IsNaN(a.value) || math.IsNaN(b.value) || err != nil {
				return
			}
			rest := b.value - a.value
			if rest < -1e-9 {
				err = invalid(s.place(n), fmt.Sprintf("%s is larger than the denominator of the rate %q", s.name(n), r.Name), "correct the row, or do not call the rate one of a part")
				return
			}
			at := slices.Clone(a.at)
			at[k] = r.Denominator + " without " + r.Numerator
			i := len(s.figures)
			s.figures = append(s.figures, figure{at: at, value: rest})
			if s.rules.Complements && s.rules.MinimumCell > 0 {
				s.small(i, RuleComplement)
			}
			s.relation([]entry{{d, 1}, {n, -1}, {i, -1}}, 0, 0)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func pick[T any](first bool, a, b T) T {
	if first {
		return a
	}
	return b
}
