package region

import (
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"gevor/lines"
)

func itoa(n int) string { return strconv.Itoa(n) }

func (p *parser) category(t *table) {
	c := CategorySpec{
		Line: t.line(), Key: t.text("key", true), Label: t.label("label", true), Parent: t.text("parent", false),
		ConfirmEvery: t.whole("confirm_every", 0, 1, 3650),
	}
	p.d.Categories = append(p.d.Categories, c)
	t.close()
}

func (p *parser) offers(t *table) {
	format := p.oneOf(t, "format", true, "hsds", "csv", "osm", "grid-column")
	o := OffersSpec{Format: format, Category: t.text("category", false)}
	if format == "osm" {
		o.FileSpec = FileSpec{Line: t.line(), Source: t.text("source", true)}
		if o.Source != "" && !p.sources[o.Source] {
			p.s.problem(t.lineOf("source"), "there is no source \""+o.Source+"\"", "add a [[source]] with that key")
		}
		o.Map = t.text("map", true)
		if p.d.Streets == nil {
			p.s.problem(t.line(), "offers from OSM need an OSM extract", "add [streets] with a file")
		}
	} else {
		o.FileSpec = p.file(t, true)
		if _, inline := t.m["map"].(map[string]any); inline {
			o.Terms = t.texts("map", false, "{ code = \"category\" }")
		} else {
			o.Map = t.text("map", false)
		}
	}
	switch format {
	case "csv":
		c := t.sub("columns")
		if c == nil {
			p.s.problem(t.line(), "offers from CSV need [offers.columns]", "say which columns hold id, name, lon, lat and category")
			break
		}
		o.Place = p.place(c, false)
		if o.Place.Lon == "" && o.Place.East == "" {
			p.s.problem(c.line(), "no column holds the place", "add lon and lat, or east, north and crs")
		}
		o.Columns = OfferColumns{
			Name: c.text("name", false), Category: c.text("category", false), Capacity: c.text("capacity", false),
			Confirmed: c.text("confirmed", false), ConfirmEvery: c.text("confirm_every", false), ServiceArea: c.text("service_area", false), StepFree: c.text("step_free", false), Languages: c.text("languages", false),
		}
		c.close()
		if o.Columns.Category == "" && o.Category == "" {
			p.s.problem(t.line(), "nothing says of which category these offers are", "add category = \"…\" for the file or category in [offers.columns]")
		}
		o.Where = t.texts("where", false, "{ column = \"value\" }")
	case "grid-column":
		o.Column = t.text("column", true)
		o.Place = p.place(t, true)
		if o.Category == "" {
			p.s.problem(t.line(), "nothing says of which category these offers are", "add category = \"…\"")
		}
	}
	if o.Map != "" && !fs.ValidPath(o.Map) {
		p.s.problem(t.lineOf("map"), "the path "+o.Map+" leads out of the region", "write a path inside the folder")
	}
	p.d.Offers = append(p.d.Offers, o)
	t.close()
}

func (p *parser) group(t *table) {
	g := GroupSpec{
		FileSpec: p.file(t, false), Key: t.text("key", true), Label: t.label("label", true), Need: t.number("need", 1, 0.01, 100),
		Layer: p.oneOf(t, "layer", false, "population"), Format: p.oneOf(t, "format", false, "zensus2022", "points"), Column: t.text("column", false),
		DistrictKey: t.text("district_key", false), KeyLength: t.whole("key_length", 0, 0, 20),
		Where: t.texts("where", false, "{ column = \"value\" }"), Markers: p.markers(t), Absent: Missing,
	}
	g.Place = p.place(t, g.Format == "points")
	if p.oneOf(t, "absent", false, "missing", "zero") == "zero" {
		g.Absent = Zero
	}
	if spread := p.oneOf(t, "spread", false, "population"); spread != "" && g.DistrictKey == "" {
		p.s.problem(t.lineOf("spread"), "a value is spread, but no column names the district", "add district_key = \"…\"")
	}
	switch {
	case g.Layer != "" && g.File != "":
		p.s.problem(t.line(), "a group has both a layer and a file", "keep one of them")
	case g.File != "" && g.Column == "":
		p.s.problem(t.line(), "a group has a file, but no column", "add column = \"…\"; a group without data has neither and stays unknown")
	case g.File != "" && g.DistrictKey == "" && g.Format == "":
		p.s.problem(t.line(), "nothing says how the file of the group is read", "add format = \"zensus2022\" or \"points\", or district_key = \"…\"")
	case g.File == "" && g.Layer == "" && (g.Column != "" || g.DistrictKey != ""):
		p.s.problem(t.line(), "a group names a column, but no file", "add file = \"…\" and source = \"…\"")
	}
	p.d.Groups = append(p.d.Groups, g)
	t.close()
}

func (p *parser) need(t *table) {
	n := NeedSpec{
		FileSpec: p.file(t, true), Key: t.text("key", true), Label: t.label("label", true), Weight: t.number("weight", 1, -10, 10),
		DistrictKey: t.text("district_key", true), KeyLength: t.whole("key_length", 0, 0, 20), Column: t.text("column", true),
		Where: t.texts("where", false, "{ column = \"value\" }"), Markers: p.markers(t),
	}
	p.d.Needs = append(p.d.Needs, n)
	t.close()
}

func (p *parser) standard(t *table) {
	s := StandardSpec{
		Line: t.line(), Key: t.text("key", true), Label: t.label("label", true), Group: t.text("group", true), Category: t.text("category", true),
		Nearest: t.whole("nearest", 0, 1, 100), PerThousand: t.number("per_thousand", 0, 1e-6, 1e6),
	}
	_, hasNearest := t.m["nearest"]
	_, hasPer := t.m["per_thousand"]
	switch {
	case hasNearest && hasPer:
		p.s.problem(t.lineOf("per_thousand"), "the standard has both nearest and per_thousand", "keep one; write a second standard for the other")
	case !hasNearest && !hasPer:
		p.s.problem(t.line(), "the standard has neither nearest nor per_thousand", "add nearest = 1 (a place within reach) or per_thousand = … (capacity within reach)")
	}
	for _, x := range t.list("way") {
		if w, ok := p.way(x); ok {
			s.Ways = append(s.Ways, w)
		}
	}
	if _, there := t.m["way"]; !there || len(s.Ways) == 0 && len(t.list("way")) == 0 {
		p.s.problem(t.line(), "the standard names no way to get there", "add way = [ { mode = \"walk\", minutes = 15 } ]")
	}
	p.d.Standards = append(p.d.Standards, s)
	t.close()
}

// references checks that keys are unique and that what is named exists.
func (p *parser) references() {
	categories, groups := map[string]bool{}, map[string]bool{}
	needs, standards := map[string]bool{}, map[string]bool{}
	once := func(seen map[string]bool, what, key string, line int) {
		if key != "" && seen[key] {
			p.s.problem(line, fmt.Sprintf("the %s %q stands there twice", what, key), "give each "+what+" a key of its own")
		}
		seen[key] = true
	}
	for _, c := range p.d.Categories {
		once(categories, "category", c.Key, c.Line)
	}
	parents := map[string]string{}
	for _, c := range p.d.Categories {
		parents[c.Key] = c.Parent
		if c.Parent != "" && !categories[c.Parent] {
			p.s.problem(c.Line, fmt.Sprintf("the parent %q of category %q is not described", c.Parent, c.Key), "known are "+strings.Join(sortedKeys(categories), ", "))
		}
	}
	for _, c := range p.d.Categories {
		at, steps := c.Parent, 0
		for ; at != "" && at != c.Key && steps <= len(parents); steps++ {
			at = parents[at]
		}
		if at != "" && at == c.Key {
			p.s.problem(c.Line, fmt.Sprintf("the category %q is its own ancestor", c.Key), "take out one parent")
		}
	}
	for _, g := range p.d.Groups {
		once(groups, "group", g.Key, g.Line)
	}
	for _, n := range p.d.Needs {
		once(needs, "need", n.Key, n.Line)
	}
	for _, o := range p.d.Offers {
		if o.Category != "" && !categories[o.Category] {
			p.unknown(o.Line, "category", o.Category, categories)
		}
		for _, k := range sortedKeys(o.Terms) {
			if !categories[o.Terms[k]] {
				p.unknown(o.Line, "category", o.Terms[k], categories)
			}
		}
	}
	for _, s := range p.d.Standards {
		once(standards, "standard", s.Key, s.Line)
		if s.Group != "" && !groups[s.Group] {
			p.unknown(s.Line, "group", s.Group, groups)
		}
		if s.Category != "" && !categories[s.Category] {
			p.unknown(s.Line, "category", s.Category, categories)
		}
		for _, w := range s.Ways {
			switch {
			case w.Mode.String() == "transit" && len(p.d.Timetables) == 0:
				p.s.problem(s.Line, fmt.Sprintf("the standard %q asks for transit, but the region has no timetable", s.Key), "add [[timetable]] with a GTFS file")
			case p.d.Streets == nil:
				p.s.problem(s.Line, fmt.Sprintf("the standard %q needs streets", s.Key), "add [streets] with an OSM extract")
			}
		}
	}
}

func (p *parser) unknown(line int, what, key string, known map[string]bool) {
	names := sortedKeys(known)
	advice := "known are " + strings.Join(names, ", ")
	if near := lines.Nearest(key, names); near != "" {
		advice = "did you mean " + near + "? " + advice
	}
	p.s.problem(line, fmt.Sprintf("there is no %s %q", what, key), advice)
}
