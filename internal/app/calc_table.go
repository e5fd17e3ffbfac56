package app

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"gevor/fault"
)

// sheet is a plain table of areas: a CSV with a header line, or the properties of a GeoJSON collection with the
// areas beside them.
type sheet struct {
	path   string
	header []string
	rows   [][]string
	place  []string           // where each row stands, for messages: file:line or file:feature
	shapes []orb.MultiPolygon // nil for CSV
}

// readSheet reads a CSV, or a GeoJSON where the name ends in .geojson or .json.
func readSheet(path string) (*sheet, error) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".geojson", ".json":
		return readGeoSheet(path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fault.Wrap(fault.NotFound, path, "cannot be opened", "check the path", err)
	}
	defer file.Close()
	r := csv.NewReader(bufio.NewReaderSize(file, 1<<20))
	s := &sheet{path: path}
	s.header, err = r.Read()
	if errors.Is(err, io.EOF) {
		return nil, fault.New(fault.Invalid, path, "the file is empty", "write a header line and at least one row")
	}
	if err != nil {
		return nil, badRow(path, err)
	}
	for i, h := range s.header {
		s.header[i] = strings.TrimSpace(strings.TrimPrefix(h, "\ufeff"))
	}
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, badRow(path, err)
		}
		line, _ := r.FieldPos(0)
		s.rows = append(s.rows, fields)
		s.place = append(s.place, fmt.Sprintf("%s:%d", path, line))
	}
	if len(s.rows) == 0 {
		return nil, fault.New(fault.Invalid, path, "holds no row", "write one row a line below the header")
	}
	return s, nil
}

func readGeoSheet(path string) (*sheet, error) {
	var shapes []orb.MultiPolygon
	s, err := readFeatures(path, func(f *geojson.Feature, place string) error {
		switch g := f.Geometry.(type) {
		case orb.Polygon:
			shapes = append(shapes, orb.MultiPolygon{g})
		case orb.MultiPolygon:
			shapes = append(shapes, g)
		default:
			return fault.New(fault.Invalid, place, "the feature is no polygon", "export areas, not points or lines")
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.shapes = shapes
	return s, nil
}

// readFeatures reads the properties of a collection as a table and hands every feature to visit.
func readFeatures(path string, visit func(f *geojson.Feature, place string) error) (*sheet, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.Wrap(fault.NotFound, path, "cannot be opened", "check the path", err)
	}
	c, err := geojson.UnmarshalFeatureCollection(raw)
	if err != nil {
		place := path
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			place = fmt.Sprintf("%s:%d", path, 1+strings.Count(string(raw[:min(int(syntax.Offset), len(raw))]), "\n"))
		}
		return nil, fault.Wrap(fault.Invalid, place, "is no GeoJSON collection of features", "export it as FeatureCollection", err)
	}
	if len(c.Features) == 0 {
		return nil, fault.New(fault.Invalid, path, "holds no feature", "export it with its areas")
	}
	s := &sheet{path: path}
	for _, f := range c.Features {
		for name := range f.Properties {
			if !slices.Contains(s.header, name) {
				s.header = append(s.header, name)
			}
		}
	}
	slices.Sort(s.header)
	for i, f := range c.Features {
		place := fmt.Sprintf("%s:feature %d", path, i+1)
		if err := visit(f, place); err != nil {
			return nil, err
		}
		row := make([]string, len(s.header))
		for k, name := range s.header {
			switch v := f.Properties[name].(type) {
			case nil:
			case string:
				row[k] = v
			case float64:
				row[k] = strconv.FormatFloat(v, 'g', -1, 64)
			default:
				row[k] = fmt.Sprint(v)
			}
		}
		s.rows, s.place = append(s.rows, row), append(s.place, place)
	}
	return s, nil
}

// column finds a column by its name, whatever the case.
func (s *sheet) column(name string) (int, error) {
	k := slices.IndexFunc(s.header, func(h string) bool { return strings.EqualFold(h, name) })
	if k < 0 {
		return 0, fault.New(fault.Invalid, s.path+":1", fmt.Sprintf("no column %q", name), "there are: "+strings.Join(s.header, ", "))
	}
	return k, nil
}

// ids gives a column of names that must be filled and differ.
func (s *sheet) ids(name string) ([]string, error) {
	k, err := s.column(name)
	if err != nil {
		return nil, err
	}
	first := map[string]string{}
	out := make([]string, len(s.rows))
	for i, row := range s.rows {
		id := strings.TrimSpace(row[k])
		if id == "" {
			return nil, fault.New(fault.Invalid, s.place[i], fmt.Sprintf("%s is empty", name), "give every area an id")
		}
		if before, twice := first[id]; twice {
			return nil, fault.New(fault.Invalid, s.place[i], fmt.Sprintf("%s %q stands at %s already", name, id, before), "keep one row for each area")
		}
		first[id] = s.place[i]
		out[i] = id
	}
	return out, nil
}

// texts gives a column as it stands.
func (s *sheet) texts(name string) ([]string, error) {
	k, err := s.column(name)
	if err != nil {
		return nil, err
	}
	out := make([]string, len(s.rows))
	for i, row := range s.rows {
		out[i] = strings.TrimSpace(row[k])
	}
	return out, nil
}

// numbers gives a column of finite numbers; least bounds them from below.
func (s *sheet) numbers(name string, least float64) ([]float64, error) {
	k, err := s.column(name)
	if err != nil {
		return nil, err
	}
	out := make([]float64, len(s.rows))
	for i, row := range s.rows {
		if out[i], err = s.number(i, name, row[k], least); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *sheet) number(i int, name, text string, least float64) (float64, error) {
	text = strings.TrimSpace(text)
	v, err := strconv.ParseFloat(text, 64)
	switch {
	case text == "" || strings.EqualFold(text, "NA"):
		return 0, fault.New(fault.Invalid, s.place[i], name+" has no value", "leave the area out of the table; missing is not zero")
	case err != nil || math.IsNaN(v) || math.IsInf(v, 0):
		return 0, fault.New(fault.Invalid, s.place[i], fmt.Sprintf("%s %q is not a number", name, text), "use a decimal point and no thousands separator")
	case v < least:
		return 0, fault.New(fault.Invalid, s.place[i], fmt.Sprintf("%s %q is below %g", name, text, least), "correct the value")
	}
	return v, nil
}

// counts gives a column of whole numbers ≥ 0.
func (s *sheet) counts(name string) ([]int, error) {
	v, err := s.numbers(name, 0)
	if err != nil {
		return nil, err
	}
	out := make([]int, len(v))
	for i, x := range v {
		if x != math.Trunc(x) || x > 1e9 {
			return nil, fault.New(fault.Invalid, s.place[i], fmt.Sprintf("%s %g is not a whole number up to 10⁹", name, x), "give counts, not rates")
		}
		out[i] = int(x)
	}
	return out, nil
}

// figure writes a number in full; what has no answer is an empty field.
func figure(v float64) string {
	if math.IsNaN(v) {
		return ""
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

func figures(vs ...float64) []string {
	out := make([]string, len(vs))
	for i, v := range vs {
		out[i] = figure(v)
	}
	return out
}

// writeRows writes a header and rows as CSV to a file, or to standard output where path is empty.
func writeRows(c console, path string, header []string, rows [][]string) error {
	return writeTo(c.out, path, func(w io.Writer) error {
		out := csv.NewWriter(w)
		if err := out.Write(header); err != nil {
			return err
		}
		if err := out.WriteAll(rows); err != nil {
			return err
		}
		return out.Error()
	})
}
