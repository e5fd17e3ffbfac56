package region

import (
	"strings"

	"gevor/travel"
)

// What several tables of a description say in the same words: words of a list, places, markers, ways.

func (p *parser) crs(t *table) string {
	crs := t.text("crs", false)
	switch crs {
	case "", "EPSG:25832", "EPSG:3035":
		return crs
	case "EPSG:4326":
		return ""
	}
	p.s.problem(t.lineOf("crs"), "unknown reference system \""+crs+"\"", "use EPSG:4326, EPSG:25832 or EPSG:3035")
	return ""
}

func (p *parser) oneOf(t *table, key string, need bool, words ...string) string {
	s := t.text(key, need)
	if s == "" {
		return s
	}
	for _, w := range words {
		if s == w {
			return s
		}
	}
	p.s.problem(t.lineOf(key), "unknown "+key+" \""+s+"\"", "use one of "+strings.Join(words, ", "))
	return ""
}

// place reads the columns of a place; defaults fills in id, lon and lat.
func (p *parser) place(t *table, defaults bool) PlaceSpec {
	x := PlaceSpec{
		ID: t.text("id", false), Lon: t.text("lon", false), Lat: t.text("lat", false),
		East: t.text("east", false), North: t.text("north", false), CRS: p.crs(t),
	}
	if (x.East == "") != (x.North == "") || (x.Lon == "") != (x.Lat == "") {
		p.s.problem(t.line(), "a place needs two columns", "name both lon and lat, or both east and north with crs")
	}
	if x.East != "" && x.CRS == "" {
		p.s.problem(t.line(), "easting and northing without a reference system", "add crs = \"EPSG:25832\" (UTM 32) or \"EPSG:3035\"")
	}
	if defaults && x.East == "" {
		for _, f := range []struct {
			to   *string
			name string
		}{{&x.ID, "id"}, {&x.Lon, "lon"}, {&x.Lat, "lat"}} {
			if *f.to == "" {
				*f.to = f.name
			}
		}
	}
	return x
}

func (p *parser) markers(t *table) map[string]string {
	m := t.texts("markers", false, "{ \"*\" = \"suppressed\" }")
	for _, k := range sortedKeys(m) {
		switch m[k] {
		case "zero", "suppressed", "missing":
		default:
			p.s.problem(t.lineOf("markers"), "a marker means \""+m[k]+"\"", "use zero, suppressed or missing")
		}
	}
	return m
}

func (p *parser) way(t *table) (Way, bool) {
	name := t.text("mode", true)
	mode, err := travel.ParseMode(name)
	if err != nil && name != "" {
		p.s.problem(t.lineOf("mode"), "unknown mode \""+name+"\"", "use walk, walk-nosteps, bike, car or transit")
	}
	if _, ok := t.m["minutes"]; !ok {
		t.take("minutes", true, "15")
	}
	w := Way{Mode: mode, Minutes: t.whole("minutes", 0, 1, 240), EarlierDeparture: -1}
	if mode == travel.Transit {
		w.Departure = t.clock("departure", -1)
		if w.Departure < 0 {
			p.s.problem(t.line(), "a way by transit lacks its departure", "add departure = \"10:00\"")
		}
		w.Window = 60 * t.whole("window", 60, 1, 720)
		w.Percentile = t.whole("percentile", 50, 1, 99)
		w.EarlierDeparture = t.clock("earlier_departure", -1)
	}
	t.close()
	return w, err == nil
}
