// Package osm reads OpenStreetMap extracts in PBF form and keeps what gevor needs of them: ways that people walk,
// ride or drive on, turn restrictions, places that offer something, and the shapes of a light base map.
//
// The PBF decoder is our own. The one of github.com/paulmach/osm ends the process on plain (not dense) nodes and
// on string indexes outside the table, because it panics in goroutines nobody can recover, and inflates a block
// without bound; a tool that people feed with files from anywhere must answer with a sentence instead. That
// package serves as the independent answer in oracle_test.go.
package osm

import (
	"sort"

	"gevor/geo"
)

// Extract is what gevor needs of one PBF file. It is plain data, ordered by id and the same for the same bytes
// whatever the number of processors.
type Extract struct {
	Nodes        []Node        // nodes that any kept way or shape uses, ascending ID
	Tagged       []TaggedNode  // nodes among Nodes with tags that matter to passage, ascending Node
	Ways         []Way         // ways somebody may move on, ascending ID; a way cut by missing nodes gives several with one ID
	Restrictions []Restriction // turn restrictions for cars, ascending ID
	POIs         []POI         // nodes, then ways, then relations, each ascending by number
	shapes       []shape
}

// Node is a place that ways refer to.
type Node struct {
	ID int64
	At geo.LonLat
}

// TaggedNode carries the barrier, kerb, crossing and access tags of one node.
type TaggedNode struct {
	Node int32 // index into Extract.Nodes
	Tags Tags
}

// Way is a line of at least two nodes, no two neighbours the same.
type Way struct {
	ID    int64
	Nodes []int32 // indexes into Extract.Nodes
	Tags  Tags
}

// Restriction speaks of the turn from way From over node Via into way To. Where Only is set, it is the only turn
// allowed from there; otherwise it is forbidden. Relations with several from or to members give one for each pair.
type Restriction struct {
	ID   int64
	From int64 // way ID
	Via  int32 // index into Extract.Nodes
	To   int64 // way ID
	Only bool
}

// POI is something a person may want to reach: a node, or the centroid of a closed way or multipolygon.
type POI struct {
	ID   string // "node/123", "way/123", "relation/123"
	At   geo.LonLat
	Tags Tags
}

// Tag is one key with its value.
type Tag struct{ Key, Value string }

// Tags is a list of tags in ascending order of keys; only the keys that gevor uses are kept.
type Tags []Tag

// Get gives the value of a key, empty where absent.
func (t Tags) Get(key string) string {
	if len(t) <= 8 {
		for _, x := range t {
			if x.Key == key {
				return x.Value
			}
		}
		return ""
	}
	i := sort.Search(len(t), func(i int) bool { return t[i].Key >= key })
	if i < len(t) && t[i].Key == key {
		return t[i].Value
	}
	return ""
}

// TagsOf gives the passage tags of a node, nil where it has none.
func (x *Extract) TagsOf(node int32) Tags {
	i := sort.Search(len(x.Tagged), func(i int) bool { return x.Tagged[i].Node >= node })
	if i < len(x.Tagged) && x.Tagged[i].Node == node {
		return x.Tagged[i].Tags
	}
	return nil
}

// Bounds gives the box around all nodes; an empty extract gives the zero box.
func (x *Extract) Bounds() geo.Box {
	if len(x.Nodes) == 0 {
		return geo.Box{}
	}
	b := geo.Box{MinLon: 180, MinLat: 90, MaxLon: -180, MaxLat: -90}
	for _, n := range x.Nodes {
		b.MinLon, b.MaxLon = min(b.MinLon, n.At.Lon), max(b.MaxLon, n.At.Lon)
		b.MinLat, b.MaxLat = min(b.MinLat, n.At.Lat), max(b.MaxLat, n.At.Lat)
	}
	return b
}

// Limits bounds what Read is willing to take in. A zero field means the default.
type Limits struct {
	Bytes    int64 // of the file; default 16 GiB
	Blocks   int   // in the file; default 4 million
	Objects  int64 // nodes, ways and relations together; default 4 billion
	Kept     int64 // node references of everything kept; default 500 million
	WayNodes int   // nodes of one way; default 100,000 (OSM itself allows 2,000)
	Members  int   // members of one relation; default 100,000
	Tags     int   // tags of one object; default 5,000
}

func (l Limits) orDefault() Limits {
	set := func(v *int64, d int64) {
		if *v <= 0 {
			*v = d
		}
	}
	setInt := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	set(&l.Bytes, 16<<30)
	setInt(&l.Blocks, 4_000_000)
	set(&l.Objects, 4_000_000_000)
	set(&l.Kept, 500_000_000)
	setInt(&l.WayNodes, 100_000)
	setInt(&l.Members, 100_000)
	setInt(&l.Tags, 5_000)
	return l
}
