package disclosure

import (
	"math"
	"slices"

	"gevor/fault"
)

// reach gives how far a move takes a figure; for counts only whole steps count.
func (g *guard) reach(i int, move []entry) float64 {
	at, ok := slices.BinarySearchFunc(move, i, func(e entry, i int) int { return e.at - i })
	if !ok {
		return 0
	}
	d := move[at].val
	if g.table.Counts {
		// Values are whole, so bounds rounded inwards are deviations rounded towards 0.
		if d > 0 {
			return math.Floor(d + 1e-6)
		}
		return math.Ceil(d - 1e-6)
	}
	return d
}

// met says whether the moves at hand protect a figure.
func (g *guard) met(i int, need demand) bool {
	up, down := g.reach(i, g.up[i]), -g.reach(i, g.down[i])
	e := 1e-6 * max(1, g.figures[i].value*1e-3)
	return up >= need.up-e && down >= need.down-e && up+down >= need.width-e
}

// shy says whether a figure must be protected against those who stand alone behind others too: what is sensitive by
// itself and no total. Of a total they know their own part only, and the other parts are protected.
func (g *guard) shy(i int) bool {
	f := &g.figures[i]
	return g.rules.Insiders && f.rule != "" && !f.total
}

// learn keeps a move for every figure that it serves better than what is known. To insiders a move that needs another
// figure with one contributor shows nothing: whoever that is knows that it did not happen.
func (g *guard) learn(move []entry) {
	who, several := -1, false
	for _, e := range move {
		if g.alone[e.at] {
			several = who >= 0
			who = e.at
		}
	}
	for _, e := range move {
		if g.shy(e.at) && (several || who >= 0 && who != e.at) {
			continue
		}
		if g.reach(e.at, move) > g.reach(e.at, g.up[e.at]) {
			g.up[e.at] = move
		}
		if g.reach(e.at, move) < g.reach(e.at, g.down[e.at]) {
			g.down[e.at] = move
		}
	}
}

// solve moves figure i by at most target (negative: down), hiding more figures where it may.
func (g *guard) solve(i int, target float64, hideMore bool) []entry {
	var bound []int
	if g.shy(i) {
		for j := range g.figures {
			if g.alone[j] && j != i {
				bound = append(bound, j)
				g.p.within(j, [2]float64{})
			}
		}
	}
	own := g.p.base[i]
	gained := 1.0
	if hideMore {
		gained = 1e4
		g.p.moving = true
		for j := range g.figures {
			g.p.more[j], g.p.less[j] = g.extra(j)
		}
		for _, j := range bound {
			g.p.more[j], g.p.less[j] = 0, 0
		}
	}
	if target > 0 {
		g.p.within(i, [2]float64{own[0], min(own[1], target)})
	} else {
		g.p.within(i, [2]float64{max(own[0], target), own[1]})
		gained = -gained
	}
	g.solved++
	move, _ := g.p.maximise(i, gained)
	g.p.within(i, own)
	g.p.moving = false
	for _, j := range bound {
		g.release(j)
	}
	if hideMore {
		clear(g.p.more)
		clear(g.p.less)
	}
	return move
}

// extra gives how much further a figure could move if it were hidden.
func (g *guard) extra(i int) (more, less float64) {
	f := &g.figures[i]
	if !f.hideable || f.hidden {
		return 0, 0
	}
	free := f.behind([2]float64{min(f.low-f.value, 0), math.Inf(1)})
	return max(free[1]-f.open[1], 0), max(f.open[0]-free[0], 0)
}

// verify checks every move that protects a hidden figure against all relations and bounds, and says how many hidden
// figures are protected by moves in whole numbers, against which no reasoning about whole numbers helps either.
func (g *guard) verify() (whole int, err error) {
	sums := make([]float64, len(g.rows))
	check := func(move []entry) bool {
		clear(sums)
		for _, e := range move {
			free := g.free(e.at)
			e2 := 1e-5 * max(1, math.Abs(e.val))
			if e.val < free[0]-e2 || e.val > free[1]+e2 {
				return false
			}
			for _, c := range g.p.cols[e.at] {
				sums[c.at] += c.val * e.val
			}
		}
		for i, v := range sums {
			if -v < g.slack[i][0]-1e-4 || -v > g.slack[i][1]+1e-4 {
				return false
			}
		}
		return true
	}
	integral := func(move []entry) bool {
		for _, e := range move {
			if math.Abs(e.val-math.Round(e.val)) > 1e-6 {
				return false
			}
		}
		return true
	}
	for i := range g.figures {
		f := &g.figures[i]
		if (!f.hidden && f.rule == "") || f.conceded {
			continue
		}
		need := g.needs(i)
		if !g.met(i, need) || !check(g.up[i]) || !check(g.down[i]) {
			return 0, fault.New(fault.Internal, g.place(i), g.name(i)+" could not be shown to be protected", "report this table's shape; nothing was published")
		}
		if f.hidden && integral(g.up[i]) && integral(g.down[i]) {
			whole++
		}
	}
	return whole, nil
}
