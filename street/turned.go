package street

import (
	"context"
	"sync"
	"sync/atomic"
)

// turned fills windows from searches that started at the targets: hits[t] holds the origins that reach target t,
// ascending, and next[t] how many of them earlier windows took.
type turned struct {
	hits [][]Hit
	next []int
}

// newTurned searches from every target against the direction of travel. It gives nil where the hits would exceed
// what may be held.
func (j *job) newTurned(ctx context.Context, mostHits int64) *turned {
	f := &turned{hits: make([][]Hit, j.to.Len()), next: make([]int, j.to.Len())}
	var next, held atomic.Int64
	var wg sync.WaitGroup
	for range j.workers {
		wg.Go(func() {
			s := j.n.NewSearch(j.mode, j.speed)
			var hits []Hit
			for ctx.Err() == nil && held.Load() <= mostHits {
				k := int(next.Add(1)) - 1
				if k >= len(j.to.byEdge) {
					return
				}
				t := j.to.byEdge[k]
				hits = s.Reach(j.to, int(t), j.from, j.most, true, hits[:0])
				held.Add(int64(len(hits)))
				f.hits[t] = append([]Hit(nil), hits...)
			}
		})
	}
	wg.Wait()
	if held.Load() > mostHits {
		return nil
	}
	return f
}

// fill turns the hits of one window from by-target to by-origin; targets come in ascending order, so rows do too.
func (f *turned) fill(_ context.Context, w *window) {
	end := int32(w.first + len(w.rows))
	counts := make([]int, len(w.rows)+1)
	upTo := make([]int, len(f.hits))
	for t, hits := range f.hits {
		k := f.next[t]
		for ; k < len(hits) && hits[k].To < end; k++ {
			counts[int(hits[k].To)-w.first+1]++
		}
		upTo[t] = k
	}
	for k := range w.rows {
		counts[k+1] += counts[k]
	}
	all := make([]Hit, counts[len(w.rows)])
	for k := range w.rows {
		w.rows[k] = all[counts[k]:counts[k]:counts[k+1]]
	}
	for t, hits := range f.hits {
		for _, h := range hits[f.next[t]:upTo[t]] {
			k := int(h.To) - w.first
			w.rows[k] = append(w.rows[k], Hit{int32(t), h.Seconds})
		}
		f.next[t] = upTo[t]
	}
}
