package street

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"gevor/fault"
	"gevor/travel"
)

// Rows streams the times from every point of from to the points of to within most, in ascending order of From and
// with a row for every origin, from the goroutine that calls it. Both sets must be linked in mode. The times are
// those of Search.Reach for any number of workers (0 for all processors).
//
// The work is done in one of three ways that give the same integers: a search from every origin; a search
// against the direction of travel from every target where those are fewer; batched sweeps over the contraction
// hierarchy where Prepare made one and the range is long. A few trial searches tell which is cheapest.
//
// Origins are computed in windows of consecutive numbers, inside a window in the order in which they lie along
// the Hilbert curve, so that neighbours share what is in the processor's cache. While one window is handed over
// the next is computed; nothing else is held, except the hits of searches from targets, up to half a gigabyte.
func (n *Network) Rows(ctx context.Context, mode travel.Mode, speed Speed, from, to *Points, most travel.Seconds, workers int, yield travel.Rows) error {
	if int(mode) >= modes || from.n != n || to.n != n || from.mode != mode || to.mode != mode {
		return fault.New(fault.Internal, "", "points are linked in another mode or network", "link both sets in the mode that is asked for")
	}
	j := &job{n: n, mode: mode, speed: speed, from: from, to: to, most: most, workers: workersOf(workers)}
	return j.stream(ctx, j.plan(ctx), yield)
}

// job is one call of Rows.
type job struct {
	n        *Network
	mode     travel.Mode
	speed    Speed
	from, to *Points
	most     travel.Seconds
	workers  int
}

// filler computes the rows of windows, which it is handed in ascending order.
type filler interface {
	fill(ctx context.Context, w *window)
}

func (j *job) stream(ctx context.Context, f filler, yield travel.Rows) error {
	ctx, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer stop()
	ready := make(chan *window)
	wg.Go(func() {
		defer close(ready)
		size := windowRows(j.to.Len())
		for first := 0; first < j.from.Len(); first += size {
			w := newWindow(j.from, first, min(first+size, j.from.Len()))
			f.fill(ctx, w)
			select {
			case ready <- w:
			case <-ctx.Done():
				return
			}
		}
	})
	var tos []int32
	var seconds []travel.Seconds
	for w := range ready {
		if err := ctx.Err(); err != nil {
			return err
		}
		for k, row := range w.rows {
			tos, seconds = tos[:0], seconds[:0]
			for _, h := range row {
				tos = append(tos, h.To)
				seconds = append(seconds, h.Seconds)
			}
			if err := yield(travel.Row{From: int32(w.first + k), To: tos, Seconds: seconds}); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// Rows are held for one window while it is handed over and for the next while it is computed.
const (
	mostWindowRows  = 4096
	leastWindowRows = 64
	windowBytes     = 192 << 20
	hitBytes        = 8
)

// windowRows gives the number of origins whose rows fit even when every target is reached.
func windowRows(targets int) int {
	return min(mostWindowRows, max(leastWindowRows, windowBytes/(hitBytes*max(1, targets))))
}

// window is a run of consecutive origins.
type window struct {
	first int
	order []int32 // linked origins by the place they are linked to
	rows  [][]Hit // by origin, from first
}

func newWindow(from *Points, first, end int) *window {
	w := &window{first: first, rows: make([][]Hit, end-first), order: make([]int32, 0, end-first)}
	for i := first; i < end; i++ {
		if from.Linked(i) {
			w.order = append(w.order, int32(i))
		}
	}
	slices.SortFunc(w.order, func(a, b int32) int { return cmp.Or(cmp.Compare(from.edge[a], from.edge[b]), cmp.Compare(a, b)) })
	return w
}

// deal hands chunks of neighbouring origins to work, one goroutine for each worker.
func (w *window) deal(ctx context.Context, workers, chunk int, work func(worker int, origins []int32)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for k := range workers {
		wg.Go(func() {
			for ctx.Err() == nil {
				from := int(next.Add(int64(chunk))) - chunk
				if from >= len(w.order) {
					return
				}
				work(k, w.order[from:min(from+chunk, len(w.order))])
			}
		})
	}
	wg.Wait()
}

// searching fills windows by a search from every origin.
type searching struct {
	j        *job
	searches []*Search // one for each worker
}

func (j *job) newSearching() *searching {
	f := &searching{j: j, searches: make([]*Search, j.workers)}
	for k := range f.searches {
		f.searches[k] = j.n.NewSearch(j.mode, j.speed)
	}
	return f
}

func (f *searching) fill(ctx context.Context, w *window) {
	const chunk = 32
	w.deal(ctx, len(f.searches), chunk, func(worker int, origins []int32) {
		var hits []Hit
		var ends [chunk]int
		for k, i := range origins {
			hits = f.searches[worker].Reach(f.j.from, int(i), f.j.to, f.j.most, false, hits)
			ends[k] = len(hits)
		}
		start := 0
		for k, i := range origins {
			w.rows[int(i)-w.first] = hits[start:ends[k]]
			start = ends[k]
		}
	})
}
