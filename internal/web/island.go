package web

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb/geojson"

	"gevor/atlas"
	"gevor/fault"
	"gevor/geo"
	"gevor/internal/draw"
	"gevor/internal/outline"
	"gevor/region"
)

// island is what the interactive map is told; everything it fetches lies on this server. The zero value shows none.
type island struct {
	Base, Layers, Classes    string // addresses; Base and Classes may be empty
	Standard, Category, What string
	Finding                  string // identity of the finding the map is about; empty = all of the standard
	Box, Steps               string // numbers with commas: min lon, min lat, max lon, max lat; bounds of classes
	Attribution              string
	Words, Marks             string // JSON
	Page                     string // address of a finding, with ID in the place of its identity
}

// blocksOfIsland is how many blocks of cells the interactive map gets where the tiles hold no answer: it shows
// single cells up to cities of some hundred thousand people.
const blocksOfIsland = 40000

// islandFor describes the interactive map of a standard. It is empty where the run holds no tiles.
func (p *page) islandFor(standard int32, what show, box geo.Box) island {
	t := p.standard(standard)
	out := island{
		Standard: t.Key, Category: p.categoryOf(standard).Key, What: string(what), Box: numbers(box.MinLon, box.MinLat, box.MaxLon, box.MaxLat),
		Layers: p.fileIfThere("map.pmtiles"), Base: p.fileIfThere("base.pmtiles"), Words: p.islandWords(), Page: p.path("finding", "ID"), Marks: "[]",
	}
	if out.Layers == "" {
		return island{}
	}
	if what == showMinutes {
		steps := make([]float64, len(minuteSteps))
		for i, s := range minuteSteps {
			steps[i] = s * float64(limit(t))
		}
		out.Steps = numbers(steps...)
	} else if what != showCause && p.drawable(standard) {
		out.Classes = p.site.byName["layer"].Path("", p.run.Hash, t.Key, string(what))
	}
	out.Attribution = p.baseAttribution()
	return out
}

// drawable says whether the run can say anything about the cells of a standard.
func (p *page) drawable(standard int32) bool {
	sum := p.run.summary(standard)
	return sum != nil && sum.Known && p.run.layer(standard) != nil
}

func (p *page) fileIfThere(name string) string {
	if _, err := fs.Stat(p.run.Files, name); err != nil {
		return ""
	}
	return p.filePath(name)
}

func numbers(list ...float64) string {
	parts := make([]string, len(list))
	for i, x := range list {
		parts[i] = strconv.FormatFloat(x, 'f', -1, 64)
	}
	return strings.Join(parts, ",")
}

// islandWords are the words of the map's own controls.
func (p *page) islandWords() string {
	return asJSON(map[string]string{
		"Map.Title": p.T("web.island.title", nil), "NavigationControl.ZoomIn": p.T("web.island.zoom_in", nil),
		"NavigationControl.ZoomOut": p.T("web.island.zoom_out", nil), "Popup.Close": p.T("web.island.close", nil),
		"CooperativeGesturesHandler.WindowsHelpText": p.T("web.island.scroll", nil), "CooperativeGesturesHandler.MacHelpText": p.T("web.island.scroll_mac", nil),
		"CooperativeGesturesHandler.MobileHelpText": p.T("web.island.fingers", nil), "Island.Finding": p.T("web.island.finding", nil),
	})
}

// asJSON writes a value of strings and numbers, which cannot fail.
func asJSON(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

// remedyMarks are the places of remedies for the interactive map.
func (p *page) remedyMarks(list []atlas.Remedy) string {
	type mark struct {
		At    [2]float64 `json:"at"`
		Title string     `json:"title"`
	}
	out := []mark{}
	for _, r := range list {
		if at, ok := p.remedyAt(r); ok {
			out = append(out, mark{[2]float64{at.Lon, at.Lat}, p.remedy(r)})
		}
	}
	return asJSON(out)
}

// layer serves the classes of a map as areas, for the interactive map: the same classes by the same rules as the
// drawn one.
func layer(p *page) error {
	missing := fault.New(fault.NotFound, p.req.URL.Path, "this run has no such layer", "")
	s := p.run.snapshot()
	standard := index(s.Standards, func(t region.Standard) bool { return t.Key == p.req.PathValue("standard") })
	what := show(p.req.PathValue("show"))
	if p.req.PathValue("run") != p.run.Hash || standard < 0 || !p.drawable(standard) || index(shows(&s.Standards[standard]), func(x show) bool { return x == what }) < 0 {
		return missing
	}
	coarse := draw.NewCoarse(&s.Cells, blocksOfIsland)
	shapes := outline.New(&coarse.Cells)
	fc := geojson.NewFeatureCollection()
	byClass := blocksByClass(s, p.run.layer(standard), what, coarse, geo.Box{MinLon: -180, MinLat: -90, MaxLon: 180, MaxLat: 90})
	for _, class := range drawOrder {
		if len(byClass[class]) > 0 {
			f := geojson.NewFeature(shapes.Union(byClass[class]))
			f.Properties = geojson.Properties{"class": class}
			fc.Append(f)
		}
	}
	raw, err := fc.MarshalJSON()
	if err != nil {
		return err
	}
	h := p.res.Header()
	h.Set("Content-Type", "application/geo+json")
	h.Set("ETag", `W/"`+p.run.Hash+`"`)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	if strings.Contains(p.req.Header.Get("If-None-Match"), p.run.Hash) {
		p.res.WriteHeader(http.StatusNotModified)
		return nil
	}
	_, err = p.res.Write(raw)
	return err
}

// baseAttribution is the sentence that must stand on the base map: that of the sources of the street extract. All
// others stand in the footer of every page.
func (p *page) baseAttribution() string {
	s := p.run.snapshot()
	var named []string
	for _, in := range s.Inputs {
		i := index(s.Sources, func(x region.Source) bool { return x.Key == in.Source })
		if strings.HasSuffix(in.Path, ".pbf") && i >= 0 && s.Sources[i].Attribution != "" && !slices.Contains(named, s.Sources[i].Attribution) {
			named = append(named, s.Sources[i].Attribution)
		}
	}
	return strings.Join(named, " · ")
}
