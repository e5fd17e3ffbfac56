package disclosure

import (
	"cmp"
	"math"
	"slices"
)

// guard chooses what to hide beside the sensitive figures, and holds for every hidden figure the two moves that show
// that it is protected.
type guard struct {
	*space
	p        *program
	up, down [][]entry // by figure: the move with the largest, the smallest deviation of it found
	alone    []bool    // one contributor knows the figure, and the rules reckon with her
	solved   int       // linear programs
}

func newGuard(s *space) *guard {
	g := &guard{space: s, p: newProgram(len(s.figures), s.rows), up: make([][]entry, len(s.figures)), down: make([][]entry, len(s.figures))}
	copy(g.p.slack, s.slack)
	most := 0.0
	for _, f := range s.figures {
		most = max(most, f.value)
	}
	for i := range s.figures {
		f := &s.figures[i]
		f.weight = 1
		if s.rules.Weight == ByValue {
			f.weight = 1e-4 + f.value/max(most, 1)
		}
		g.p.cost[i] = f.weight
		g.release(i)
		g.alone = append(g.alone, s.rules.Insiders && f.alone && !f.total)
	}
	return g
}

// free gives the deviations that an attacker holds possible for a figure as things stand.
func (g *guard) free(i int) [2]float64 {
	f := &g.figures[i]
	switch {
	case f.conceded:
		return [2]float64{}
	case f.hidden || !f.shown:
		return f.behind([2]float64{min(f.low-f.value, 0), math.Inf(1)})
	}
	return f.open
}

func (g *guard) release(i int) { g.p.within(i, g.free(i)) }

// needs says how wide a figure must stay.
func (g *guard) needs(i int) demand {
	f := &g.figures[i]
	switch {
	case f.conceded:
		return demand{}
	case f.rule != "":
		return f.need
	case f.hidden && g.table.Counts:
		return demand{width: 1}
	case f.hidden:
		return demand{width: f.value / 1000}
	}
	return demand{}
}

// audit looks whether a figure is protected by what is hidden already.
func (g *guard) audit(i int, need demand) bool {
	if g.met(i, need) {
		return true
	}
	if want := max(need.up, need.width+min(0, g.reach(i, g.down[i]))); want > g.reach(i, g.up[i]) {
		g.learn(g.solve(i, want, false))
	}
	if g.met(i, need) {
		return true
	}
	if want := max(need.down, need.width-g.reach(i, g.up[i])); want > -g.reach(i, g.down[i]) && want <= g.depth(i) {
		g.learn(g.solve(i, -want, false))
	}
	if g.met(i, need) {
		return true
	}
	if want := max(need.up, need.width+g.reach(i, g.down[i])); want > g.reach(i, g.up[i]) {
		g.learn(g.solve(i, want, false))
	}
	return g.met(i, need)
}

// depth gives how far down a figure could be thought at most.
func (g *guard) depth(i int) float64 {
	f := &g.figures[i]
	return -f.behind([2]float64{min(f.low-f.value, 0), 0})[0]
}

// ensure hides figures until i is protected, and says whether that is possible.
func (g *guard) ensure(i int) bool {
	need := g.needs(i)
	for range 8 {
		if g.audit(i, need) {
			return true
		}
		up, down := g.reach(i, g.up[i]), -g.reach(i, g.down[i])
		wantUp, wantDown := max(need.up, need.width-max(down, need.down)), max(need.down, need.width-max(up, need.up))
		var best []entry
		least := math.Inf(1)
		if wantUp > up {
			best, least = g.cheapest(i, wantUp, best, least)
		}
		if wantDown > down && wantDown <= g.depth(i) && need.up <= up {
			best, least = g.cheapest(i, -wantDown, best, least)
		}
		if math.IsInf(least, 1) { // neither way alone: take what either gives
			for _, target := range []float64{wantUp, -wantDown} {
				if move := g.solve(i, target, true); len(move) > 0 && g.gains(i, move) {
					best = move
					break
				}
			}
			if best == nil {
				return false
			}
		}
		for _, e := range best {
			f := &g.figures[e.at]
			free := g.free(e.at)
			if f.hideable && !f.hidden && (e.val < free[0]-feasible || e.val > free[1]+feasible) {
				f.hidden = true
				g.release(e.at)
			}
		}
		g.learn(best)
	}
	return g.audit(i, need)
}

// gains says whether a move takes a figure further than known ones.
func (g *guard) gains(i int, move []entry) bool {
	d := g.reach(i, move)
	return d > g.reach(i, g.up[i]) || d < g.reach(i, g.down[i])
}

// cheapest looks for a move to the target and keeps it if it is cheaper than the best so far.
func (g *guard) cheapest(i int, target float64, best []entry, least float64) ([]entry, float64) {
	move := g.solve(i, target, true)
	if math.Abs(g.reach(i, move)) < math.Abs(target)-1e-6*max(1, math.Abs(target)) {
		return best, least
	}
	cost := 0.0
	for _, e := range move {
		free := g.free(e.at)
		if f := &g.figures[e.at]; !f.hidden && (e.val < free[0]-feasible || e.val > free[1]+feasible) {
			cost += f.weight
		}
	}
	if cost < least {
		return move, cost
	}
	return best, least
}

// variants is how many ways of going through a table are tried where it is small, and small is how many figures that is.
const (
	variants = 6
	small    = 1000
)

// protected tries several orders of one and the same method and keeps the one that loses least.
func protected(s *space) (*guard, error) {
	var best *guard
	var least float64
	var failure error
	tries, solved := 1, 0
	if len(s.figures) <= small {
		tries = variants
	}
	for v := range tries {
		own := *s
		own.figures = slices.Clone(s.figures)
		g := newGuard(&own)
		err := g.protect(v)
		solved += g.solved
		if err != nil {
			failure = cmp.Or(failure, err)
			continue
		}
		if loss := g.loss(); best == nil || loss < least-1e-9 {
			best, least = g, loss
		}
	}
	if best == nil {
		return nil, failure
	}
	best.solved = solved
	return best, nil
}

// loss is what hiding for others costs.
func (g *guard) loss() (sum float64) {
	for i := range g.figures {
		if f := &g.figures[i]; f.hidden && f.rule == "" {
			sum += f.weight
		}
	}
	return sum
}

// protect is the whole: all sensitive figures in an order that depends on the variant, then pruning.
func (g *guard) protect(variant int) error {
	if variant >= 2 { // figures that can move little are likely to need company
		for i := range g.figures {
			f := &g.figures[i]
			g.p.cost[i] = f.weight * (1 + float64(variant/2)*float64(max(g.rules.MinimumCell, 2))/max(f.value-f.low, 1))
		}
	}
	var order []int
	for i := range g.figures {
		f := &g.figures[i]
		if f.rule == "" || f.missing && f.cell != nil && f.value == 0 {
			continue
		}
		order = append(order, i)
		if f.shown && g.hides(i) {
			f.hidden = true
			g.release(i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(g.needs(b).width, g.needs(a).width) })
	if variant%2 == 1 {
		slices.Reverse(order)
	}
	var failed []int
	for _, i := range order {
		if !g.ensured(i) {
			failed = append(failed, i)
		}
	}
	if len(failed) > 0 {
		return g.refusal(failed)
	}
	for range 4 {
		g.prune()
		if done, err := g.second(); done || err != nil {
			return err
		}
	}
	_, err := g.second()
	return err
}

// hides says whether a sensitive figure is hidden from the start: with rounding it is published if that blurs it enough.
func (g *guard) hides(i int) bool {
	f := &g.figures[i]
	if g.rules.Rounding == Exact || f.rule != RuleCell && f.rule != RuleDenominator {
		return true
	}
	return f.open[1]-f.open[0] < f.need.width
}

// second protects the figures that were hidden for others against being found exactly; done says that none was new.
func (g *guard) second() (done bool, err error) {
	before := g.count()
	for i := range g.figures {
		if f := &g.figures[i]; f.hidden && f.rule == "" {
			if !g.ensured(i) {
				return false, g.refusal([]int{i})
			}
		}
	}
	return g.count() == before, nil
}

func (g *guard) count() (hidden int) {
	for i := range g.figures {
		if g.figures[i].hidden {
			hidden++
		}
	}
	return hidden
}

func (g *guard) ensured(i int) bool {
	f := &g.figures[i]
	if f.conceded || g.ensure(i) {
		return true
	}
	if f.shown && f.rule != "" && !f.hidden && f.hideable { // rounding alone does not protect it
		f.hidden = true
		g.release(i)
		return g.ensure(i)
	}
	return false
}

// prune publishes again what no other figure needs, the most valuable first.
func (g *guard) prune() {
	var order []int
	for i := range g.figures {
		if f := &g.figures[i]; f.hidden && f.rule == "" {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(g.figures[b].weight, g.figures[a].weight) })
	for _, i := range order {
		g.publish(i)
	}
}

// publish shows a figure again if every other stays protected without its moves.
func (g *guard) publish(i int) {
	f := &g.figures[i]
	f.hidden = false
	g.release(i)
	outside := func(move []entry) bool {
		at, ok := slices.BinarySearchFunc(move, i, func(e entry, i int) int { return e.at - i })
		return ok && (move[at].val < f.open[0]-feasible || move[at].val > f.open[1]+feasible)
	}
	up, down := slices.Clone(g.up), slices.Clone(g.down)
	var lost []int
	for j := range g.figures {
		a, b := outside(g.up[j]), outside(g.down[j])
		if a {
			g.up[j] = nil
		}
		if b {
			g.down[j] = nil
		}
		if a || b {
			lost = append(lost, j)
		}
	}
	for _, j := range lost {
		// What was hidden for others and needs this figure only not to be found exactly has its own turn.
		if need := g.needs(j); !g.audit(j, need) {
			f.hidden = true
			g.release(i)
			g.up, g.down = up, down
			return
		}
	}
}
