package census

import (
	"fmt"
	"math"
	"strings"

	"gevor/fault"
	"gevor/geo"
	"gevor/notice"
	"gevor/tabular"
)

type gridReader struct {
	o       Options
	t       *tabular.Table
	numbers tabular.Numbers
	grid    Grid
	seen    map[uint64]int32 // line on which a cell first came, by its corner
	read    []tabular.Value  // of the row at hand

	id, x, y int // columns, -1 where absent
	values   []int
	brackets int // column werterlaeuternde_Zeichen, -1 where absent
	less     int64
	size     int32 // from the column names, 0 where they do not say
}

// columns finds the cell id and/or the centre, the values and the sign column.
func (g *gridReader) columns() error {
	g.id, g.x, g.y, g.brackets = -1, -1, -1, -1
	for i, name := range g.t.Names() {
		lower := strings.ToLower(name)
		switch {
		case strings.HasPrefix(lower, "gitter_id"), lower == "cell", lower == "grd_id":
			g.id = i
			g.size = max(g.size, sizeOf(lower))
		case strings.HasPrefix(lower, "x_mp"):
			g.x = i
			g.size = max(g.size, sizeOf(lower))
		case strings.HasPrefix(lower, "y_mp"):
			g.y = i
		case strings.HasPrefix(lower, "werterlaeuternde"):
			g.brackets = i
		}
	}
	if g.id < 0 && (g.x < 0 || g.y < 0) {
		return fault.New(fault.Invalid, g.o.File+":1", "no column names the cell",
			"a grid has GITTER_ID_100m, or x_mp_100m and y_mp_100m; the columns here are "+strings.Join(g.t.Names(), ", "))
	}
	if g.id < 0 && g.size == 0 {
		return fault.New(fault.Invalid, g.o.File+":1", "the columns do not say how large a cell is", "name them x_mp_100m and y_mp_100m")
	}
	for _, c := range g.o.Columns {
		i, err := g.t.Need(c)
		if err != nil {
			return err
		}
		g.values = append(g.values, i)
	}
	g.grid.Columns = g.o.Columns
	g.grid.Number = make([][]float32, len(g.values))
	g.grid.Flag = make([][]tabular.Flag, len(g.values))
	return nil
}

func sizeOf(column string) int32 {
	switch {
	case strings.HasSuffix(column, "_100m"):
		return 100
	case strings.HasSuffix(column, "_1km"):
		return 1000
	case strings.HasSuffix(column, "_10km"):
		return 10000
	}
	return 0
}

func (g *gridReader) row(r tabular.Row) *tabular.Problem {
	c, problem := g.cell(r)
	if problem != nil {
		return problem
	}
	if g.grid.SizeM == 0 {
		g.grid.SizeM = c.SizeM
	}
	if c.SizeM != g.grid.SizeM {
		return &tabular.Problem{
			Record: c.String(), Value: c.String(), Rule: "cell-size-differs",
			Advice: fmt.Sprintf("the grid began with cells of %d m; read one size at a time", g.grid.SizeM),
		}
	}
	if g.o.Keep != nil {
		if p := g.o.Keep(c); p != nil {
			return p
		}
	}
	if first, twice := g.seen[corner(c)]; twice {
		return &tabular.Problem{
			Record: c.String(), Rule: "duplicate-cell", Value: c.String(),
			Advice: fmt.Sprintf("the cell stands on line %d already; the first is used", first),
		}
	}
	values := g.read[:0]
	for k, col := range g.values {
		text := r.Text(col)
		v, reading := g.numbers.Parse(text)
		switch {
		case v.Number == -1:
			v = tabular.Value{Flag: tabular.Suppressed} // how the 2011 grids write it
		case reading == tabular.Unreadable || v.Number < 0 || v.Number > math.MaxFloat32:
			return &tabular.Problem{
				Record: c.String(), Field: g.o.Columns[k], Value: text, Rule: "no-count",
				Advice: "a number >= 0 or a marker such as – is expected",
			}
		case reading == tabular.Uncertain:
			g.less++
		}
		values = append(values, v)
	}
	if g.brackets >= 0 && r.Text(g.brackets) != "" {
		g.less++
	}
	g.read = values
	g.seen[corner(c)] = int32(r.Line)
	g.grid.Cells = append(g.grid.Cells, c)
	for k, v := range values {
		g.grid.Number[k] = append(g.grid.Number[k], float32(v.Number))
		g.grid.Flag[k] = append(g.grid.Flag[k], v.Flag)
	}
	return nil
}

// cell takes the identifier, else the centre. Where both are there they must agree.
func (g *gridReader) cell(r tabular.Row) (geo.Cell, *tabular.Problem) {
	var c geo.Cell
	if g.id >= 0 {
		text := r.Text(g.id)
		var err error
		if c, err = geo.ParseCell(text); err != nil {
			return c, &tabular.Problem{Field: g.t.Names()[g.id], Value: text, Rule: "no-cell", Advice: "a cell is written like CRS3035RES100mN2689100E4337000"}
		}
		if g.x < 0 || g.y < 0 {
			return c, nil
		}
	}
	x, okX := g.numbers.Coordinate(r.Text(g.x))
	y, okY := g.numbers.Coordinate(r.Text(g.y))
	if !okX || !okY || !(x >= 0 && x < 1e7 && y >= 0 && y < 1e7) {
		return c, &tabular.Problem{
			Field: g.t.Names()[g.x], Value: r.Text(g.x) + " " + r.Text(g.y), Rule: "no-coordinate",
			Advice: "the centre of the cell in EPSG:3035 metres is expected",
		}
	}
	size := g.size
	if g.id >= 0 {
		size = c.SizeM
	}
	at := geo.CellAt(x, y, size)
	if g.id >= 0 && at != c && geo.CellAt(y, x, size) == c {
		return c, &tabular.Problem{
			Record: c.String(), Field: g.t.Names()[g.x], Value: r.Text(g.x) + " " + r.Text(g.y), Rule: "coordinates-swapped",
			Advice: "easting and northing seem to be exchanged; exchange the names of the two columns in the header",
		}
	}
	if g.id >= 0 && at != c {
		return c, &tabular.Problem{
			Record: c.String(), Field: g.t.Names()[g.x], Value: r.Text(g.x) + " " + r.Text(g.y), Rule: "cell-and-centre-differ",
			Advice: "the centre lies in " + at.String() + "; a table program may have changed the numbers",
		}
	}
	return at, nil
}

func corner(c geo.Cell) uint64 { return uint64(c.North)<<32 | uint64(uint32(c.East)) }

func (g *gridReader) close() {
	if g.less > 0 {
		g.o.Notes.Add(notice.Notice{
			Severity: notice.Info, File: g.o.File, Rule: "less-certain-values", Value: fmt.Sprintf("%d rows", g.less),
			Advice: "their publisher puts these numbers in brackets; they were used as they are",
		})
	}
}
