// Package demo writes the demo region "Musterrevier": fictional neighbouring cities as files in the real formats
// (OSM PBF, GTFS, census grid, GeoJSON, HSDS, municipal CSV), with care gaps planted in known places.
//
// The world is drawn from a seed. Gaps stand in truth.json; everywhere else every standard of region.toml is met
// with margin, which the package checks with measurements of its own: it imports nothing of the analysis, so that
// truth and finding can disagree.
package demo

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"gevor/fault"
	"gevor/travel"
)

// Options says what world is drawn. Same Options, same bytes.
type Options struct {
	Seed     uint64
	People   int  // from MinPeople; the region has exactly so many
	NoGaps   bool // plant no gap: everything a run finds is a false finding
	Progress travel.Progress
}

// The least and most people a region can have. Eleven villages and two cities need the lower bound.
const (
	MinPeople = 18_000
	MaxPeople = 8_000_000
)

// referenceDate is the day the region's state is of: a Tuesday without holidays.
var referenceDate = time.Date(2026, time.May, 12, 0, 0, 0, 0, time.UTC)

// Write writes a region folder. The folder must not exist. It appears complete or not at all: everything is
// written to a neighbouring temporary folder that is renamed at the end.
func Write(ctx context.Context, dir string, o Options) (err error) {
	if o.People < MinPeople || o.People > MaxPeople {
		return fault.New(fault.Invalid, "", fmt.Sprintf("a demo region cannot have %d people", o.People),
			fmt.Sprintf("choose a number from %d to %d", MinPeople, MaxPeople))
	}
	if _, err := os.Lstat(dir); err == nil {
		return fault.New(fault.Conflict, dir, "the folder exists already", "remove it or choose another")
	} else if !os.IsNotExist(err) {
		return fault.Wrap(fault.Invalid, dir, "the folder cannot be looked at", "check its path and rights", err)
	}
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return fault.Wrap(fault.Invalid, parent, "the folder cannot be made", "check its path and rights", err)
	}
	tmp, err := os.MkdirTemp(parent, ".musterrevier-*")
	if err != nil {
		return fault.Wrap(fault.Invalid, parent, "nothing can be written here", "check rights and free space", err)
	}
	defer func() {
		if err != nil {
			// What is left behind begins with a dot and never looks like a region.
			_ = os.RemoveAll(tmp)
		}
	}()
	w, err := makeWorld(ctx, o)
	if err != nil {
		return err
	}
	if err := w.write(ctx, tmp, o.Progress); err != nil {
		return err
	}
	if err := os.Chmod(tmp, 0o755); err != nil {
		return fault.Wrap(fault.Invalid, tmp, "its rights cannot be set", "check the file system", err)
	}
	if err := os.Rename(tmp, dir); err != nil {
		return fault.Wrap(fault.Conflict, dir, "the finished folder cannot be moved here", "check that nobody made it meanwhile", err)
	}
	return nil
}

// world is the region before it is written.
type world struct {
	o      Options
	p      *plan
	d      *drawer
	q      *people
	lines  *timetable
	offers []offer
	truth  truth
}

// makeWorld draws the region and measures it until everything that is not planted is well supplied.
func makeWorld(ctx context.Context, o Options) (*world, error) {
	const rounds = 4
	w := &world{o: o}
	o.Progress.Report("draw", 0, rounds+1)
	w.p = newPlan(o)
	w.d = draw(w.p, newGround(o.Seed))
	f := newFinder(w.d.network)
	w.lines = planLines(w.p, w.d, f)
	green := map[[2]int32]bool{}
	for round := range rounds {
		o.Progress.Report("draw", int64(round)+1, rounds+1)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		w.q = settlePeople(w.p, w.d.g, o.People, green)
		s := newSupplier(w.p, w.d, w.q, f)
		if round == 0 {
			s.supply()
		}
		s.offers = append(s.offers, w.offers...)
		g := newGauge(s, w.lines)
		if round == 0 {
			g.repair()
		}
		more, err := g.unplanned()
		if err != nil {
			return nil, err
		}
		// Offers stay where they are when a cell turns green, so the next round finds next to nothing.
		w.offers = s.offers
		if len(more) == 0 {
			if err := g.causes(); err != nil {
				return nil, err
			}
			s.describe()
			w.speak()
			w.truth = w.plantedTruth()
			o.Progress.Report("draw", rounds+1, rounds+1)
			return w, ctx.Err()
		}
		for _, c := range more {
			green[c] = true
		}
	}
	return nil, fault.New(fault.Internal, "", fmt.Sprintf("%d cells still miss a standard that is not planted", len(green)), "report this seed as a defect of the demo region")
}

// file is one file of the folder and what writes it.
type file struct {
	name  string
	write func(*world, *os.File) error
}

func (w *world) files() []file {
	return append([]file{
		{"osm/musterrevier.osm.pbf", (*world).writeOSM},
		{"gtfs/musterrevier.zip", (*world).writeGTFS},
		{"zensus/Zensus2022_Bevoelkerungszahl_100m-Gitter.csv", (*world).writePopulation},
		{"zensus/Zensus2022_Alter_in_10er-Jahresgruppen_100m-Gitter.csv", (*world).writeDecades},
		{"zensus/Zensus2022_Alter_in_5_Altersklassen_100m-Gitter.csv", (*world).writeAgeClasses},
		{"boundaries/municipalities.geojson", (*world).writeMunicipalities},
		{"boundaries/districts.geojson", (*world).writeDistricts},
		{"boundaries/postcodes.geojson", (*world).writePostcodes},
		{"offers/offers.json", (*world).writeHSDS},
		{"offers/gesundheit.csv", (*world).writeHealthTable},
		{"offers/sozialberatung.csv", (*world).writeAdviceTable},
		{"offers/osm-categories.csv", (*world).writeOSMCategories},
		{"statistik/haushalte.csv", (*world).writeHouseholds},
		{"statistik/arbeit.csv", (*world).writeWork},
		{"truth.json", (*world).writeTruth},
		{"README.txt", (*world).writeReadme},
		{"region.toml", (*world).writeDescription},
	}, append(statisticsFiles(), watchFiles()...)...)
}

func (w *world) write(ctx context.Context, dir string, progress travel.Progress) error {
	files := w.files()
	for i, f := range files {
		progress.Report("write", int64(i), int64(len(files)))
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := w.writeFile(filepath.Join(dir, f.name), f.write); err != nil {
			return fault.Wrap(fault.Invalid, f.name, "the file cannot be written", "check rights and free space", err)
		}
	}
	progress.Report("write", int64(len(files)), int64(len(files)))
	return nil
}

func (w *world) writeFile(path string, write func(*world, *os.File) error) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() {
		if e := out.Close(); err == nil {
			err = e
		}
	}()
	if err := write(w, out); err != nil {
		return err
	}
	return out.Sync()
}
