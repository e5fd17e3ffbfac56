// The other decoder wants a C library where cgo is on; without cgo it is plain Go.
//go:build !cgo

package pbf_test

import (
	"bytes"
	"context"
	"math"
	"testing"

	"github.com/paulmach/osm"
	"github.com/paulmach/osm/osmpbf"

	"gevor/fault"
	"gevor/geo"
	"gevor/internal/demo/pbf"
)

// What is written must come back from a reader that shares no line with the writer.
func TestWhatIsWrittenComesBack(t *testing.T) {
	var out bytes.Buffer
	w := pbf.NewWriter(&out, geo.Box{MinLon: 6.9, MinLat: 51.3, MaxLon: 7.3, MaxLat: 51.6}, "test")
	const nodes = 20_000 // more than two blocks
	for i := range nodes {
		at := geo.LonLat{Lon: 7 + float64(i)*1e-6, Lat: 51.5 - float64(i)*1e-6}
		if i%1000 == 0 {
			w.Node(int64(10+i*3), at, "amenity", "pharmacy", "name", "Löwe")
		} else {
			w.Node(int64(10+i*3), at)
		}
	}
	w.Way(5, []int64{10, 13, 7000, 16}, "highway", "residential")
	w.Way(6, []int64{16, 13})
	w.Relation(4, []pbf.Member{{Kind: pbf.Way, ID: 5, Role: "from"}, {Kind: pbf.Node, ID: 16, Role: "via"}, {Kind: pbf.Way, ID: 6, Role: "to"}},
		"type", "restriction", "restriction", "no_left_turn")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}

	s := osmpbf.New(context.Background(), &out, 1)
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	h, err := s.Header()
	if err != nil {
		t.Fatal(err)
	}
	if b := h.Bounds; math.Abs(b.MinLon-6.9)+math.Abs(b.MaxLon-7.3)+math.Abs(b.MinLat-51.3)+math.Abs(b.MaxLat-51.6) > 1e-9 {
		t.Errorf("bounds %+v", b)
	}
	seen, ways, relations := 0, 0, 0
	for s.Scan() {
		switch x := s.Object().(type) {
		case *osm.Node:
			i := seen
			seen++
			if x.ID != osm.NodeID(10+i*3) || math.Abs(x.Lon-(7+float64(i)*1e-6)) > 5.1e-8 || math.Abs(x.Lat-(51.5-float64(i)*1e-6)) > 5.1e-8 {
				t.Fatalf("node %d came back as %+v", i, x)
			}
			if want := i%1000 == 0; want != (x.Tags.Find("name") == "Löwe") || want != (len(x.Tags) == 2) {
				t.Fatalf("node %d has tags %v", i, x.Tags)
			}
		case *osm.Way:
			ways++
			if x.ID == 5 && (len(x.Nodes) != 4 || x.Nodes[2].ID != 7000 || x.Tags.Find("highway") != "residential") {
				t.Errorf("way %+v", x)
			}
		case *osm.Relation:
			relations++
			if len(x.Members) != 3 || x.Members[1].Type != osm.TypeNode || x.Members[1].Ref != 16 || x.Members[1].Role != "via" || x.Tags.Find("restriction") != "no_left_turn" {
				t.Errorf("relation %+v", x)
			}
		}
	}
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
	if seen != nodes || ways != 2 || relations != 1 {
		t.Errorf("%d nodes, %d ways, %d relations came back", seen, ways, relations)
	}
}

func TestOrderIsHeld(t *testing.T) {
	w := pbf.NewWriter(&bytes.Buffer{}, geo.Box{}, "test")
	w.Way(1, []int64{1, 2})
	w.Node(2, geo.LonLat{})
	if err := w.Close(); fault.KindOf(err) != fault.Internal || err == nil {
		t.Errorf("a node after a way gives %v", err)
	}
}
