package osm

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"math"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"gevor/fault"
	"gevor/notice"
)

func readBytes(raw []byte, limits Limits) (*Extract, *notice.List, error) {
	var notes notice.List
	x, err := Read(context.Background(), bytes.NewReader(raw), int64(len(raw)), "osm/test.osm.pbf", limits, &notes, nil)
	return x, &notes, err
}

func mustRead(t testing.TB, raw []byte) (*Extract, *notice.List) {
	t.Helper()
	x, notes, err := readBytes(raw, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if c := notes.Counts(); len(c) != 1 || c[0].Read != c[0].Used+c[0].Rejected {
		t.Fatalf("counts %+v", c)
	}
	return x, notes
}

func rules(notes *notice.List) []string {
	var out []string
	for _, n := range notes.Notices() {
		out = append(out, n.Severity.String()+" "+n.Record+" "+n.Rule)
	}
	return out
}

// Four corners of a square and its middle.
var (
	corner1 = testNode{id: 1, lon: 7.00, lat: 51.50}
	corner2 = testNode{id: 2, lon: 7.01, lat: 51.50}
	corner3 = testNode{id: 3, lon: 7.01, lat: 51.51}
	corner4 = testNode{id: 4, lon: 7.00, lat: 51.51}
	middle  = testNode{id: 5, lon: 7.005, lat: 51.505, tags: []string{"amenity", "doctors", "name", "Praxis am Markt", "source", "survey"}}
)

func small(plain, info bool) []group {
	return []group{
		{nodes: []testNode{corner1, corner2, corner3, corner4, middle}, plain: plain, info: info},
		{ways: []testWay{
			{10, []int64{1, 2, 3}, []string{"highway", "residential", "name", "Lange Straße", "source", "survey"}},
			{11, []int64{3, 4}, []string{"highway", "footway"}},
			{12, []int64{1, 2, 3, 4, 1}, []string{"building", "yes", "amenity", "kindergarten"}},
			{13, []int64{1, 2, 3, 4, 1}, []string{"leisure", "park", "name", "Stadtpark"}},
			{14, []int64{1, 2, 3, 4, 1}, []string{"building", "yes"}},
		}, info: info},
		{rels: []testRelation{
			{20, []member{{'w', 10, "from"}, {'n', 3, "via"}, {'w', 11, "to"}}, []string{"type", "restriction", "restriction", "no_left_turn"}},
			{21, []member{{'w', 10, ""}}, []string{"type", "route"}},
		}, info: info},
	}
}

func file(groups ...group) []byte {
	p := new(pbf).header("OsmSchema-V0.6", "DenseNodes")
	for _, g := range groups {
		p.data(g)
	}
	return p.out.Bytes()
}

func TestReadKeepsWhatReachNeeds(t *testing.T) {
	x, notes := mustRead(t, file(small(false, true)...))
	if got := notes.Counts()[0]; got.Read != 12 || got.Rejected != 0 {
		t.Errorf("counts %+v, want 12 read", got)
	}
	if len(x.Ways) != 2 || x.Ways[0].ID != 10 || x.Ways[0].Tags.Get("name") != "Lange Straße" || x.Ways[0].Tags.Get("source") != "" {
		t.Errorf("ways %+v", x.Ways)
	}
	if at := x.Nodes[x.Ways[0].Nodes[2]]; at.ID != 3 || math.Abs(at.At.Lon-7.01) > 1e-9 || math.Abs(at.At.Lat-51.51) > 1e-9 {
		t.Errorf("third node %+v", at)
	}
	if want := []Restriction{{ID: 20, From: 10, Via: 2, To: 11}}; !slices.Equal(x.Restrictions, want) {
		t.Errorf("restrictions %+v", x.Restrictions)
	}
	// A doctor's practice at a node, a kindergarten and a park at the centre of their outlines.
	var ids []string
	for _, p := range x.POIs {
		ids = append(ids, p.ID)
		if math.Abs(p.At.Lon-7.005) > 1e-7 || math.Abs(p.At.Lat-51.505) > 1e-7 {
			t.Errorf("%s lies at %v, want the middle", p.ID, p.At)
		}
	}
	if !slices.Equal(ids, []string{"node/5", "way/12", "way/13"}) {
		t.Errorf("places %v", ids)
	}
	var kinds []string
	for f := range x.Features() {
		kinds = append(kinds, string(f.Kind)+" "+f.Class+" "+f.Geometry.GeoJSONType())
	}
	if want := []string{"green park Polygon", "road residential LineString", "road footway LineString"}; !slices.Equal(kinds, want) {
		t.Errorf("features %v", kinds)
	}
}

// The same objects as plain or dense nodes, with or without metadata, packed or not, in any order of blocks, in
// one file or as a stream, on one processor or more, give the same extract.
func TestReadDoesNotCareHowTheFileIsWritten(t *testing.T) {
	want, _ := mustRead(t, file(small(false, true)...))
	check := func(name string, raw []byte) {
		if got, _ := mustRead(t, raw); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: the extract differs: %+v", name, got)
		}
	}
	check("no metadata", file(small(false, false)...))
	check("plain nodes", file(small(true, true)...))
	g := small(true, false)
	check("unsorted", file(g[2], g[1], g[0]))
	mixed := g[0]
	mixed.ways, mixed.rels = g[1].ways, g[2].rels
	check("one block", file(mixed))
	raw := &pbf{raw: true}
	raw.header("OsmSchema-V0.6").blob("OSMFuture", []byte("unknown kinds of blocks are passed over"))
	for _, g := range small(false, false) {
		raw.data(g)
	}
	check("uncompressed", raw.out.Bytes())
	shifted := small(false, false)
	shifted[0].offset, shifted[0].step = 1_000_000_000, 1000
	if got, _ := mustRead(t, file(shifted...)); math.Abs(got.Nodes[0].At.Lon-7) > 1e-6 {
		t.Errorf("with offset and granularity the first node lies at %v", got.Nodes[0].At)
	}
	whole := file(small(false, true)...)
	x, err := Read(context.Background(), io.MultiReader(bytes.NewReader(whole)), 0, "stream", Limits{}, nil, nil)
	if err != nil || !reflect.DeepEqual(x, want) {
		t.Errorf("as a stream: %v", err)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	check("one processor", whole)
}

func TestBadObjectsBecomeNotices(t *testing.T) {
	nodes := group{nodes: []testNode{
		corner1, corner2, corner3, corner4,
		{id: 6, lon: 181, lat: 51},
		{id: 7, lon: 7, lat: -90.5},
		corner2,
	}}
	ways := group{ways: []testWay{
		{10, []int64{1, 2}, []string{"highway", "residential"}},
		{10, []int64{2, 3}, []string{"highway", "residential"}},                      // given twice
		{11, []int64{1}, []string{"highway", "residential"}},                         // single node
		{12, []int64{90, 91, 1, 2, 92, 3, 93, 4, 3}, []string{"highway", "service"}}, // cut by the border
		{13, []int64{90, 91}, []string{"highway", "residential"}},                    // all nodes missing
		{14, []int64{1, 6}, []string{"highway", "residential"}},                      // runs to a node out of range
		{15, []int64{4, 4, 4, 3}, []string{"highway", "residential"}},
	}}
	rels := group{rels: []testRelation{
		{20, []member{{'w', 10, "from"}, {'n', 2, "via"}, {'w', 999, "to"}}, []string{"type", "restriction", "restriction", "no_left_turn"}},
		{21, []member{{'w', 10, "from"}, {'w', 12, "via"}, {'w', 15, "to"}}, []string{"type", "restriction", "restriction", "no_u_turn"}},
		{22, []member{{'w', 10, "from"}, {'w', 12, "to"}}, []string{"type", "restriction", "restriction", "no_u_turn"}},
		{23, []member{{'w', 10, "from"}, {'n', 2, "via"}, {'w', 12, "to"}}, []string{"type", "restriction", "restriction", "give_way"}},
		{24, []member{{'w', 10, "from"}, {'n', 2, "via"}, {'w', 12, "to"}}, []string{"type", "restriction", "restriction", "no_left_turn", "except", "bicycle;motorcar"}},
		{25, []member{{'w', 10, "from"}, {'n', 2, "via"}, {'w', 12, "to"}, {'w', 15, "to"}}, []string{"type", "restriction", "restriction", "no_exit"}},
		{26, []member{{'w', 500, "outer"}}, []string{"type", "multipolygon", "natural", "water"}},
	}}
	x, notes := mustRead(t, file(nodes, ways, rels))
	want := []string{
		"reject node 2 node-given-twice", "reject node 6 coordinate-out-of-range", "reject node 7 coordinate-out-of-range",
		"reject relation 20 restriction-refers-to-nothing", "reject relation 21 restriction-via-way", "reject relation 22 restriction-incomplete",
		"reject relation 23 restriction-unknown", "reject relation 26 area-without-outline",
		"reject way 10 way-given-twice", "reject way 11 way-too-short", "info way 12 way-with-missing-nodes",
		"reject way 13 way-without-nodes", "reject way 14 way-without-nodes",
	}
	if got := rules(notes); !slices.Equal(got, want) {
		t.Errorf("notices\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if c := notes.Counts()[0]; c.Read != 21 || c.Rejected != 12 {
		t.Errorf("counts %+v, want 21 read and 12 rejected", c)
	}
	var parts []string
	for _, w := range x.Ways {
		s := ""
		for _, n := range w.Nodes {
			s += string(rune('0' + x.Nodes[n].ID))
		}
		parts = append(parts, s)
	}
	// Way 10; the two runs of way 12 that are left; way 15 with its repeated node once.
	if !slices.Equal(parts, []string{"12", "12", "43", "43"}) {
		t.Errorf("ways run over %v", parts)
	}
	if len(x.Restrictions) != 2 || x.Restrictions[0].To != 12 || x.Restrictions[1].To != 15 {
		t.Errorf("no_exit with two ways out gives %+v", x.Restrictions)
	}
}

func TestAreasAreAssembledFromTheirOutlines(t *testing.T) {
	nodes := group{nodes: []testNode{
		corner1, corner2, corner3, corner4,
		{id: 31, lon: 7.004, lat: 51.504},
		{id: 32, lon: 7.006, lat: 51.504},
		{id: 33, lon: 7.005, lat: 51.506},
		{id: 40, lon: 7.2, lat: 51.5, tags: []string{"place", "suburb", "name", "Nordstadt"}},
	}}
	ways := group{ways: []testWay{
		{10, []int64{1, 2, 3}, nil},
		{11, []int64{1, 4, 3}, nil}, // the other way round
		{12, []int64{31, 32, 33, 31}, nil},
		{13, []int64{1, 4, 3}, []string{"waterway", "river", "name", "Emscher"}},
	}}
	members := []member{{'w', 10, "outer"}, {'w', 11, "outer"}, {'w', 12, "inner"}}
	rels := group{rels: []testRelation{
		{20, members, []string{"type", "multipolygon", "natural", "water", "name", "See"}},
		{21, members, []string{"type", "multipolygon", "healthcare", "hospital", "healthcare:speciality", "paediatrics"}},
		{22, []member{{'w', 10, "outer"}, {'w', 11, "outer"}}, []string{"type", "multipolygon", "highway", "pedestrian", "area", "yes"}},
	}}
	x, notes := mustRead(t, file(nodes, ways, rels))
	if got := rules(notes); len(got) > 0 {
		t.Errorf("notices %v", got)
	}
	var seen []string
	for f := range x.Features() {
		seen = append(seen, string(f.Kind)+"/"+f.Class+"/"+f.Name)
		if p, ok := f.Geometry.(orb.Polygon); ok && (len(p) != 2 || len(p[0]) != 5 || len(p[1]) != 4) {
			t.Errorf("polygon %v", p)
		}
	}
	// The outline of the pedestrian area is a way to walk on.
	want := []string{"water/river/Emscher", "water/lake/See", "place/suburb/Nordstadt", "road/pedestrian/", "road/pedestrian/"}
	if !slices.Equal(seen, want) {
		t.Errorf("features %v, want %v", seen, want)
	}
	if len(x.POIs) != 1 || x.POIs[0].ID != "relation/21" || x.POIs[0].Tags.Get("healthcare:speciality") != "paediatrics" || math.Abs(x.POIs[0].At.Lon-7.005) > 1e-7 {
		t.Errorf("places %+v", x.POIs)
	}
}

func TestPassageTagsOfNodes(t *testing.T) {
	n := corner2
	n.tags = []string{"barrier", "bollard", "colour", "red"}
	x, _ := mustRead(t, file(group{nodes: []testNode{corner1, n, middle}}, group{ways: []testWay{{10, []int64{1, 2}, []string{"highway", "service"}}}}))
	if got := x.TagsOf(1); len(got) != 1 || got.Get("barrier") != "bollard" || x.TagsOf(0) != nil {
		t.Errorf("tags %v and %v", got, x.TagsOf(0))
	}
	if b := x.Bounds(); math.Abs(b.MaxLon-7.01) > 1e-9 || math.Abs(b.MinLat-51.5) > 1e-9 {
		t.Errorf("bounds %+v", b)
	}
}

// What is no PBF, is cut off or breaks a limit ends with a sentence that names the file and says what to do.
func TestBrokenFilesSayWhatToDo(t *testing.T) {
	whole := file(small(false, true)...)
	bomb := new(pbf).header()
	var body msg
	body.number(2, 40<<20)
	body.bytes(3, make([]byte, 100))
	bomb.blobOf("OSMData", body.b)
	liar := new(pbf).header()
	liar.blob("OSMData", bytes.Repeat([]byte{0}, 1<<20))
	lie := liar.out.Bytes()
	lie = bytes.Replace(lie, binary.AppendUvarint([]byte{2 << 3}, 1<<20), binary.AppendUvarint([]byte{2 << 3}, 1<<20-1), 1)
	lzma := new(pbf).header()
	var other msg
	other.number(2, 10)
	other.bytes(4, []byte("xz"))
	lzma.blobOf("OSMData", other.b)
	badIndex := new(pbf).header()
	var way, group, block msg
	way.number(1, 1)
	way.bytes(2, []byte{9})
	way.bytes(3, []byte{9})
	group.bytes(3, way.b)
	block.bytes(2, group.b)
	badIndex.blob("OSMData", block.b)
	cases := []struct {
		name   string
		raw    []byte
		limits Limits
		kind   fault.Kind
		says   string
	}{
		{"empty", nil, Limits{}, fault.Invalid, "empty"},
		{"XML", []byte("<?xml version='1.0'?><osm version='0.6'>"), Limits{}, fault.Invalid, "not an OSM PBF"},
		{"web page", []byte("<html><body>404 Not Found</body></html>" + strings.Repeat(" ", 200)), Limits{}, fault.Invalid, "not an OSM PBF"},
		{"cut in a block", whole[:len(whole)-7], Limits{}, fault.Invalid, "cut off"},
		{"cut in a header", append(slices.Clone(whole), 0, 0), Limits{}, fault.Invalid, "cut off"},
		{"too much in a block", bomb.out.Bytes(), Limits{}, fault.Invalid, "broken"},
		{"more in a block than it says", lie, Limits{}, fault.Invalid, "broken"},
		{"foreign compression", lzma.out.Bytes(), Limits{}, fault.Invalid, "compression"},
		{"string outside the table", badIndex.out.Bytes(), Limits{}, fault.Invalid, "broken"},
		{"history", new(pbf).header("HistoricalInformation").out.Bytes(), Limits{}, fault.Invalid, "history"},
		{"future feature", new(pbf).header("Teleportation").out.Bytes(), Limits{}, fault.Invalid, "Teleportation"},
		{"too many bytes", whole, Limits{Bytes: 100}, fault.TooLarge, "100 bytes"},
		{"too many objects", whole, Limits{Objects: 5}, fault.TooLarge, "5 objects"},
		{"too many blocks", whole, Limits{Blocks: 1}, fault.TooLarge, "1 blocks"},
		{"too much kept", whole, Limits{Kept: 3}, fault.TooLarge, "3 nodes"},
		{"too many tags", whole, Limits{Tags: 1}, fault.Invalid, "broken"},
	}
	for _, c := range cases {
		_, _, err := readBytes(c.raw, c.limits)
		if err == nil || fault.KindOf(err) != c.kind || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "osm/test.osm.pbf") {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if _, notes, err := readBytes(whole, Limits{WayNodes: 2}); err != nil || !slices.Contains(rules(notes), "reject way 10 way-too-long") {
		t.Errorf("a way that is too long: %v, %v", err, rules(notes))
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if _, err := Read(ctx, bytes.NewReader(whole), int64(len(whole)), "x", Limits{}, nil, nil); err == nil {
		t.Error("a cancelled read succeeds")
	}
}
