package atlas_test

import (
	"context"
	"math"
	"os"
	"slices"
	"testing"

	"gevor/atlas"
	"gevor/region"
	"gevor/travel"
)

// BenchmarkWhatIf measures scenarios on a region folder named by GEVOR_BENCH_REGION (as gevor demo writes it): closing
// an offer, more capacity, longer hours and a new place, on people in steps of ten, for every standard whose ways have streets alone, and for one by timetable.
func BenchmarkWhatIf(b *testing.B) {
	dir := os.Getenv("GEVOR_BENCH_REGION")
	if dir == "" {
		b.Skip("GEVOR_BENCH_REGION names no region")
	}
	fsys := os.DirFS(dir)
	d, err := region.ReadDescription(fsys)
	if err != nil {
		b.Fatal(err)
	}
	snap, err := region.Build(context.Background(), fsys, d, region.Options{Workers: 2})
	if err != nil {
		b.Fatal(err)
	}
	p := atlas.Params{Workers: 2, WalkKmh: snap.WalkKmh}
	base, err := atlas.Analyse(context.Background(), snap, p, nil)
	if err != nil {
		b.Fatal(err)
	}
	known, err := atlas.Collect(context.Background(), snap, p, nil)
	if err != nil {
		b.Fatal(err)
	}
	// As pages reckon, on people in steps of ten, the state of today included, which a server keeps.
	steps := *base
	steps.Snapshot, steps.Layers = atlas.Coarsen(snap), slices.Clone(base.Layers)
	again, err := atlas.Rejudged(context.Background(), steps.Snapshot, known, p, func(int) bool { return true })
	if err != nil {
		b.Fatal(err)
	}
	for _, l := range again {
		k := slices.IndexFunc(steps.Layers, func(x atlas.Layer) bool { return x.Standard == l.Standard })
		steps.Layers[k].State, steps.Layers[k].Access, steps.Layers[k].Seconds = l.State, l.Access, l.Seconds
	}
	base = &steps
	for i := range snap.Standards {
		s := &snap.Standards[i]
		at := slices.IndexFunc(snap.Offers, func(o region.Offer) bool { return slices.Contains(o.Categories, s.Category) })
		if !base.Summaries[i].Known || at < 0 {
			continue
		}
		ways := "/streets"
		if slices.ContainsFunc(s.Ways, func(w region.Way) bool { return w.Mode == travel.Transit }) {
			ways = "/timetable"
		}
		capacity := snap.Offers[at].Capacity
		if !(capacity > 0) {
			capacity = 1
		}
		for name, c := range map[string]atlas.Scenario{
			"close":    {Close: []int32{int32(at)}},
			"capacity": {Capacity: map[int32]float64{int32(at): 2 * capacity}},
			"hours":    {Capacity: map[int32]float64{int32(at): 1.5 * capacity}},
			"open":     {Open: []region.Offer{{ID: "new", Categories: []int32{s.Category}, At: snap.Cells.At[snap.Cells.Len()/2], Capacity: math.NaN()}}},
		} {
			b.Run(s.Key+ways+"/"+name, func(b *testing.B) {
				for b.Loop() {
					if _, err := atlas.WhatIf(context.Background(), base, known, p, c, nil); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
