package store

import (
	"context"
	"fmt"
	"strings"

	"gevor/fault"
)

// Integrity checks the whole database: that its pages and indexes fit together and that no row points nowhere.
// PostgreSQL looks after itself; there it only proves that every table can be read. Corrupt where something is wrong.
func (s *Store) Integrity(ctx context.Context) error { return s.integrity(ctx) }

func (s *Store) integrity(ctx context.Context) error {
	const advice = "restore the last backup"
	if s.engine == postgresEngine {
		tables, err := s.tables(ctx, s.read)
		if err != nil {
			return err
		}
		for _, t := range tables {
			var rows int64
			if err := s.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM `+quoted(t)).Scan(&rows); err != nil {
				return fault.Wrap(fault.Corrupt, t, "cannot be read", advice, err)
			}
		}
		return nil
	}
	damage, err := all(ctx, s.read, func(row interface{ Scan(...any) error }) (line string, err error) { return line, row.Scan(&line) }, `PRAGMA integrity_check(10)`)
	if err != nil {
		return fault.Wrap(fault.Corrupt, "database", "cannot be checked", advice, err)
	}
	if len(damage) != 1 || damage[0] != "ok" {
		return fault.New(fault.Corrupt, "database", "is damaged: "+strings.Join(damage, "; "), advice)
	}
	astray, err := all(ctx, s.read, func(row interface{ Scan(...any) error }) (table string, err error) { return table, row.Scan(&table) },
		`SELECT DISTINCT "table" FROM pragma_foreign_key_check ORDER BY 1`)
	if err != nil {
		return fault.Wrap(fault.Corrupt, "database", "cannot be checked", advice, err)
	}
	if len(astray) > 0 {
		return fault.New(fault.Corrupt, "database", fmt.Sprintf("has rows that point nowhere in %s", strings.Join(astray, ", ")), advice)
	}
	return nil
}

// quoted names a table or column in SQL.
func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
