package siting_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
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

func TestPmed(t *testing.T) {
	dir := realdata.Dir(t, "pmed")
	for k, want := range pmedOptima {
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
