package spatial

import (
	"math"
	"sync"
	"sync/atomic"
)

// Permutation says how a reference distribution is drawn.
type Permutation struct {
	Count   int    // draws, ≥ 1; 999 gives p-values down to 0.001
	Seed    uint64 // equal seeds give equal results whatever Workers is
	Workers int    // goroutines; below 1 counts as 1
}

// Pseudo holds the place of a statistic among values drawn under the null hypothesis.
type Pseudo struct {
	Low, High float64 // (1 + draws ≤, ≥ the statistic) / (1 + draws)
	P         float64 // two-sided: twice the smaller of both, at most 1
	Mean, Dev float64 // mean and standard deviation (divisor n) of the draws
}

func pseudo(low, high, count int, sum, squares float64) Pseudo {
	n := float64(count)
	p := Pseudo{Low: float64(low+1) / (n + 1), High: float64(high+1) / (n + 1), Mean: sum / n}
	p.P = math.Min(1, 2*math.Min(p.Low, p.High))
	p.Dev = math.Sqrt(math.Max(0, squares/n-p.Mean*p.Mean))
	return p
}

// stream is the splitmix64 generator of Steele, Lea & Flood (2014): one multiply-and-shift chain an output, so that
// every area can have a stream of its own at no cost for starting it.
type stream uint64

// streamOf gives stream number k of a seed; streams of different k start at hashed, hence unrelated, places.
func streamOf(seed, k uint64) stream {
	s := stream(seed ^ 0x6a09e667f3bcc909)
	s = stream(s.next() + k*0xd1342543de82ef95)
	return stream(s.next())
}

func (s *stream) next() uint64 {
	*s += 0x9e3779b97f4a7c15
	z := uint64(*s)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// below gives a number in 0..n-1, n < 2³¹, each with equal probability up to 2⁻³².
func (s *stream) below(n uint32) uint32 { return uint32(s.next() >> 32 * uint64(n) >> 32) }

// unit gives a number in [0, 1).
func (s *stream) unit() float64 { return float64(s.next()>>11) / (1 << 53) }

// inParallel calls work(k) for k in 0..n-1 with some goroutines; fresh makes each goroutine's scratch.
func inParallel[S any](n, workers int, fresh func() S, work func(k int, scratch S)) {
	workers = max(1, min(workers, n))
	var next atomic.Int64
	var wait sync.WaitGroup
	for range workers {
		wait.Add(1)
		go func() {
			defer wait.Done()
			scratch := fresh()
			for {
				k := int(next.Add(1)) - 1
				if k >= n {
					return
				}
				work(k, scratch)
			}
		}()
	}
	wait.Wait()
}

// PermuteMoran draws Moran's I over random assignments of the values to the areas. Errors as Moran.
// TestGlobalPermutationsMeetTheMoments compares the draws with the analytical moments.
func PermuteMoran(x []float64, w *Weights, o Permutation) (Pseudo, error) {
	z, sum2, _, err := centred(x, w, 4)
	if err != nil {
		return Pseudo{}, err
	}
	s0 := total(w.W)
	return permuted(z, o, func(v []float64) float64 { return moranOf(v, sum2, w, s0) }), nil
}

// PermuteGeary draws Geary's C in the same way. Errors as Geary.
func PermuteGeary(x []float64, w *Weights, o Permutation) (Pseudo, error) {
	z, sum2, _, err := centred(x, w, 4)
	if err != nil {
		return Pseudo{}, err
	}
	s0 := total(w.W)
	return permuted(z, o, func(v []float64) float64 { return gearyOf(v, sum2, w, s0) }), nil
}

// PermuteG draws the general G in the same way. Errors as GeneralG.
func PermuteG(x []float64, w *Weights, o Permutation) (Pseudo, error) {
	if _, err := GeneralG(x, w); err != nil {
		return Pseudo{}, err
	}
	var sum, squares float64
	for _, v := range x {
		sum += v
		squares += v * v
	}
	return permuted(x, o, func(v []float64) float64 { return generalGOf(v, sum*sum-squares, w) }), nil
}

func total(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum
}

// permuted compares of(x) with of(random orders of x). Draws land in a slice by number, so sums have one order.
func permuted(x []float64, o Permutation, of func([]float64) float64) Pseudo {
	draws := make([]float64, max(o.Count, 1))
	inParallel(len(draws), o.Workers, func() []float64 { return make([]float64, len(x)) }, func(k int, v []float64) {
		copy(v, x)
		s := streamOf(o.Seed, uint64(k))
		for i := len(v) - 1; i > 0; i-- {
			j := s.below(uint32(i + 1))
			v[i], v[j] = v[j], v[i]
		}
		draws[k] = of(v)
	})
	at := of(x)
	near := 1e-12 * math.Abs(at) // equal arrangements may differ in the last digit
	var low, high int
	var sum, squares float64
	for _, d := range draws {
		if d <= at+near {
			low++
		}
		if d >= at-near {
			high++
		}
		sum += d
		squares += d * d
	}
	return pseudo(low, high, len(draws), sum, squares)
}

// PermuteLag gives for every area the place of its lag Σ_j w(i,j)·x(j) among lags with neighbours drawn at random from
// all other areas, without replacement, while its own value stays: the conditional permutation of Anselin (1995).
// The place is that of local Moran for areas above the mean and the mirrored one for areas below it, and that of G
// and G* for all, as each is an increasing function of the lag (of its negative for areas below the mean); High is
// small where large values lie around. Islands are NaN. Every area has a stream of its own. Cost n · Count · degree.
// Errors as Moran. TestLagPermutationAgainstAllArrangements enumerates every choice of neighbours.
func PermuteLag(x []float64, w *Weights, o Permutation) ([]Pseudo, error) {
	z, _, _, err := centred(x, w, 3)
	if err != nil {
		return nil, err
	}
	out := make([]Pseudo, len(z))
	const chunk = 256
	inParallel((len(z)+chunk-1)/chunk, o.Workers, func() *chooser { return newChooser(len(z)) }, func(c int, s *chooser) {
		for i := c * chunk; i < min((c+1)*chunk, len(z)); i++ {
			out[i] = s.area(z, w, i, o)
		}
	})
	return out, nil
}

// chooser draws neighbours without replacement: few by trial, many by a partial shuffle that is undone afterwards.
type chooser struct {
	order, swap []int32
	picked      []int32
}

// few is the number of neighbours up to which a linear look at those already picked is cheaper than shuffling.
const few = 24

func newChooser(n int) *chooser { return &chooser{picked: make([]int32, 0, n)} }

func (c *chooser) area(z []float64, w *Weights, i int, o Permutation) Pseudo {
	to, row := w.Row(i)
	own := 0.0
	weights := row
	for k, j := range to {
		if int(j) == i { // the diagonal of G* stays where it is
			own = row[k] * z[i]
			weights = append(append(make([]float64, 0, len(row)), row[:k]...), row[k+1:]...)
		}
	}
	k := len(weights)
	if k == 0 {
		nan := math.NaN()
		return Pseudo{nan, nan, nan, nan, nan}
	}
	at := own
	for x, j := range to {
		if int(j) != i {
			at += row[x] * z[j]
		}
	}
	size := math.Abs(own)
	for x, j := range to {
		size += math.Abs(row[x] * z[j])
	}
	near := 1e-12 * size
	s := streamOf(o.Seed, uint64(i))
	var low, high int
	var sum, squares float64
	count := max(o.Count, 1)
	same := true
	for _, v := range weights {
		same = same && v == weights[0]
	}
	others := uint32(len(z) - 1)
	for range count {
		c.draw(&s, others, k)
		lag := 0.0
		if same {
			for _, j := range c.picked {
				if int(j) >= i {
					j++
				}
				lag += z[j]
			}
			lag = own + lag*weights[0]
		} else {
			lag = own
			for x, j := range c.picked {
				if int(j) >= i {
					j++
				}
				lag += weights[x] * z[j]
			}
		}
		if lag <= at+near {
			low++
		}
		if lag >= at-near {
			high++
		}
		sum += lag
		squares += lag * lag
	}
	return pseudo(low, high, count, sum, squares)
}

// draw picks k of 0..n-1 into picked.
func (c *chooser) draw(s *stream, n uint32, k int) {
	c.picked = c.picked[:0]
	if k <= few && uint32(k)*2 <= n {
	next:
		for len(c.picked) < k {
			v := int32(s.below(n))
			for _, p := range c.picked {
				if p == v {
					continue next
				}
			}
			c.picked = append(c.picked, v)
		}
		return
	}
	if c.order == nil {
		c.order = make([]int32, n)
		for i := range c.order {
			c.order[i] = int32(i)
		}
	}
	c.swap = c.swap[:0]
	for a := range k {
		b := a + int(s.below(n-uint32(a)))
		c.order[a], c.order[b] = c.order[b], c.order[a]
		c.swap = append(c.swap, int32(b))
		c.picked = append(c.picked, c.order[a])
	}
	for a := k - 1; a >= 0; a-- { // back to the ordered state, so that no area sees what another drew
		b := c.swap[a]
		c.order[a], c.order[b] = c.order[b], c.order[a]
	}
}
