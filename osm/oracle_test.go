// The other decoder wants a C library where cgo is on; without cgo it is plain Go.
//go:build !cgo

package osm

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/paulmach/osm"
	"github.com/paulmach/osm/osmpbf"

	"gevor/internal/realdata"
)

// The decoder of github.com/paulmach/osm, which shares no line with ours, counts the same objects and finds the
// same ways, nodes and places in real extracts.
func TestReadAgreesWithPaulmach(t *testing.T) {
	for set, file := range map[string]string{"aachen": "aachen.osm.pbf", "porto": "porto_portugal.osm.pbf", "porto-alegre": "poa_osm.pbf"} {
		t.Run(set, func(t *testing.T) {
			path := filepath.Join(realdata.Dir(t, set), file)
			x, notes := readFile(t, path)

			f, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			s := osmpbf.New(context.Background(), f, 2)
			defer s.Close()
			var objects int64
			nodes := map[osm.NodeID]*osm.Node{}
			ways := map[int64]*osm.Way{}
			pois := 0
			for s.Scan() {
				objects++
				switch o := s.Object().(type) {
				case *osm.Node:
					nodes[o.ID] = o
					if o.Tags.Find("amenity") != "" || o.Tags.Find("healthcare") != "" {
						pois++
					}
				case *osm.Way:
					if isStreet(o.Tags.Find) {
						ways[int64(o.ID)] = o
					}
				}
			}
			if err := s.Err(); err != nil {
				t.Fatal(err)
			}
			c := notes.Counts()[0]
			if c.Read != objects || c.Read != c.Used+c.Rejected {
				t.Errorf("read %d, used %d, rejected %d; the file holds %d objects", c.Read, c.Used, c.Rejected, objects)
			}
			for _, n := range x.Nodes {
				if o := nodes[osm.NodeID(n.ID)]; o == nil || o.Lon != n.At.Lon || o.Lat != n.At.Lat {
					t.Fatalf("node %d lies elsewhere: %v", n.ID, n.At)
				}
			}
			found := map[int64]bool{}
			for _, w := range x.Ways {
				o := ways[w.ID]
				if o == nil {
					// The outline of a walkable multipolygon carries the relation's tags.
					continue
				}
				found[w.ID] = true
				for _, tag := range w.Tags {
					if o.Tags.Find(tag.Key) != tag.Value {
						t.Fatalf("way %d: %s=%s is not in the file", w.ID, tag.Key, tag.Value)
					}
				}
				for k, n := range w.Nodes {
					if len(w.Nodes) == len(o.Nodes) && int64(o.Nodes[k].ID) != x.Nodes[n].ID {
						t.Fatalf("way %d: node %d differs", w.ID, k)
					}
				}
			}
			for id, o := range ways {
				have := 0
				for _, n := range o.Nodes {
					if nodes[n.ID] != nil {
						have++
					}
				}
				if !found[id] && have == len(o.Nodes) && have >= 2 {
					t.Errorf("way %d is missing", id)
				}
			}
			gotPOIs := 0
			for _, p := range x.POIs {
				if p.ID[0] == 'n' && (p.Tags.Get("amenity") != "" || p.Tags.Get("healthcare") != "") {
					gotPOIs++
				}
			}
			if gotPOIs != pois {
				t.Errorf("%d amenity or healthcare nodes, the file holds %d", gotPOIs, pois)
			}
			t.Logf("%d objects, %d nodes, %d ways, %d restrictions, %d places, %d shapes", objects, len(x.Nodes), len(x.Ways), len(x.Restrictions), len(x.POIs), len(x.shapes))
			rules := map[string]int{}
			for _, n := range notes.Notices() {
				rules[n.Severity.String()+" "+n.Rule]++
			}
			t.Log(rules)
		})
	}
}
