package indicator_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"gevor/indicator"
	"gevor/notice"
)

// towns are two towns of four districts each.
func towns() *indicator.Ground {
	areas := []indicator.Area{{Key: "05999001", Name: "A", Level: indicator.Municipalities}, {Key: "05999002", Name: "B", Level: indicator.Municipalities}}
	for i := range 8 {
		town := areas[i/4].Key
		areas = append(areas, indicator.Area{Key: fmt.Sprintf("%s%02d", town, i%4+1), Name: "d", Parent: town, Level: indicator.Districts})
	}
	return indicator.NewGround(areas)
}

// reckoned counts the small figures that follow from published ones and from totals of towns that somebody holds: in a
// town of which all districts but one are shown, the last is the rest.
func reckoned(g *indicator.Ground, table *indicator.Table, pub *indicator.Publication, totals map[string]float64) (found int) {
	truth := map[string]float64{}
	for _, f := range table.Figures {
		truth[f.Area] = f.Count.Number
	}
	at := pub.Periods[0]
	for _, town := range g.Of(indicator.Municipalities) {
		total, open, last := totals[town.Key], 0, ""
		for _, d := range g.Parts(town.Key) {
			if v := pub.Point(d.Key, at).Count; v.Known() {
				total -= v.Number
			} else {
				open, last = open+1, d.Key
			}
		}
		if open == 1 && total == truth[last] {
			found++
		}
	}
	return found
}

// What a source publishes in a place of its own is known to everybody: a gate that is told of it hides one district more
// where a total would give another away. The control is the same gate that is not told.
func TestFiguresPublishedElsewhereGiveNothingAway(t *testing.T) {
	const catalogue = `version = 1
[[dataset]]
id = "armut"
file = "armut.csv"
elsewhere = "amt.csv"
title = { de = "Armut", en = "Poverty" }
unit = { de = "Menschen", en = "people" }
topic = "deprivation"
level = "district"
direction = "less"
source = "Amt"
licence = "CC0-1.0"
reference_date = "2024-12-31"
owner = "Stadt"
rules = "regeln.toml"
area = "key"
period = "jahr"
count = "zahl"
`
	g := towns()
	var told, untold, hidden int
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 3))
		var own, office strings.Builder
		own.WriteString("key;jahr;zahl\n")
		office.WriteString("key;jahr;zahl\n")
		totals := map[string]float64{}
		for _, d := range g.Of(indicator.Districts) {
			n := 1 + r.IntN(12)
			totals[d.Parent] += float64(n)
			fmt.Fprintf(&own, "%s;2024;%d\n", d.Key, n)
		}
		for _, town := range g.Of(indicator.Municipalities) {
			fmt.Fprintf(&office, "%s;2024;%.0f\n", town.Key, totals[town.Key])
		}
		folder := fstest.MapFS{"catalogue.toml": {Data: []byte(catalogue)}, "armut.csv": {Data: []byte(own.String())}, "amt.csv": {Data: []byte(office.String())}, "regeln.toml": {Data: []byte("name = \"unter 3\"\nminimum_cell = 3\n")}}
		c, err := indicator.ReadCatalogue(folder)
		if err != nil {
			t.Fatal(err)
		}
		notes := &notice.List{}
		tables, err := indicator.Read(folder, c, g, notes)
		if err != nil {
			t.Fatal(err)
		}
		elsewhere, err := indicator.Elsewhere(folder, c, g, notes)
		if err != nil || elsewhere["armut"] == nil || len(notes.Notices()) > 0 {
			t.Fatalf("%v %v", err, notes.Notices())
		}
		for _, known := range [][]*indicator.Publication{{elsewhere["armut"]}, nil} {
			pub, _, err := indicator.Protect(&tables[0], g, indicator.GateOptions{Earlier: known})
			if err != nil {
				t.Fatal(err)
			}
			found := reckoned(g, &tables[0], pub, totals)
			if known == nil {
				untold += found
				continue
			}
			told += found
			hidden += pub.Tally(pub.Periods[0])[indicator.Suppressed]
			if !slices.Equal(pub.Bounds(), pub.Classes) {
				t.Error("classes come from elsewhere")
			}
		}
	}
	t.Logf("figure: figures published elsewhere, 60 regions of two towns: %d districts reckoned with the gate told (%d of 480 hidden), %d untold", told, hidden, untold)
	if told > 0 || untold == 0 {
		t.Errorf("told %d, untold %d", told, untold)
	}
}
