package region

import (
	"io/fs"
	"slices"
	"strings"
	"time"

	"gevor/fault"
	"gevor/geo"
)

// Description is a region.toml that has been read and checked. Lines are those of the file.
type Description struct {
	Version    int
	Synthetic  bool
	Name       Label
	TimeZone   string
	Date       string // ISO
	ServiceDay string // ISO; Date where the file does not say
	Bounds     geo.Box

	Sources    []SourceSpec
	Boundaries []BoundarySpec
	Population PopulationSpec
	Streets    *StreetsSpec
	Timetables []FileSpec
	Transit    TransitSpec
	Categories []CategorySpec
	Offers     []OffersSpec
	Groups     []GroupSpec
	Needs      []NeedSpec
	Standards  []StandardSpec
}

// FileSpec names a file of the region, the source it is from, and where the description says so.
type FileSpec struct {
	Line   int
	File   string
	Member string // of a ZIP archive
	Source string
}

// SourceSpec is a Source with its line.
type SourceSpec struct {
	Line int
	Source
}

// PlaceSpec says which columns hold a place: longitude and latitude, or easting and northing of CRS.
type PlaceSpec struct {
	ID          string
	Lon, Lat    string
	East, North string
	CRS         string // "", "EPSG:25832" or "EPSG:3035"
}

// BoundarySpec is one GeoJSON file of areas.
type BoundarySpec struct {
	FileSpec
	Kind                    AreaKind
	Key, Name, Parent       string
	KeyLength               int
	ValidFrom, ValidTo, CRS string
	Where                   map[string]string // properties an area must have
	Begins                  []string          // only keys that begin with one of these; empty = all
}

// PopulationSpec is the population layer.
type PopulationSpec struct {
	FileSpec
	Format     string // "zensus2022" or "points"
	Column     string
	Place      PlaceSpec
	OnlyInside bool // cells outside every municipality are left out
	Markers    map[string]string
}

// StreetsSpec is the OSM extract.
type StreetsSpec struct {
	FileSpec
	WalkKmh float64
}

// TransitSpec holds what the timetable needs besides its feeds.
type TransitSpec struct {
	BoardSlackSeconds  int
	MaxTransferMinutes int // 0 = the default of the engine
}

// CategorySpec is a kind of offer.
type CategorySpec struct {
	Line         int
	Key          string
	Label        Label
	Parent       string
	ConfirmEvery int // days, 0 = no period
}

// OffersSpec is one source of offers.
type OffersSpec struct {
	FileSpec
	Format   string // "hsds", "csv", "osm" or "grid-column"
	Map      string // file with a category mapping
	Terms    map[string]string
	Category string // for every record of the file
	Column   string // grid-column: the column with the number of places
	Columns  OfferColumns
	Place    PlaceSpec
	Where    map[string]string // csv: only rows whose columns hold these values
}

// OfferColumns names the columns of a CSV with offers.
type OfferColumns struct {
	Name, Category, Capacity, Confirmed, ConfirmEvery, ServiceArea, StepFree, Languages string
}

// GroupSpec is a target group.
type GroupSpec struct {
	FileSpec
	Key         string
	Label       Label
	Need        float64
	Layer       string // "population" = everybody
	Format      string // of a grid: "zensus2022" or "points"
	Column      string
	Place       PlaceSpec
	Absent      ValueFlag // what a cell means that the grid does not list
	DistrictKey string    // column with the area's key: the value is spread
	KeyLength   int
	Where       map[string]string
	Markers     map[string]string
}

// NeedSpec is a factor of need.
type NeedSpec struct {
	FileSpec
	Key         string
	Label       Label
	Weight      float64
	DistrictKey string
	KeyLength   int
	Column      string
	Where       map[string]string
	Markers     map[string]string
}

// StandardSpec is a Standard with names instead of indices.
type StandardSpec struct {
	Line            int
	Key             string
	Label           Label
	Group, Category string
	Ways            []Way
	Nearest         int
	PerThousand     float64
}

// ReadDescription reads region.toml strictly. The error names the first problem with its line (a mistyped key before
// others, which often follow from it) and says how many more there are; Check lists them all.
func ReadDescription(fsys fs.FS) (*Description, error) {
	d, problems, err := describe(fsys)
	if err != nil {
		return nil, err
	}
	return d, first(problems)
}

func first(problems []Problem) error {
	if len(problems) == 0 {
		return nil
	}
	chosen := max(0, slices.IndexFunc(problems, func(p Problem) bool { return p.typo }))
	f := problems[chosen].Fault()
	if n := len(problems) - 1; n == 1 {
		f.Advice = strings.TrimPrefix(f.Advice+"; one more problem: gevor region check lists all", "; ")
	} else if n > 1 {
		f.Advice = strings.TrimPrefix(f.Advice+"; "+itoa(n)+" more problems: gevor region check lists all", "; ")
	}
	return f
}

func describe(fsys fs.FS) (*Description, []Problem, error) {
	s, t, err := openSheet(fsys, DescriptionFile)
	if err != nil {
		return nil, nil, err
	}
	d := &Description{}
	if d.Version = t.whole("version", 0, 0, 1<<30); d.Version != 1 {
		s.problem(t.lineOf("version"), "the version of the description is not 1", "write version = 1; later versions need a newer program")
	}
	d.Synthetic = t.flag("synthetic")
	d.Name = t.label("name", true)
	if d.TimeZone = t.text("timezone", true); d.TimeZone != "" {
		if _, err := time.LoadLocation(d.TimeZone); err != nil {
			s.problem(t.lineOf("timezone"), "there is no time zone "+d.TimeZone, "write an IANA name such as Europe/Berlin")
		}
	}
	d.Date = t.date("date", true)
	if d.ServiceDay = t.date("service_day", false); d.ServiceDay == "" {
		d.ServiceDay = d.Date
	}
	if b := t.numbers("bounds", 4); b != nil {
		d.Bounds = geo.Box{MinLon: b[0], MinLat: b[1], MaxLon: b[2], MaxLat: b[3]}
		if !(geo.LonLat{Lon: b[0], Lat: b[1]}).Valid() || !(geo.LonLat{Lon: b[2], Lat: b[3]}).Valid() || b[0] >= b[2] || b[1] >= b[3] {
			s.problem(t.lineOf("bounds"), "bounds are no box in degrees", "write bounds = [min longitude, min latitude, max longitude, max latitude]")
		}
	} else if _, there := t.m["bounds"]; !there {
		s.problem(0, "the file lacks \"bounds\"", "add bounds = [min longitude, min latitude, max longitude, max latitude]")
	}
	p := &parser{d: d, s: s, sources: map[string]bool{}}
	p.all(t)
	t.close()
	return d, s.problems, nil
}

// parser reads the lists of a description.
type parser struct {
	d       *Description
	s       *sheet
	sources map[string]bool
}

func (p *parser) all(t *table) {
	for _, x := range t.list("source") {
		p.source(x)
	}
	for _, x := range t.list("boundaries") {
		p.boundaries(x)
	}
	if x := t.sub("population"); x != nil {
		p.population(x)
	} else if _, there := t.m["population"]; !there {
		p.s.problem(0, "the file lacks [population]", "a region needs a population layer: [population] with file, format, column and source")
	}
	if x := t.sub("streets"); x != nil {
		s := &StreetsSpec{FileSpec: p.file(x, true), WalkKmh: x.number("walk_kmh", 4.5, 1, 8)}
		x.close()
		p.d.Streets = s
	}
	for _, x := range t.list("timetable") {
		p.d.Timetables = append(p.d.Timetables, p.file(x, true))
		x.close()
	}
	p.d.Transit = TransitSpec{BoardSlackSeconds: 60, MaxTransferMinutes: 0}
	if x := t.sub("transit"); x != nil {
		p.d.Transit.BoardSlackSeconds = x.whole("board_slack_seconds", 60, 0, 1800)
		p.d.Transit.MaxTransferMinutes = x.whole("max_transfer_minutes", 0, 1, 60)
		x.close()
	}
	for _, x := range t.list("category") {
		p.category(x)
	}
	for _, x := range t.list("offers") {
		p.offers(x)
	}
	for _, x := range t.list("group") {
		p.group(x)
	}
	for _, x := range t.list("need") {
		p.need(x)
	}
	for _, x := range t.list("standard") {
		p.standard(x)
	}
	if len(p.d.Timetables) > 0 && p.d.Streets == nil {
		p.s.problem(p.d.Timetables[0].Line, "a timetable needs streets to walk to its stops", "add [streets] with an OSM extract")
	}
	p.references()
}

// file reads file, member and source. Where need is not set, all three may be absent.
func (p *parser) file(t *table, need bool) FileSpec {
	f := FileSpec{Line: t.line(), File: t.text("file", need), Member: t.text("member", false), Source: t.text("source", need)}
	if f.File != "" && !fs.ValidPath(f.File) {
		p.s.problem(t.lineOf("file"), "the path "+f.File+" leads out of the region", "write a path inside the folder, with slashes, without a leading slash and without ..")
	}
	if f.File != "" && f.Source == "" && !need {
		p.s.problem(t.line(), "a file without a source", "add source = \"…\" and a [[source]] with that key")
	}
	if f.Source != "" && !p.sources[f.Source] {
		p.s.problem(t.lineOf("source"), "there is no source \""+f.Source+"\"", "add a [[source]] with key = \""+f.Source+"\"; known are "+strings.Join(sortedKeys(p.sources), ", "))
	}
	return f
}

func (p *parser) source(t *table) {
	s := SourceSpec{Line: t.line(), Source: Source{
		Key: t.text("key", true), Title: t.text("title", true), Publisher: t.text("publisher", true),
		Licence: t.text("licence", true), URL: t.text("url", false), ReferenceDate: t.text("reference_date", false),
		Status: t.text("status", true), Attribution: t.text("attribution", false),
	}}
	if p.sources[s.Key] {
		p.s.problem(t.lineOf("key"), "the source \""+s.Key+"\" stands there twice", "give each source a key of its own")
	}
	p.sources[s.Key] = true
	p.d.Sources = append(p.d.Sources, s)
	t.close()
}

func (p *parser) boundaries(t *table) {
	b := BoundarySpec{
		FileSpec: p.file(t, true), Key: t.text("key", true), KeyLength: t.whole("key_length", 0, 0, 20), Name: t.text("name", false),
		Parent: t.text("parent", false), ValidFrom: t.text("valid_from", false), ValidTo: t.text("valid_to", false), CRS: p.crs(t),
	}
	kind := t.text("kind", true)
	if at := slices.Index(kindNames[:], kind); at >= 0 {
		b.Kind = AreaKind(at)
	} else {
		p.s.problem(t.lineOf("kind"), "unknown kind \""+kind+"\"", "use "+strings.Join(kindNames[:], ", "))
	}
	b.Begins = t.words("begins")
	b.Where = t.texts("where", false, "{ property = \"value\" }")
	p.d.Boundaries = append(p.d.Boundaries, b)
	t.close()
}

func (p *parser) population(t *table) {
	x := PopulationSpec{
		FileSpec: p.file(t, true), Format: p.oneOf(t, "format", true, "zensus2022", "points"), Column: t.text("column", true),
		OnlyInside: t.flag("only_inside"), Markers: p.markers(t),
	}
	x.Place = p.place(t, x.Format == "points")
	p.d.Population = x
	t.close()
}

// sourceGate refuses what is neither open nor cleared.
func (d *Description) sourceGate() error {
	for _, s := range d.Sources {
		if s.Status != "open" && s.Status != "cleared" {
			return fault.New(fault.Denied, DescriptionFile+":"+itoa(s.Line), "the source \""+s.Key+"\" has the status \""+s.Status+"\"",
				"until the disclosure gate exists, only sources that are open or cleared may be used; ask its owner to clear it, then set status = \"cleared\"")
		}
	}
	return nil
}
