package world_test

import (
	"testing"

	"gevor/internal/world"
	"gevor/travel"
)

// Five steps to the east, by every mode and past every kind of obstacle.
func TestTimes(t *testing.T) {
	w := world.New(6, 2)
	w.River(3, travel.WalkNoSteps)
	w.Close(4, 0, 5, 0, travel.Walk)
	w.Bus(world.Line{Stops: [][2]int{{0, 0}, {2, 0}, {5, 0}}, Hop: 50, First: 100, Last: 200})
	for _, c := range []struct {
		mode      travel.Mode
		departure int
		want      travel.Seconds
	}{
		{travel.Walk, 0, 7 * world.WalkStep}, // round the closed step by the second row
		{travel.WalkNoSteps, 0, travel.Unreached},
		{travel.Bike, 0, 5 * world.BikeStep},
		{travel.Car, 0, 5 * world.CarStep},
		{travel.Transit, 150, 100},
		{travel.Transit, 201, 7 * world.WalkStep},
		{travel.Transit, 0, 2*world.WalkStep + 50}, // too early at the first stop, in time at the second
	} {
		if got := w.Times(c.mode, c.departure, 0)[w.Cell(5, 0)]; got != c.want {
			t.Errorf("%s at %d: %d s, want %d", c.mode, c.departure, got, c.want)
		}
	}
}
