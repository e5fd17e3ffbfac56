package region

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"gevor/fault"
	"gevor/internal/realdata"
)

func withText(text string) fstest.MapFS {
	fsys := tiny()
	fsys[DescriptionFile] = &fstest.MapFile{Data: []byte(text)}
	return fsys
}

// lineOf gives the line on which a text begins.
func lineOf(t *testing.T, text, part string) int {
	t.Helper()
	i := strings.Index(text, part)
	if i < 0 {
		t.Fatalf("%q is not there", part)
	}
	return 1 + strings.Count(text[:i], "\n")
}

const streets = "[streets]\nfile = \"x.pbf\"\nsource = \"all\"\n"

const standard = "[[standard]]\nkey = \"s\"\nlabel = { de = \"S\" }\ngroup = \"alle\"\ncategory = \"arzt\"\nnearest = 1\nway = [\n { mode = \"walk\", minutes = 15 },\n]\n"

// Each change breaks one rule; the first problem must stand on the line of the marked text.
func TestProblemsNameTheirLine(t *testing.T) {
	base := tinyDescription + streets + standard
	for what, c := range map[string]struct{ old, new, at, says string }{
		"unknown key":            {"nearest = 1", "nearest = 1\nnearst = 2", "nearst", "did you mean nearest"},
		"mistyped key":           {"nearest = 1", "nearst = 1", "nearst", "did you mean nearest"},
		"unknown key above":      {"synthetic = true", "synthetik = true", "synthetik", "did you mean synthetic"},
		"wrong type":             {"nearest = 1", "nearest = \"one\"", "nearest", "wrong type"},
		"wrong type of text":     {"timezone = \"Europe/Berlin\"", "timezone = 3", "timezone", "wrong type"},
		"unknown zone":           {"Europe/Berlin", "Europe/Bochum", "timezone", "no time zone"},
		"no date":                {"2026-05-12", "12.5.26", "date =", "no date"},
		"no box":                 {"[7.1, 51.4, 7.3, 51.5]", "[7.3, 51.4, 7.1, 51.5]", "bounds", "no box"},
		"box of three":           {"[7.1, 51.4, 7.3, 51.5]", "[7.3, 51.4, 7.1]", "bounds", "4 numbers"},
		"unknown group":          {"group = \"alle\"", "group = \"ale\"", "[[standard]]", "did you mean alle"},
		"unknown category":       {"category = \"arzt\"\nnearest", "category = \"artz\"\nnearest", "[[standard]]", "did you mean arzt"},
		"both":                   {"nearest = 1", "nearest = 1\nper_thousand = 0.5", "per_thousand", "both"},
		"neither":                {"nearest = 1\n", "", "[[standard]]", "neither"},
		"no way":                 {"way = [\n { mode = \"walk\", minutes = 15 },\n]\n", "", "[[standard]]", "no way"},
		"empty way":              {" { mode = \"walk\", minutes = 15 },\n", "", "[[standard]]", "no way"},
		"unknown mode":           {"mode = \"walk\"", "mode = \"fly\"", "{ mode", "unknown mode"},
		"no minutes":             {", minutes = 15", "", "{ mode", "lacks \"minutes\""},
		"transit without":        {"mode = \"walk\"", "mode = \"transit\", departure = \"10:00\"", "[[standard]]", "no timetable"},
		"standard without":       {streets, "", "[[standard]]", "needs streets"},
		"unknown source":         {"column = \"Einwohner\"\nsource = \"all\"", "column = \"Einwohner\"\nsource = \"none\"", "source = \"none\"", "no source"},
		"path outside":           {"people.csv", "../people.csv", "file = \"../", "leads out"},
		"unknown format":         {"format = \"zensus2022\"\ncolumn = \"Einwohner\"", "format = \"excel\"\ncolumn = \"Einwohner\"", "format = \"excel\"", "unknown format"},
		"key twice":              {"key = \"kinder\"", "key = \"alle\"", "[[group]]\nkey = \"alle\"\nlabel = { de = \"Kinder", "twice"},
		"own parent":             {"parent = \"arzt\"", "parent = \"kinderarzt\"", "[[category]]\nkey = \"kinderarzt\"", "own ancestor"},
		"no German":              {"{ de = \"Alle\", en = \"Everyone\" }", "{ en = \"Everyone\" }", "label = { en", "no German"},
		"group without a column": {"column = \"Unter10\"\n", "", "[[group]]\nkey = \"kinder\"", "no column"},
		"version":                {"version = 1", "version = 7", "version", "version"},
		"list as table":          {"[[need]]", "[need]", "[need]", "list of tables"},
		"broken":                 {"weight = 0.5", "weight = = 0.5", "weight", "no valid TOML"},
	} {
		if !strings.Contains(base, c.old) {
			t.Fatalf("%s: %q is not there", what, c.old)
		}
		text := strings.Replace(base, c.old, c.new, 1)
		_, err := ReadDescription(withText(text))
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", what, err)
			continue
		}
		if place := fmt.Sprintf("%s:%d: ", DescriptionFile, lineOf(t, text, c.at)); !strings.HasPrefix(err.Error(), place) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %q, want %s… %s", what, err, place, c.says)
		}
	}
	if _, err := ReadDescription(withText(base)); err != nil {
		t.Errorf("control: %v", err)
	}
	if _, err := ReadDescription(fstest.MapFS{}); fault.KindOf(err) != fault.NotFound {
		t.Errorf("no description: %v", err)
	}
}

func TestCheckTellsEverythingAtOnce(t *testing.T) {
	text := strings.NewReplacer("status = \"open\"", "status = \"asked for\"", "version = 1", "version = 1\ncolour = \"red\"", "sgb2.csv", "sgb3.csv", "weight = 0.5", "weight = \"much\"").Replace(tinyDescription + standard)
	problems := Check(withText(text))
	var got []string
	for _, p := range problems {
		got = append(got, fmt.Sprintf("%d %s", p.Line, p.What))
	}
	all := strings.Join(got, "\n")
	for _, want := range []string{
		"unknown key \"colour\"", "status \"asked for\"", "sgb3.csv is missing", "\"weight\" has the wrong type", "needs streets",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not told: %s", want, all)
		}
	}
	if len(problems) != 5 {
		t.Errorf("%d problems: %s", len(problems), all)
	}
	for i := 1; i < len(problems); i++ {
		if problems[i].Line < problems[i-1].Line {
			t.Errorf("not in order: %s", all)
		}
	}
	if problems := Check(tiny()); len(problems) != 0 {
		t.Errorf("control: %v", problems)
	}
}

// A source that is not cleared stops a build before any of the files is opened.
func TestUnclearedSourcesAreNotRead(t *testing.T) {
	fsys := withText(strings.Replace(tinyDescription, "status = \"open\"", "status = \"internal\"", 1))
	d, err := ReadDescription(fsys)
	if err != nil {
		t.Fatal(err)
	}
	spy := &opened{FS: fsys}
	if _, err := Build(context.Background(), spy, d, Options{}); fault.KindOf(err) != fault.Denied || !strings.Contains(err.Error(), "region.toml:9:") || len(spy.names) != 0 {
		t.Errorf("%v, opened %v", err, spy.names)
	}
	fsys = withText(strings.Replace(tinyDescription, "status = \"open\"", "status = \"cleared\"", 1))
	if d, err = ReadDescription(fsys); err != nil {
		t.Fatal(err)
	}
	spy = &opened{FS: fsys}
	if _, err := Build(context.Background(), spy, d, Options{}); err != nil || len(spy.names) == 0 {
		t.Errorf("control: %v, opened %v", err, spy.names)
	}
}

// opened notes what is opened.
type opened struct {
	fs.FS
	names []string
}

func (o *opened) Open(name string) (fs.File, error) {
	o.names = append(o.names, name)
	return o.FS.Open(name)
}

func TestWhatLeavesNothingUseful(t *testing.T) {
	for what, c := range map[string]struct {
		change func(fstest.MapFS)
		place  string
	}{
		"missing file": {func(f fstest.MapFS) { delete(f, "people.csv") }, "region.toml:30:"},
		"empty grid":   {func(f fstest.MapFS) { f["people.csv"] = &fstest.MapFile{} }, "people.csv"},
		"no cell here": {func(f fstest.MapFS) {
			f["people.csv"] = &fstest.MapFile{Data: []byte("GITTER_ID_100m;Einwohner\nCRS3035RES100mN2689100E4337000;5\n")}
		}, "people.csv"},
		"cut off boundaries": {func(f fstest.MapFS) { f["towns.geojson"] = &fstest.MapFile{Data: f["towns.geojson"].Data[:200]} }, "towns.geojson"},
		"wrong column":       {func(f fstest.MapFS) { f["sgb2.csv"] = &fstest.MapFile{Data: []byte("nr;rate\n01;5\n")} }, "sgb2.csv:1"},
	} {
		fsys := tiny()
		c.change(fsys)
		d, err := ReadDescription(fsys)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Build(context.Background(), fsys, d, Options{}); err == nil || !strings.HasPrefix(err.Error(), c.place) || fault.KindOf(err) == fault.Internal {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// The rates of a county hold for its municipalities: the deprivation index of the Robert Koch Institute for 2021.
func TestRatesOfLargerAreas(t *testing.T) {
	dir := realdata.Dir(t, "gisd")
	fsys := tiny()
	for name, text := range map[string]string{
		"towns.geojson": collection(feature(`"ags":"059110000000","name":"Bochum"`, block(0, 0, 5, 10)), feature(`"ags":"059130000000","name":"Dortmund"`, block(5, 0, 10, 10))),
		DescriptionFile: strings.NewReplacer("sgb2.csv", "gisd_ruhr_kreise.csv", "district_key = \"nr\"\ncolumn = \"quote\"", "district_key = \"kreis_id\"\ncolumn = \"gisd_score\"\nwhere = { year = \"2021\" }").Replace(tinyDescription),
	} {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	layers := Overlay(fsys, os.DirFS(dir))
	d, err := ReadDescription(layers)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Build(context.Background(), layers, d, Options{})
	if err != nil {
		t.Fatal(err)
	}
	// grep '^0591[13],.*,2021,' gisd_ruhr_kreise.csv
	v := s.Need[0].Value
	if len(v) != 4 || v[0] != 0.60373 || v[1] != 0.70157 {
		t.Errorf("%v %v", v, s.Areas)
	}
}
