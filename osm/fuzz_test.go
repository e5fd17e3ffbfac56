package osm

import (
	"bytes"
	"context"
	"testing"

	"gevor/notice"
)

// Whatever the bytes, Read ends with an extract whose indexes hold or with an error; counts always add up.
func FuzzRead(f *testing.F) {
	f.Add(file(small(false, true)...))
	f.Add(file(small(true, false)...))
	raw := &pbf{raw: true} // without compression the fuzzer reaches the fields inside
	raw.header("OsmSchema-V0.6")
	for _, g := range small(false, false) {
		raw.data(g)
	}
	f.Add(raw.out.Bytes())
	plain := &pbf{raw: true}
	plain.header()
	for _, g := range small(true, true) {
		plain.data(g)
	}
	f.Add(plain.out.Bytes())
	f.Add([]byte("<?xml"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var notes notice.List
		x, err := Read(context.Background(), bytes.NewReader(raw), int64(len(raw)), "fuzz.osm.pbf", Limits{}, &notes, nil)
		if err != nil {
			return
		}
		for _, c := range notes.Counts() {
			if c.Read != c.Used+c.Rejected {
				t.Fatalf("counts %+v", c)
			}
		}
		for i, n := range x.Nodes {
			if !n.At.Valid() || i > 0 && x.Nodes[i-1].ID >= n.ID {
				t.Fatalf("node %d: %+v", i, n)
			}
		}
		for _, w := range x.Ways {
			if len(w.Nodes) < 2 {
				t.Fatalf("way %+v", w)
			}
			for _, n := range w.Nodes {
				_ = x.Nodes[n]
			}
		}
		for _, r := range x.Restrictions {
			_ = x.Nodes[r.Via]
		}
		for _, p := range x.POIs {
			if !p.At.Valid() {
				t.Fatalf("place %+v", p)
			}
		}
		for feature := range x.Features() {
			if feature.Geometry == nil {
				t.Fatalf("feature %+v", feature)
			}
		}
	})
}
