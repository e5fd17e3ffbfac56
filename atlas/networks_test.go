package atlas_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"gevor/atlas"
	"gevor/geo"
	"gevor/internal/demo"
	"gevor/travel"
)

// What a leg prepared for its places serves the next question only where leg and places are the same: networks that
// were asked for other things before answer as fresh ones do, in parts as at once.
func TestNetworksForgetWhatDoesNotServe(t *testing.T) {
	snap, _ := demoRegion(t, demo.Options{Seed: 5, People: 20_000})
	p, err := atlas.Params{Workers: 1, WalkKmh: snap.WalkKmh}.Filled()
	if err != nil {
		t.Fatal(err)
	}
	from := snap.Cells.At[:min(200, snap.Cells.Len())]
	places := slices.Clone(snap.Cells.At[50:90])
	told := func(j atlas.Journeys, leg atlas.Leg, to []geo.LonLat, part int) string {
		t.Helper()
		var out strings.Builder
		for base := 0; base < len(from); base += part {
			err := j.Rows(context.Background(), leg, from[base:min(base+part, len(from))], to, func(r atlas.Reached) error {
				_, err := fmt.Fprintln(&out, base+int(r.From), r.To, r.Seconds)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		return out.String()
	}
	bus := atlas.Leg{Mode: travel.Transit, Departure: 8 * 3600, Window: 1800, Percentiles: []int{50}, Max: 2400}
	later, quicker, other := bus, bus, bus
	later.Departure += 1800
	quicker.Max = 1200
	other.Percentiles = []int{25}
	seen := map[string]bool{}
	asked := atlas.Networks(snap, p)
	for _, leg := range []atlas.Leg{bus, later, quicker, other, bus, {Mode: travel.Walk, Max: 1200}, {Mode: travel.Car, Max: 600}, {Mode: travel.WalkNoSteps, Max: 1200}} {
		for range 2 {
			want := told(atlas.Networks(snap, p), leg, places, len(from))
			if got := told(asked, leg, places, 70); got != want {
				t.Fatalf("%+v: networks that were asked before say something else", leg)
			}
			seen[want] = true
			places[0], places[1] = places[1], places[0] // the same slice with other places in it
		}
	}
	if len(seen) < 8 {
		t.Errorf("only %d different answers: the test tells nothing apart", len(seen))
	}
}
