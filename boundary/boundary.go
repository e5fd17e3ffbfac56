// Package boundary reads areas from GeoJSON: polygons with a key, a name, a parent and the time they are valid.
package boundary

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"sort"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"gevor/fault"
	"gevor/geo"
	"gevor/notice"
	"gevor/tabular"
)

// Options says which properties hold what. Key is needed, all others may be empty.
type Options struct {
	File      string
	Key       string // property with the area's key
	KeyLength int    // digits of an official key (AGS 8, ARS 12, district 5); 0 = as it stands
	Name      string
	Parent    string
	ValidFrom string
	ValidTo   string
	CRS       string            // "" or "EPSG:4326"; "EPSG:25832" and "EPSG:3035" are converted
	Where     map[string]string // properties an area must have; others are rejected with a notice
	Notes     *notice.List
	Limits    Limits
	// Keep rejects an area that is not wanted here; it gives nil for one to keep. Nil keeps all.
	Keep func(Record) *tabular.Problem
}

// Limits bounds an input; zero fields take the defaults.
type Limits struct {
	Bytes    int64 // default 1 GiB
	Features int   // default 200,000
	Points   int   // of one feature, default 2 million
}

func (l Limits) withDefaults() Limits {
	if l.Bytes == 0 {
		l.Bytes = 1 << 30
	}
	if l.Features == 0 {
		l.Features = 200_000
	}
	if l.Points == 0 {
		l.Points = 2_000_000
	}
	return l
}

// Record is one area. Dates are ISO 8601 or empty; ValidTo is exclusive. Rings are closed.
type Record struct {
	Index              int // of the feature in its collection, 1-based
	Key, Name, Parent  string
	ValidFrom, ValidTo string
	Shape              orb.MultiPolygon
}

type feature struct {
	Type       string                     `json:"type"`
	Properties map[string]json.RawMessage `json:"properties"`
	Geometry   *struct {
		Type        string          `json:"type"`
		Coordinates json.RawMessage `json:"coordinates"`
	} `json:"geometry"`
}

// property gives a property, whatever the case of its name: servers of one office write ARS, those of another ars.
func (f *feature) property(name string) json.RawMessage {
	if raw, ok := f.Properties[name]; ok || name == "" {
		return raw
	}
	for _, k := range properties(f.Properties) {
		if strings.EqualFold(k, name) {
			return f.Properties[k]
		}
	}
	return nil
}

type reader struct {
	o     Options
	crs   string
	seen  map[[2]string]int
	out   []Record
	at    int
	count int64
}

// Read reads a FeatureCollection. What is no area is rejected with a notice that names the feature by its number;
// Read fails where the input is no GeoJSON, is cut off, or is in a projection that it does not know.
func Read(in io.Reader, o Options) ([]Record, error) {
	o.Limits = o.Limits.withDefaults()
	if o.Notes == nil {
		o.Notes = &notice.List{}
	}
	r := &reader{o: o, crs: o.CRS, seen: map[[2]string]int{}}
	limited := &io.LimitedReader{R: in, N: o.Limits.Bytes + 1}
	err := r.collection(json.NewDecoder(limited))
	r.o.Notes.Used(o.File, r.count)
	if err != nil && limited.N <= 0 {
		err = fault.New(fault.TooLarge, o.File, fmt.Sprintf("the file has more than %d bytes", o.Limits.Bytes), "cut it to the region or raise the limit")
	}
	return r.out, err
}

func (r *reader) broken(err error) error {
	return fault.Wrap(fault.Invalid, r.place(), "this is no complete GeoJSON FeatureCollection", "export the boundaries as GeoJSON (EPSG:4326) again", err)
}

func (r *reader) place() string {
	if r.at == 0 {
		return r.o.File
	}
	return fmt.Sprintf("%s, feature %d", r.o.File, r.at)
}

func (r *reader) collection(d *json.Decoder) error {
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return r.broken(err)
	}
	found := false
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return r.broken(err)
		}
		switch name {
		case "crs":
			if err := r.declared(d); err != nil {
				return err
			}
		case "features":
			found = true
			if err := r.features(d); err != nil {
				return err
			}
		default:
			var skip json.RawMessage
			if err := d.Decode(&skip); err != nil {
				return r.broken(err)
			}
		}
	}
	if _, err := d.Token(); err != nil {
		return r.broken(err)
	}
	if !found {
		return fault.New(fault.Invalid, r.o.File, "the file has no list of features", "a FeatureCollection is expected")
	}
	return nil
}

// declared reads the old crs member, which many offices still write, and takes it where the options say nothing.
func (r *reader) declared(d *json.Decoder) error {
	var crs struct {
		Properties struct {
			Name string `json:"name"`
		} `json:"properties"`
	}
	if err := d.Decode(&crs); err != nil {
		return r.broken(err)
	}
	name := strings.ToUpper(crs.Properties.Name)
	code := name[strings.LastIndexAny(name, ":/")+1:]
	switch {
	case r.o.CRS != "" || name == "":
	case code == "CRS84", code == "4326", code == "4258":
	case code == "25832", code == "3035":
		r.crs = "EPSG:" + code
	default:
		return fault.New(fault.Invalid, r.o.File, fmt.Sprintf("the file is in the reference system %q", crs.Properties.Name), "export it in EPSG:4326 (or 25832, 3035)")
	}
	return nil
}

func (r *reader) features(d *json.Decoder) error {
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		return r.broken(err)
	}
	for d.More() {
		r.at++
		if r.at > r.o.Limits.Features {
			return fault.New(fault.TooLarge, r.o.File, fmt.Sprintf("there are more than %d features", r.o.Limits.Features), "cut the file to the region or raise the limit")
		}
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return r.broken(err)
		}
		rec, problem := r.area(raw)
		if problem == nil && r.o.Keep != nil {
			problem = r.o.Keep(rec)
		}
		if problem != nil {
			r.o.Notes.Rejected(notice.Notice{
				File: r.o.File, Record: fmt.Sprintf("feature %d", r.at), Field: problem.Field,
				Value: problem.Value, Rule: problem.Rule, Advice: problem.Advice,
			})
			continue
		}
		r.seen[[2]string{rec.Key, rec.ValidFrom}] = r.at
		r.out = append(r.out, rec)
		r.count++
	}
	if _, err := d.Token(); err != nil {
		return r.broken(err)
	}
	return nil
}

func (r *reader) area(raw json.RawMessage) (Record, *tabular.Problem) {
	rec := Record{Index: r.at}
	var f feature
	if err := json.Unmarshal(raw, &f); err != nil {
		return rec, &tabular.Problem{Rule: "no-feature", Value: string(raw[:min(len(raw), 80)]), Advice: "a Feature with properties and geometry is expected"}
	}
	for property, want := range r.o.Where {
		if got := text(f.property(property)); got != want {
			return rec, &tabular.Problem{Field: property, Value: got, Rule: "not-selected", Advice: "only areas with " + property + " = " + want + " are wanted"}
		}
	}
	key, mended := tabular.Key(text(f.property(r.o.Key)), r.o.KeyLength)
	if key == "" {
		return rec, &tabular.Problem{Field: r.o.Key, Rule: "no-key", Advice: "every area needs a key in the property \"" + r.o.Key + "\"; this one has " + strings.Join(properties(f.Properties), ", ")}
	}
	if mended {
		r.o.Notes.Add(notice.Notice{
			Severity: notice.Warning, File: r.o.File, Record: fmt.Sprintf("feature %d", r.at), Field: r.o.Key, Value: key,
			Rule: "key-mended", Advice: "the key had lost its leading zero or its form as text",
		})
	}
	rec.Key, rec.Name, rec.Parent = key, text(f.property(r.o.Name)), text(f.property(r.o.Parent))
	if rec.Name == "" {
		rec.Name = key
	}
	var problem *tabular.Problem
	if rec.ValidFrom, problem = date(f, r.o.ValidFrom); problem != nil {
		return rec, problem
	}
	if rec.ValidTo, problem = date(f, r.o.ValidTo); problem != nil {
		return rec, problem
	}
	if rec.ValidFrom != "" && rec.ValidTo != "" && rec.ValidTo <= rec.ValidFrom {
		return rec, &tabular.Problem{Field: r.o.ValidTo, Value: rec.ValidTo, Rule: "valid-never", Advice: "the area ends before it begins on " + rec.ValidFrom}
	}
	if first, twice := r.seen[[2]string{rec.Key, rec.ValidFrom}]; twice {
		return rec, &tabular.Problem{
			Field: r.o.Key, Value: rec.Key, Rule: "duplicate-key",
			Advice: fmt.Sprintf("feature %d has the same key and the same beginning; the first is used", first),
		}
	}
	if f.Geometry == nil {
		return rec, &tabular.Problem{Field: "geometry", Value: rec.Key, Rule: "no-geometry", Advice: "an area needs a Polygon or MultiPolygon"}
	}
	rec.Shape, problem = r.shape(f.Geometry.Type, f.Geometry.Coordinates)
	return rec, problem
}

// text gives a property as text; numbers keep their digits.
func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return strings.TrimSpace(s)
	}
	if t := strings.TrimSpace(string(raw)); t != "null" && !strings.HasPrefix(t, "{") && !strings.HasPrefix(t, "[") {
		return t
	}
	return ""
}

func properties(p map[string]json.RawMessage) []string {
	names := make([]string, 0, len(p))
	for k := range p {
		names = append(names, k)
	}
	sort.Strings(names)
	return names
}

// date reads an ISO date, or the day of an ISO date and time, or a German date.
func date(f feature, property string) (string, *tabular.Problem) {
	s := text(f.property(property))
	if property == "" || s == "" {
		return "", nil
	}
	for _, layout := range []string{"2006-01-02", time.RFC3339, "2006-01-02T15:04:05", "02.01.2006", "20060102", "2006/01/02"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.Format("2006-01-02"), nil
		}
	}
	return "", &tabular.Problem{Field: property, Value: s, Rule: "no-date", Advice: "a date is written like 2026-01-01"}
}

func (r *reader) shape(kind string, raw json.RawMessage) (orb.MultiPolygon, *tabular.Problem) {
	var rings [][][][]float64
	var err error
	switch kind {
	case "Polygon":
		var one [][][]float64
		err = json.Unmarshal(raw, &one)
		rings = [][][][]float64{one}
	case "MultiPolygon":
		err = json.Unmarshal(raw, &rings)
	default:
		return nil, &tabular.Problem{Field: "geometry", Value: kind, Rule: "no-polygon", Advice: "an area needs a Polygon or MultiPolygon"}
	}
	if err != nil {
		return nil, &tabular.Problem{Field: "geometry", Value: string(raw[:min(len(raw), 80)]), Rule: "no-polygon", Advice: "the coordinates are not nested as a " + kind + " asks"}
	}
	var out orb.MultiPolygon
	points, open := 0, 0
	for _, poly := range rings {
		var p orb.Polygon
		for _, ring := range poly {
			if points += len(ring); points > r.o.Limits.Points {
				return nil, &tabular.Problem{Field: "geometry", Value: fmt.Sprint(points), Rule: "too-many-points", Advice: fmt.Sprintf("an area may have %d points; simplify it", r.o.Limits.Points)}
			}
			closed, wasOpen, problem := r.ring(ring)
			if problem != nil {
				return nil, problem
			}
			if wasOpen {
				open++
			}
			p = append(p, closed)
		}
		if len(p) > 0 {
			out = append(out, p)
		}
	}
	if len(out) == 0 {
		return nil, &tabular.Problem{Field: "geometry", Rule: "no-polygon", Advice: "the area has no ring"}
	}
	if open > 0 {
		r.o.Notes.Add(notice.Notice{
			Severity: notice.Warning, File: r.o.File, Record: fmt.Sprintf("feature %d", r.at), Field: "geometry",
			Value: fmt.Sprintf("%d rings", open), Rule: "open-ring", Advice: "rings that do not end where they begin were closed",
		})
	}
	return out, nil
}

func (r *reader) ring(in [][]float64) (out orb.Ring, wasOpen bool, problem *tabular.Problem) {
	out = make(orb.Ring, 0, len(in)+1)
	for _, c := range in {
		if len(c) < 2 {
			return nil, false, &tabular.Problem{Field: "geometry", Value: fmt.Sprint(c), Rule: "no-coordinate", Advice: "a position needs two numbers"}
		}
		p := geo.LonLat{Lon: c[0], Lat: c[1]}
		switch r.crs {
		case "EPSG:25832":
			p = geo.FromUTM32(c[0], c[1])
		case "EPSG:3035":
			p = geo.FromLAEA(c[0], c[1])
		}
		if !p.Valid() {
			return nil, false, r.misplaced(c)
		}
		out = append(out, orb.Point{p.Lon, p.Lat})
	}
	if wasOpen = len(out) > 0 && out[0] != out[len(out)-1]; wasOpen {
		out = append(out, out[0])
	}
	if len(out) < 4 {
		return nil, false, &tabular.Problem{Field: "geometry", Value: fmt.Sprint(in), Rule: "ring-too-short", Advice: "a ring needs three different points"}
	}
	return out, wasOpen, nil
}

// misplaced says what coordinates that are no degrees probably are.
func (r *reader) misplaced(c []float64) *tabular.Problem {
	p := &tabular.Problem{Field: "geometry", Value: fmt.Sprintf("%g, %g", c[0], c[1]), Rule: "no-degrees", Advice: "coordinates must be longitude and latitude in degrees (EPSG:4326)"}
	switch {
	case math.Abs(c[0]) <= 90 && math.Abs(c[1]) <= 180 && math.Abs(c[1]) > 90:
		p.Rule, p.Advice = "coordinates-swapped", "the latitude seems to come first; GeoJSON wants longitude, latitude"
	case c[0] > 100_000 && c[0] < 1_000_000 && c[1] > 5_000_000 && c[1] < 6_200_000:
		p.Advice += "; these look like metres in EPSG:25832: set crs = \"EPSG:25832\""
	case c[0] > 2_500_000 && c[0] < 7_500_000 && c[1] > 1_300_000 && c[1] < 5_500_000:
		p.Advice += "; these look like metres in EPSG:3035: set crs = \"EPSG:3035\""
	}
	return p
}
