package street

import (
	"context"
	"slices"
	"testing"

	"gevor/archive"
	"gevor/fault"
	"gevor/geo"
	"gevor/notice"
	"gevor/osm"
	"gevor/travel"
)

// One straight road of a kilometre. Walking at 4.5 km/h is 1.25 m/s: 50 m to the road, 500 m along it, 20 m from
// it are 570 m or 456 s.
func TestPointsLinkToTheMiddleOfAnEdge(t *testing.T) {
	n := newTown().node(1, 0, 0).node(2, 1000, 0).way(1, "highway=residential", 1, 2).build(t)
	if got := seconds(n, travel.Walk, spot(300, 50), spot(800, -20)); !about(got, 456) {
		t.Errorf("took %d s, want 456", got)
	}
	p := n.Link(travel.Walk, []geo.LonLat{spot(300, 50), spot(300, 600)}, 0)
	if !p.Linked(0) || p.OffMetres(0) < 49.9 || p.OffMetres(0) > 50.1 {
		t.Errorf("linked %v at %v m, want 50", p.Linked(0), p.OffMetres(0))
	}
	if p.Linked(1) {
		t.Error("a point 600 m from any road is linked though 500 m is the most")
	}
	if p := n.Link(travel.Walk, []geo.LonLat{spot(300, 600)}, 700); !p.Linked(0) {
		t.Error("700 m allow a link of 600 m")
	}
}

// Residents of one edge reach each other along it or straight over the ground, whichever is shorter; a place
// reaches itself in no time.
func TestNeighboursOnOneEdge(t *testing.T) {
	n := newTown().node(1, 0, 0).node(2, 1000, 0).way(1, "highway=residential", 1, 2).build(t)
	if got := seconds(n, travel.Walk, spot(300, 200), spot(300, 200)); got != 0 {
		t.Errorf("the same place takes %d s", got)
	}
	// 10 m apart, both 200 m from the road: 8 s over the ground, not 328 s by the road.
	if got := seconds(n, travel.Walk, spot(300, 200), spot(310, 200)); !about(got, 8) {
		t.Errorf("next door takes %d s, want 8", got)
	}
}

// A block of 100 m by 100 m, one way round (1→2→3→4→1) at 24 km/h of effective residential speed, 150 ms for each
// metre. From 30 m to 70 m on the first side it is 40 m or 6 s; back it is the other 360 m or 54 s.
func TestOneWayOnOneEdge(t *testing.T) {
	n := newTown().node(1, 0, 0).node(2, 100, 0).node(3, 100, 100).node(4, 0, 100).
		way(1, "highway=residential oneway=yes", 1, 2).way(2, "highway=residential oneway=yes", 2, 3).
		way(3, "highway=residential oneway=yes", 3, 4).way(4, "highway=residential oneway=-1", 1, 4).build(t)
	if got := seconds(n, travel.Car, spot(30, 0), spot(70, 0)); !about(got, 6) {
		t.Errorf("with the one-way street %d s, want 6", got)
	}
	if got := seconds(n, travel.Car, spot(70, 0), spot(30, 0)); !about(got, 54) {
		t.Errorf("round the block %d s, want 54", got)
	}
	if got := seconds(n, travel.Walk, spot(70, 0), spot(30, 0)); !about(got, 32) {
		t.Errorf("on foot one-way streets do not matter: %d s, want 32", got)
	}
	s := n.NewSearch(travel.Car, Speed{})
	a, b := n.Link(travel.Car, []geo.LonLat{spot(70, 0)}, 0), n.Link(travel.Car, []geo.LonLat{spot(30, 0)}, 0)
	if hits := s.Reach(a, 0, b, 600, true, nil); len(hits) != 1 || !about(hits[0].Seconds, 6) {
		t.Errorf("towards the point the other way round: %v, want 6 s", hits)
	}
}

// A slope: 20 m of steps, or a path of 200 m round it.
func TestStepsAreAvoidedByPramsAndWheelchairs(t *testing.T) {
	steps := newTown().node(1, 0, 0).node(2, 100, 0).node(3, 100, 20).node(4, 200, 20).node(5, 190, 10).
		way(1, "highway=residential", 1, 2).way(2, "highway=steps", 2, 3).way(3, "highway=residential", 3, 4).
		way(4, "highway=footway", 2, 5, 4)
	n := steps.build(t)
	on := seconds(n, travel.Walk, spot(0, 0), spot(100, 20))
	round := seconds(n, travel.WalkNoSteps, spot(0, 0), spot(100, 20))
	if !about(on, 96) { // 120 m
		t.Errorf("over the steps %d s, want 96", on)
	}
	if !about(round, 244) { // 100 + 90.6 + 14.1 + 100 = 304.7 m
		t.Errorf("round the steps %d s, want 244", round)
	}
	steps.ways[1].tags += " ramp:wheelchair=yes"
	if got := seconds(steps.build(t), travel.WalkNoSteps, spot(0, 0), spot(100, 20)); !about(got, 96) {
		t.Errorf("over the ramp %d s, want 96", got)
	}
}

func TestKerbsBarriersAndAccess(t *testing.T) {
	cases := []struct {
		tags string
		open [modes]bool // walk, walk without steps, bike, car through the node
	}{
		{"", [modes]bool{true, true, true, true}},
		{"barrier=bollard", [modes]bool{true, true, true, false}},
		{"barrier=bollard motor_vehicle=yes", [modes]bool{true, true, true, true}},
		{"barrier=cycle_barrier", [modes]bool{true, false, true, false}},
		{"barrier=stile", [modes]bool{true, false, false, false}},
		{"barrier=gate", [modes]bool{true, true, true, true}},
		{"barrier=gate access=private", [modes]bool{false, false, false, false}},
		{"barrier=gate access=no foot=yes", [modes]bool{true, true, true, false}},
		{"barrier=kerb kerb=raised", [modes]bool{true, true, true, true}}, // a carriageway runs through the node
		{"highway=crossing", [modes]bool{true, true, true, true}},
	}
	for _, c := range cases {
		town := newTown().node(1, 0, 0).node(2, 100, 0).node(3, 200, 0).way(1, "highway=residential", 1, 2, 3)
		town.tags[2] = c.tags
		n := town.build(t)
		for m, want := range c.open {
			if got := seconds(n, travel.Mode(m), spot(50, 0), spot(150, 0)) != travel.Unreached; got != want {
				t.Errorf("%q: %v passes: %v, want %v", c.tags, travel.Mode(m), got, want)
			}
		}
	}
	path := newTown().node(1, 0, 0).node(2, 100, 0).node(3, 200, 0).way(1, "highway=footway", 1, 2, 3)
	path.tags[2] = "barrier=kerb kerb=raised"
	if seconds(path.build(t), travel.WalkNoSteps, spot(50, 0), spot(150, 0)) != travel.Unreached {
		t.Error("a raised kerb on a footpath lets a wheelchair pass")
	}
	path.tags[2] = "barrier=kerb kerb=lowered"
	if seconds(path.build(t), travel.WalkNoSteps, spot(50, 0), spot(150, 0)) == travel.Unreached {
		t.Error("a lowered kerb stops a wheelchair")
	}
}

// crossing is a plus of four roads of 100 m around node 5, each continued by a dead end: 1 west, 2 east, 3 south,
// 4 north. Ways have the numbers of their outer nodes.
func crossing() *town {
	return newTown().node(5, 0, 0).node(1, -100, 0).node(2, 100, 0).node(3, 0, -100).node(4, 0, 100).
		way(1, "highway=residential", 1, 5).way(2, "highway=residential", 5, 2).
		way(3, "highway=residential", 3, 5).way(4, "highway=residential", 5, 4)
}

// Effective residential speed is 24 km/h: 100 m take 15 s.
func TestTurnRestrictions(t *testing.T) {
	middle := func(way int64) geo.LonLat {
		return map[int64]geo.LonLat{1: spot(-50, 0), 2: spot(50, 0), 3: spot(0, -50), 4: spot(0, 50)}[way]
	}
	cases := []struct {
		name string
		town *town
		want map[[2]int64]travel.Seconds
	}{
		{"free", crossing(), map[[2]int64]travel.Seconds{{1, 4}: 15, {1, 2}: 15, {1, 3}: 15, {4, 1}: 15}},
		// From west no left turn to the north: straight on to the east end, turn round (150 m + 50 m), then right
		// to the north: 50 + 100 + 100 + 50 m = 300 m.
		{"no left turn", crossing().turn(false, 1, 5, 4), map[[2]int64]travel.Seconds{{1, 4}: 45, {1, 2}: 15, {1, 3}: 15, {4, 1}: 15, {2, 4}: 15}},
		// Only straight on: both other roads are reached after turning round at the east end.
		{"only straight on", crossing().turn(true, 1, 5, 2), map[[2]int64]travel.Seconds{{1, 4}: 45, {1, 3}: 45, {1, 2}: 15, {3, 1}: 15, {4, 2}: 15}},
		// Two only_ from one way: both stay allowed.
		{"only straight or right", crossing().turn(true, 1, 5, 2).turn(true, 1, 5, 3), map[[2]int64]travel.Seconds{{1, 4}: 45, {1, 3}: 15, {1, 2}: 15}},
		// An only_ towards a way that does not touch the node has no effect.
		{"only to nowhere", crossing().node(8, 300, 300).way(8, "highway=residential", 4, 8).turn(true, 1, 5, 8), map[[2]int64]travel.Seconds{{1, 4}: 15}},
	}
	for _, c := range cases {
		n := c.town.build(t)
		for pair, want := range c.want {
			if got := seconds(n, travel.Car, middle(pair[0]), middle(pair[1])); !about(got, want) {
				t.Errorf("%s: from road %d to road %d %d s, want %d", c.name, pair[0], pair[1], got, want)
			}
			if got := seconds(n, travel.Walk, middle(pair[0]), middle(pair[1])); !about(got, 80) {
				t.Errorf("%s: on foot %d s, want 80", c.name, got)
			}
		}
	}
}

// Without a place to turn round, no_u_turn at the end of a road closes the way back.
func TestNoUTurn(t *testing.T) {
	road := newTown().node(1, 0, 0).node(2, 100, 0).node(3, 200, 0).
		way(1, "highway=residential oneway=yes", 1, 2).way(2, "highway=residential", 2, 3).way(3, "highway=residential oneway=yes", 2, 1)
	if got := seconds(road.build(t), travel.Car, spot(150, 0), spot(50, 0)); got == travel.Unreached {
		t.Fatal("the control town has no way back at all")
	}
	// From way 2 eastwards to node 3, a dead end, and back: 50 m east + 50 m back = 15 s. With no_u_turn there the
	// car that stands on way 2 facing either direction still may go west, so nothing changes for it, but one that
	// comes over way 1 cannot come back.
	loop := newTown().node(1, 0, 0).node(2, 100, 0).node(3, 200, 0).node(4, 100, -50).
		way(1, "highway=residential oneway=yes", 1, 2).way(2, "highway=residential", 2, 3).
		way(3, "highway=residential oneway=yes", 2, 4).way(4, "highway=residential oneway=yes", 4, 1).
		turn(false, 1, 2, 3)
	free := seconds(loop.build(t), travel.Car, spot(50, 0), spot(100, -25))
	if free == travel.Unreached || free < 30 {
		t.Errorf("by turning round at the dead end it takes %d s, want more than 30", free)
	}
	loop.turn(false, 2, 3, 2)
	if got := seconds(loop.build(t), travel.Car, spot(50, 0), spot(100, -25)); got != travel.Unreached {
		t.Errorf("without turning round it takes %d s, want unreached", got)
	}
}

// A pedestrian court without a connection lies nearer than the road, but nobody could leave it.
func TestLinksAvoidDeadIslands(t *testing.T) {
	town := newTown().node(100, 0, 30).node(101, 50, 30).way(100, "highway=pedestrian", 100, 101)
	for i := range int64(50) {
		town.node(i+1, float64(i)*20, 0)
		if i > 0 {
			town.way(i, "highway=residential", i, i+1)
		}
	}
	n := town.build(t)
	if got := seconds(n, travel.Walk, spot(10, 30), spot(500, 0)); got == travel.Unreached {
		t.Error("the point is linked to a dead island")
	}
	all, err := Build(context.Background(), town.extract(), Options{IslandVertices: 1})
	if err != nil {
		t.Fatal(err)
	}
	if got := seconds(all, travel.Walk, spot(10, 30), spot(500, 0)); got != travel.Unreached {
		t.Error("with islands of one vertex allowed, the nearest edge is the court")
	}
}

func TestBuildSaysWhenNobodyCanMove(t *testing.T) {
	_, err := Build(context.Background(), &osm.Extract{}, Options{File: "osm/empty.osm.pbf"})
	if fault.KindOf(err) != fault.Invalid {
		t.Errorf("an empty extract gives %v", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if _, err := Build(ctx, crossing().extract(), Options{}); err == nil {
		t.Error("a cancelled build succeeds")
	}
}

func TestNoticesOfTheBuild(t *testing.T) {
	var notes notice.List
	town := crossing().turn(false, 1, 5, 99)
	town.ways[0].tags += " maxspeed=fast"
	if _, err := Build(context.Background(), town.extract(), Options{Notices: &notes, File: "osm/town.osm.pbf"}); err != nil {
		t.Fatal(err)
	}
	var rules []string
	for _, n := range notes.Notices() {
		rules = append(rules, n.Rule)
	}
	slices.Sort(rules)
	if !slices.Equal(rules, []string{"maxspeed-unreadable", "restriction-without-effect"}) {
		t.Errorf("notices %v", rules)
	}
}

func TestSaveAndLoad(t *testing.T) {
	town := crossing().turn(false, 1, 5, 4)
	n := town.build(t)
	if err := n.Prepare(context.Background(), []travel.Mode{travel.Car, travel.Walk}, Options{}); err != nil {
		t.Fatal(err)
	}
	raw := archived(n)
	r, err := archive.Open(raw, "street.archive")
	if err != nil {
		t.Fatal(err)
	}
	m, err := Load(r)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(archived(m), raw) {
		t.Error("what was loaded saves as other bytes")
	}
	for mode := range travel.Mode(modes) {
		if n.Prepared(mode) != m.Prepared(mode) {
			t.Errorf("%v: prepared %v before and %v after", mode, n.Prepared(mode), m.Prepared(mode))
		}
		for _, to := range []geo.LonLat{spot(-50, 0), spot(50, 0), spot(0, 50), spot(0, -50)} {
			if a, b := seconds(n, mode, spot(-50, 0), to), seconds(m, mode, spot(-50, 0), to); a != b {
				t.Errorf("%v: %d s before and %d s after", mode, a, b)
			}
		}
	}
}

// Two builds of a real city with different numbers of workers give the same bytes.
func TestWorkersChangeNothingInACity(t *testing.T) {
	b := assembleCity(t, "porto-alegre", "poa_osm.pbf")
	want := archived(b.n)
	for _, workers := range []int{1, 7} {
		n, err := Build(context.Background(), b.x, Options{Workers: workers})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(archived(n), want) {
			t.Errorf("%d workers write other bytes", workers)
		}
	}
}
