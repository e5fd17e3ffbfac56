package demo

import (
	"bufio"
	"os"
	"strconv"
	"strings"

	"gevor/geo"
	"gevor/internal/demo/pbf"
)

// firstOSMID keeps demo ids apart from anything small that a test may use.
const firstOSMID = 1001

// osmDraft collects what is written besides streets, so that ids ascend by type.
type osmDraft struct {
	w         *world
	nodes     []osmNode
	ways      []osmWay
	relations []osmRelation
}

type osmNode struct {
	at   geo.LonLat
	tags []string
}

type osmWay struct {
	nodes []int64
	tags  []string
}

type osmRelation struct {
	members []pbf.Member
	tags    []string
}

func (w *world) nodeID(n int32) int64 { return firstOSMID + int64(n) }
func (w *world) wayID(i int32) int64  { return firstOSMID + int64(i) }

// add gives a new node at an EPSG:3035 place.
func (o *osmDraft) add(x, y float64, tags ...string) int64 {
	o.nodes = append(o.nodes, osmNode{geo.FromLAEA(x, y), tags})
	return o.w.nodeID(int32(len(o.w.d.u) + len(o.nodes) - 1))
}

func (o *osmDraft) way(nodes []int64, tags ...string) int64 {
	o.ways = append(o.ways, osmWay{nodes, tags})
	return o.w.wayID(int32(len(o.w.d.ways) + len(o.ways) - 1))
}

func (w *world) writeOSM(out *os.File) error {
	draft := &osmDraft{w: w}
	draft.land()
	draft.barriers()
	draft.places()
	draft.offers()
	draft.bans()
	buffered := bufio.NewWriterSize(out, 1<<20)
	p := pbf.NewWriter(buffered, w.bounds(), "gevor demo (synthetic)")
	signals := w.signals()
	for i := range w.d.u {
		p.Node(w.nodeID(int32(i)), geo.FromLAEA(w.d.x[i], w.d.y[i]), signals[int32(i)]...)
	}
	for i, n := range draft.nodes {
		p.Node(w.nodeID(int32(len(w.d.u)+i)), n.at, n.tags...)
	}
	var refs []int64
	for i := range w.d.ways {
		way := &w.d.ways[i]
		refs = refs[:0]
		for k := way.first; k < way.first+way.count; k++ {
			e := &w.d.edges[k]
			if k == way.first {
				refs = append(refs, w.nodeID(e.a))
			}
			for at := int32(1); at <= e.shapes+1; at++ {
				refs = append(refs, w.nodeID(e.point(at)))
			}
		}
		p.Way(w.wayID(int32(i)), refs, way.tags()...)
	}
	for i, x := range draft.ways {
		p.Way(w.wayID(int32(len(w.d.ways)+i)), x.nodes, x.tags...)
	}
	for i, r := range draft.relations {
		p.Relation(firstOSMID+int64(i), r.members, r.tags...)
	}
	if err := p.Close(); err != nil {
		return err
	}
	return buffered.Flush()
}

// signals tags the crossings of arterials and the crossings beside them.
func (w *world) signals() map[int32][]string {
	r := stream(w.o.Seed, "signals")
	out := map[int32][]string{}
	for j := range w.p.h + 1 {
		for i := range w.p.w + 1 {
			n := w.d.corners[w.p.at(i, j)]
			if n < 0 || w.p.vbar[i] != noBarrier || w.p.hbar[j] != noBarrier {
				continue
			}
			if w.d.first[n+1]-w.d.first[n] >= 3 && r.IntN(2) == 0 {
				out[n] = []string{"highway", "traffic_signals"}
			}
		}
	}
	for i := range w.d.vjoint {
		if n := w.d.vjoint[i][4]; n >= 0 && w.d.first[n+1]-w.d.first[n] >= 3 {
			out[n] = []string{"highway", "crossing", "crossing", "zebra", "kerb", "lowered"}
		}
	}
	return out
}

func (x *way) tags() []string {
	var t []string
	add := func(kv ...string) { t = append(t, kv...) }
	limit := strconv.Itoa(int(x.kmh))
	switch x.class {
	case steps:
		add("highway", "steps", "surface", "concrete", "handrail", "yes")
	case footway:
		add("highway", "footway", "surface", "paving_stones")
	case busway:
		add("highway", "service", "access", "no", "bus", "yes", "foot", "yes", "bicycle", "yes", "surface", "asphalt")
	case residential:
		add("highway", "residential", "maxspeed", limit, "surface", "asphalt", "sidewalk", "both", "lit", "yes")
	case tertiary:
		add("highway", "tertiary", "maxspeed", limit, "surface", "asphalt", "sidewalk", "both")
	case secondary:
		add("highway", "secondary", "maxspeed", limit, "surface", "asphalt", "sidewalk", "right")
	case primary:
		add("highway", "primary", "maxspeed", limit, "surface", "asphalt", "sidewalk", "both", "ref", x.name)
	case motorwayRamp:
		add("highway", "motorway_link", "maxspeed", limit)
	case motorwayLane:
		add("highway", "motorway", "maxspeed", limit, "ref", x.name, "lanes", "2")
	}
	if x.oneway {
		add("oneway", "yes")
	}
	if x.bridge {
		add("bridge", "yes", "layer", "1")
	}
	if x.tunnel {
		add("tunnel", "yes", "layer", "-1")
	}
	if x.name != "" && x.class != motorwayLane && x.class != primary {
		add("name", x.name)
	}
	return t
}

// bans writes turn restrictions.
func (o *osmDraft) bans() {
	for _, b := range o.w.d.bans {
		o.relations = append(o.relations, osmRelation{
			members: []pbf.Member{
				{Kind: pbf.Way, ID: o.w.wayID(b.from), Role: "from"},
				{Kind: pbf.Node, ID: o.w.nodeID(b.via), Role: "via"},
				{Kind: pbf.Way, ID: o.w.wayID(b.to), Role: "to"},
			},
			tags: []string{"type", "restriction", "restriction", b.kind},
		})
	}
}

// offers writes practices as nodes and emergency practices as buildings.
func (o *osmDraft) offers() {
	for i := range o.w.offers {
		f := &o.w.offers[i]
		if categoryList[f.category].form != asOSM {
			continue
		}
		tags := []string{"name", f.name, "ref:musterrevier", f.id}
		if f.confirmed != "" {
			tags = append(tags, "check_date", f.confirmed)
		}
		for _, l := range f.languages {
			tags = append(tags, "language:"+l, "yes")
		}
		switch f.category {
		case doctor:
			tags = append(tags, "amenity", "doctors", "healthcare", "doctor", "healthcare:speciality", "general")
		case pharmacy:
			tags = append(tags, "amenity", "pharmacy", "healthcare", "pharmacy")
		case midwife:
			tags = append(tags, "healthcare", "midwife")
		case emergency:
			tags = append(tags, "building", "hospital", "amenity", "clinic", "healthcare", "clinic", "emergency", "yes", "wheelchair", "yes")
			o.way(o.square(f.x, f.y, 10), tags...)
			continue
		}
		o.add(f.x, f.y, tags...)
	}
}

// square gives a closed ring around a place.
func (o *osmDraft) square(x, y, half float64) []int64 {
	a := o.add(x-half, y-half)
	return []int64{a, o.add(x+half, y-half), o.add(x+half, y+half), o.add(x-half, y+half), a}
}

// places writes names for the base map, and bus stops.
func (o *osmDraft) places() {
	w := o.w
	for k := range w.p.cities {
		c := &w.p.cities[k]
		x, y := w.d.g.at(float64(c.hub[0])*pitch+0.5, float64(c.hub[1])*pitch+0.5)
		o.add(x, y, "place", "city", "name", c.name)
	}
	for i := range w.p.towns {
		t := &w.p.towns[i]
		if !t.core && t.half != 2 {
			x, y := w.d.g.at(float64(t.x0+t.x1)/2, float64(t.y0+t.y1)/2)
			o.add(x, y, "place", "village", "name", t.name)
		}
	}
	for i := range w.q.districts {
		if d := &w.q.districts[i]; d.people > 0 {
			x, y := w.d.g.at(float64(d.col0+d.col1)/2*pitch, float64(d.row0+d.row1)/2*pitch)
			o.add(x, y, "place", "suburb", "name", w.p.cities[d.city].name+"-"+d.name)
		}
	}
	for i := range w.lines.stops {
		s := &w.lines.stops[i]
		if strings.HasSuffix(s.name, " Bahnhof") {
			if strings.HasSuffix(s.id, ":1") { // one station for both directions
				o.add(s.x, s.y, "railway", "station", "public_transport", "station", "name", s.name)
			}
			continue
		}
		o.add(s.x, s.y, "highway", "bus_stop", "public_transport", "platform", "name", s.name)
	}
}
