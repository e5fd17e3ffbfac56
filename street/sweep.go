package street

import (
	"context"

	"gevor/contraction"
)

// sweeping fills windows by batches of contraction.Lanes origins over the part of the hierarchy above the targets.
type sweeping struct {
	j           *job
	restriction *contraction.Restriction
	rank        []int32 // of each target among those of the restriction; -1 where unlinked
	lanes       []*batch
}

// batch is what one worker needs.
type batch struct {
	search  *Search // for its totals
	sweep   *contraction.Sweep
	sources [][]contraction.Seed
	out     []uint32
}

// newSweeping prepares the restriction to the targets, in the order in which they lie along the Hilbert curve.
func (j *job) newSweeping() *sweeping {
	to := j.to
	f := &sweeping{j: j, rank: make([]int32, to.Len())}
	for t := range f.rank {
		f.rank[t] = -1
	}
	targets := make([][]contraction.Seed, len(to.byEdge))
	for k, t := range to.byEdge {
		f.rank[t] = int32(k)
		for _, back := range []bool{false, true} {
			if tail, _, before, _, open := to.passed(t, back); open {
				targets[k] = append(targets[k], contraction.Seed{Node: tail, Weight: before})
			}
		}
	}
	f.restriction = j.n.layers[j.mode].hierarchy.RestrictPoints(targets, true)
	return f
}

// open makes the buffers of the workers; they are large, so this waits until sweeping is chosen.
func (f *sweeping) open() *sweeping {
	f.lanes = make([]*batch, f.j.workers)
	for k := range f.lanes {
		f.lanes[k] = &batch{
			search:  f.j.n.NewSearch(f.j.mode, f.j.speed),
			sweep:   f.restriction.NewSweep(),
			sources: make([][]contraction.Seed, contraction.Lanes),
			out:     make([]uint32, f.restriction.Targets()*contraction.Lanes),
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
	b.sweep.Run(b.sources[:len(origins)], b.out)
	for lane, i := range origins {
		for _, t := range to.onEdge(from.edge[i]) {
			at := &b.out[int(f.rank[t])*contraction.Lanes+lane]
			*at = min(*at, from.sameEdge(i, to, t))
		}
	}
	// The bound in units saves the conversion for what is far too long; the check in milliseconds decides.
	mostMS := float64(f.j.most) * 1000
	bound := uint32(min(mostMS/b.search.unitMS+1, contraction.Infinite-1))
	counts := [contraction.Lanes]int{}
	for k := 0; k < len(b.out); k += contraction.Lanes {
		for lane := range origins {
			if b.out[k+lane] <= bound {
				counts[lane]++
			}
		}
	}
	for lane, i := range origins {
		w.rows[int(i)-w.first] = make([]Hit, 0, counts[lane])
	}
	for t, k := range f.rank {
		if k < 0 {
			continue
		}
		row := b.out[int(k)*contraction.Lanes:][:contraction.Lanes]
		for lane, i := range origins {
			if row[lane] > bound && !(b.search.walks() && to.edge[t] == from.edge[i]) {
				continue // on one edge the way over the ground may be shorter
			}
			if ms := b.search.total(from, i, to, int32(t), row[lane]); ms <= mostMS+1e-6 {
				at := &w.rows[int(i)-w.first]
				*at = append(*at, Hit{int32(t), secondsOf(ms)})
			}
		}
	}
}
