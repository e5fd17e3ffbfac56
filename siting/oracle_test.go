package siting_test

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"gevor/internal/realdata"
	"gevor/reach"
	"gevor/siting"
)

// readPmed reads a p-median problem of OR-Library: vertices, edges, p, then edges. Costs are shortest paths by
// Floyd and Warshall; of an edge listed twice the last line counts.
func readPmed(t testing.TB, path string) (*reach.Sparse[float64], int) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r := bufio.NewReader(file)
	var n, edges, p int
	if _, err := fmt.Fscan(r, &n, &edges, &p); err != nil {
		t.Fatal(err)
	}
	const far = 1 << 40
	d := make([][]int, n)
	for i := range d {
		d[i] = make([]int, n)
		for j := range d[i] {
			if i != j {
				d[i][j] = far
			}
		}
	}
	for range edges {
		var a, b, c int
		if _, err := fmt.Fscan(r, &a, &b, &c); err != nil {
			t.Fatal(err)
		}
		d[a-1][b-1], d[b-1][a-1] = c, c
	}
	for k := range n {
		for i := range n {
			for j := range n {
				d[i][j] = min(d[i][j], d[i][k]+d[k][j])
			}
		}
	}
	b := reach.NewBuilder[float64](n)
	for i := range n {
		var to []int32
		var cost []float64
		for j := range n {
			to, cost = append(to, int32(j)), append(cost, float64(d[i][j]))
		}
		b.Add(to, cost)
	}
	return b.Done(), p
}

// pmedOptima are those of OR-Library (file pmedopt), as the README of the data gives them.
var pmedOptima = [20]float64{5819, 4093, 4250, 3034, 1355, 7824, 5631, 4445, 2734, 1255, 7696, 6634, 4374, 2968, 1729, 8162, 6999, 4809, 2845, 1789}

// longer says whether the long instances run too, as make test-long does.
func longer() bool { return os.Getenv("GEVOR_LONG") != "" }

func TestPmed(t *testing.T) {
	dir := realdata.Dir(t, "pmed")
	for k, want := range pmedOptima {
		if k >= 8 && !longer() {
			break
		}
		cost, p := readPmed(t, filepath.Join(dir, fmt.Sprintf("pmed%d.txt", k+1)))
		a, err := siting.Median(siting.Problem{Cost: cost, New: p}, siting.Effort{})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("figure: pmed%d n=%d p=%d value %.0f bound %.3f optimal %v nodes %d steps %d", k+1, cost.Rows(), p, a.Objective, a.Bound, a.Optimal, a.Nodes, a.Steps)
		if a.Objective != want || !a.Optimal {
			t.Errorf("pmed%d: %v (bound %v, optimal %v), published %v", k+1, a.Objective, a.Bound, a.Optimal, want)
		}
	}
}

// pcenterOptima are the p-centre values of the same graphs as public programs for that problem list them; they are no
// part of the data. The lists disagree on pmed13, 35 or 36; this search proves 36.
var pcenterOptima = [20]float64{127, 98, 93, 74, 48, 84, 64, 55, 37, 20, 59, 51, 36, 26, 18, 47, 39, 28, 18, 13}

func TestPmedAsCenters(t *testing.T) {
	dir := realdata.Dir(t, "pmed")
	for k, want := range pcenterOptima {
		if k >= 10 && !longer() {
			break
		}
		cost, p := readPmed(t, filepath.Join(dir, fmt.Sprintf("pmed%d.txt", k+1)))
		a, err := siting.Centre(siting.Problem{Cost: cost, New: p}, siting.Effort{})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("figure: pmed%d as p-centre value %.0f bound %.0f optimal %v nodes %d steps %d, published %.0f", k+1, a.Objective, a.Bound, a.Optimal, a.Nodes, a.Steps, want)
		if a.Objective != want || !a.Optimal {
			t.Errorf("pmed%d: %v (bound %v, optimal %v), published %v", k+1, a.Objective, a.Bound, a.Optimal, want)
		}
	}
}

// readSanFrancisco reads 205 tracts and 16 candidate stores with their network distances in metres.
func readSanFrancisco(t testing.TB) (*reach.Sparse[float64], []float64) {
	t.Helper()
	file, err := os.Open(filepath.Join(realdata.Dir(t, "san-francisco"), "SF_network_distance_candidateStore_16_censusTract_205_new.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var tracts, stores []string
	var people []float64
	var pairs []reach.Pair[float64]
	for _, r := range rows[1:] {
		number := func(s string) float64 {
			x, err := strconv.ParseFloat(s, 64)
			if err != nil {
				t.Fatal(err)
			}
			return x
		}
		store := slices.Index(stores, r[1])
		if store < 0 {
			store = len(stores)
			stores = append(stores, r[1])
		}
		i := slices.Index(tracts, r[2])
		if i < 0 {
			i = len(tracts)
			tracts, people = append(tracts, r[2]), append(people, number(r[3]))
		}
		pairs = append(pairs, reach.Pair[float64]{From: int32(i), To: int32(store), Cost: number(r[0])})
	}
	m, err := reach.FromPairs(len(tracts), 16, pairs)
	if err != nil {
		t.Fatal(err)
	}
	return m, people
}

// The four optima are those of pysal/spopt, as the README of the data gives them, to the last digit given.
func TestSanFrancisco(t *testing.T) {
	cost, people := readSanFrancisco(t)
	for _, c := range []struct {
		name  string
		want  float64
		loose float64 // half of the last digit published
		solve func() (siting.Answer, error)
	}{
		{"lscp", 8, 0, func() (siting.Answer, error) {
			return siting.Cover(siting.Problem{Cost: cost, Weight: people}, 5000, siting.Effort{})
		}},
		{"mclp", 875247, 0, func() (siting.Answer, error) {
			return siting.MaxCover(siting.Problem{Cost: cost, Weight: people, New: 4}, 5000, siting.Effort{})
		}},
		{"p-median", 2848268129.7145, 5e-4, func() (siting.Answer, error) {
			return siting.Median(siting.Problem{Cost: cost, Weight: people, New: 4}, siting.Effort{})
		}},
		{"p-centre", 7403.06, 5e-3, func() (siting.Answer, error) {
			return siting.Centre(siting.Problem{Cost: cost, Weight: people, New: 4}, siting.Effort{})
		}},
	} {
		a, err := c.solve()
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("figure: San Francisco %s value %.4f bound %.4f optimal %v nodes %d steps %d", c.name, a.Objective, a.Bound, a.Optimal, a.Nodes, a.Steps)
		if math.Abs(a.Objective-c.want) > c.loose || !a.Optimal {
			t.Errorf("%s: %.6f (optimal %v), published %.4f", c.name, a.Objective, a.Optimal, c.want)
		}
	}
}

// With capacities there are no published optima for these graphs: every place takes 1.2 times its share of the
// vertices. The gap is certified by the bound; the optimum without capacities, which is published, bounds it too.
func TestPmedWithCapacities(t *testing.T) {
	dir := realdata.Dir(t, "pmed")
	for _, k := range []int{1, 2, 6} {
		if k > 1 && !longer() {
			break
		}
		cost, p := readPmed(t, filepath.Join(dir, fmt.Sprintf("pmed%d.txt", k)))
		capacity := make([]float64, cost.Cols)
		for j := range capacity {
			capacity[j] = math.Ceil(1.2 * float64(cost.Rows()) / float64(p))
		}
		a, err := siting.Median(siting.Problem{Cost: cost, New: p, Capacity: capacity}, siting.Effort{Nodes: 30, RootSteps: 600, NodeSteps: 40})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("figure: pmed%d with capacities %v value %.0f bound %.3f gap %.3f %% optimal %v nodes %d steps %d", k, capacity[0], a.Objective, a.Bound, 100*a.Gap(), a.Optimal, a.Nodes, a.Steps)
		if a.Bound > a.Objective || a.Objective < pmedOptima[k-1] || a.Gap() > 0.05 {
			t.Errorf("pmed%d: %v, bound %v, without capacities %v", k, a.Objective, a.Bound, pmedOptima[k-1])
		}
	}
}
