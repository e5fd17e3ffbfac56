package cli

import (
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// What leaves nothing useful is refused: exit 1, nothing on standard output, a last line that names the file, the line
// where there is one, and what to do; and the last good run stays as it is, byte for byte, and is served.
func TestWhatCannotBeUsedIsRefused(t *testing.T) {
	good := demo(t, 7)
	state := t.TempDir()
	must(t, "analyse", "--region", good, "--state", state)
	before := tree(t, state)
	address := serve(t, state)
	served := page(t, address)
	if !strings.Contains(served, current(t, state)[:10]) {
		t.Fatal("the page does not name its run")
	}
	for _, c := range []struct {
		name   string
		damage damage
		file   string   // named by the message
		line   string   // text of region.toml whose line is named, or a line number
		says   []string // parts of the message
	}{
		{"missing description", without(description), description, "", []string{"missing", "a region is a folder with a region.toml"}},
		{"missing extract", without(extract), description, "[streets]", []string{extract, "missing", "put it into the folder"}},
		{"missing grid", without(population), description, "[population]", []string{population, "missing", "put it into the folder"}},
		{"truncated extract", cutOff(extract), extract, "", []string{"cut off in the block at byte", "download or create the extract again"}},
		{"truncated timetable", cutOff(timetable), timetable, "", []string{"zip", "fetch the timetable again"}},
		{"zip bomb", bomb(timetable, "stop_times.txt"), timetable + "!stop_times.txt", "", []string{"unpacks to more than 200 times its size", "zip bomb", "fetch the timetable again"}},
		{"zip bomb as grid", bombedGrid, "zensus/grid.zip!grid_100m.csv", "", []string{"ZIP bomb", "again"}},
		{"timetable without calendar", withoutMembers(timetable, "calendar.txt", "calendar_dates.txt"), timetable, "", []string{"neither calendar.txt nor calendar_dates.txt", "ask the publisher"}},
		{"timetable without stops", withoutMembers(timetable, "stops.txt"), timetable + "!stops.txt", "", []string{"is missing", "complete GTFS"}},
		{"page as timetable", holding(timetable, page404), timetable, "", []string{"is a web page", "open its address in a browser"}},
		{"page as extract", holding(extract, page404), extract, "", []string{"not an OSM PBF", "osmium"}},
		{"page as grid", holding(population, page404), population, "1", []string{"no column names the cell", "<!DOCTYPE html>"}},
		{"page as boundaries", holding(districts, page404), districts, "", []string{"no complete GeoJSON", "export the boundaries"}},
		{"page as directory", holding(directory, page404), directory, "", []string{"no complete JSON", "export the directory again"}},
		{"page as table of offers", holding(practices, page404), practices, "1", []string{"no column", "<!DOCTYPE html>"}},
		{"empty description", holding(description, ""), description, "", []string{"version = 1"}},
		{"empty extract", holding(extract, ""), extract, "", []string{"is empty", "download or create the extract again"}},
		{"empty timetable", holding(timetable, ""), timetable, "", []string{"zip", "fetch the timetable again"}},
		{"empty grid", holding(population, ""), population, "", []string{"is empty", "header row"}},
		{"empty boundaries", holding(districts, ""), districts, "", []string{"no complete GeoJSON", "export the boundaries"}},
		{"empty directory", holding(directory, ""), directory, "", []string{"no service", "export the directory"}},
		{"empty table of offers", holding(counselling, ""), counselling, "", []string{"is empty", "header row"}},
		{"empty mapping", holding(mapping, ""), mapping, "", []string{"is empty", "header row"}},
		{"empty statistics", holding(statistics, ""), statistics, "", []string{"is empty", "header row"}},
		{"no cell inside", changed(description, "bounds = [", "bounds = [1, 1, 2, 2] # ["), population, "", []string{"no populated cell", "compare the bounds of region.toml"}},
		{"coordinates swapped in the grid", exchanged(population, 1, 2), population, "", []string{"no populated cell"}},
		{"unknown category", changed(description, "category = \"apotheke\"", "category = \"apoteke\""), description, "[[standard]]\nkey = \"apotheke-15", []string{"no category \"apoteke\"", "did you mean apotheke?"}},
		{"standard that names neither", changed(description, "nearest = 1\n", ""), description, "[[standard]]", []string{"neither nearest nor per_thousand", "add nearest = 1"}},
		{"standard that names both", changed(description, "nearest = 1\n", "nearest = 1\nper_thousand = 0.5\n"), description, "per_thousand", []string{"both nearest and per_thousand", "keep one"}},
		{"standard that names no category", changed(description, "category = \"apotheke\"\n", ""), description, "[[standard]]", []string{"[[standard]] lacks \"category\"", "add category = "}},
		{"no standard", func(t *testing.T, dir string) {
			text, _, _ := strings.Cut(read(t, dir, description), "[[standard]]")
			write(t, text, dir, description)
		}, description, "", []string{"holds no [[standard]]", "add one: group, category"}},
		{"no offers", func(t *testing.T, dir string) {
			text, rest, _ := strings.Cut(read(t, dir, description), "[[offers]]")
			_, rest, _ = strings.Cut(rest, "[[group]]")
			write(t, text+"[[group]]"+rest, dir, description)
		}, description, "", []string{"no standard can be judged", "the notices say what each of them lacks"}},
		{"confidential source", changed(description, "status = \"open\"", "status = \"confidential\""), description, "[[source]]", []string{"the source \"osm\" has the status \"confidential\"", "only sources that are open or cleared", "ask its owner to clear it"}},
		{"mistyped key", changed(description, "per_thousand = 40.0", "per_thousnd = 40.0"), description, "per_thousnd", []string{"unknown key \"per_thousnd\"", "did you mean per_thousand?"}},
		{"mistyped key in a table of columns", changed(description, "capacity = \"Sprech", "capcity = \"Sprech"), description, "capcity", []string{"unknown key \"capcity\"", "did you mean capacity?"}},
		{"no TOML", changed(description, "column = \"Einwohner\"", "column = Einwohner"), description, "column = Einwohner", []string{"no valid TOML", "quotation marks"}},
		{"missing column", changed(population, "Einwohner", "Leute"), population, "1", []string{"no column \"Einwohner\"", "Leute"}},
		{"day without service", changed(description, "service_day = \"2026-05-12\"", "service_day = \"2031-05-12\""), timetable, "", []string{"no vehicle runs on 2031-05-12", "choose a service day from"}},
		{"file outside the region", changed(description, timetable, "../"+timetable), description, "../" + timetable, []string{"leads out of the region", "a path inside the folder"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := copied(t, good)
			c.damage(t, dir)
			place := filepath.Join(dir, c.file)
			if _, err := strconv.Atoi(c.line); err == nil {
				place += ":" + c.line
			} else if c.line != "" {
				place += ":" + strconv.Itoa(lineOf(t, place, c.line))
			}
			o := gevor(t, "analyse", "--region", dir, "--state", state)
			if o.code != 1 || o.out != "" {
				t.Errorf("exit %d, standard output %q", o.code, o.out)
			}
			if !strings.HasPrefix(o.last(), "gevor: "+place+": ") {
				t.Errorf("the message does not begin with its place %s:\n%s", place, o.last())
			}
			for _, part := range c.says {
				if !strings.Contains(o.last(), part) {
					t.Errorf("the message does not say %q:\n%s", part, o.last())
				}
			}
			for _, wrong := range []string{"panic", "goroutine", "%!", "0x"} {
				if strings.Contains(o.err, wrong) {
					t.Errorf("standard error holds %q:\n%s", wrong, o.err)
				}
			}
			names := slices.DeleteFunc(differ(before, tree(t, state)), func(name string) bool {
				_, old := before[name]
				// of the server that runs beside: it does its upkeep, empties the log of its database into it when it likes, and
				// signs its record of changes
				own := strings.HasPrefix(name, "gevor.db") || strings.HasPrefix(strings.TrimPrefix(name, "."), "audit-")
				return own || !old && strings.HasPrefix(name, "snapshots") // what was read in vain may be kept
			})
			if len(names) > 0 {
				t.Errorf("the state has changed: %v", names)
			}
			if page(t, address) != served {
				t.Error("the last good run is not served as before")
			}
		})
	}
}

// Where a build fails for its rows, the terminal shows some of them with their line: no run was written that could.
func TestARefusalForItsRowsShowsThem(t *testing.T) {
	good := demo(t, 7)
	for name, c := range map[string]struct {
		damage damage
		says   []string
	}{
		"swapped in the grid": {exchanged(population, 1, 2), []string{population + ":2: ", "coordinates-swapped", "exchange the names of the two columns"}},
		"swapped bounds": {func(t *testing.T, dir string) {
			replace(t, filepath.Join(dir, description), "bounds = [", "bounds = [50, 6, 52, 7.5] # [")
		}, []string{population + ":2: ", "coordinates-swapped", "or the bounds of region.toml"}},
		"no cell inside": {changed(description, "bounds = [", "bounds = [1, 1, 2, 2] # ["), []string{population + ":2: ", "cell-outside-region", "outside the bounds of region.toml"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := copied(t, good)
			c.damage(t, dir)
			o := gevor(t, "analyse", "--region", dir, "--state", t.TempDir())
			for _, part := range append(c.says, "rows could not be used", filepath.Join(dir, population)) {
				if !strings.Contains(o.err, part) {
					t.Errorf("standard error does not say %q:\n%s", part, o.err)
				}
			}
		})
	}
}

// "gevor region check" lists everything that is wrong with a description at once, in order of lines.
func TestCheckListsEverything(t *testing.T) {
	dir := demo(t, 7)
	if out := must(t, "region", "check", dir); out != "nothing wrong\n" {
		t.Errorf("a sound region: %q", out)
	}
	file := filepath.Join(dir, description)
	replace(t, file, "title = \"Straßen", "titel = \"Straßen")
	replace(t, file, "category = \"apotheke\"", "category = \"apoteke\"")
	replace(t, file, "status = \"open\"", "status = \"confidential\"")
	without(extract)(t, dir)
	o := gevor(t, "region", "check", dir)
	if o.code != 1 || !strings.Contains(o.err, "5 problems") {
		t.Errorf("exit %d: %s", o.code, o.err)
	}
	lines := strings.Split(strings.TrimSpace(o.out), "\n")
	at := 0
	for _, line := range lines {
		rest, ok := strings.CutPrefix(line, file+":")
		number, _, _ := strings.Cut(rest, ":")
		n, err := strconv.Atoi(number)
		if !ok || err != nil || n < at {
			t.Errorf("%q does not begin with a line of the file at or after %d", line, at)
		}
		at = n
	}
	for _, part := range []string{"unknown key \"titel\"; did you mean title?", "lacks \"title\"", "status \"confidential\"", "did you mean apotheke?", extract + " is missing"} {
		if !strings.Contains(o.out, part) {
			t.Errorf("the list does not say %q:\n%s", part, o.out)
		}
	}
}
