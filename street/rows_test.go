package street

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"gevor/geo"
	"gevor/travel"
)

// collectRows runs one way of filling windows and copies what it hands over.
func collectRows(t testing.TB, j *job, f filler) [][]Hit {
	t.Helper()
	var out [][]Hit
	err := j.stream(context.Background(), f, func(r travel.Row) error {
		if int(r.From) != len(out) {
			t.Fatalf("row of %d came as number %d", r.From, len(out))
		}
		var row []Hit
		for k, to := range r.To {
			row = append(row, Hit{to, r.Seconds[k]})
		}
		out = append(out, row)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Searches from origins, searches from targets and sweeps over the hierarchy give the same rows, which are those
// of Reach, for one worker and for several.
func TestRowsAgreeWhicheverWayTheyAreComputed(t *testing.T) {
	b := assembleCity(t, "aachen", "aachen.osm.pbf")
	n := b.n
	if err := n.Prepare(context.Background(), []travel.Mode{travel.Walk, travel.WalkNoSteps, travel.Bike, travel.Car}, Options{}); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(5, 5))
	places := near(b.x, r, 230)
	places = append(places, places[:20]...)                   // the same place twice
	places = append(places, geo.LonLat{}, geo.LonLat{Lon: 6}) // out of reach of any street
	for m, most := range []travel.Seconds{900, 1500, 600, 420} {
		mode := travel.Mode(m)
		from, to := n.Link(mode, places, 0), n.Link(mode, places[60:], 0)
		speed := Speed{WalkKmh: 4.1, BikeKmh: 13.7}
		s := n.NewSearch(mode, speed)
		var want [][]Hit
		total := 0
		for i := range from.Len() {
			want = append(want, s.Reach(from, i, to, most, false, nil))
			total += len(want[i])
		}
		if total < 1000 {
			t.Fatalf("%v: only %d hits", mode, total)
		}
		for _, workers := range []int{1, 3} {
			j := &job{n: n, mode: mode, speed: speed, from: from, to: to, most: most, workers: workers}
			for name, f := range map[string]filler{"origins": j.newSearching(), "targets": j.newTurned(context.Background(), 1<<30), "sweeps": j.newSweeping()} {
				got := collectRows(t, j, f)
				if len(got) != len(want) {
					t.Fatalf("%v %s: %d rows instead of %d", mode, name, len(got), len(want))
				}
				for i := range want {
					if !slices.Equal(got[i], want[i]) {
						t.Fatalf("%v %s, %d workers: row %d is\n%v, Reach gives\n%v", mode, name, workers, i, got[i], want[i])
					}
				}
			}
		}
	}
}

func TestRowsStopWithTheConsumer(t *testing.T) {
	b := assembleCity(t, "aachen", "aachen.osm.pbf")
	p := b.n.Link(travel.Walk, near(b.x, rand.New(rand.NewPCG(1, 1)), 300), 0)
	enough := errors.New("enough")
	rows := 0
	err := b.n.Rows(context.Background(), travel.Walk, Speed{}, p, p, 600, 2, func(travel.Row) error {
		if rows++; rows == 3 {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) || rows != 3 {
		t.Errorf("after %d rows: %v", rows, err)
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if err := b.n.Rows(ctx, travel.Walk, Speed{}, p, p, 600, 2, func(travel.Row) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled context gives %v", err)
	}
	if err := b.n.Rows(context.Background(), travel.Car, Speed{}, p, p, 600, 2, func(travel.Row) error { return nil }); err == nil {
		t.Error("points of another mode are accepted")
	}
}
