package store

import (
	"context"
	"errors"
	"io"
	"os"

	"gevor/fault"
)

// Move writes all that is in one database into another, empty one, of either engine, and gives the checksum that both
// dumps then have. The one it came from stays as it was. A load that fails leaves nothing behind. Where the two differ in the
// end it fails with fault.Conflict: somebody wrote meanwhile, and what came later would be missing. A file that it made
// goes again then; a PostgreSQL must be emptied by hand.
func Move(ctx context.Context, from, to string) (sum string, err error) {
	before, err := DumpOf(ctx, from, io.Discard)
	if err != nil {
		return "", err
	}
	fresh := false
	if !IsPostgres(to) {
		_, missing := os.Stat(to)
		fresh = errors.Is(missing, os.ErrNotExist)
	}
	r, w := io.Pipe()
	sent := make(chan error, 1)
	go func() {
		_, err := DumpOf(ctx, from, w)
		_ = w.CloseWithError(err) // never fails
		sent <- err
	}()
	err = Load(ctx, to, r, "")
	_ = r.CloseWithError(err) // never fails; ends the dump where loading ended first
	if other := <-sent; err == nil {
		err = other
	}
	if err == nil {
		err = alike(ctx, from, to, before)
	}
	if err != nil && fresh {
		for _, part := range []string{to, to + "-wal", to + "-shm"} {
			if gone := os.Remove(part); gone != nil && !errors.Is(gone, os.ErrNotExist) {
				err = errors.Join(err, gone)
			}
		}
	}
	return before, err
}

// alike refuses a move whose two ends are not what the first one was before.
func alike(ctx context.Context, from, to, before string) error {
	for _, end := range []struct{ dsn, what, advice string }{
		{from, "was written to while it was moved", "stop every gevor that uses it, empty the other database, and move again"},
		{to, "holds something else than what was moved", "empty it and move again; the database it came from is whole"},
	} {
		sum, err := DumpOf(ctx, end.dsn, io.Discard)
		if err != nil {
			return err
		}
		if sum != before {
			return fault.New(fault.Conflict, place(end.dsn), end.what, end.advice)
		}
	}
	return nil
}
