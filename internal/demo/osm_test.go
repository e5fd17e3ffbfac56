// The other decoder wants a C library where cgo is on; without cgo it is plain Go.
//go:build !cgo

package demo

import (
	"context"
	"testing"

	"github.com/paulmach/osm"
	"github.com/paulmach/osm/osmpbf"
)

// The extract holds together for a reader that is not ours: ids ascend, ways and relations refer to what is there,
// and it has everything the brief of the demo region asks for.
func TestExtractHoldsTogether(t *testing.T) {
	dir := region(t, Options{Seed: 2, People: 20_000})
	s := osmpbf.New(context.Background(), open(t, dir, "osm/musterrevier.osm.pbf"), 1)
	nodes, ways := map[osm.NodeID]bool{}, map[osm.WayID]bool{}
	seen := map[string]int{}
	var last int64
	for s.Scan() {
		switch x := s.Object().(type) {
		case *osm.Node:
			if int64(x.ID) <= last {
				t.Fatalf("node %d after %d", x.ID, last)
			}
			last = int64(x.ID)
			nodes[x.ID] = true
			seen["place "+x.Tags.Find("place")]++
			seen["kerb "+x.Tags.Find("kerb")]++
			seen["amenity "+x.Tags.Find("amenity")]++
		case *osm.Way:
			ways[x.ID] = true
			for i, n := range x.Nodes {
				if !nodes[n.ID] {
					t.Fatalf("way %d refers to node %d, which is not there", x.ID, n.ID)
				}
				if i > 0 && n.ID == x.Nodes[i-1].ID {
					t.Errorf("way %d names node %d twice in a row", x.ID, n.ID)
				}
			}
			for _, k := range []string{"highway", "waterway", "railway", "natural", "landuse", "leisure", "oneway", "bridge", "tunnel", "amenity"} {
				seen[k+" "+x.Tags.Find(k)]++
			}
		case *osm.Relation:
			seen["relation "+x.Tags.Find("type")]++
			for _, m := range x.Members {
				if m.Type == osm.TypeNode && !nodes[osm.NodeID(m.Ref)] || m.Type == osm.TypeWay && !ways[osm.WayID(m.Ref)] {
					t.Errorf("relation %d refers to %s %d, which is not there", x.ID, m.Type, m.Ref)
				}
			}
		}
	}
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"highway residential", "highway footway", "highway steps", "highway tertiary", "highway secondary", "highway primary",
		"highway motorway", "highway motorway_link", "highway service", "oneway yes", "bridge yes", "tunnel yes", "waterway river",
		"railway rail", "natural water", "landuse forest", "landuse residential", "leisure park", "place city", "place village",
		"kerb lowered", "amenity pharmacy", "amenity doctors", "amenity clinic", "relation restriction", "relation multipolygon",
	} {
		if seen[want] == 0 {
			t.Errorf("no %s", want)
		}
	}
}
