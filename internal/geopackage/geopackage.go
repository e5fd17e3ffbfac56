// Package geopackage writes OGC GeoPackage files (version 1.3, https://www.geopackage.org/spec130/) that any GIS
// opens: feature tables in WGS 84 and plain attribute tables. Same tables, same bytes.
package geopackage

import (
	"bytes"
	"context"
	"database/sql"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
	_ "modernc.org/sqlite" // the database driver "sqlite"

	"gevor/fault"
)

// Type is the type of a column in the words of GeoPackage.
type Type string

// The types that gevor uses. Values are string, float64 (NaN and nil are NULL), int or int64, and bool.
const (
	Text    Type = "TEXT"
	Real    Type = "DOUBLE"
	Integer Type = "INTEGER"
	Boolean Type = "BOOLEAN"
)

// Column is one column beside fid and geom.
type Column struct {
	Name string
	Type Type
}

// Row is one feature or one line of attributes.
type Row struct {
	Geometry orb.Geometry // nil in tables without geometry
	Values   []any        // parallel to the table's columns
}

// Table is one layer.
type Table struct {
	Name        string // lower case, digits and underscores
	Title       string
	Description string
	Geometry    string // "MULTIPOLYGON", "POINT", …; empty for a table of attributes
	Columns     []Column
	Rows        []Row
}

const (
	applicationID = 0x47504B47 // "GPKG"
	userVersion   = 10300
	wgs84         = 4326
)

// gpkgTables are the tables every GeoPackage has.
//
//go:embed gpkg.sql
var gpkgTables string

var nameForm = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// Write makes a GeoPackage at a path where no file exists. changed is the date that the file states as its last
// change; it is an input because the same tables must give the same bytes on any day.
func Write(path string, changed time.Time, tables []Table) (err error) {
	if _, statErr := os.Lstat(path); statErr == nil {
		return fault.New(fault.Conflict, path, "exists already", "")
	}
	// No journal: the file is new and its folder is thrown away if writing fails.
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(off)&_pragma=synchronous(off)"+form)
	if err != nil {
		return fault.Wrap(fault.Internal, path, "cannot be made", "", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	return compose(db, path, changed, tables)
}

// Encode gives the bytes of a GeoPackage that stands in no file: for small tables that are made for one reader.
func Encode(changed time.Time, tables []Table) (raw []byte, err error) {
	const place = "GeoPackage"
	db, err := sql.Open("sqlite", "file::memory:?"+form)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, place, "cannot be made", "", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1) // each connection would have a memory of its own
	if err := compose(db, place, changed, tables); err != nil {
		return nil, err
	}
	conn, err := db.Conn(context.Background())
	if err != nil {
		return nil, fault.Wrap(fault.Internal, place, "cannot be made", "", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	err = conn.Raw(func(driver any) error {
		raw, err = driver.(interface{ Serialize() ([]byte, error) }).Serialize() //nolint:misspell // the spelling of the driver
		return err
	})
	if err != nil {
		return nil, fault.Wrap(fault.Internal, place, "cannot be made", "", err)
	}
	return raw, nil
}

// form is how the pages of the database are written, whatever the driver's own choice is.
const form = "&_pragma=page_size(4096)&_pragma=encoding('UTF-8')"

func compose(db *sql.DB, place string, changed time.Time, tables []Table) error {
	for _, pragma := range []string{fmt.Sprintf("PRAGMA application_id = %d", applicationID), fmt.Sprintf("PRAGMA user_version = %d", userVersion)} {
		if _, err := db.Exec(pragma); err != nil {
			return fault.Wrap(fault.Internal, place, "cannot be made", "", err)
		}
	}
	tx, err := db.Begin()
	if err != nil {
		return fault.Wrap(fault.Internal, place, "cannot be made", "", err)
	}
	if err := fill(tx, changed, tables); err != nil {
		return errors.Join(fault.Wrap(fault.Internal, place, "cannot be written", "check free space", err), tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		return fault.Wrap(fault.Internal, place, "cannot be written", "check free space", err)
	}
	return nil
}

func fill(tx *sql.Tx, changed time.Time, tables []Table) error {
	if _, err := tx.Exec(gpkgTables); err != nil {
		return err
	}
	for i := range tables {
		if err := writeTable(tx, changed, &tables[i]); err != nil {
			return fmt.Errorf("table %s: %w", tables[i].Name, err)
		}
	}
	return nil
}

func writeTable(tx *sql.Tx, changed time.Time, t *Table) (err error) {
	if err := create(tx, changed, t); err != nil {
		return err
	}
	insert, err := tx.Prepare(insertText(t))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, insert.Close()) }()
	args := make([]any, 0, len(t.Columns)+1)
	for i, row := range t.Rows {
		if len(row.Values) != len(t.Columns) {
			return fmt.Errorf("row %d has %d values for %d columns", i, len(row.Values), len(t.Columns))
		}
		args = args[:0]
		if t.Geometry != "" {
			blob, err := Blob(row.Geometry)
			if err != nil {
				return fmt.Errorf("row %d: %w", i, err)
			}
			args = append(args, blob)
		}
		for _, v := range row.Values {
			if x, ok := v.(float64); ok && (math.IsNaN(x) || math.IsInf(x, 0)) {
				v = nil
			}
			args = append(args, v)
		}
		if _, err := insert.Exec(args...); err != nil {
			return fmt.Errorf("row %d: %w", i, err)
		}
	}
	return nil
}

func create(tx *sql.Tx, changed time.Time, t *Table) error {
	columns := []string{"fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL"}
	kind, srs := "attributes", any(nil)
	if t.Geometry != "" {
		columns = append(columns, "geom "+t.Geometry)
		kind, srs = "features", wgs84
	}
	for _, c := range t.Columns {
		columns = append(columns, quote(c.Name)+" "+string(c.Type))
	}
	if !nameForm.MatchString(t.Name) {
		return fmt.Errorf("%q is no name of a table", t.Name)
	}
	if _, err := tx.Exec("CREATE TABLE " + quote(t.Name) + " (" + strings.Join(columns, ", ") + ")"); err != nil {
		return err
	}
	box := [4]any{}
	if b, ok := bounds(t.Rows); ok {
		box = [4]any{b.Min[0], b.Min[1], b.Max[0], b.Max[1]}
	}
	_, err := tx.Exec(`INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, min_x, min_y, max_x, max_y, srs_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		t.Name, kind, t.Title, t.Description, changed.UTC().Format("2006-01-02T15:04:05.000Z"), box[0], box[1], box[2], box[3], srs)
	if err != nil || t.Geometry == "" {
		return err
	}
	_, err = tx.Exec(`INSERT INTO gpkg_geometry_columns VALUES ($1, 'geom', $2, $3, 0, 0)`, t.Name, t.Geometry, wgs84)
	return err
}

func insertText(t *Table) string {
	var names, holes []string
	if t.Geometry != "" {
		names = append(names, "geom")
	}
	for _, c := range t.Columns {
		names = append(names, quote(c.Name))
	}
	for i := range names {
		holes = append(holes, fmt.Sprintf("$%d", i+1))
	}
	if len(names) == 0 {
		return "INSERT INTO " + quote(t.Name) + " DEFAULT VALUES"
	}
	return "INSERT INTO " + quote(t.Name) + " (" + strings.Join(names, ", ") + ") VALUES (" + strings.Join(holes, ", ") + ")"
}

// quote makes any text a name in SQL.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func bounds(rows []Row) (b orb.Bound, any bool) {
	for _, r := range rows {
		if r.Geometry == nil {
			continue
		}
		x := r.Geometry.Bound()
		if x.Min[0] > x.Max[0] {
			continue
		}
		if !any {
			b, any = x, true
			continue
		}
		b = b.Union(x)
	}
	return b, any
}

// Blob is a geometry in the standard GeoPackage binary form (spec 2.1.3): magic, version, flags (little endian,
// envelope of four numbers), system, envelope, well-known binary.
func Blob(g orb.Geometry) ([]byte, error) {
	if g == nil {
		return nil, nil
	}
	body, err := wkb.Marshal(g, binary.LittleEndian)
	if err != nil {
		return nil, err
	}
	b := g.Bound()
	var out bytes.Buffer
	out.WriteString("GP")
	if b.Min[0] > b.Max[0] || b.Min[1] > b.Max[1] {
		out.Write([]byte{0, 0x11}) // empty geometry, no envelope, little endian
		out.Write(binary.LittleEndian.AppendUint32(nil, wgs84))
	} else {
		out.Write([]byte{0, 0x03})
		out.Write(binary.LittleEndian.AppendUint32(nil, wgs84))
		for _, x := range [4]float64{b.Min[0], b.Max[0], b.Min[1], b.Max[1]} {
			out.Write(binary.LittleEndian.AppendUint64(nil, math.Float64bits(x)))
		}
	}
	out.Write(body)
	return out.Bytes(), nil
}
