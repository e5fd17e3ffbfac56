package transit

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"gevor/geo"
	"gevor/travel"
)

// job is a query with everything it needs as plain tables.
type job struct {
	e           *events
	origins     int
	places      []geo.LonLat // of the destinations; only their order in space is used
	egress      links        // destination → stop
	percentiles []int
	workers     int
	memory      int64
	// walks gives, for the origins [from, to), the walks to stops and those to destinations.
	walks func(ctx context.Context, from, to int) (access, direct links, err error)
}

const (
	// startBytes is what an origin costs besides its answers, roughly.
	startBytes = 2048
	// rowBlock is how many rows are put together at a time.
	rowBlock = 64
)

// answers holds what a chunk of origins reaches of one destination.
type answers struct {
	origin []uint32 // within the chunk, ascending
	values []uint16 // one per percentile, origin by origin; never where unreached
	at     int      // entries handed over already
}

// stream answers all origins in ascending order, as many at a time as fit the memory.
func (j job) stream(ctx context.Context, yield func(Row) error) error {
	batches := j.batches()
	entry := int64(4 + 2*len(j.percentiles))
	perOrigin := entry * int64(len(j.places)) // as if everything were reached
	for from := 0; from < j.origins; {
		to := min(from+int(max(rowBlock, min(j.memory/max(1, perOrigin), 1<<30))), j.origins)
		access, direct, err := j.walks(ctx, from, to)
		if err != nil {
			return err
		}
		found, err := j.answer(ctx, batches, j.e.startsOf(access, to-from, j.workers))
		if err != nil {
			return err
		}
		entries := int64(0)
		for _, f := range found {
			entries += int64(cap(f.origin))
		}
		// The next origins probably reach as much as these; a quarter more is allowed for.
		perOrigin = max(entries*entry*5/4/int64(to-from), startBytes)
		if err := j.handOver(ctx, found, from, to, direct, yield); err != nil {
			return err
		}
		from = to
	}
	return nil
}

// batches groups destinations by sixteen that lie close together.
func (j job) batches() [][]int32 {
	order := make([]int32, len(j.places))
	keys := make([]uint64, len(j.places))
	for i, at := range j.places {
		order[i], keys[i] = int32(i), morton(at)
	}
	slices.SortFunc(order, func(a, b int32) int { return cmp.Or(cmp.Compare(keys[a], keys[b]), cmp.Compare(a, b)) })
	return slices.Collect(slices.Chunk(order, lanes))
}

// morton interleaves the bits of longitude and latitude.
func morton(at geo.LonLat) uint64 {
	wide := func(x uint32) uint64 {
		v := uint64(x)
		v = (v | v<<16) & 0x0000FFFF0000FFFF
		v = (v | v<<8) & 0x00FF00FF00FF00FF
		v = (v | v<<4) & 0x0F0F0F0F0F0F0F0F
		v = (v | v<<2) & 0x3333333333333333
		return (v | v<<1) & 0x5555555555555555
	}
	return wide(uint32((at.Lon+180)/360*(1<<32-1))) | wide(uint32((at.Lat+90)/180*(1<<32-1)))<<1
}

// answer sweeps all destinations for a chunk of origins.
func (j job) answer(ctx context.Context, batches [][]int32, starts *starts) ([]answers, error) {
	found := make([]answers, len(j.places))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range j.workers {
		wg.Go(func() {
			g := gather{starts: starts, sweep: newSweep(j.e, j.egress), spread: newSpread(j.e.s, j.percentiles), value: make([]uint16, len(j.percentiles))}
			for b := int(next.Add(1)) - 1; b < len(batches) && ctx.Err() == nil; b = int(next.Add(1)) - 1 {
				g.sweep.run(batches[b])
				g.collect(batches[b], found)
			}
		})
	}
	wg.Wait()
	return found, ctx.Err()
}

// gather reads the answers of origins off a sweep. One serves one goroutine.
type gather struct {
	starts *starts
	sweep  *sweep
	spread *spread
	at     []uint16
	rows   []row
	value  []uint16
}

// collect appends what all origins reach of the destinations just swept.
func (g *gather) collect(destinations []int32, found []answers) {
	for i := range len(g.starts.first) - 1 {
		if !g.starts.live(i, g.sweep) || !g.minutes(i) {
			continue
		}
		last := &g.rows[len(g.rows)-1]
		for l, j := range destinations {
			if last.lane(l) != never && g.spread.of(g.at, g.rows, l, g.value) {
				f := &found[j]
				f.origin = append(f.origin, uint32(i))
				f.values = append(f.values, g.value...)
			}
		}
	}
}

// minutes finds the minutes from the last to the first at which any earliest arrival of an origin changes.
func (g *gather) minutes(i int) bool {
	g.at, g.rows = g.at[:0], g.rows[:0]
	x, s := g.starts, g.sweep
	best := nothing()
	for k := x.first[i]; k < x.first[i+1]; {
		minute, before := x.minute[k], best
		for ; k < x.first[i+1] && x.minute[k] == minute; k++ {
			if e := x.event[k]; s.active[e] {
				best.lower(&s.best[e])
			}
		}
		if best != before {
			g.at, g.rows = append(g.at, minute), append(g.rows, best)
		}
	}
	return len(g.at) > 0
}

// handOver puts the answers of the origins [from, to) together by origin, with the direct walks, and yields them.
func (j job) handOver(ctx context.Context, found []answers, from, to int, direct links, yield func(Row) error) error {
	n := len(j.percentiles)
	block := make([]rowParts, rowBlock)
	merged := Row{Seconds: make([][]travel.Seconds, n)}
	for a := from; a < to; a += rowBlock {
		if err := ctx.Err(); err != nil {
			return err
		}
		b := min(a+rowBlock, to)
		for i := range block {
			block[i].to, block[i].values = block[i].to[:0], block[i].values[:0]
		}
		for k := range found {
			f := &found[k]
			for f.at < len(f.origin) && int(f.origin[f.at]) < b-from {
				p := &block[int(f.origin[f.at])-(a-from)]
				p.to = append(p.to, int32(k))
				p.values = append(p.values, f.values[f.at*n:(f.at+1)*n]...)
				f.at++
			}
		}
		for i := a; i < b; i++ {
			walkTo, walkSeconds := direct.row(int32(i - from))
			block[i-a].merge(walkTo, walkSeconds, &merged)
			merged.From = int32(i)
			if err := yield(merged); err != nil {
				return err
			}
		}
	}
	return nil
}

// rowParts is what one origin reaches by transit.
type rowParts struct {
	to     []int32
	values []uint16
}

// merge joins transit and direct walks, both ascending by destination; the lesser time counts, percentile by
// percentile, for walking takes the same at every minute.
func (p *rowParts) merge(walkTo, walkSeconds []int32, row *Row) {
	n := len(row.Seconds)
	row.To = row.To[:0]
	for q := range n {
		row.Seconds[q] = row.Seconds[q][:0]
	}
	for a, b := 0, 0; a < len(p.to) || b < len(walkTo); {
		ride := a < len(p.to) && (b == len(walkTo) || p.to[a] <= walkTo[b])
		walk := b < len(walkTo) && (a == len(p.to) || walkTo[b] <= p.to[a])
		direct := travel.Unreached
		if walk {
			direct = travel.Seconds(walkSeconds[b])
		}
		if ride {
			row.To = append(row.To, p.to[a])
		} else {
			row.To = append(row.To, walkTo[b])
		}
		for q := range n {
			v := direct
			if ride {
				if t := p.values[a*n+q]; t != never {
					v = min(v, travel.Seconds(t))
				}
			}
			row.Seconds[q] = append(row.Seconds[q], v)
		}
		if ride {
			a++
		}
		if walk {
			b++
		}
	}
}
