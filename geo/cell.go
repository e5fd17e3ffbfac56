package geo

import (
	"fmt"
	"strconv"
	"strings"

	"gevor/fault"
)

// Cell is a square of the European grid (INSPIRE, EPSG:3035), named by its south-west corner.
type Cell struct {
	SizeM       int32 // edge in metres: 100, 1000, 10000, …
	North, East int32 // south-west corner in metres, multiples of SizeM
}

// ParseCell reads an identifier as the German census writes it, e.g. "CRS3035RES100mN2689100E4337000" or
// "CRS3035RES1000mN2689000E4337000"; numbers are metres.
func ParseCell(id string) (Cell, error) {
	bad := func(what string) (Cell, error) {
		return Cell{}, fault.New(fault.Invalid, "", fmt.Sprintf("%q is no grid cell: %s", id, what),
			"a cell is written like CRS3035RES100mN2689100E4337000")
	}
	rest, ok := strings.CutPrefix(id, "CRS3035RES")
	if !ok {
		return bad("it does not begin with CRS3035RES")
	}
	size, rest, ok := strings.Cut(rest, "mN")
	if !ok {
		return bad("the part mN is missing")
	}
	north, east, ok := strings.Cut(rest, "E")
	if !ok {
		return bad("the part E is missing")
	}
	var c Cell
	for _, f := range []struct {
		to   *int32
		text string
	}{{&c.SizeM, size}, {&c.North, north}, {&c.East, east}} {
		n, err := strconv.ParseUint(f.text, 10, 31)
		if err != nil || f.text[0] == '+' || n > 10_000_000 {
			return bad(fmt.Sprintf("%q is no whole number of metres below 10,000 km", f.text))
		}
		*f.to = int32(n)
	}
	if c.SizeM <= 0 || c.North%c.SizeM != 0 || c.East%c.SizeM != 0 {
		return bad("the corner is no multiple of the edge")
	}
	return c, nil
}

// CellAt gives the cell of an edge in metres that holds a point of EPSG:3035 with coordinates >= 0.
func CellAt(east, north float64, sizeM int32) Cell {
	s := float64(sizeM)
	return Cell{SizeM: sizeM, East: int32(east/s) * sizeM, North: int32(north/s) * sizeM}
}

// String gives the identifier that ParseCell reads.
func (c Cell) String() string {
	b := make([]byte, 0, 40)
	b = append(b, "CRS3035RES"...)
	b = strconv.AppendInt(b, int64(c.SizeM), 10)
	b = append(b, "mN"...)
	b = strconv.AppendInt(b, int64(c.North), 10)
	b = append(b, 'E')
	b = strconv.AppendInt(b, int64(c.East), 10)
	return string(b)
}

// Centre gives the middle of the cell.
func (c Cell) Centre() LonLat {
	return FromLAEA(float64(c.East)+float64(c.SizeM)/2, float64(c.North)+float64(c.SizeM)/2)
}

// Corners gives the four corners, south-west first, anticlockwise.
func (c Cell) Corners() [4]LonLat {
	e, n, s := float64(c.East), float64(c.North), float64(c.SizeM)
	return [4]LonLat{FromLAEA(e, n), FromLAEA(e+s, n), FromLAEA(e+s, n+s), FromLAEA(e, n+s)}
}
