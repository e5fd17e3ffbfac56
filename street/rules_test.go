package street

import (
	"context"
	"math"
	"testing"

	"gevor/archive"
	"gevor/fault"
	"gevor/travel"
)

// Which modes may use a way forwards (upper case) and backwards (lower case): W walk, N walk without steps, B bike
// at riding speed, P bike pushed, C car.
func TestWhoMayUseAWay(t *testing.T) {
	cases := []struct{ tags, want string }{
		{"highway=residential", "WwNnBbCc"},
		{"highway=residential oneway=yes", "WwNnBpC"}, // against the traffic a bicycle is pushed
		{"highway=residential oneway=yes oneway:bicycle=no", "WwNnBbC"},
		{"highway=residential oneway=yes cycleway:left=opposite_lane", "WwNnBbC"},
		{"highway=residential oneway=-1", "WwNnPbc"},
		{"highway=residential oneway=reversible", "WwNnPp"},
		{"highway=tertiary junction=roundabout", "WwNnBpC"},
		{"highway=tertiary junction=roundabout oneway=no", "WwNnBbCc"},
		{"highway=residential access=private", ""},
		{"highway=residential access=destination", "WwNnBbCc"},
		{"highway=residential access=no foot=yes", "WwNnPp"},
		{"highway=residential vehicle=no bicycle=yes", "WwNnBb"},
		{"highway=service motor_vehicle=private", "WwNnBb"},
		{"highway=service motor_vehicle=no motorcar=yes", "WwNnBbCc"},
		{"highway=motorway", "C"},
		{"highway=motorway oneway=no", "Cc"},
		{"highway=motorway_link", "Cc"},
		{"highway=motorway foot=yes", "WwNnPpC"},
		{"highway=trunk", "WwNnBbCc"},
		{"highway=trunk motorroad=yes", "Cc"},
		{"highway=trunk_link motorroad=yes sidewalk=right", "WwNnPpCc"},
		{"highway=footway", "WwNnPp"},
		{"highway=footway bicycle=yes", "WwNnBb"},
		{"highway=footway foot=no", ""},
		{"highway=pedestrian area=yes", "WwNnPp"},
		{"highway=path", "WwNnBb"},
		{"highway=cycleway", "WwNnBb"}, // Germany: open to walkers unless tagged otherwise
		{"highway=cycleway foot=no", "Bb"},
		{"highway=primary bicycle=use_sidepath", "WwNnPpCc"},
		{"highway=bridleway", ""},
		{"highway=track", "WwNnBb"},
		{"highway=track motor_vehicle=yes", "WwNnBbCc"},
		{"highway=track motor_vehicle=agricultural", "WwNnBb"},
		{"highway=track tracktype=grade5", "WwBb"},
		{"highway=steps", "Ww"},
		{"highway=steps ramp:stroller=yes", "WwNn"},
		{"highway=footway surface=sand", "WwPp"},
		{"highway=footway surface=sand wheelchair=yes", "WwNnPp"},
		{"highway=footway wheelchair=no", "WwPp"},
		{"highway=footway smoothness=very_bad", "WwPp"},
		{"highway=footway incline=8%", "WwPp"},
		{"highway=footway incline=-4%", "WwNnPp"},
		{"highway=footway incline=up", "WwNnPp"},
		{"highway=footway width=0.6", "WwPp"},
		{"highway=elevator", "WwNn"},
		{"railway=platform", "WwNnPp"},
		{"public_transport=platform", "WwNnPp"},
		{"highway=busway", ""},
		{"route=ferry", ""},
		{"highway=construction", ""},
	}
	for _, c := range cases {
		p := wayRules(tagsOf(c.tags), false, func(string, string) {})
		got := ""
		add := func(m travel.Mode, letters string) {
			for dir, cost := range []float64{p.forward[m], p.backward[m]} {
				switch {
				case cost == 0:
				case m == travel.Bike && cost == msPerMM(bikePushKmh):
					got += string("Pp"[dir])
				default:
					got += string(letters[dir])
				}
			}
		}
		add(travel.Walk, "Ww")
		add(travel.WalkNoSteps, "Nn")
		add(travel.Bike, "Bb")
		add(travel.Car, "Cc")
		if got != c.want {
			t.Errorf("%q: open to %q, want %q", c.tags, got, c.want)
		}
	}
}

func TestMaxspeed(t *testing.T) {
	for v, want := range map[string]float64{
		"50": 50, "50 mph": 80.4672, "30mph": 48.28032, "walk": 7, "none": 130, "DE:urban": 50, "DE:rural": 100,
		"DE:motorway": 130, "DE:zone:30": 30, "DE:zone30": 30, "DE:30": 30, "DE:living_street": 7, "60 km/h": 60,
		"50;70": 50, "10 knots": 18.52, "signals": 0, "fast": 0, "-5": 0, "0": 0, "NaN": 0, "1e9": 0, "": 0,
	} {
		got, ok := parseMaxspeed(v)
		if ok != (want > 0) || math.Abs(got-want) > 1e-9 {
			t.Errorf("%q is %v km/h (%v), want %v", v, got, ok, want)
		}
	}
}

// 80 % of the limit of each direction, else of the zone, else the class.
func TestCarSpeed(t *testing.T) {
	for tags, want := range map[string][2]float64{
		"highway=residential":                                    {24, 24},
		"highway=residential maxspeed=30":                        {24, 24},
		"highway=primary maxspeed=70 maxspeed:backward=50":       {56, 40},
		"highway=primary source:maxspeed=DE:urban":               {40, 40},
		"highway=primary zone:traffic=DE:rural maxspeed=signals": {80, 80},
		"highway=secondary maxspeed=unreadable":                  {46, 46},
		"highway=residential maxspeed=walk":                      {5.6, 5.6},
		"highway=service maxspeed=2":                             {slowestKmh, slowestKmh},
	} {
		p := wayRules(tagsOf(tags), false, func(string, string) {})
		for dir, cost := range []float64{p.forward[travel.Car], p.backward[travel.Car]} {
			if kmh := 3.6 / cost; math.Abs(kmh-want[dir]) > 1e-9 {
				t.Errorf("%q: %v km/h in direction %d, want %v", tags, kmh, dir, want[dir])
			}
		}
	}
}

// A ferry of 1 km at 10 km/h takes 6 minutes, for walkers and bicycles, where it is asked for.
func TestFerries(t *testing.T) {
	town := newTown().node(1, 0, 0).node(2, 100, 0).node(3, 1100, 0).node(4, 1200, 0).
		way(1, "highway=residential", 1, 2).way(2, "route=ferry", 2, 3).way(3, "highway=residential", 3, 4)
	from, to := spot(100, 0), spot(1100, 0)
	if got := seconds(town.build(t), travel.Walk, from, to); got != travel.Unreached {
		t.Errorf("without ferries %d s", got)
	}
	n, err := Build(context.Background(), town.extract(), Options{Ferries: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []travel.Mode{travel.Walk, travel.WalkNoSteps, travel.Bike} {
		if got := seconds(n, m, from, to); !about(got, 360) {
			t.Errorf("%v: %d s, want 360", m, got)
		}
	}
	if got := seconds(n, travel.Car, from, to); got != travel.Unreached {
		t.Errorf("by car %d s", got)
	}
}

// Walking speed scales exactly: 360 m at 3.6 km/h are 360 s; cycling scales with its own speed.
func TestSpeeds(t *testing.T) {
	n := newTown().node(1, 0, 0).node(2, 1000, 0).way(1, "highway=residential", 1, 2).build(t)
	for _, c := range []struct {
		mode  travel.Mode
		speed Speed
		want  travel.Seconds
	}{
		{travel.Walk, Speed{}, 288},
		{travel.Walk, Speed{WalkKmh: 3.6}, 360},
		{travel.Walk, Speed{WalkKmh: math.NaN()}, 288},
		{travel.Bike, Speed{}, 87},
		{travel.Bike, Speed{BikeKmh: 7.5}, 173},
		{travel.Car, Speed{WalkKmh: 1}, 54},
	} {
		a, b := n.Link(c.mode, places(spot(100, 0)), 0), n.Link(c.mode, places(spot(460, 0)), 0)
		hits := n.NewSearch(c.mode, c.speed).Reach(a, 0, b, 3600, false, nil)
		if len(hits) != 1 || !about(hits[0].Seconds, c.want) {
			t.Errorf("%v at %+v: %v, want %d s", c.mode, c.speed, hits, c.want)
		}
	}
}

// Sets that do not belong together reach nothing rather than something wrong.
func TestForeignPointsReachNothing(t *testing.T) {
	n, other := crossing().build(t), crossing().build(t)
	walk := n.Link(travel.Walk, places(spot(50, 0), spot(0, 90_000)), 0)
	s := n.NewSearch(travel.Walk, Speed{})
	if got := s.Reach(walk, 0, walk, 600, false, nil); len(got) != 1 {
		t.Fatalf("control: %v", got)
	}
	for name, got := range map[string][]Hit{
		"another mode":    s.Reach(walk, 0, n.Link(travel.Car, places(spot(50, 0)), 0), 600, false, nil),
		"another network": s.Reach(walk, 0, other.Link(travel.Walk, places(spot(50, 0)), 0), 600, false, nil),
		"unlinked":        s.Reach(walk, 1, walk, 600, false, nil),
		"transit":         n.NewSearch(travel.Transit, Speed{}).Reach(walk, 0, walk, 600, false, nil),
		"negative bound":  s.Reach(walk, 0, walk, -1, false, nil),
	} {
		if len(got) != 0 {
			t.Errorf("%s: %v", name, got)
		}
	}
	if n.Link(travel.Transit, places(spot(50, 0)), 0).Linked(0) {
		t.Error("a point is linked for transit")
	}
}

// An archive with sound checksums but indexes that lead outside is refused.
func TestForgedArchivesAreRefused(t *testing.T) {
	for name, forge := range map[string]func(n *Network){
		"head":    func(n *Network) { n.layers[travel.Walk].graph.head[0] = 1 << 30 },
		"ends":    func(n *Network) { n.layers[travel.Car].ends[1] = 1 << 30 },
		"corners": func(n *Network) { n.edgeFirst[1] = 1 << 30 },
		"grid":    func(n *Network) { n.grid.edge[0] = 1 << 30 },
		"length":  func(n *Network) { n.lengthMM[0] = 0 },
		"mask":    func(n *Network) { n.linkable = n.linkable[1:] },
		"cells":   func(n *Network) { n.grid.columns = -1 },
	} {
		n := crossing().turn(false, 1, 5, 4).build(t)
		forge(n)
		r, err := archive.Open(archived(n), "street.archive")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Load(r); fault.KindOf(err) != fault.Corrupt {
			t.Errorf("%s: %v", name, err)
		}
	}
}
