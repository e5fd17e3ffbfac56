package demo

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
)

// Three measures are planted in the demo region: one works, one does nothing, one only moves the problem to the districts
// around. What they should change are first talks within fourteen days, counted quarter by quarter.

// PilotDataset is the dataset that the planted measures should change.
const PilotDataset = "erstgespraech-14-tage"

// PilotStart is the first quarter with the planted measures.
const PilotStart = "2024-Q1"

const (
	pilotYears    = 6  // 2020 to 2025
	pilotQuarters = 24 // of these years
	pilotBegins   = 16 // quarter of PilotStart, 0-based
	pilotGain     = 0.14
	pilotPush     = 0.10 // what the districts around lose where the problem only moves
)

// PilotKind says what a planted measure truly does.
type PilotKind string

// The kinds of planted measures.
const (
	PilotWorks   PilotKind = "works"
	PilotNothing PilotKind = "nothing"
	PilotMoves   PilotKind = "moves" // better here, worse around
)

// Pilots says in which districts, of these keys, the planted measures are; fewer than three where there are fewer cities.
func Pilots(districts []string) map[PilotKind]string {
	var cities []string
	for _, key := range districts {
		if city := key[:max(0, len(key)-2)]; !slices.Contains(cities, city) {
			cities = append(cities, city)
		}
	}
	slices.Sort(cities)
	out := map[PilotKind]string{}
	for kind, at := range map[PilotKind]struct {
		city   int
		number string
	}{PilotWorks: {0, "08"}, PilotNothing: {1, "05"}, PilotMoves: {1, "12"}} {
		if at.city < len(cities) && slices.Contains(districts, cities[at.city]+at.number) {
			out[kind] = cities[at.city] + at.number
		}
	}
	return out
}

// pilotDistrict is the quarters of one district.
type pilotDistrict struct {
	key         string
	asked, soon [pilotQuarters]int
}

// touches says whether two districts share a border or a corner.
func (d *district) touches(o *district) bool {
	return d.col0 <= o.col1 && o.col0 <= d.col1 && d.row0 <= o.row1 && o.row0 <= d.row1
}

// pilots draws the quarters from a stream of their own.
func (w *world) pilots() []pilotDistrict {
	r := stream(w.o.Seed, "pilots")
	var keys []string
	for i := range w.q.districts {
		keys = append(keys, w.q.districts[i].key)
	}
	planted := Pilots(keys)
	moved := slices.IndexFunc(w.q.districts, func(d district) bool { return d.key == planted[PilotMoves] })
	shared := sway(r, 0.02)
	var out []pilotDistrict
	for i := range w.q.districts {
		d := &w.q.districts[i]
		if d.people == 0 {
			continue
		}
		level, slope := 0.66-0.2*math.Min(1, d.sgb2/38)+0.03*r.NormFloat64(), 0.0012*r.NormFloat64()
		own, change := sway(r, 0.012), 0.0
		switch {
		case d.key == planted[PilotWorks], d.key == planted[PilotMoves]:
			change = pilotGain
		case moved >= 0 && d.touches(&w.q.districts[moved]):
			change = -pilotPush
		}
		x := pilotDistrict{key: d.key}
		for q := range pilotQuarters {
			share := level + slope*float64(q) + shared[q] + own[q]
			if q >= pilotBegins {
				share += change
			}
			x.asked[q] = 110 + r.IntN(70)
			x.soon[q] = around(r, x.asked[q], share)
		}
		out = append(out, x)
	}
	return out
}

// sway wanders around zero with memory.
func sway(r *rand.Rand, dev float64) (out [pilotQuarters]float64) {
	const memory = 0.5
	x := dev * r.NormFloat64()
	for q := range out {
		x = memory*x + math.Sqrt(1-memory*memory)*dev*r.NormFloat64()
		out[q] = x
	}
	return out
}

func (w *world) writePilots(out *os.File) error {
	all := w.pilots()
	return writeLines(out, func(put func(string, ...any)) {
		put("stadtteil_nr;quartal;anfragen;binnen_14_tagen")
		for i := range all {
			for q := range pilotQuarters {
				put("%s;%d-Q%d;%d;%d", all[i].key, lastYear-pilotYears+1+q/4, q%4+1, all[i].asked[q], all[i].soon[q])
			}
		}
	})
}

// pilotTruth is one planted measure.
type pilotTruth struct {
	Kind     PilotKind `json:"kind"`
	District string    `json:"district"`
	Dataset  string    `json:"dataset"`
	Start    string    `json:"start"`
	Gain     float64   `json:"gain"`   // percentage points in the district
	Around   float64   `json:"around"` // in the districts that touch it
}

func (w *world) pilotTruth() []pilotTruth {
	var keys []string
	for i := range w.q.districts {
		if w.q.districts[i].people > 0 {
			keys = append(keys, w.q.districts[i].key)
		}
	}
	out := []pilotTruth{}
	for kind, key := range Pilots(keys) {
		t := pilotTruth{Kind: kind, District: key, Dataset: PilotDataset, Start: PilotStart}
		switch kind {
		case PilotWorks:
			t.Gain = 100 * pilotGain
		case PilotMoves:
			t.Gain, t.Around = 100*pilotGain, -100*pilotPush
		case PilotNothing:
		}
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b pilotTruth) int { return strings.Compare(string(a.Kind), string(b.Kind)) })
	return out
}

// pilotEntry is the dataset's entry of the catalogue.
func pilotEntry() dataset {
	return dataset{
		PilotDataset, "erstgespraeche.csv", "supply", "more", "gesundheitsamt", "Erstgespräch binnen 14 Tagen", "First talk within 14 days", "% der Anfragen", "% of requests",
		"Beratungsstellen zählen jede Anfrage einmal.", "Counselling centres count each request once.",
		fmt.Sprintf("area = %q\nperiod = %q\ncount = %q\nbase = %q\nper = 100\npart = true\ndecimals = 1\n", "stadtteil_nr", "quartal", "binnen_14_tagen", "anfragen"),
	}
}
