package app

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"

	"gevor/fault"
)

// orlibMost bounds the vertices: shortest paths of all pairs are kept.
const orlibMost = 5000

// readOrlib reads numbers line by line: vertices, edges, p, then edges.
func (in *siteInput) readOrlib(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return fault.Wrap(fault.NotFound, path, "cannot be opened", "check the path", err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	line := 0
	next := func() ([]float64, error) {
		for lines.Scan() {
			line++
			words := strings.Fields(lines.Text())
			if len(words) == 0 {
				continue
			}
			out := make([]float64, len(words))
			for k, w := range words {
				v, err := strconv.ParseFloat(w, 64)
				if err != nil || !(v >= 0) || math.IsInf(v, 0) {
					return nil, fault.New(fault.Invalid, fmt.Sprintf("%s:%d", path, line), fmt.Sprintf("%q is not a number ≥ 0", w), "give vertices, edges and p, then one edge a line: two vertices and a cost")
				}
				out[k] = v
			}
			if len(out) != 3 {
				return nil, fault.New(fault.Invalid, fmt.Sprintf("%s:%d", path, line), fmt.Sprintf("%d numbers where 3 are needed", len(out)), "give vertices, edges and p, then one edge a line: two vertices and a cost")
			}
			return out, nil
		}
		if err := lines.Err(); err != nil {
			return nil, fault.Wrap(fault.Corrupt, path, "cannot be read", "check the file", err)
		}
		return nil, fault.New(fault.Invalid, fmt.Sprintf("%s:%d", path, line), "the file ends too early", "the first line says how many edges follow")
	}
	head, err := next()
	if err != nil {
		return err
	}
	n, edges := int(head[0]), int(head[1])
	in.places = int(head[2])
	if n < 1 || n > orlibMost || float64(n) != head[0] || float64(edges) != head[1] || float64(in.places) != head[2] || in.places < 1 || in.places > n {
		return fault.New(fault.Invalid, path+":1", fmt.Sprintf("%v vertices, %v edges and p = %v make no problem", head[0], head[1], head[2]), fmt.Sprintf("whole numbers, up to %d vertices, p from 1 to their number", orlibMost))
	}
	d := make([]float64, n*n)
	for i := range d {
		d[i] = math.Inf(1)
	}
	for i := range n {
		d[i*n+i] = 0
	}
	for range edges {
		e, err := next()
		if err != nil {
			return err
		}
		a, b := int(e[0]), int(e[1])
		if a < 1 || b < 1 || a > n || b > n || float64(a) != e[0] || float64(b) != e[1] {
			return fault.New(fault.Invalid, fmt.Sprintf("%s:%d", path, line), fmt.Sprintf("edge %v–%v is not between vertices 1 to %d", e[0], e[1], n), "number vertices from 1")
		}
		if a != b {
			d[(a-1)*n+b-1], d[(b-1)*n+a-1] = e[2], e[2]
		}
	}
	for lines.Scan() {
		line++
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		return fault.New(fault.Invalid, fmt.Sprintf("%s:%d", path, line), fmt.Sprintf("there is more than the %d edges announced", edges), "correct the first line")
	}
	if err := lines.Err(); err != nil {
		return fault.Wrap(fault.Corrupt, path, "cannot be read", "check the file", err)
	}
	shortest(d, n)
	in.problem.Cost = full(d, n, n)
	for i := range n {
		in.demands = append(in.demands, strconv.Itoa(i+1))
	}
	in.sites = in.demands
	return nil
}

// shortest turns edges into shortest paths (Floyd 1962).
func shortest(d []float64, n int) {
	for k := range n {
		for i := range n {
			via := d[i*n+k]
			if math.IsInf(via, 1) {
				continue
			}
			for j := range n {
				if x := via + d[k*n+j]; x < d[i*n+j] {
					d[i*n+j] = x
				}
			}
		}
	}
}
