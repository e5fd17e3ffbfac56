package street

import (
	"context"

	"gevor/contraction"
)

// sweeping fills windows by batches of contraction.Lanes origins over the part of the hierarchy above the targets.
type sweeping struct {
	j           *job
	restriction *contraction.Restriction // its target k is the point to.byEdge[k]
	lanes       []*batch
}

// batch is what one worker needs.
type batch struct {
	search  *Search // collects the hits
	sweep   *contraction.Sweep
	sources [][]contraction.Seed
	found   [contraction.Lanes][]contraction.Hit
}

// above gives the part of the hierarchy above the points, in the order in which they lie along the Hilbert curve. It is
// made when it is first asked for and kept: the network must be prepared for the mode.
func (p *Points) above() *contraction.Restriction {
	p.aboveOnce.Do(func() {
		targets := make([][]contraction.Seed, len(p.byEdge))
		for k, t := range p.byEdge {
			for _, back := range []bool{false, true} {
				if tail, _, before, _, open := p.passed(t, back); open {
					targets[k] = append(targets[k], contraction.Seed{Node: tail, Weight: before})
				}
			}
		}
		p.restriction = p.n.layers[p.mode].hierarchy.RestrictPoints(targets, true)
	})
	return p.restriction
}

func (j *job) newSweeping() *sweeping {
	f := &sweeping{j: j, restriction: j.to.above(), lanes: make([]*batch, j.workers)}
	for k := range f.lanes {
		f.lanes[k] = &batch{
			search:  j.n.NewSearch(j.mode, j.speed),
			sweep:   f.restriction.NewSweep(),
			sources: make([][]contraction.Seed, contraction.Lanes),
		}
	}
	return f
}

func (f *sweeping) fill(ctx context.Context, w *window) {
	w.deal(ctx, len(f.lanes), contraction.Lanes, func(worker int, origins []int32) { f.run(f.lanes[worker], w, origins) })
}

// run computes the rows of up to contraction.Lanes origins.
func (f *sweeping) run(b *batch, w *window, origins []int32) {
	from, to := f.j.from, f.j.to
	for lane, i := range origins {
		seeds := b.sources[lane][:0]
		for _, back := range []bool{false, true} {
			if _, head, _, after, open := from.passed(i, back); open {
				seeds = append(seeds, contraction.Seed{Node: head, Weight: after})
			}
		}
		b.sources[lane] = seeds
	}
	// The bound in units is a little loose; the check in milliseconds decides.
	mostMS := float64(f.j.most) * 1000
	b.sweep.Within(b.sources[:len(origins)], uint32(min(mostMS/b.search.unitMS+1, contraction.Infinite-1)), &b.found)
	for lane, i := range origins {
		b.search.prepare(to.Len())
		for _, h := range b.found[lane] {
			b.search.offer(to.byEdge[h.Target], h.Weight)
		}
		for _, t := range to.onEdge(from.edge[i]) {
			if u := from.sameEdge(i, to, t); u != None {
				b.search.offer(t, u)
			}
		}
		w.rows[int(i)-w.first] = b.search.collect(from, int(i), to, mostMS, make([]Hit, 0, len(b.found[lane])))
	}
}
