package geopackage_test

import (
	"bytes"
	"database/sql"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
	_ "modernc.org/sqlite"

	"gevor/internal/geopackage"
)

var day = time.Date(2026, 5, 12, 0, 0, 0, 0, time.UTC)

func tables() []geopackage.Table {
	return []geopackage.Table{
		{
			Name: "areas", Title: "Areas", Description: "two squares", Geometry: "MULTIPOLYGON",
			Columns: []geopackage.Column{{Name: "key", Type: geopackage.Text}, {Name: "share:kinder-15", Type: geopackage.Real}, {Name: "n", Type: geopackage.Integer}},
			Rows: []geopackage.Row{
				{Geometry: square(7, 51), Values: []any{"05", 0.25, 3}},
				{Geometry: square(7.5, 51.5), Values: []any{"06", math.NaN(), 0}},
			},
		},
		{
			Name: "figures", Title: "Figures",
			Columns: []geopackage.Column{{Name: "area", Type: geopackage.Text}, {Name: "known", Type: geopackage.Boolean}},
			Rows:    []geopackage.Row{{Values: []any{"05", true}}},
		},
		{Name: "nothing", Title: "Nothing", Geometry: "POINT"},
	}
}

func square(lon, lat float64) orb.MultiPolygon {
	return orb.MultiPolygon{{{{lon, lat}, {lon + 0.1, lat}, {lon + 0.1, lat + 0.1}, {lon, lat + 0.1}, {lon, lat}}}}
}

// The file is read back with plain SQL and the byte layout of the specification, not with this package.
func TestAnyReaderFindsWhatWasWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.gpkg")
	if err := geopackage.Write(path, day, tables()); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// Application id and user version of the SQLite header (https://www.sqlite.org/fileformat.html: bytes 68 and 60).
	if got := string(raw[68:72]); got != "GPKG" {
		t.Errorf("application id %q, want GPKG", got)
	}
	if got := binary.BigEndian.Uint32(raw[60:]); got != 10300 {
		t.Errorf("user version %d, want 10300", got)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var kind, when string
	var minX, maxY float64
	row := db.QueryRow(`SELECT c.data_type, CAST(c.last_change AS TEXT), c.min_x, c.max_y FROM gpkg_contents c JOIN gpkg_geometry_columns g USING (table_name) JOIN gpkg_spatial_ref_sys s ON s.srs_id = g.srs_id WHERE table_name = 'areas' AND g.column_name = 'geom' AND s.organization_coordsys_id = 4326`)
	if err := row.Scan(&kind, &when, &minX, &maxY); err != nil {
		t.Fatal(err)
	}
	if kind != "features" || when != "2026-05-12T00:00:00.000Z" || minX != 7 || maxY != 51.6 {
		t.Errorf("contents say %s %s %v %v", kind, when, minX, maxY)
	}
	var blob []byte
	var share sql.NullFloat64
	if err := db.QueryRow(`SELECT geom, "share:kinder-15" FROM areas WHERE key = '06'`).Scan(&blob, &share); err != nil {
		t.Fatal(err)
	}
	if share.Valid {
		t.Errorf("an unknown number must be NULL, got %v", share.Float64)
	}
	if !bytes.HasPrefix(blob, []byte{'G', 'P', 0, 3}) || binary.LittleEndian.Uint32(blob[4:]) != 4326 {
		t.Fatalf("header % x", blob[:8])
	}
	if x := math.Float64frombits(binary.LittleEndian.Uint64(blob[8:])); x != 7.5 {
		t.Errorf("envelope begins at %v, want 7.5", x)
	}
	g, err := wkb.Unmarshal(blob[40:])
	if err != nil || !orb.Equal(g, square(7.5, 51.5)) {
		t.Errorf("geometry %v, %v", g, err)
	}
	var sound string
	if err := db.QueryRow(`PRAGMA integrity_check`).Scan(&sound); err != nil || sound != "ok" {
		t.Errorf("integrity %q, %v", sound, err)
	}
}

func TestSameTablesGiveTheSameBytes(t *testing.T) {
	write := func(tables []geopackage.Table) []byte {
		path := filepath.Join(t.TempDir(), "some", "x.gpkg")
		if err := os.Mkdir(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := geopackage.Write(path, day, tables); err != nil {
			t.Fatal(err)
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	a, b := write(tables()), write(tables())
	if !bytes.Equal(a, b) {
		t.Error("two writes differ")
	}
	memory := func() []byte {
		raw, err := geopackage.Encode(day, tables())
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	if c := memory(); len(c) != len(a) || !bytes.Equal(c, memory()) { // the header counts its changes differently
		t.Errorf("in memory: %d bytes instead of %d, or two writes differ", len(c), len(a))
	}
	other := tables()
	other[0].Rows[0].Values[1] = 0.26
	if bytes.Equal(a, write(other)) {
		t.Error("control: another value must give other bytes")
	}
}

func TestAFileThatExistsIsNotTouched(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.gpkg")
	if err := os.WriteFile(path, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := geopackage.Write(path, day, tables()); err == nil {
		t.Fatal("writing over a file must fail")
	}
	if raw, err := os.ReadFile(path); err != nil || string(raw) != "mine" {
		t.Errorf("the file changed: %q %v", raw, err)
	}
}
