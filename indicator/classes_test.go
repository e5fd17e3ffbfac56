package indicator_test

import (
	"slices"
	"testing"

	"gevor/indicator"
)

// released protects a dataset of ten districts whose value in a year is 10·district + shift.
func released(t *testing.T, unit string, shift float64, earlier ...*indicator.Publication) *indicator.Publication {
	t.Helper()
	at, _ := indicator.ParsePeriod("2024")
	table := indicator.Table{Dataset: indicator.Dataset{ID: "days", Level: indicator.Districts, Values: true, Unit: indicator.Label{DE: unit}}}
	var areas []indicator.Area
	for i := range 10 {
		key := "d" + string(rune('0'+i))
		areas = append(areas, indicator.Area{Key: key, Name: key, Level: indicator.Districts})
		table.Figures = append(table.Figures, indicator.Figure{Area: key, Period: at, Rate: indicator.Of(10*float64(i) + shift)})
	}
	pub, _, err := indicator.Protect(&table, indicator.NewGround(areas), indicator.GateOptions{Earlier: earlier})
	if err != nil {
		t.Fatal(err)
	}
	return pub
}

// A later release keeps the classes of the first, whatever its figures are; the control is the same release with nothing
// before it, and one in another unit.
func TestClassesStayOverReleases(t *testing.T) {
	first := released(t, "Tage", 0)
	later := released(t, "Tage", 35, first)
	third := released(t, "Tage", 80, first, later)
	if want := []float64{20, 40, 60, 80}; !slices.Equal(first.Bounds(), want) || !slices.Equal(later.Bounds(), want) || !slices.Equal(third.Bounds(), want) {
		t.Errorf("%v %v %v", first.Bounds(), later.Bounds(), third.Bounds())
	}
	if own := released(t, "Tage", 35); slices.Equal(own.Bounds(), first.Bounds()) {
		t.Error("the figures of the later release have the same classes anyway")
	}
	if other := released(t, "Stunden", 35, first); slices.Equal(other.Bounds(), first.Bounds()) {
		t.Error("figures in another unit keep the classes")
	}
}
