package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// tableShape is what a dump must know of a table.
type tableShape struct {
	name     string
	columns  []string // in order of name, which both engines agree on
	texts    map[string]bool
	key      []string // all columns where there is no key
	numbered string   // the column that PostgreSQL numbers by itself
	needs    []string // tables it points to
}

// query reads all rows in an order that does not depend on the engine: text by its bytes, nothing before anything.
func (t tableShape) query() string {
	order := make([]string, 0, len(t.key))
	for _, k := range t.key {
		if o := quoted(k); t.texts[k] {
			order = append(order, o+` COLLATE "C" NULLS FIRST`)
		} else {
			order = append(order, o+" NULLS FIRST")
		}
	}
	return "SELECT " + t.columnList() + " FROM " + quoted(t.name) + " ORDER BY " + strings.Join(order, ", ")
}

func (t tableShape) columnList() string {
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = quoted(c)
	}
	return strings.Join(names, ", ")
}

func (t tableShape) insert(e engine) string {
	places := make([]string, len(t.columns))
	for i := range places {
		places[i] = fmt.Sprintf("$%d", i+1)
	}
	overriding := ""
	if e == postgresEngine {
		overriding = " OVERRIDING SYSTEM VALUE"
	}
	return "INSERT INTO " + quoted(t.name) + " (" + t.columnList() + ")" + overriding + " VALUES (" + strings.Join(places, ", ") + ")"
}

// Tables that are not part of the state: who migrated, and what the continuous backup keeps for itself.
func foreignTable(name string) bool {
	return name == versionTable || strings.HasPrefix(name, "_litestream_")
}

// shape gives all tables of the state, none before one it points to. Indexes for search are left out: they are made
// anew from the rest.
func (s *Store) shape(ctx context.Context, db querier) ([]tableShape, error) {
	tables := map[string]*tableShape{}
	columns, needs := sqliteColumns, sqliteNeeds
	if s.engine == postgresEngine {
		columns, needs = postgresColumns, postgresNeeds
	}
	type column struct {
		table, name, kind string
		key               int
		numbered          bool
	}
	found, err := all(ctx, db, func(row interface{ Scan(...any) error }) (c column, err error) {
		return c, row.Scan(&c.table, &c.name, &c.kind, &c.key, &c.numbered)
	}, columns)
	if err != nil {
		return nil, err
	}
	keys := map[string]map[int]string{}
	for _, c := range found {
		if foreignTable(c.table) {
			continue
		}
		t, there := tables[c.table]
		if !there {
			t = &tableShape{name: c.table, texts: map[string]bool{}}
			tables[c.table], keys[c.table] = t, map[int]string{}
		}
		t.columns = append(t.columns, c.name)
		if s.engine == postgresEngine && c.kind == "text" {
			t.texts[c.name] = true
		}
		if c.key > 0 {
			keys[c.table][c.key] = c.name
		}
		if c.numbered {
			t.numbered = c.name
		}
	}
	for name, t := range tables {
		slices.Sort(t.columns)
		for _, at := range slices.Sorted(maps.Keys(keys[name])) {
			t.key = append(t.key, keys[name][at])
		}
		if len(t.key) == 0 {
			t.key = t.columns
		}
	}
	pairs, err := all(ctx, db, func(row interface{ Scan(...any) error }) (p [2]string, err error) { return p, row.Scan(&p[0], &p[1]) }, needs)
	if err != nil {
		return nil, err
	}
	for _, p := range pairs {
		if t := tables[p[0]]; t != nil && tables[p[1]] != nil && p[0] != p[1] {
			t.needs = append(t.needs, p[1])
		}
	}
	return inOrder(tables)
}

// inOrder puts tables behind those they point to, otherwise in order of name.
func inOrder(tables map[string]*tableShape) (out []tableShape, err error) {
	placed := map[string]bool{}
	for len(out) < len(tables) {
		before := len(out)
		for _, name := range slices.Sorted(maps.Keys(tables)) {
			t := tables[name]
			if !placed[name] && !slices.ContainsFunc(t.needs, func(n string) bool { return !placed[n] }) {
				out, placed[name] = append(out, *t), true
				break // so that an earlier name that waited for this one comes next
			}
		}
		if len(out) == before {
			return nil, fmt.Errorf("tables point to each other in a circle")
		}
	}
	return out, nil
}

const sqliteColumns = `SELECT t.name, c.name, lower(c.type), c.pk, 0 FROM pragma_table_list t JOIN pragma_table_info(t.name) c
	WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY t.name, c.cid`

const sqliteNeeds = `SELECT t.name, f."table" FROM pragma_table_list t JOIN pragma_foreign_key_list(t.name) f
	WHERE t.schema = 'main' AND t.type = 'table' ORDER BY 1, 2`

const postgresColumns = `SELECT c.table_name, c.column_name, c.data_type, COALESCE(array_position(i.indkey::int2[], a.attnum) + 1, 0), c.is_identity = 'YES'
	FROM information_schema.columns c
	JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name AND t.table_type = 'BASE TABLE'
	JOIN pg_class k ON k.relname = c.table_name AND k.relnamespace = current_schema()::regnamespace
	JOIN pg_attribute a ON a.attrelid = k.oid AND a.attname = c.column_name
	LEFT JOIN pg_index i ON i.indrelid = k.oid AND i.indisprimary
	WHERE c.table_schema = current_schema() ORDER BY c.table_name COLLATE "C", c.ordinal_position`

const postgresNeeds = `SELECT a.relname, b.relname FROM pg_constraint f JOIN pg_class a ON a.oid = f.conrelid JOIN pg_class b ON b.oid = f.confrelid
	WHERE f.contype = 'f' AND a.relnamespace = current_schema()::regnamespace ORDER BY 1, 2`

// goOnNumbering makes PostgreSQL give numbers behind those that were loaded, as SQLite does by itself.
func (s *Store) goOnNumbering(ctx context.Context, db querier, t tableShape) error {
	if s.engine != postgresEngine || t.numbered == "" {
		return nil
	}
	_, err := db.ExecContext(ctx, fmt.Sprintf(`SELECT setval(pg_get_serial_sequence('%s', '%s'), (SELECT MAX(%s) FROM %s)) WHERE EXISTS (SELECT 1 FROM %s)`,
		quoted(t.name), t.numbered, quoted(t.numbered), quoted(t.name), quoted(t.name)))
	return err
}
