package contraction

import (
	"sync"
	"sync/atomic"
)

// parallel hands the pieces [from, to) of 0..n-1, each at most size long and starting at a multiple of size, to
// the workers; every worker brings its own search. It returns when all pieces are done.
func (c *contractor) parallel(n, size int, work func(s *witness, from, to int)) {
	workers := min(len(c.searches), (n+size-1)/size)
	if workers <= 1 {
		for from := 0; from < n; from += size {
			work(c.searches[0], from, min(n, from+size))
		}
		return
	}
	var next atomic.Int64
	var all sync.WaitGroup
	for _, s := range c.searches[:workers] {
		all.Go(func() {
			for {
				from := int(next.Add(int64(size))) - size
				if from >= n {
					return
				}
				work(s, from, min(n, from+size))
			}
		})
	}
	all.Wait()
}
