package files

import (
	"encoding/csv"
	"io"
	"math"
	"strconv"

	"github.com/parquet-go/parquet-go"

	"gevor/atlas"
	"gevor/region"
	"gevor/travel"
)

// LayerRow is one cell under one standard, as layers/<standard>.parquet and .csv hold it. What is not known is
// null (Parquet) or empty (CSV); state, cause and flag are words.
type LayerRow struct {
	Cell         string   `parquet:"cell,zstd"`
	Lon          float64  `parquet:"lon,zstd"`
	Lat          float64  `parquet:"lat,zstd"`
	Municipality string   `parquet:"municipality,dict,zstd"` // key, empty outside all
	District     string   `parquet:"district,dict,zstd"`
	People       *float64 `parquet:"people,optional,zstd"` // of the standard's group
	Flag         string   `parquet:"flag,dict,zstd"`       // known, zero, suppressed, missing, estimated
	State        string   `parquet:"state,dict,zstd"`      // met, missed, empty, unknown
	Cause        string   `parquet:"cause,dict,zstd"`
	Minutes      *float64 `parquet:"minutes,optional,zstd"` // to the k-th nearest place by the best way
	Access       *float64 `parquet:"access,optional,zstd"`  // capacity per 1,000 people of the group
	Shortfall    *float64 `parquet:"shortfall,optional,zstd"`
	Walls        bool     `parquet:"walls"`
}

var layerHead = []string{
	"cell", "lon", "lat", "municipality", "district", "people", "flag", "state", "cause", "minutes", "access", "shortfall", "walls",
}

// layerRow gives one row of a layer.
func layerRow(r *atlas.Result, layer int, cell int) LayerRow {
	s, l := r.Snapshot, &r.Layers[layer]
	c, g := &s.Cells, &s.Groups[s.Standards[l.Standard].Group]
	row := LayerRow{
		Cell: c.ID[cell], Lon: round(c.At[cell].Lon, 7), Lat: round(c.At[cell].Lat, 7),
		Municipality: areaKey(s, c.Municipality[cell]), District: areaKey(s, c.District[cell]),
		Flag: flags[region.Missing], State: cellStates[l.State[cell]], Cause: causes[l.Cause[cell]], Walls: l.Walls[cell],
	}
	if g.State != region.GroupUnknown {
		row.Flag = flags[g.Flag[cell]]
		if f := g.Flag[cell]; f != region.Suppressed && f != region.Missing {
			row.People = known(round(float64(g.People[cell]), 3))
		}
	}
	if l.Seconds[cell] != int32(travel.Unreached) {
		row.Minutes = known(round(float64(l.Seconds[cell])/60, 2))
	}
	row.Access = known(round(float64(l.Access[cell]), 6))
	if l.State[cell] == atlas.CellMissed || l.State[cell] == atlas.CellMet {
		row.Shortfall = known(round(float64(l.Shortfall[cell]), 6))
	}
	return row
}

func round(x float64, decimals int) float64 {
	p := math.Pow10(decimals)
	return math.Round(x*p) / p
}

func writeLayerCSV(w io.Writer, r *atlas.Result, layer int) error {
	out := csv.NewWriter(w)
	if err := out.Write(layerHead); err != nil {
		return err
	}
	record := make([]string, len(layerHead))
	for i := range r.Snapshot.Cells.Len() {
		row := layerRow(r, layer, i)
		record = append(record[:0], row.Cell, text(&row.Lon), text(&row.Lat), row.Municipality, row.District, text(row.People),
			row.Flag, row.State, row.Cause, text(row.Minutes), text(row.Access), text(row.Shortfall), strconv.FormatBool(row.Walls))
		if err := out.Write(record); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func text(x *float64) string {
	if x == nil {
		return ""
	}
	return strconv.FormatFloat(*x, 'f', -1, 64)
}

// rowsAtOnce bounds the memory of a Parquet writer: a row group is at most this many rows.
const rowsAtOnce = 1 << 16

func writeLayerParquet(w io.Writer, r *atlas.Result, layer int) error {
	out := parquet.NewGenericWriter[LayerRow](w,
		parquet.CreatedBy("gevor", "1", ""), // the default names the build of the library, which is no part of the content
		parquet.MaxRowsPerRowGroup(rowsAtOnce))
	rows := make([]LayerRow, 0, 4096)
	flush := func() error {
		_, err := out.Write(rows)
		rows = rows[:0]
		return err
	}
	for i := range r.Snapshot.Cells.Len() {
		rows = append(rows, layerRow(r, layer, i))
		if len(rows) == cap(rows) {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := flush(); err != nil {
		return err
	}
	return out.Close()
}
