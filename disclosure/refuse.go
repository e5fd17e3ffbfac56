package disclosure

import (
	"fmt"
	"math"
	"strings"

	"gevor/fault"
)

// refusal says which figures cannot be protected, what stands against the first, and what would help.
func (g *guard) refusal(failed []int) error {
	i := failed[0]
	f := &g.figures[i]
	name := g.name(i)
	others := ""
	for n, j := range failed[1:] {
		if n == 4 {
			others += fmt.Sprintf(", and %d more", len(failed)-5)
			break
		}
		others += "; so must " + g.name(j)
	}
	if f.out != "" && f.known[1]-f.known[0] < f.need.width {
		return fault.New(fault.Conflict, g.place(i), fmt.Sprintf("%s must be hidden (%s), but %s has published it already%s", name, f.rule, f.out, others),
			"what people have read cannot be protected; concede the figure, or give it other classes or areas")
	}
	// Would it be possible if nothing had been published before?
	var known []int
	for j := range g.figures {
		if h := &g.figures[j]; h.out != "" && j != i {
			known = append(known, j)
			g.p.within(j, [2]float64{-h.value, math.Inf(1)})
		}
	}
	need := g.needs(i)
	target := max(need.up, need.width, 1)
	move := g.solve(i, target, true)
	for _, j := range known {
		g.release(j)
	}
	var against []string
	if g.reach(i, move) > g.reach(i, g.up[i]) {
		for _, e := range move {
			if h := &g.figures[e.at]; h.out != "" && len(against) < 3 {
				against = append(against, fmt.Sprintf("%s (%s)", g.name(e.at), h.out))
			}
		}
	}
	if len(against) > 0 {
		return fault.New(fault.Conflict, g.place(i), fmt.Sprintf("%s must be hidden (%s), but it follows within its protection width from what is public already: %s%s", name, why(f), strings.Join(against, " and "), others),
			"leave out or merge the row and its neighbours, or concede the figure; a withdrawal does not make it unread")
	}
	return fault.New(fault.Conflict, g.place(i), fmt.Sprintf("%s must be hidden (%s), but no choice of further figures protects it%s", name, why(f), others),
		"merge it with a neighbouring class or area, leave out a total, or hide zeros")
}

func why(f *figure) string {
	if f.rule == "" {
		return "to protect others"
	}
	return string(f.rule)
}
