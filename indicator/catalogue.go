package indicator

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"gevor/disclosure"
	"gevor/fault"
	"gevor/lines"
	"gevor/tabular"
)

// CatalogueFile is the name of a catalogue in its folder.
const CatalogueFile = "catalogue.toml"

const mostCatalogueBytes = 4 << 20

// Shape is how a table is laid out.
type Shape string

// The shapes.
const (
	Long Shape = "long" // one line for each area and period
	Wide Shape = "wide" // one line for each area, one column for each period
)

// Entry is one dataset of a catalogue and how its file is read. Columns that are empty are not there.
type Entry struct {
	Dataset
	Line      int
	File      string
	Sheet     string // of a workbook; empty = the first
	HeaderRow int    // 1-based; 0 = 1
	Shape     Shape
	Area      string // column with the key of the area
	KeyLength int    // 0 = that of the level
	Prefix    string // put before every key, as where a city numbers its districts alone
	Period    string // Long: column with the period
	Count     string // Long: column with the count; the columns of a Wide table hold counts unless Values is set
	Base      string // Long: column with the base
	Value     string // Long: column with a rate or mean as it was gathered
	Error     string // Long: column with the standard error of the value
	Units     string // Long: column with the number of contributing units
	BaseOf    string // id of the dataset whose counts are the base
	OpenBase  bool   // the base is published by its own source under no rule, as population is
	Where     map[string]string
	Markers   map[string]tabular.Flag
	RuleFile  string
	SumOf     []string // ids of datasets whose counts add up to the counts of this one
	Elsewhere string   // file with what the source publishes itself; empty where there is none
}

// Layer is a table that says of which areas others are made, as planning areas of districts: exact unions.
type Layer struct {
	Line                   int
	Level                  Level
	File                   string
	Key, Name, Member      string
	KeyLength              int
	Source, Licence, Dated string
}

// Catalogue is a folder's list of datasets.
type Catalogue struct {
	Entries []Entry
	Layers  []Layer
}

// catalogueText is the written form.
type catalogueText struct {
	Version int           `toml:"version"`
	Layer   []layerText   `toml:"layer"`
	Dataset []datasetText `toml:"dataset"`
}

type layerText struct {
	Level, File, Key, Name, Member string
	KeyLength                      int `toml:"key_length"`
}

type breakText struct {
	At     string
	Reason string
	Note   Label
	Areas  []string
}

type datasetText struct {
	ID, File, Elsewhere, Sheet, Shape, Area, Prefix, Period, Count, Base, Value, Error, Units string
	Title, Note, Unit                                                                         Label
	Topic, Level, Direction, Source, Publisher, Licence, URL, Owner, Rules, State             string
	Language, Role, Holds, Category                                                           string
	KeyLength                                                                                 int      `toml:"key_length"`
	HeaderRow                                                                                 int      `toml:"header_row"`
	BaseOf                                                                                    string   `toml:"base_of"`
	SumOf                                                                                     []string `toml:"sum_of"`
	OpenBase                                                                                  bool     `toml:"open_base"`
	ReferenceDate                                                                             string   `toml:"reference_date"`
	Per                                                                                       float64  `toml:"per"`
	Part, Synthetic, Compare                                                                  bool
	Decimals                                                                                  int
	Where, Markers                                                                            map[string]string
	Break                                                                                     []breakText
}

// ReadCatalogue reads catalogue.toml of a folder, strictly: a key that it does not know, a value that is none of a list,
// a dataset twice, a rule set that is not there. The fault names file and line. Rule sets are read as
// disclosure.ReadRules reads them.
func ReadCatalogue(folder fs.FS) (*Catalogue, error) {
	text, err := textOf(folder, CatalogueFile)
	if err != nil {
		return nil, err
	}
	var t catalogueText
	meta, err := toml.Decode(text, &t)
	if err != nil {
		if e := (toml.ParseError{}); errors.As(err, &e) {
			return nil, fault.Wrap(fault.Invalid, fmt.Sprintf("%s:%d", CatalogueFile, e.Position.Line), "this is no valid TOML: "+e.Message, "mend the line; texts stand in quotation marks", err)
		}
		return nil, fault.Wrap(fault.Invalid, CatalogueFile, "a value has the wrong type", "texts stand in quotation marks, numbers and true and false do not", err)
	}
	r := &catalogueReader{folder: folder, at: lines.Of(text), rules: map[string]disclosure.Rules{}, seen: map[string]int{}}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		k := unknown[0].String()
		return nil, invalid(CatalogueFile, fmt.Sprintf("unknown key %q", k), "see docs/indicator-format.md for the keys there are")
	}
	if t.Version != 1 {
		return nil, invalid(r.place("version"), "the version of the catalogue is not 1", "write version = 1; later versions need a newer program")
	}
	c := &Catalogue{}
	for i := range t.Layer {
		l, err := r.layer(i, &t.Layer[i])
		if err != nil {
			return nil, err
		}
		c.Layers = append(c.Layers, l)
	}
	for i := range t.Dataset {
		e, err := r.dataset(i, &t.Dataset[i])
		if err != nil {
			return nil, err
		}
		c.Entries = append(c.Entries, e)
	}
	for i := range c.Entries {
		e := &c.Entries[i]
		if e.BaseOf != "" && !slices.ContainsFunc(c.Entries, func(o Entry) bool { return o.ID == e.BaseOf && !o.Values }) {
			return nil, invalid(r.place(fmt.Sprintf("dataset[%d].base_of", i)), fmt.Sprintf("no dataset %q with counts", e.BaseOf), "name a dataset of this catalogue")
		}
		for _, id := range e.SumOf {
			if !slices.ContainsFunc(c.Entries, func(o Entry) bool {
				return o.ID == id && id != e.ID && !o.Values && !e.Values && o.RuleFile == e.RuleFile && o.Owner == e.Owner
			}) {
				return nil, invalid(r.place(fmt.Sprintf("dataset[%d].sum_of", i)), fmt.Sprintf("no dataset %q with counts under the same rules and owner", id), "name datasets of this catalogue; linked figures are protected together, so they need the same rules")
			}
		}
	}
	return c, nil
}

func textOf(folder fs.FS, name string) (string, error) {
	info, err := fs.Stat(folder, name)
	if err != nil {
		return "", fault.Wrap(fault.NotFound, name, "the file is not there", "see docs/indicator-format.md", err)
	}
	if info.Size() > mostCatalogueBytes {
		return "", fault.New(fault.TooLarge, name, "the file is larger than 4 MiB", "keep tables in files of their own")
	}
	raw, err := fs.ReadFile(folder, name)
	if err != nil {
		return "", fault.Wrap(fault.NotFound, name, "the file cannot be read", "check its rights", err)
	}
	return strings.TrimPrefix(string(raw), "\ufeff"), nil
}

type catalogueReader struct {
	folder fs.FS
	at     map[string]int
	rules  map[string]disclosure.Rules
	seen   map[string]int
}

func (r *catalogueReader) place(path string) string {
	for path != "" {
		if n, ok := r.at[path]; ok {
			return fmt.Sprintf("%s:%d", CatalogueFile, n)
		}
		path = path[:max(0, strings.LastIndexByte(path, '.'))]
	}
	return CatalogueFile
}

func (r *catalogueReader) layer(i int, t *layerText) (Layer, error) {
	path := fmt.Sprintf("layer[%d]", i)
	l := Layer{Line: r.at[path], Level: Level(t.Level), File: t.File, Key: t.Key, Name: t.Name, Member: t.Member, KeyLength: t.KeyLength}
	if !slices.Contains(Levels(), l.Level) {
		return l, invalid(r.place(path+".level"), fmt.Sprintf("unknown level %q", t.Level), "use "+list(Levels()))
	}
	for _, f := range []struct{ key, value string }{{"file", t.File}, {"key", t.Key}, {"member", t.Member}} {
		if f.value == "" {
			return l, invalid(r.place(path), "the layer lacks "+f.key, "a layer needs file, key and member")
		}
	}
	return l, r.path(path+".file", t.File)
}

// path refuses a file outside of the folder.
func (r *catalogueReader) path(key, name string) error {
	if !fs.ValidPath(name) {
		return invalid(r.place(key), fmt.Sprintf("the path %q leads out of the folder", name), "write a path inside the folder, with slashes and without ..")
	}
	return nil
}

func list[T ~string](all []T) string {
	words := make([]string, len(all))
	for i, w := range all {
		words[i] = string(w)
	}
	return strings.Join(words, ", ")
}

func (r *catalogueReader) dataset(i int, t *datasetText) (Entry, error) {
	path := fmt.Sprintf("dataset[%d]", i)
	e := Entry{
		Line: r.at[path], File: t.File, Sheet: t.Sheet, HeaderRow: t.HeaderRow, Shape: Shape(t.Shape), Area: t.Area, KeyLength: t.KeyLength, Prefix: t.Prefix,
		Period: t.Period, Count: t.Count, Base: t.Base, Value: t.Value, Error: t.Error, Units: t.Units, BaseOf: t.BaseOf, OpenBase: t.OpenBase,
		Where: t.Where, RuleFile: t.Rules, SumOf: t.SumOf, Elsewhere: t.Elsewhere,
		Dataset: Dataset{
			ID: t.ID, Title: t.Title, Note: t.Note, Unit: t.Unit, Topic: Topic(t.Topic), Level: Level(t.Level), Direction: Direction(t.Direction), Source: t.Source,
			Publisher: t.Publisher, Licence: t.Licence, URL: t.URL, ReferenceDate: t.ReferenceDate, Per: t.Per, Part: t.Part, Values: t.Value != "" || t.Holds == "values",
			Decimals: t.Decimals, Language: t.Language, Role: t.Role, Category: t.Category, Compare: t.Compare, Owner: t.Owner, State: State(t.State), Synthetic: t.Synthetic,
		},
	}
	if e.Shape == "" {
		e.Shape = Long
	}
	if e.State == "" {
		e.State = Draft
	}
	bad := func(key, what, advice string) (Entry, error) { return e, invalid(r.place(path+"."+key), what, advice) }
	for _, f := range []struct{ key, value string }{
		{"id", t.ID},
		{"file", t.File},
		{"area", t.Area},
		{"title", t.Title.DE},
		{"unit", t.Unit.DE},
		{"source", t.Source},
		{"licence", t.Licence},
		{"reference_date", t.ReferenceDate},
		{"owner", t.Owner},
		{"rules", t.Rules},
	} {
		if f.value == "" {
			return bad(f.key, fmt.Sprintf("the dataset %q lacks %s", t.ID, f.key), "figures without it cannot be judged; see docs/indicator-format.md")
		}
	}
	if !plain(t.ID) {
		return bad("id", fmt.Sprintf("%q is no id", t.ID), "use small letters, digits and hyphens")
	}
	if before, twice := r.seen[t.ID]; twice {
		return bad("id", fmt.Sprintf("the dataset %q stands on line %d already", t.ID, before), "give each dataset an id of its own")
	}
	r.seen[t.ID] = e.Line
	if p, ok := ParsePeriod(t.ReferenceDate); !ok || p.Grain != Day {
		return bad("reference_date", fmt.Sprintf("%q is no day", t.ReferenceDate), "write a date such as 2024-12-31")
	}
	switch {
	case !slices.Contains([]Shape{Long, Wide}, e.Shape):
		return bad("shape", fmt.Sprintf("unknown shape %q", t.Shape), "use long or wide")
	case !slices.Contains(Topics(), e.Topic):
		return bad("topic", fmt.Sprintf("unknown topic %q", t.Topic), "use "+list(Topics()))
	case !slices.Contains(Levels(), e.Level):
		return bad("level", fmt.Sprintf("unknown level %q", t.Level), "use "+list(Levels()))
	case !slices.Contains([]Direction{Unstated, MoreIsBetter, LessIsBetter, Depends}, e.Direction):
		return bad("direction", fmt.Sprintf("unknown direction %q", t.Direction), "use more, less or depends")
	case !slices.Contains([]State{Draft, Released}, e.State):
		return bad("state", fmt.Sprintf("unknown state %q", t.State), "use draft or released")
	case e.Shape == Long && (t.Period == "" || t.Count == "" && t.Value == ""):
		return bad("period", "a long table needs a column with the period and one with counts or values", "add period and count or value")
	case t.Count != "" && t.Value != "":
		return bad("value", "a dataset has counts or values, not both", "keep count, with base or base_of and per for a rate")
	case e.Shape == Wide && (t.Period+t.Count+t.Base+t.Value+t.Error+t.Units) != "":
		return bad("shape", "a wide table has one column for each period and no others", "leave out period, count, base, value, error and units; say holds = \"counts\" or \"values\", and take base_of for the denominator")
	case (t.Holds == "counts" || t.Holds == "values") != (e.Shape == Wide):
		return bad("holds", "holds says what the columns of a wide table are", "write holds = \"counts\" or \"values\" for a wide table, nothing for a long one")
	case t.Per < 0 || math.IsNaN(t.Per) || math.IsInf(t.Per, 0):
		return bad("per", "per is below 0", "write 100 for per cent, 1000 for so many of a thousand")
	case (t.Per > 0) != (t.Base != "" || t.BaseOf != "") && !e.Values:
		return bad("per", "a rate needs both per and a base, a count neither", "add per and base or base_of, or leave out both")
	case t.Decimals < 0 || t.Decimals > 6:
		return bad("decimals", "decimals are not between 0 and 6", "")
	}
	if err := r.path(path+".file", t.File); err != nil {
		return e, err
	}
	if t.Elsewhere != "" {
		if err := r.path(path+".elsewhere", t.Elsewhere); err != nil {
			return e, err
		}
	}
	var err error
	if e.Breaks, err = r.breaks(path, t.Break); err != nil {
		return e, err
	}
	if e.Markers, err = r.markers(path, t.Markers); err != nil {
		return e, err
	}
	if e.Rules, err = r.ruleSet(path, t.Rules); err != nil {
		return e, err
	}
	e.RuleSet = e.Rules.Name
	return e, nil
}

func plain(id string) bool {
	for _, c := range id {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return id != "" && len(id) <= 60
}

func (r *catalogueReader) breaks(path string, all []breakText) ([]Break, error) {
	var out []Break
	for k, t := range all {
		at := r.place(fmt.Sprintf("%s.break[%d].at", path, k))
		p, ok := ParsePeriod(t.At)
		if !ok {
			return nil, invalid(at, fmt.Sprintf("%q is no period", t.At), "write the first period of the new kind, such as 2021")
		}
		if !slices.Contains(BreakReasons(), BreakReason(t.Reason)) {
			return nil, invalid(at, fmt.Sprintf("unknown reason %q of a break", t.Reason), "use "+list(BreakReasons()))
		}
		out = append(out, Break{At: p, Reason: BreakReason(t.Reason), Note: t.Note, Areas: t.Areas})
	}
	slices.SortStableFunc(out, func(a, b Break) int { return a.At.Compare(b.At) })
	return out, nil
}

func (r *catalogueReader) markers(path string, texts map[string]string) (map[string]tabular.Flag, error) {
	if texts == nil {
		return nil, nil
	}
	out := tabular.DefaultMarkers()
	for text, meaning := range texts {
		switch meaning {
		case "zero":
			out[text] = tabular.Zero
		case "suppressed":
			out[text] = tabular.Suppressed
		case "missing":
			out[text] = tabular.Missing
		default:
			return nil, invalid(r.place(path+".markers"), fmt.Sprintf("the marker %q means %q", text, meaning), "write zero, suppressed or missing")
		}
	}
	return out, nil
}

// NoRules is what a catalogue writes as rules of a source that keeps nothing secret, as registers of residents.
const NoRules = "none"

func (r *catalogueReader) ruleSet(path, name string) (disclosure.Rules, error) {
	if name == NoRules {
		return disclosure.Rules{}, nil
	}
	if rules, ok := r.rules[name]; ok {
		return rules, nil
	}
	if err := r.path(path+".rules", name); err != nil {
		return disclosure.Rules{}, err
	}
	text, err := textOf(r.folder, name)
	if err != nil {
		return disclosure.Rules{}, fault.Wrap(fault.Invalid, r.place(path+".rules"), fmt.Sprintf("the rule set %q cannot be read", name), "put a file with the rules of the source beside the catalogue", err)
	}
	rules, err := disclosure.ReadRules(name, text)
	if err == nil && rules.Name == "" {
		err = invalid(name, "the rule set has no name", "add name = \"…\", as readers see it")
	}
	r.rules[name] = rules
	return rules, err
}
