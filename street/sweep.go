package street

import (
	"cmp"
	"context"
	"math/bits"
	"slices"

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
	targets []uint64 // bit set of points that a sweep came near to
	rows    [contraction.Lanes][]Hit
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
	most := uint32(min(mostMS/b.search.unitMS+1, contraction.Infinite-1))
	out, within := b.sweep.Near(b.sources[:len(origins)], most)
	b.turn(to, within)
	b.reckon(from, origins, to, out, most, mostMS)
	for lane, i := range origins {
		row := b.rows[lane]
		for _, t := range to.onEdge(from.edge[i]) {
			units := from.sameEdge(i, to, t)
			if k := to.rank[t]; within[k/64]>>(k%64)&1 != 0 {
				if u := out[int(k)*contraction.Lanes+lane]; u <= most {
					units = min(units, u)
				}
			}
			row = b.again(row, from, i, to, t, units, mostMS)
		}
		b.rows[lane] = row
		w.rows[int(i)-w.first] = slices.Clone(row)
	}
}

// turn lists the points behind the targets that a sweep came near to.
func (b *batch) turn(to *Points, within []uint64) {
	if len(b.targets)*64 < to.Len() {
		b.targets = make([]uint64, (to.Len()+63)/64)
	}
	clear(b.targets)
	for w, word := range within {
		for ; word != 0; word &= word - 1 {
			t := to.byEdge[w*64+bits.TrailingZeros64(word)]
			b.targets[t/64] |= 1 << (t % 64)
		}
	}
}

// reckon turns weights into the rows of all lanes, points ascending, as if no point lay on the same edge as its origin.
//
// Cost for each pair: 4 bytes of a row of 64 that the sweep has left in the cache, 8 bytes written; two conversions, two
// multiplications, a division, a rounding.
func (b *batch) reckon(from *Points, origins []int32, to *Points, out []uint32, most uint32, mostMS float64) {
	s := b.search
	for lane := range b.rows {
		b.rows[lane] = b.rows[lane][:0]
	}
	for w, word := range b.targets {
		for ; word != 0; word &= word - 1 {
			t := int32(w*64 + bits.TrailingZeros64(word))
			weights := out[int(to.rank[t])*contraction.Lanes:][:contraction.Lanes]
			for lane, i := range origins {
				if u := weights[lane]; u <= most {
					if ms := s.milliseconds(from, i, to, t, u); ms <= mostMS+1e-6 {
						b.rows[lane] = append(b.rows[lane], Hit{t, secondsOf(ms)})
					}
				}
			}
		}
	}
}

// again reckons one hit of a row anew, with the units by all ways, None where there is none.
func (b *batch) again(row []Hit, from *Points, i int32, to *Points, t int32, units uint32, mostMS float64) []Hit {
	at, there := slices.BinarySearchFunc(row, t, func(h Hit, t int32) int { return cmp.Compare(h.To, t) })
	if units == None {
		return row
	}
	ms := b.search.total(from, i, to, t, units)
	switch {
	case ms > mostMS+1e-6:
		return row // and then it was no hit before: ways along the edge make it nearer only
	case there:
		row[at].Seconds = secondsOf(ms)
		return row
	}
	return slices.Insert(row, at, Hit{t, secondsOf(ms)})
}
