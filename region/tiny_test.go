package region

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"gevor/geo"
	"gevor/notice"
)

// The tiny region lies around cell N3155000 E4127000 (near Bochum, PROJ: 7.2° E 51.47° N): a municipality of 10 x 10
// cells whose western half is district 01 and whose eastern half is district 02.
const tinyEast, tinyNorth = 4127000, 3155000

func cellID(col, row int) string {
	return geo.Cell{SizeM: 100, East: int32(tinyEast + 100*col), North: int32(tinyNorth + 100*row)}.String()
}

// block gives a GeoJSON ring around cells [c0,c1) x [r0,r1).
func block(c0, r0, c1, r1 int) string {
	at := func(c, r int) string {
		p := geo.FromLAEA(float64(tinyEast+100*c), float64(tinyNorth+100*r))
		return fmt.Sprintf("[%.9f,%.9f]", p.Lon, p.Lat)
	}
	return "[" + strings.Join([]string{at(c0, r0), at(c1, r0), at(c1, r1), at(c0, r1), at(c0, r0)}, ",") + "]"
}

func feature(properties, ring string) string {
	return `{"type":"Feature","properties":{` + properties + `},"geometry":{"type":"Polygon","coordinates":[` + ring + `]}}`
}

func collection(features ...string) string {
	return `{"type":"FeatureCollection","features":[` + strings.Join(features, ",\n") + `]}`
}

const tinyDescription = `version = 1
synthetic = true
timezone = "Europe/Berlin"
date = "2026-05-12"
bounds = [7.1, 51.4, 7.3, 51.5]
[name]
de = "Winzig"
en = "Tiny"
[[source]]
key = "all"
title = "Made for this test"
publisher = "Nobody"
licence = "CC0-1.0"
status = "open"
[[boundaries]]
file = "towns.geojson"
kind = "municipality"
key = "ags"
name = "name"
valid_from = "from"
valid_to = "to"
source = "all"
[[boundaries]]
file = "districts.geojson"
kind = "district"
key = "key"
name = "name"
parent = "ags"
source = "all"
[population]
file = "people.csv"
format = "zensus2022"
column = "Einwohner"
source = "all"
[[category]]
key = "arzt"
label = { de = "Arztpraxis", en = "Doctor" }
confirm_every = 365
[[category]]
key = "kinderarzt"
label = { de = "Kinderarztpraxis", en = "Paediatrician" }
parent = "arzt"
confirm_every = 180
[[offers]]
file = "practices.csv"
format = "csv"
source = "all"
[offers.columns]
id = "nr"
name = "name"
lon = "lon"
lat = "lat"
category = "art"
capacity = "plaetze"
confirmed = "bestaetigt"
service_area = "gebiet"
step_free = "stufenlos"
[[group]]
key = "alle"
label = { de = "Alle", en = "Everyone" }
layer = "population"
[[group]]
key = "kinder"
label = { de = "Kinder unter 10", en = "Children under 10" }
file = "age.csv"
format = "zensus2022"
column = "Unter10"
source = "all"
[[group]]
key = "allein"
label = { de = "Alleinerziehende", en = "Single parents" }
file = "households.csv"
district_key = "stadtteil"
column = "alleinerziehende"
spread = "population"
source = "all"
[[group]]
key = "unversichert"
label = { de = "Menschen ohne Versicherung", en = "People without insurance" }
[[need]]
key = "sgb2"
label = { de = "SGB II", en = "Benefits" }
weight = 0.5
file = "sgb2.csv"
district_key = "nr"
column = "quote"
source = "all"
`

// tiny makes the files of the region. People: cell (0,0) has 100, (1,0) 50, (6,0) 200, (7,0) "–", (8,0) "*".
func tiny() fstest.MapFS {
	var people, age strings.Builder
	people.WriteString("GITTER_ID_100m;x_mp_100m;y_mp_100m;Einwohner\n")
	age.WriteString("GITTER_ID_100m;x_mp_100m;y_mp_100m;Insgesamt;Unter10\n")
	row := func(w *strings.Builder, col int, values ...string) {
		fmt.Fprintf(w, "%s;%d;%d;%s\n", cellID(col, 0), tinyEast+100*col+50, tinyNorth+50, strings.Join(values, ";"))
	}
	for _, col := range []int{8, 0, 7, 1, 6} { // the order of the file does not matter
		row(&people, col, map[int]string{0: "100", 1: "50", 6: "200", 7: "–", 8: "*"}[col])
	}
	row(&age, 0, "100", "12")
	row(&age, 1, "50", "–")
	row(&age, 6, "200", "*")
	row(&age, 3, "9", "9") // no population here
	at := func(col int) geo.LonLat {
		return geo.Cell{SizeM: 100, East: int32(tinyEast + 100*col), North: tinyNorth}.Centre()
	}
	a, b := at(0), at(6)
	offers := "nr;name;lon;lat;art;plaetze;bestaetigt;gebiet;stufenlos\n" +
		fmt.Sprintf("K1;Praxis am Markt;%f;%f;kinderarzt;1,5;12.03.2026;;ja\n", a.Lon, a.Lat) +
		fmt.Sprintf("A1;Praxis \"Süd\";%f;%f;arzt;;;2;nein\n", b.Lon, b.Lat) +
		fmt.Sprintf("A1;Doppelt;%f;%f;arzt;;;;\n", b.Lon, b.Lat) +
		fmt.Sprintf("A2;Vertauscht;%f;%f;arzt;;;;\n", b.Lat, b.Lon) +
		fmt.Sprintf("A3;Weit weg;%f;%f;arzt;;;;\n", b.Lon+3, b.Lat) +
		fmt.Sprintf("A4;Was anderes;%f;%f;zahnarzt;;;;\n", b.Lon, b.Lat) +
		fmt.Sprintf("A5;Für andere;%f;%f;arzt;;;99;\n", b.Lon, b.Lat)
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	return fstest.MapFS{
		"region.toml": file(tinyDescription),
		"towns.geojson": file(collection(
			feature(`"ags":"05999001","name":"Alt-Winzig","to":"2020-01-01"`, block(0, 0, 10, 10)),
			feature(`"ags":"05999002","name":"Winzig","from":"2020-01-01"`, block(0, 0, 10, 10)))),
		"districts.geojson": file(collection(
			feature(`"key":"01","name":"West","ags":"05999002"`, block(0, 0, 5, 10)),
			feature(`"key":"02","name":"Ost","ags":"05999002"`, block(5, 0, 10, 10)))),
		"people.csv":     file(people.String()),
		"age.csv":        file(age.String()),
		"practices.csv":  file(offers),
		"households.csv": file("stadtteil;alleinerziehende\n1;30\n2;.\n99;5\n"),
		"sgb2.csv":       file("nr;quote\n01;12,5\n02;-\n"),
	}
}

func buildTiny(t testing.TB, fsys fstest.MapFS) *Snapshot {
	t.Helper()
	d, err := ReadDescription(fsys)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Build(context.Background(), fsys, d, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func rules(list []notice.Notice, file string) string {
	var out []string
	for _, n := range list {
		if n.File == file {
			out = append(out, n.Rule)
		}
	}
	return strings.Join(out, " ")
}
