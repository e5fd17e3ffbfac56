package spatial_test

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"gevor/spatial"
)

// anyWeights draws weights between n areas, with islands and one-way links.
func anyWeights(t *rapid.T, n int) *spatial.Weights {
	var links []spatial.Link
	for i := range n {
		for j := range n {
			if i != j && rapid.IntRange(0, 3).Draw(t, "link") == 0 {
				links = append(links, spatial.Link{From: int32(i), To: int32(j), Weight: rapid.Float64Range(0.1, 3).Draw(t, "weight")})
			}
		}
	}
	w, err := spatial.NewWeights(n, links)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func anyValues(t *rapid.T, n int) []float64 {
	return rapid.SliceOfN(rapid.Float64Range(0.5, 100), n, n).Draw(t, "values")
}

func close2(t *rapid.T, what string, a, b float64) {
	t.Helper()
	if math.IsNaN(a) && math.IsNaN(b) {
		return
	}
	if !(math.Abs(a-b) <= 1e-8*(1+math.Abs(a)+math.Abs(b))) {
		t.Fatalf("%s: %.15g and %.15g", what, a, b)
	}
}

// Numbering areas differently, or measuring in another unit, changes no statistic; Moran and Geary do not mind a
// shift either, while G does, as it speaks of large values.
func TestPatternsDoNotDependOnOrderOrUnit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(5, 9).Draw(t, "n")
		w := anyWeights(t, n)
		x := anyValues(t, n)
		scale := rapid.Float64Range(0.01, 50).Draw(t, "scale")
		shift := rapid.Float64Range(0, 100).Draw(t, "shift")
		order := rapid.Permutation(ints(n)).Draw(t, "order")
		var links []spatial.Link
		y := make([]float64, n)
		for i := range n {
			to, row := w.Row(i)
			for k, j := range to {
				links = append(links, spatial.Link{From: int32(order[i]), To: int32(order[j]), Weight: row[k]})
			}
			y[order[i]] = x[i] * scale
		}
		v, err := spatial.NewWeights(n, links)
		if err != nil {
			t.Fatal(err)
		}
		for name, of := range map[string]func([]float64, *spatial.Weights) (spatial.Test, error){"I": spatial.Moran, "C": spatial.Geary, "G": spatial.GeneralG} {
			a, err1 := of(x, w)
			b, err2 := of(y, v)
			if (err1 == nil) != (err2 == nil) {
				t.Fatalf("%s: %v and %v", name, err1, err2)
			}
			if err1 != nil {
				continue
			}
			close2(t, name, a.Statistic, b.Statistic)
			close2(t, name+" variance", a.Random.Variance, b.Random.Variance)
			close2(t, name+" variance", a.Normal.Variance, b.Normal.Variance)
			if name != "G" {
				c, err := of(shifted(y, shift), v)
				if err != nil {
					t.Fatal(err)
				}
				close2(t, name+" shifted", a.Statistic, c.Statistic)
			}
		}
		for name, of := range map[string]func([]float64, *spatial.Weights) ([]spatial.Local, error){"I": spatial.LocalMoran, "G": spatial.LocalG} {
			a, err1 := of(x, w)
			b, err2 := of(shifted(y, shift), v)
			if (err1 == nil) != (err2 == nil) {
				t.Fatalf("%s: %v and %v", name, err1, err2)
			}
			for i := range a {
				close2(t, "local "+name, a[i].Z, b[order[i]].Z)
			}
		}
	})
}

func ints(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

func shifted(x []float64, by float64) []float64 {
	out := slices.Clone(x)
	for i := range out {
		out[i] += by
	}
	return out
}

// With rows that sum to 1, Moran's I is the mean of the local ones.
func TestLocalMoranAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(4, 12).Draw(t, "n")
		var rows [][]int32
		for i := range n { // everybody has at least one neighbour
			rows = append(rows, []int32{int32((i + 1) % n)})
			if j := rapid.IntRange(0, n-1).Draw(t, "j"); j != i && j != (i+1)%n {
				rows[i] = append(rows[i], int32(j))
			}
		}
		w, err := spatial.FromNeighbours(rows)
		if err != nil {
			t.Fatal(err)
		}
		w = w.RowStandardised()
		x := anyValues(t, n)
		global, err := spatial.Moran(x, w)
		if err != nil {
			return // all values the same
		}
		local, err := spatial.LocalMoran(x, w)
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for _, l := range local {
			sum += l.Statistic / float64(n)
		}
		close2(t, "I", global.Statistic, sum)
	})
}

// Random assignments have the mean and the variance that the analytical moments say.
func TestGlobalPermutationsMeetTheMoments(t *testing.T) {
	w := grid(t, 6, 7)
	r := rand.New(rand.NewPCG(3, 4))
	x := make([]float64, w.Len())
	for i := range x {
		x[i] = math.Exp(r.NormFloat64())
	}
	o := spatial.Permutation{Count: 9999, Seed: 5, Workers: 2}
	for name, c := range map[string]struct {
		of   func([]float64, *spatial.Weights) (spatial.Test, error)
		draw func([]float64, *spatial.Weights, spatial.Permutation) (spatial.Pseudo, error)
	}{
		"I": {spatial.Moran, spatial.PermuteMoran}, "C": {spatial.Geary, spatial.PermuteGeary}, "G": {spatial.GeneralG, spatial.PermuteG},
	} {
		test := must(c.of(x, w))(t)
		drawn := must(c.draw(x, w, o))(t)
		dev := math.Sqrt(test.Random.Variance)
		near(t, name+" mean", drawn.Mean, test.Expected, 5*dev/100)
		near(t, name+" deviation", drawn.Dev/dev, 1, 0.05)
	}
}

// Seven areas, one with three neighbours: there are C(6,3) = 20 choices of its neighbours. The pseudo p-value of many
// draws is the share among them, for equal and for different weights, and with the area in its own list (G*).
func TestLagPermutationAgainstAllArrangements(t *testing.T) {
	x := []float64{3, 1, 4, 1.5, 9, 2.6, 5}
	for name, weight := range map[string][]float64{"equal": {1, 1, 1}, "different": {1, 2, 4}} {
		links := []spatial.Link{{From: 0, To: 2, Weight: weight[0]}, {From: 0, To: 4, Weight: weight[1]}, {From: 0, To: 6, Weight: weight[2]}}
		w := must(spatial.NewWeights(7, links))(t)
		at := weight[0]*x[2] + weight[1]*x[4] + weight[2]*x[6]
		var high, all float64
		for a := 1; a < 7; a++ {
			for b := 1; b < 7; b++ {
				for c := 1; c < 7; c++ {
					if a != b && b != c && a != c {
						all++
						if weight[0]*x[a]+weight[1]*x[b]+weight[2]*x[c] >= at-1e-12 {
							high++
						}
					}
				}
			}
		}
		for star, v := range map[string]*spatial.Weights{"G": w, "G*": w.WithSelf(1)} {
			p := must(spatial.PermuteLag(x, v, spatial.Permutation{Count: 40000, Seed: 1, Workers: 1}))(t)
			near(t, name+" "+star, p[0].High, high/all, 0.01)
		}
	}
}

// Draws by trial and draws by shuffling have one distribution: a ring in which an area has few or most of the others.
func TestBothWaysOfDrawingAgree(t *testing.T) {
	const n = 60
	r := rand.New(rand.NewPCG(8, 9))
	x := make([]float64, n)
	for i := range x {
		x[i] = r.NormFloat64()
	}
	for _, degree := range []int{3, 23, 40} {
		row := make([]int32, degree)
		for k := range row {
			row[k] = int32(k + 1)
		}
		rows := make([][]int32, n)
		rows[0] = row
		w := must(spatial.FromNeighbours(rows))(t)
		p := must(spatial.PermuteLag(x, w, spatial.Permutation{Count: 20000, Seed: 2}))(t)
		// mean and variance of a sum of k out of N−1 without replacement
		var mean, square float64
		total := 0.0
		for _, v := range x {
			total += v / n
		}
		for _, v := range x[1:] {
			mean += (v - total) / (n - 1)
		}
		for _, v := range x[1:] {
			square += (v - total - mean) * (v - total - mean) / (n - 2)
		}
		k := float64(degree)
		dev := math.Sqrt(k * (1 - k/(n-1)) * square)
		near(t, "mean", p[0].Mean, k*mean, 5*dev/math.Sqrt(20000))
		near(t, "deviation", p[0].Dev/dev, 1, 0.03)
	}
}

// The same seed gives the same bytes on any number of workers, another seed others.
func TestWorkersChangeNothing(t *testing.T) {
	w := grid(t, 20, 30).RowStandardised()
	r := rand.New(rand.NewPCG(1, 1))
	x := make([]float64, w.Len())
	for i := range x {
		x[i] = r.NormFloat64()
	}
	lag := func(workers int, seed uint64) []spatial.Pseudo {
		return must(spatial.PermuteLag(x, w, spatial.Permutation{Count: 99, Seed: seed, Workers: workers}))(t)
	}
	global := func(workers int) spatial.Pseudo {
		return must(spatial.PermuteMoran(x, w, spatial.Permutation{Count: 99, Seed: 1, Workers: workers}))(t)
	}
	if a := lag(1, 1); !slices.Equal(a, lag(2, 1)) || !slices.Equal(a, lag(4, 1)) || slices.Equal(a, lag(1, 2)) {
		t.Error("local draws depend on workers, or not on the seed")
	}
	if a := global(1); a != global(2) || a != global(4) {
		t.Error("global draws depend on workers")
	}
}

// The rule as Benjamini & Hochberg state it: reject the k smallest, k the largest with p(k) ≤ k·q/m. Adjusted values
// say the same for every q, keep the order of p and are never below it.
func TestFalseDiscoveryIsTheStepUpRule(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SliceOfN(rapid.Float64Range(0, 1), 1, 30).Draw(t, "p")
		q := rapid.Float64Range(0.001, 0.9).Draw(t, "q")
		adjusted := spatial.FalseDiscovery(p)
		sorted := slices.Clone(p)
		slices.Sort(sorted)
		border := -1.0
		for k, v := range sorted {
			if v <= float64(k+1)*q/float64(len(p)) {
				border = v
			}
		}
		for i, v := range p {
			if math.Abs(adjusted[i]-q) < 1e-12 {
				continue
			}
			if (adjusted[i] <= q) != (v <= border) || adjusted[i] < v-1e-15 || adjusted[i] > 1 {
				t.Fatalf("p %g adjusted %g, border %g at q %g", v, adjusted[i], border, q)
			}
		}
	})
}

// The nearest places by tree are those by sorting all, also with places on one point.
func TestNearestAgainstSorting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 80).Draw(t, "n")
		xy := make([][2]float64, n)
		for i := range xy {
			xy[i] = [2]float64{float64(rapid.IntRange(0, 12).Draw(t, "x")), float64(rapid.IntRange(0, 12).Draw(t, "y"))}
		}
		k := rapid.IntRange(1, n-1).Draw(t, "k")
		got := spatial.Planar(xy).Nearest(k)
		for i := range xy {
			var others []int32
			for j := range xy {
				if j != i {
					others = append(others, int32(j))
				}
			}
			far := func(j int32) float64 {
				return (xy[i][0]-xy[j][0])*(xy[i][0]-xy[j][0]) + (xy[i][1]-xy[j][1])*(xy[i][1]-xy[j][1])
			}
			slices.SortStableFunc(others, func(a, b int32) int { return cmp.Compare(far(a), far(b)) })
			if !slices.Equal(got[i], others[:k]) {
				t.Fatalf("%d nearest of %d: %v, want %v", k, i, got[i], others[:k])
			}
		}
	})
}

// Subsets and components of weights agree with what they say.
func TestSubsetKeepsLinksBetweenKept(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 10).Draw(t, "n")
		w := anyWeights(t, n)
		keep := rapid.SliceOfN(rapid.Bool(), n, n).Draw(t, "keep")
		s := w.Subset(keep)
		var kept []int
		for i, k := range keep {
			if k {
				kept = append(kept, i)
			}
		}
		if s.Len() != len(kept) {
			t.Fatalf("%d areas, want %d", s.Len(), len(kept))
		}
		links := 0
		for a, i := range kept {
			to, row := s.Row(a)
			for k, b := range to {
				full, weights := w.Row(i)
				at := slices.Index(full, int32(kept[b]))
				if at < 0 || weights[at] != row[k] {
					t.Fatalf("link %d → %d appeared", i, kept[b])
				}
				links++
			}
		}
		want := 0
		for _, i := range kept {
			to, _ := w.Row(i)
			for _, j := range to {
				if keep[j] {
					want++
				}
			}
		}
		if links != want {
			t.Fatalf("%d links, want %d", links, want)
		}
		part, parts := w.Components()
		for i := range n {
			to, _ := w.Row(i)
			for _, j := range to {
				if part[i] != part[j] {
					t.Fatalf("%d and %d are linked and lie in parts %d and %d", i, j, part[i], part[j])
				}
			}
			if int(part[i]) >= parts {
				t.Fatalf("part %d of %d", part[i], parts)
			}
		}
	})
}
