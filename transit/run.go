package transit

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"gevor/travel"
)

// job is a query with everything it needs as plain tables.
type job struct {
	s            *slice
	origins      int
	destinations int
	egress       links // stop → destination, each row ascending by seconds
	percentiles  []int
	workers      int
	cache        int64
	// walks gives, for the origins [from, to), the walks to stops and those to destinations.
	walks func(ctx context.Context, from, to int) (access, direct links, err error)
}

const (
	chunkOrigins = 2048 // origins whose profiles are found together
	batchOrigins = 16   // origins one worker answers at a time
)

// running is a job under way.
type running struct {
	job
	departures [][]departure
	profiles   []*profile
	usedIn     []int32 // chunk in which a profile was last used
	bytes      int64
	made       int64 // profiles made, and
	madeBytes  int64 // their bytes, to guess the size of those to come
	searches   []*search
	gathers    []*gather
}

// stream answers all origins in ascending order.
func (j job) stream(ctx context.Context, yield func(Row) error) error {
	if j.workers <= 0 {
		j.workers = runtime.GOMAXPROCS(0)
	}
	r := &running{job: j, profiles: make([]*profile, j.s.stops), usedIn: make([]int32, j.s.stops), departures: make([][]departure, j.s.stops)}
	r.spread(j.s.stops, func(_, i int) { r.departures[i] = j.s.departures(int32(i)) })
	for range j.workers {
		r.searches = append(r.searches, newSearch(j.s, j.egress, j.destinations))
		r.gathers = append(r.gathers, newGather(j.s, j.destinations, j.percentiles))
	}
	chunk := int32(0)
	for from := 0; from < j.origins; from += chunkOrigins {
		to := min(from+chunkOrigins, j.origins)
		access, direct, err := j.walks(ctx, from, to)
		if err != nil {
			return err
		}
		for at := 0; at < to-from; {
			chunk++
			end := r.prepare(access, at, to-from, chunk)
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := r.answer(ctx, from, at, end, access, direct, yield); err != nil {
				return err
			}
			at = end
		}
	}
	return nil
}

// spread calls f(worker, i) for every i in [0, n) from all workers.
func (r *running) spread(n int, f func(worker, i int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for w := range r.workers {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				f(w, i)
			}
		})
	}
	wg.Wait()
}

// prepare makes the profiles that the origins [at, end) need, for the largest end that the cache is thought to
// hold, and gives that end.
func (r *running) prepare(access links, at, end int, chunk int32) int {
	stops := make([][]int32, end-at) // worth using, per origin
	r.spread(end-at, func(w, i int) {
		to, seconds := access.row(int32(at + i))
		for _, a := range r.gathers[w].plan(to, seconds, r.departures) {
			stops[i] = append(stops[i], a.stop)
		}
	})
	guess := int64(1 << 16)
	if r.made > 0 {
		guess = r.madeBytes / r.made
	}
	var missing []int32
	needed := int64(0)
	for i, list := range stops {
		mark, bytes := len(missing), needed
		for _, stop := range list {
			if r.usedIn[stop] == chunk {
				continue
			}
			r.usedIn[stop] = chunk
			if p := r.profiles[stop]; p != nil {
				needed += p.bytes()
			} else {
				missing = append(missing, stop)
				needed += guess
			}
		}
		if needed > r.cache && i > 0 {
			for _, stop := range missing[mark:] {
				r.usedIn[stop] = chunk - 1
			}
			missing, needed, end = missing[:mark], bytes, at+i
			break
		}
	}
	r.forget(needed, chunk)
	r.spread(len(missing), func(w, i int) {
		r.profiles[missing[i]] = r.searches[w].profile(r.departures[missing[i]])
	})
	for _, stop := range missing {
		r.made++
		r.madeBytes += r.profiles[stop].bytes()
		r.bytes += r.profiles[stop].bytes()
	}
	return end
}

// forget drops profiles not needed now, those longest unused first, until the needed ones fit the cache.
func (r *running) forget(needed int64, chunk int32) {
	spare := r.bytes
	for stop, p := range r.profiles {
		if p != nil && r.usedIn[stop] == chunk {
			spare -= p.bytes()
		}
	}
	for age := int32(1); spare > 0 && spare+needed > r.cache; age++ {
		oldest := chunk
		for stop, p := range r.profiles {
			if p != nil {
				oldest = min(oldest, r.usedIn[stop])
			}
		}
		if oldest == chunk {
			return
		}
		for stop, p := range r.profiles {
			if p != nil && r.usedIn[stop] == oldest && spare+needed > r.cache {
				r.profiles[stop] = nil
				r.bytes -= p.bytes()
				spare -= p.bytes()
			}
		}
	}
}

// answer yields the rows of the origins base+[at, end), which the workers compute in batches.
func (r *running) answer(ctx context.Context, base, at, end int, access, direct links, yield func(Row) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	batches := (end - at + batchOrigins - 1) / batchOrigins
	results := make([]chan []Row, batches)
	for i := range results {
		results[i] = make(chan []Row, 1)
	}
	// A worker takes a place before it takes a batch, so the first batch not yet yielded always has one.
	places := make(chan struct{}, 4*r.workers)
	var next atomic.Int64
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	for w := range r.workers {
		wg.Go(func() {
			for {
				select {
				case places <- struct{}{}:
				case <-ctx.Done():
					return
				}
				b := int(next.Add(1)) - 1
				if b >= batches {
					return
				}
				from := at + b*batchOrigins
				rows := make([]Row, 0, batchOrigins)
				for i := from; i < min(from+batchOrigins, end); i++ {
					rows = append(rows, r.row(w, int32(i), int32(base+i), access, direct))
				}
				results[b] <- rows
			}
		})
	}
	for _, c := range results {
		select {
		case rows := <-c:
			<-places
			for _, row := range rows {
				if err := yield(row); err != nil {
					return err
				}
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (r *running) row(worker int, i, from int32, access, direct links) Row {
	g := r.gathers[worker]
	stops, seconds := access.row(i)
	walkTo, walkSeconds := direct.row(i)
	to, values := g.row(g.plan(stops, seconds, r.departures), r.profiles, walkTo, walkSeconds)
	row := Row{From: from, To: append([]int32(nil), to...), Seconds: make([][]travel.Seconds, len(values))}
	flat := make([]travel.Seconds, 0, len(values)*len(to))
	for p, vs := range values {
		for _, v := range vs {
			flat = append(flat, travel.Seconds(v))
		}
		row.Seconds[p] = flat[len(flat)-len(vs) : len(flat) : len(flat)]
	}
	return row
}
