package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"gevor/fault"
)

// dumpFormat is the version of the dump's own form.
const dumpFormat = 1

// dumpHead is the first line of a dump.
type dumpHead struct {
	Dump    int `json:"gevor_dump"`
	Version int `json:"version"` // of the tables
}

// dumpTable opens a table; its rows follow, one line each, as arrays in the order of the columns.
type dumpTable struct {
	Table   string   `json:"table"`
	Columns []string `json:"columns"`
}

// dumpEnd closes a table.
type dumpEnd struct {
	End    string `json:"end"`
	Rows   int64  `json:"rows"`
	SHA256 string `json:"sha256"` // of the lines of its rows
}

// dumpLast is the last line; without it a dump is cut off.
type dumpLast struct {
	Tables int    `json:"tables"`
	SHA256 string `json:"sha256"` // of all lines before
}

// Dump writes everything that is in the database, as it is at one moment, in a form that both engines give alike and
// that Load reads into either: lines of JSON, tables in an order in which none points to a later one, rows in the order
// of their keys, a checksum for each table and for all. It gives the checksum of all, by which two databases can be
// compared.
func (s *Store) Dump(ctx context.Context, w io.Writer) (sum string, err error) {
	o := &sql.TxOptions{ReadOnly: true}
	if s.engine == postgresEngine {
		o.Isolation = sql.LevelRepeatableRead
	}
	tx, err := s.read.BeginTx(ctx, o)
	if err != nil {
		return "", failed(err)
	}
	defer func() { // nothing was changed that could be kept
		if back := tx.Rollback(); back != nil && !errors.Is(back, sql.ErrTxDone) {
			err = errors.Join(err, failed(back))
		}
	}()
	d := dumper{w: w, all: sha256.New()}
	applied, err := s.applied(ctx, tx)
	if err != nil {
		return "", err
	}
	if len(applied) == 0 {
		return "", fault.New(fault.NotFound, "database", "holds nothing that could be dumped", "name the database of an installation")
	}
	if err := d.line(dumpHead{dumpFormat, int(slices.Max(applied))}, nil); err != nil {
		return "", err
	}
	tables, err := s.shape(ctx, tx)
	if err != nil {
		return "", err
	}
	for _, t := range tables {
		if err := d.table(ctx, tx, t); err != nil {
			return "", err
		}
	}
	sum = hex.EncodeToString(d.all.Sum(nil))
	return sum, d.line(dumpLast{len(tables), sum}, nil)
}

// DumpOf dumps a database without opening it as a store: nothing is migrated.
func DumpOf(ctx context.Context, dsn string, w io.Writer) (sum string, err error) {
	err = peek(ctx, dsn, func(s *Store) error {
		sum, err = s.Dump(ctx, w)
		return err
	})
	return sum, err
}

// hashing is a checksum that is written to.
type hashing interface {
	io.Writer
	Sum([]byte) []byte
}

type dumper struct {
	w   io.Writer
	all hashing
}

func (d *dumper) line(x any, also io.Writer) error {
	raw, err := json.Marshal(x)
	if err != nil {
		return err
	}
	raw = append(raw, '\n')
	if also != nil {
		_, _ = also.Write(raw) // checksums never fail
	}
	_, _ = d.all.Write(raw)
	if _, err := d.w.Write(raw); err != nil {
		return fault.Wrap(fault.Internal, "dump", "cannot be written", "check free space", err)
	}
	return nil
}

func (d *dumper) table(ctx context.Context, tx *sql.Tx, t tableShape) (err error) {
	if err := d.line(dumpTable{t.name, t.columns}, nil); err != nil {
		return err
	}
	rows, err := tx.QueryContext(ctx, t.query())
	if err != nil {
		return failed(err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	sum, n := sha256.New(), int64(0)
	values, into := make([]any, len(t.columns)), make([]any, len(t.columns))
	for i := range values {
		into[i] = &values[i]
	}
	for ; rows.Next(); n++ {
		if err := rows.Scan(into...); err != nil {
			return failed(err)
		}
		for i, v := range values {
			if values[i], err = portable(v); err != nil {
				return fault.Wrap(fault.Internal, t.name+"."+t.columns[i], "holds a value that cannot be dumped", "", err)
			}
		}
		if err := d.line(values, sum); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return failed(err)
	}
	return d.line(dumpEnd{t.name, n, hex.EncodeToString(sum.Sum(nil))}, nil)
}

// portable gives a value as both engines give it: whole numbers without a point, others with one, bytes in base 64.
func portable(v any) (any, error) {
	switch x := v.(type) {
	case nil, string, int64:
		return x, nil
	case int32:
		return int64(x), nil
	case int16:
		return int64(x), nil
	case bool:
		return int64(bit(x)), nil
	case []byte:
		return map[string]string{"base64": base64.StdEncoding.EncodeToString(x)}, nil
	case float64:
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return nil, fmt.Errorf("%v is no number", x)
		}
		text := strconv.FormatFloat(x, 'g', -1, 64)
		if !strings.ContainsAny(text, ".e") {
			text += ".0"
		}
		return json.RawMessage(text), nil
	case time.Time:
		return nil, errors.New("times are kept as text")
	}
	return nil, fmt.Errorf("unknown type %T", v)
}

// fromDump turns a value of a dump into one for the database.
func fromDump(v any) (any, error) {
	switch x := v.(type) {
	case json.Number:
		if strings.ContainsAny(x.String(), ".eE") {
			return x.Float64()
		}
		return x.Int64()
	case map[string]any:
		text, _ := x["base64"].(string)
		return base64.StdEncoding.DecodeString(text)
	}
	return v, nil
}

// Load fills an empty database with a dump: it makes the tables of the dump's version, fills them, checks every
// checksum, and keeps all of it or nothing. Opening the store afterwards brings the tables up to date. Where marked is
// not empty, the database says so and cannot be opened before FinishRestore.
func Load(ctx context.Context, dsn string, r io.Reader, marked string) (err error) {
	s, err := connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	applied, err := s.applied(ctx, s.write)
	if err != nil {
		return err
	}
	if len(applied) > 0 {
		return fault.New(fault.Conflict, place(dsn), "is not empty", "restore into an empty database")
	}
	in := json.NewDecoder(r)
	in.UseNumber()
	l := loader{in: in, all: sha256.New()}
	var head dumpHead
	if err := l.next(&head); err != nil {
		return err
	}
	if head.Dump != dumpFormat {
		return fault.New(fault.Invalid, "dump", "is of a form that this program does not know", "restore with a newer program")
	}
	m := migration{keep: true, to: int64(head.Version), after: func(ctx context.Context, db *sql.DB) error {
		if err := l.fill(ctx, s, db); err != nil {
			return err
		}
		if marked == "" {
			return nil
		}
		_, err := db.ExecContext(ctx, `INSERT INTO installation (name, value) VALUES ($1, $2)`, restoring, marked)
		return err
	}}
	_, err = s.migrateOn(ctx, m)
	return err
}

type loader struct {
	in  *json.Decoder
	all hashing
}

func damagedDump(err error) error {
	return fault.Wrap(fault.Corrupt, "dump", "is damaged or cut off", "take another backup", err)
}

// raw reads one line and counts it in.
func (l *loader) raw(also io.Writer) (json.RawMessage, error) {
	var m json.RawMessage
	if err := l.in.Decode(&m); err != nil {
		return nil, damagedDump(err)
	}
	text := append(bytes.Clone(m), '\n')
	if also != nil {
		_, _ = also.Write(text) // checksums never fail
	}
	_, _ = l.all.Write(text)
	return m, nil
}

func (l *loader) next(into any) error {
	raw, err := l.raw(nil)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return damagedDump(err)
	}
	return nil
}

func (l *loader) fill(ctx context.Context, s *Store, db *sql.DB) error {
	shape, err := s.shape(ctx, db)
	if err != nil {
		return err
	}
	for _, t := range slices.Backward(shape) { // what the migrations put in comes with the dump
		if _, err := db.ExecContext(ctx, `DELETE FROM `+quoted(t.name)); err != nil {
			return err
		}
	}
	for n := 0; ; n++ {
		before := hex.EncodeToString(l.all.Sum(nil))
		raw, err := l.raw(nil)
		if err != nil {
			return err
		}
		var line struct {
			dumpTable
			dumpLast
		}
		if err := json.Unmarshal(raw, &line); err != nil {
			return damagedDump(err)
		}
		if line.Table == "" {
			if line.Tables != n || line.SHA256 != before {
				return damagedDump(errors.New("the checksum of all does not match"))
			}
			return nil
		}
		at := slices.IndexFunc(shape, func(t tableShape) bool { return t.name == line.Table })
		if at < 0 || !slices.Equal(shape[at].columns, line.Columns) {
			return damagedDump(fmt.Errorf("table %s is not as it was", line.Table))
		}
		if err := l.table(ctx, s, db, shape[at]); err != nil {
			return err
		}
	}
}

func (l *loader) table(ctx context.Context, s *Store, db *sql.DB, t tableShape) (err error) {
	insert, err := db.PrepareContext(ctx, t.insert(s.engine))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, insert.Close()) }()
	sum, values := sha256.New(), []any(nil)
	for n := int64(0); ; n++ {
		before := hex.EncodeToString(sum.Sum(nil))
		raw, err := l.raw(sum)
		if err != nil {
			return err
		}
		if raw[0] == '{' {
			var end dumpEnd
			if err := json.Unmarshal(raw, &end); err != nil || end.End != t.name || end.Rows != n || end.SHA256 != before {
				return damagedDump(fmt.Errorf("the end of table %s does not match (%w)", t.name, err))
			}
			return s.goOnNumbering(ctx, db, t)
		}
		d := json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber()
		values = values[:0]
		if err := d.Decode(&values); err != nil || len(values) != len(t.columns) {
			return damagedDump(fmt.Errorf("a row of table %s (%w)", t.name, err))
		}
		for i, v := range values {
			if values[i], err = fromDump(v); err != nil {
				return damagedDump(err)
			}
		}
		if _, err := insert.ExecContext(ctx, values...); err != nil {
			return err
		}
	}
}
