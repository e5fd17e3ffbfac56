package app

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"

	"gevor/fault"
	"gevor/geo"
	"gevor/street"
	"gevor/travel"
)

// linkWithin is how far a point may lie from the nearest usable street.
const linkWithin geo.Metres = 1000

// points is a list of places with their ids, in the order of its file.
type points struct {
	file string
	id   []string
	at   []geo.LonLat
	line []int
}

// readPoints reads a CSV with the columns id, lon and lat in any order. Every line counts: the matrix of a list with
// a line left out would be taken for the whole one.
func readPoints(path string) (*points, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fault.Wrap(fault.NotFound, path, "cannot be opened", "check the path", err)
	}
	defer file.Close()
	r := csv.NewReader(bufio.NewReader(file))
	header, err := r.Read()
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, path+":1", "no header line", "write id,lon,lat and one point a line", err)
	}
	id, lon, lat, err := pointColumns(path, header)
	if err != nil {
		return nil, err
	}
	p := &points{file: path}
	first := map[string]int{} // line by id
	for {
		row, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, badRow(path, err)
		}
		line, _ := r.FieldPos(0)
		place := fmt.Sprintf("%s:%d", path, line)
		if row[id] == "" {
			return nil, fault.New(fault.Invalid, place, "the point has no id", "give every point an id")
		}
		if before, twice := first[row[id]]; twice {
			return nil, fault.New(fault.Invalid, place, fmt.Sprintf("id %q stands on line %d already", row[id], before), "give every point an id of its own")
		}
		x, err1 := strconv.ParseFloat(row[lon], 64)
		y, err2 := strconv.ParseFloat(row[lat], 64)
		at := geo.LonLat{Lon: x, Lat: y}
		if err1 != nil || err2 != nil || math.IsNaN(x+y) || !at.Valid() {
			return nil, fault.New(fault.Invalid, place, fmt.Sprintf("%q, %q is no place in degrees", row[lon], row[lat]), "write lon and lat in WGS 84 with a decimal point")
		}
		first[row[id]] = line
		p.id, p.at, p.line = append(p.id, row[id]), append(p.at, at), append(p.line, line)
	}
	if len(p.id) == 0 {
		return nil, fault.New(fault.Invalid, path, "holds no point", "write one point a line below id,lon,lat")
	}
	return p, nil
}

func pointColumns(path string, header []string) (id, lon, lat int, err error) {
	column := map[string]int{}
	for i, name := range header {
		column[strings.ToLower(strings.TrimSpace(strings.TrimPrefix(name, "\ufeff")))] = i
	}
	id, hasID := column["id"]
	lon, hasLon := column["lon"]
	lat, hasLat := column["lat"]
	if hasID && hasLon && hasLat {
		return id, lon, lat, nil
	}
	what, advice := fmt.Sprintf("the header %q lacks id, lon or lat", strings.Join(header, ",")), "name the columns id, lon and lat"
	if len(header) == 1 && strings.ContainsAny(header[0], ";\t") {
		advice = "separate the columns by commas, and write numbers with a decimal point"
	}
	return 0, 0, 0, fault.New(fault.Invalid, path+":1", what, advice)
}

// badRow is a row that is no CSV, with the line on which it begins.
func badRow(path string, err error) error {
	var p *csv.ParseError
	if !errors.As(err, &p) {
		return fault.Wrap(fault.Invalid, path, "cannot be read to its end", "copy it again", err)
	}
	advice := "close every quotation mark, and write two where one is meant"
	if errors.Is(err, csv.ErrFieldCount) {
		advice = "give every row the columns of the header"
	}
	return fault.New(fault.Invalid, fmt.Sprintf("%s:%d", path, p.StartLine), "the row cannot be read as CSV: "+p.Err.Error(), advice)
}

// link puts points on the streets of the matrix's mode. It says on w which of them lie too far from any, and fails
// where all do.
func (m *matrix) link(w io.Writer, p *points) (*street.Points, error) {
	mode := m.mode
	if mode == travel.Transit {
		mode = travel.Walk
	}
	linked := m.snap.Streets.Link(mode, p.at, linkWithin)
	far, first := 0, 0
	for i := range p.id {
		if !linked.Linked(i) {
			if far++; far == 1 {
				first = i
			}
		}
	}
	if far == 0 {
		return linked, nil
	}
	at := p.at[first]
	advice := "compare the points with the bounds of the region"
	if !m.snap.Bounds.Contains(at) && m.snap.Bounds.Contains(geo.LonLat{Lon: at.Lat, Lat: at.Lon}) {
		advice = "longitude and latitude seem to be exchanged"
	}
	f := fault.New(fault.Invalid, fmt.Sprintf("%s:%d", p.file, p.line[first]),
		fmt.Sprintf("%d of %d points, %q the first, lie farther than %g m from any street for %s", far, len(p.id), p.id[first], float64(linkWithin), mode), advice)
	if far == len(p.id) {
		return nil, f
	}
	fmt.Fprintln(w, f.Message())
	return linked, nil
}
