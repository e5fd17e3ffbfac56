package demo

import (
	"fmt"

	"gevor/fault"
)

// certain is how far inside the limit the way must lie that gives a gap its cause.
const certain = 0.95

// causes checks that every planted gap has the cause that truth.json says. An error is a defect of the generator.
func (g *gauge) causes() error {
	type question struct {
		standard int
		cause    string
	}
	asked := map[question][]int{}
	var order []question
	for i := range g.p.towns {
		for _, p := range plants(&g.p.towns[i]) {
			q := question(p)
			if asked[q] == nil {
				order = append(order, q)
			}
			asked[q] = append(asked[q], i)
		}
	}
	for _, q := range order {
		reached, below := g.counterfactual(q.standard, q.cause)
		for _, i := range asked[q] {
			for c := g.q.firstCell[i]; c < g.q.firstCell[i+1]; c++ {
				if (reached[c] <= certain) != below || !below && reached[c] < 1/margin {
					return fault.New(fault.Internal, "", fmt.Sprintf("cell %s misses %s, but not for the cause %s (%.2f of the limit)",
						cellID(g.q.cx[c], g.q.cy[c]), standardList[q.standard].key, q.cause, reached[c]), "report this seed as a defect of the demo region")
				}
			}
		}
	}
	return nil
}

// counterfactual measures, as a share of the limit, what would be reached if the cause were not there, and says
// whether that must be within the limit or, for places that are simply too far, beyond it.
func (g *gauge) counterfactual(standard int, cause string) (reached []float64, within bool) {
	s := &standardList[standard]
	minutes := 0
	for _, w := range s.ways {
		minutes = max(minutes, w.minutes)
	}
	limit := float64(minutes) * 60
	who, within := onFoot, true
	switch cause {
	case onlyOtherTime:
		reached = g.transit(s.category, seconds(s.ways[0].earlier), minutes, nil)
	case onlyCar:
		who = carForward
	case tooFar:
		who, within = carForward, false
	}
	if reached == nil {
		reached = g.each(s.category, who, limit/margin)
	}
	for c := range reached {
		reached[c] /= limit
	}
	return reached, within
}
