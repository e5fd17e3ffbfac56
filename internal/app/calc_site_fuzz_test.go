package app

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"gevor/fault"
)

// Whatever bytes come as a p-median file, a table or a matrix, the answer is a sound problem or a fault that says what
// is wrong; a matrix never holds a cost that is not a number ≥ 0.
func FuzzSiteInputs(f *testing.F) {
	f.Add([]byte("2 1 1\n1 2 5\n"))
	f.Add([]byte("from,to,cost\na,x,1\nb,x,\n"))
	f.Add([]byte("id,x,y\na,0,10\nb,,6\n"))
	f.Add([]byte("3 2 2\n1 2 1e308\n2 3 1e308\n"))
	f.Add([]byte("99999 0 1\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		path := filepath.Join(t.TempDir(), "f")
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, in := range []siteInputs{{orlib: path}, {table: path}, {matrix: path}} {
			if len(raw) > 4 && raw[0] >= '5' && in.orlib != "" {
				continue // thousands of vertices are sound and slow
			}
			got, err := in.read()
			if err != nil {
				if fault.KindOf(err) != fault.Invalid {
					t.Fatalf("%+v: %v", in, err)
				}
				continue
			}
			m := got.problem.Cost
			if m.Rows() != len(got.demands) || m.Cols != len(got.sites) {
				t.Fatalf("%d x %d costs for %d x %d", m.Rows(), m.Cols, len(got.demands), len(got.sites))
			}
			for _, c := range m.Cost {
				if !(c >= 0) || math.IsInf(c, 0) {
					t.Fatalf("cost %v", c)
				}
			}
		}
	})
}
