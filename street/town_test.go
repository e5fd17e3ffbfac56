package street

import (
	"bytes"
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"gevor/archive"
	"gevor/geo"
	"gevor/notice"
	"gevor/osm"
	"gevor/travel"
)

// town is a small artificial place: nodes by number with metres east and north of a corner, ways and turns.
type town struct {
	nodes map[int64][2]float64
	tags  map[int64]string
	ways  []townWay
	turns []townTurn
}

type townWay struct {
	id    int64
	tags  string
	nodes []int64
}

type townTurn struct {
	from, via, to int64
	only          bool
}

func newTown() *town { return &town{nodes: map[int64][2]float64{}, tags: map[int64]string{}} }

// spot gives the place that lies so many metres east and north of the corner of every town.
func spot(east, north float64) geo.LonLat {
	const degree = 6371008.8 * math.Pi / 180
	return geo.LonLat{Lon: 7 + east/(degree*math.Cos(51.5*math.Pi/180)), Lat: 51.5 + north/degree}
}

func places(at ...geo.LonLat) []geo.LonLat { return at }

func (t *town) node(id int64, east, north float64) *town {
	t.nodes[id] = [2]float64{east, north}
	return t
}

// way adds a way with tags such as "highway=residential oneway=yes".
func (t *town) way(id int64, tags string, nodes ...int64) *town {
	t.ways = append(t.ways, townWay{id, tags, nodes})
	return t
}

func (t *town) turn(only bool, from, via, to int64) *town {
	t.turns = append(t.turns, townTurn{from, via, to, only})
	return t
}

func tagsOf(s string) osm.Tags {
	var out osm.Tags
	for _, f := range strings.Fields(s) {
		k, v, _ := strings.Cut(f, "=")
		out = append(out, osm.Tag{Key: k, Value: v})
	}
	slices.SortFunc(out, func(a, b osm.Tag) int { return cmp.Compare(a.Key, b.Key) })
	return out
}

func (t *town) extract() *osm.Extract {
	x := &osm.Extract{}
	index := map[int64]int32{}
	ids := make([]int64, 0, len(t.nodes))
	for id := range t.nodes {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		index[id] = int32(len(x.Nodes))
		x.Nodes = append(x.Nodes, osm.Node{ID: id, At: spot(t.nodes[id][0], t.nodes[id][1])})
		if t.tags[id] != "" {
			x.Tagged = append(x.Tagged, osm.TaggedNode{Node: index[id], Tags: tagsOf(t.tags[id])})
		}
	}
	slices.SortStableFunc(t.ways, func(a, b townWay) int { return cmp.Compare(a.id, b.id) })
	for _, w := range t.ways {
		nodes := make([]int32, len(w.nodes))
		for k, id := range w.nodes {
			nodes[k] = index[id]
		}
		x.Ways = append(x.Ways, osm.Way{ID: w.id, Nodes: nodes, Tags: tagsOf(w.tags)})
	}
	for k, r := range t.turns {
		x.Restrictions = append(x.Restrictions, osm.Restriction{ID: int64(k + 1), From: r.from, Via: index[r.via], To: r.to, Only: r.only})
	}
	return x
}

func (t *town) build(tb testing.TB) *Network {
	tb.Helper()
	n, err := Build(context.Background(), t.extract(), Options{Notices: &notice.List{}})
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

// seconds gives the time between two places, travel.Unreached where there is no way within two hours.
func seconds(n *Network, mode travel.Mode, from, to geo.LonLat) travel.Seconds {
	hits := n.NewSearch(mode, Speed{}).Reach(n.Link(mode, []geo.LonLat{from}, 0), 0, n.Link(mode, []geo.LonLat{to}, 0), 7200, false, nil)
	if len(hits) == 0 {
		return travel.Unreached
	}
	return hits[0].Seconds
}

// about allows the second that coordinates rounded to a centimetre may add.
func about(got, want travel.Seconds) bool { return got == want || got == want+1 }

// archived gives the bytes that Save writes; a bytes.Buffer takes everything.
func archived(n *Network) []byte {
	var b bytes.Buffer
	a := archive.NewWriter(&b)
	if err := cmp.Or(n.Save(a), a.Close()); err != nil {
		panic(err)
	}
	return b.Bytes()
}
