package region

import (
	"fmt"
	"math"
	"sort"
	"strings"

	"gevor/census"
	"gevor/fault"
	"gevor/geo"
	"gevor/notice"
	"gevor/tabular"
)

// layer is a table of values by cell id, in order of the file.
type layer struct {
	sizeM  int32
	ids    []string
	at     []geo.LonLat
	cells  []geo.Cell
	number [][]float32
	flag   [][]ValueFlag
}

func flagOf(f tabular.Flag) ValueFlag {
	return [...]ValueFlag{tabular.Known: Known, tabular.Zero: Zero, tabular.Suppressed: Suppressed, tabular.Missing: Missing}[f]
}

// markersOf turns the markers of a description into those of the table reader; they are added to the defaults.
func markersOf(m map[string]string) map[string]tabular.Flag {
	if len(m) == 0 {
		return nil
	}
	out := tabular.DefaultMarkers()
	for text, meaning := range m {
		switch meaning {
		case "zero":
			out[text] = tabular.Zero
		case "suppressed":
			out[text] = tabular.Suppressed
		default:
			out[text] = tabular.Missing
		}
	}
	return out
}

// grid reads columns of a census grid (CSV, or ZIP that holds one).
func (b *builder) grid(spec FileSpec, columns []string, markers map[string]string, keep func(id string, p geo.LonLat) *tabular.Problem) (*layer, error) {
	var l layer
	err := b.in.with(spec.File, spec.Source, spec.Line, func(f *file) error {
		o := census.Options{
			File: spec.File, Columns: columns, Member: spec.Member, Notes: b.notes, Markers: markersOf(markers),
			Keep: func(c geo.Cell) *tabular.Problem { return keep(c.String(), c.Centre()) },
		}
		var g *census.Grid
		var err error
		if strings.HasSuffix(strings.ToLower(spec.File), ".zip") {
			g, err = census.ReadZip(f.ReaderAt, f.size, o)
		} else {
			g, err = census.Read(f.reader(), o)
		}
		if err != nil {
			return err
		}
		l = layer{sizeM: g.SizeM, cells: g.Cells, number: g.Number, flag: make([][]ValueFlag, len(columns))}
		for _, c := range g.Cells {
			l.ids = append(l.ids, c.String())
			l.at = append(l.at, c.Centre())
		}
		for k := range g.Flag {
			for _, f := range g.Flag[k] {
				l.flag[k] = append(l.flag[k], flagOf(f))
			}
		}
		return nil
	})
	return &l, err
}

// points reads columns of a table with one row per place. Without place columns, rows are joined by id alone.
func (b *builder) points(spec FileSpec, place PlaceSpec, columns []string, markers map[string]string, keep func(id string, p geo.LonLat) *tabular.Problem) (*layer, error) {
	l := layer{number: make([][]float32, len(columns)), flag: make([][]ValueFlag, len(columns))}
	err := b.in.with(spec.File, spec.Source, spec.Line, func(f *file) error {
		t, err := tabular.Open(f.reader(), tabular.Options{File: spec.File, Notes: b.notes})
		if err != nil {
			return err
		}
		cols, err := placeColumns(t, place)
		if err != nil {
			return err
		}
		values := make([]int, len(columns))
		for k, c := range columns {
			if values[k], err = t.Need(c); err != nil {
				return err
			}
		}
		numbers := t.Numbers()
		if m := markersOf(markers); m != nil {
			numbers.Markers = m
		}
		seen := map[string]int{}
		return t.Each(func(r tabular.Row) *tabular.Problem {
			id := r.Text(cols.id)
			if id == "" {
				return &tabular.Problem{Field: place.ID, Rule: "no-id", Advice: "every row needs an id"}
			}
			if line, twice := seen[id]; twice {
				return &tabular.Problem{Record: id, Field: place.ID, Value: id, Rule: "duplicate-id", Advice: fmt.Sprintf("the id stands on line %d already; the first is used", line)}
			}
			p, problem := cols.read(numbers, r)
			if problem == nil {
				problem = keep(id, p)
			}
			if problem != nil {
				problem.Record = id
				return problem
			}
			read := make([]tabular.Value, len(values))
			for k, c := range values {
				v, reading := numbers.Parse(r.Text(c))
				if reading == tabular.Unreadable || v.Number < 0 || v.Number > math.MaxFloat32 {
					return &tabular.Problem{Record: id, Field: columns[k], Value: r.Text(c), Rule: "no-count", Advice: "a number >= 0 or a marker such as – is expected"}
				}
				if reading == tabular.Ambiguous {
					t.Warn(r, ambiguous(id, columns[k], r.Text(c), v.Number))
				}
				read[k] = v
			}
			seen[id] = r.Line
			l.ids = append(l.ids, id)
			l.at = append(l.at, p)
			for k, v := range read {
				l.number[k] = append(l.number[k], float32(v.Number))
				l.flag[k] = append(l.flag[k], flagOf(v.Flag))
			}
			return nil
		})
	})
	return &l, err
}

func ambiguous(record, field, value string, x float64) tabular.Problem {
	return tabular.Problem{
		Record: record, Field: field, Value: value, Rule: "ambiguous-number",
		Advice: fmt.Sprintf("the mark before three digits was read as grouping: %g; write the number without it to be sure", x),
	}
}

// placeCols are the columns of a place in an open table.
type placeCols struct {
	spec         PlaceSpec
	id, x, y     int
	projected    bool
	xName, yName string
}

func placeColumns(t *tabular.Table, spec PlaceSpec) (placeCols, error) {
	c := placeCols{spec: spec, xName: spec.Lon, yName: spec.Lat, id: -1}
	if spec.East != "" {
		c.xName, c.yName, c.projected = spec.East, spec.North, true
	}
	var err error
	if spec.ID != "" {
		if c.id, err = t.Need(spec.ID); err != nil {
			return c, err
		}
	}
	if c.x, err = t.Need(c.xName); err != nil {
		return c, err
	}
	c.y, err = t.Need(c.yName)
	return c, err
}

func (c placeCols) read(numbers tabular.Numbers, r tabular.Row) (geo.LonLat, *tabular.Problem) {
	x, ok1 := numbers.Coordinate(r.Text(c.x))
	y, ok2 := numbers.Coordinate(r.Text(c.y))
	p := geo.LonLat{Lon: x, Lat: y}
	if !ok1 || !ok2 {
		return p, &tabular.Problem{Field: c.xName, Value: r.Text(c.x) + " " + r.Text(c.y), Rule: "no-coordinate", Advice: "two numbers are expected"}
	}
	if !c.projected {
		return p, nil
	}
	convert := geo.FromUTM32
	if c.spec.CRS == "EPSG:3035" {
		convert = geo.FromLAEA
	}
	p = convert(x, y)
	if swapped := convert(y, x); !p.Valid() && swapped.Valid() {
		return p, &tabular.Problem{
			Field: c.xName, Value: r.Text(c.x) + " " + r.Text(c.y), Rule: "coordinates-swapped",
			Advice: "easting and northing seem to be exchanged; exchange the columns in region.toml",
		}
	}
	return p, nil
}

// within rejects a place outside the region and says so where it is only swapped or not in degrees.
func (b *builder) within(p geo.LonLat) *tabular.Problem {
	if b.d.Bounds.Contains(p) {
		return nil
	}
	value := fmt.Sprintf("%.6f, %.6f", p.Lon, p.Lat)
	switch {
	case b.d.Bounds.Contains(geo.LonLat{Lon: p.Lat, Lat: p.Lon}):
		return &tabular.Problem{Value: value, Rule: "coordinates-swapped", Advice: "longitude and latitude seem to be exchanged: exchange the columns, or the bounds of region.toml"}
	case !p.Valid():
		return &tabular.Problem{Value: value, Rule: "no-degrees", Advice: "these are no degrees; for metres name east and north and set crs"}
	}
	return &tabular.Problem{Value: value, Rule: "outside-region", Advice: "the place lies outside the bounds of region.toml"}
}

// population reads the cells, orders them by id and puts them into their areas.
func (b *builder) population() error {
	spec := b.d.Population
	keep := func(id string, p geo.LonLat) *tabular.Problem {
		if problem := b.within(p); problem != nil {
			if problem.Rule == "outside-region" {
				problem.Rule = "cell-outside-region"
			}
			return problem
		}
		if spec.OnlyInside {
			if m, _ := b.place(p); m < 0 {
				return &tabular.Problem{Rule: "cell-outside-municipalities", Advice: "no municipality of the region holds the cell"}
			}
		}
		return nil
	}
	var l *layer
	var err error
	if spec.Format == "zensus2022" {
		l, err = b.grid(spec.FileSpec, []string{spec.Column}, spec.Markers, keep)
	} else {
		l, err = b.points(spec.FileSpec, spec.Place, []string{spec.Column}, spec.Markers, keep)
	}
	if err != nil {
		return err
	}
	if len(l.ids) == 0 {
		return fault.New(fault.Invalid, spec.File, "no populated cell lies in the region", "compare the bounds of region.toml with the file; the notices say why its cells were rejected")
	}
	order := make([]int, len(l.ids))
	for i := range order {
		order[i] = i
	}
	sort.Slice(order, func(i, j int) bool { return l.ids[order[i]] < l.ids[order[j]] })
	c := &b.s.Cells
	c.SizeM = l.sizeM
	b.cellOf = make(map[string]int32, len(order))
	outside := 0
	for _, i := range order {
		b.cellOf[l.ids[i]] = int32(len(c.ID))
		c.ID = append(c.ID, l.ids[i])
		c.At = append(c.At, l.at[i])
		if l.cells != nil {
			c.East = append(c.East, l.cells[i].East)
			c.North = append(c.North, l.cells[i].North)
		}
		c.Population = append(c.Population, l.number[0][i])
		c.Flag = append(c.Flag, l.flag[0][i])
		m, d := b.place(l.at[i])
		c.Municipality = append(c.Municipality, m)
		c.District = append(c.District, d)
		if m < 0 && d < 0 {
			outside++
		}
	}
	if outside > 0 && len(b.s.Areas) > 0 {
		b.notes.Add(notice.Notice{
			Severity: notice.Info, File: spec.File, Rule: "cells-without-area", Value: fmt.Sprintf("%d of %d cells", outside, len(c.ID)),
			Advice: "these cells lie in the bounds but in no area; they are kept as neighbours. Set only_inside = true to leave them out",
		})
	}
	return nil
}
