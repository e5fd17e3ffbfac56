package street

import (
	"cmp"
	"context"
	"runtime"
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
// Origins are computed in windows of consecutive numbers, inside a window in the order in which they lie along
// the Hilbert curve, so that neighbours share what is in the processor's cache. While one window is handed over
// the next is computed; nothing else is held.
func (n *Network) Rows(ctx context.Context, mode travel.Mode, speed Speed, from, to *Points, most travel.Seconds, workers int, yield travel.Rows) error {
	if int(mode) >= modes || from.n != n || to.n != n || from.mode != mode || to.mode != mode {
		return fault.New(fault.Internal, "", "points are linked in another mode or network", "link both sets in the mode that is asked for")
	}
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	engines := make([]engine, workers)
	for k := range engines {
		engines[k] = &searches{s: n.NewSearch(mode, speed), from: from, to: to, most: most}
	}
	ready := make(chan *window)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer stop()
	wg.Go(func() {
		defer close(ready)
		size := windowRows(to.Len())
		for first := 0; first < from.Len(); first += size {
			w := newWindow(from, first, min(first+size, from.Len()))
			w.compute(ctx, engines)
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
		for i := w.first; i < w.first+len(w.rows); i++ {
			tos, seconds = tos[:0], seconds[:0]
			for _, h := range w.rows[i-w.first] {
				tos = append(tos, h.To)
				seconds = append(seconds, h.Seconds)
			}
			if err := yield(travel.Row{From: int32(i), To: tos, Seconds: seconds}); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// engine computes the rows of some origins; one per goroutine.
type engine interface {
	// run appends the hits of each origin to hits and hands put the row.
	run(origins []int32, hits []Hit, put func(origin int32, row []Hit)) []Hit
}

// searches is the engine of bounded searches.
type searches struct {
	s        *Search
	from, to *Points
	most     travel.Seconds
}

func (e *searches) run(origins []int32, hits []Hit, put func(int32, []Hit)) []Hit {
	for _, i := range origins {
		start := len(hits)
		hits = e.s.Reach(e.from, int(i), e.to, e.most, false, hits)
		put(i, hits[start:len(hits):len(hits)])
	}
	return hits
}

// Rows are held for one window while it is handed over and for the next while it is computed.
const (
	mostWindowRows  = 4096
	leastWindowRows = 64
	windowBytes     = 192 << 20
	chunkRows       = 32
)

// windowRows gives the number of origins whose rows fit even when every target is reached.
func windowRows(targets int) int {
	return min(mostWindowRows, max(leastWindowRows, windowBytes/(8*max(1, targets))))
}

// window is a run of consecutive origins.
type window struct {
	first int
	order []int32 // origins by the place they are linked to
	rows  [][]Hit // by origin, from first
}

func newWindow(from *Points, first, end int) *window {
	w := &window{first: first, rows: make([][]Hit, end-first), order: make([]int32, end-first)}
	for k := range w.order {
		w.order[k] = int32(first + k)
	}
	slices.SortFunc(w.order, func(a, b int32) int { return cmp.Or(cmp.Compare(from.edge[a], from.edge[b]), cmp.Compare(a, b)) })
	return w
}

// compute fills the rows; chunks of neighbours go to whichever engine is free.
func (w *window) compute(ctx context.Context, engines []engine) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for _, e := range engines {
		wg.Go(func() {
			for ctx.Err() == nil {
				from := int(next.Add(chunkRows)) - chunkRows
				if from >= len(w.order) {
					return
				}
				origins := w.order[from:min(from+chunkRows, len(w.order))]
				e.run(origins, nil, func(i int32, row []Hit) { w.rows[int(i)-w.first] = row })
			}
		})
	}
	wg.Wait()
}
