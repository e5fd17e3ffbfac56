package api

import (
	"cmp"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"slices"

	"gevor/directory"
	"gevor/internal/api/hsds3"
)

// row is one record of a list before it is written.
type row struct {
	name  string
	item  *item
	at    int // place of the item
	house *house
	gone  *gone
	seen  map[directory.ServiceID]bool // of the house: what is public now
}

// size is how many records a page has.
func (x *exchange) size() (int, error) {
	n := x.q.int("per_page")
	minimal := x.q.bool("minimal")
	switch {
	case n == 0 && minimal:
		return allSize, nil
	case n == 0:
		return pageSize, nil
	case n > mostSize && !minimal:
		return 0, refuse("per_page", "is more than a page holds")
	}
	return n, nil
}

// rows answers with one page of rows, or with all of them, one a line.
func (x *exchange) rows(rows []row, write func(row) any) error {
	return x.some(len(rows), func(from, to int) []row { return rows[from:to] }, write)
}

// some is rows where only those are made that are shown.
func (x *exchange) some(total int, rows func(from, to int) []row, write func(row) any) error {
	if x.q.first("format") == "ndjson" {
		return x.stream(rows(0, total), write)
	}
	per, err := x.size()
	if err != nil {
		return err
	}
	p, from, to := pageOf(total, x.q.int("page"), per)
	shown, err := x.public(rows(from, to))
	if err != nil {
		return err
	}
	for _, r := range shown {
		p.Contents = append(p.Contents, write(r))
	}
	p.Size, p.Empty = len(p.Contents), len(p.Contents) == 0
	return x.json(jsonType, p)
}

// all answers with one page of records that anybody may have.
func (x *exchange) all(list []any) error {
	rows := make([]row, len(list))
	for i := range rows {
		rows[i].at = i
	}
	return x.rows(rows, func(r row) any { return list[r.at] })
}

// pageOf describes a page, and gives which records it holds.
func pageOf(total, number, per int) (p hsds3.Page, from, to int) {
	p = hsds3.Page{TotalItems: total, TotalPages: max(1, (total+per-1)/per), Number: number, Contents: []any{}}
	p.First, p.Last = number == 1, number >= p.TotalPages
	from = min(total, (number-1)*per)
	return p, from, min(total, from+per)
}

// public keeps the rows that are public at this moment.
func (x *exchange) public(rows []row) ([]row, error) {
	var items []*item
	for _, r := range rows {
		switch {
		case r.item != nil:
			items = append(items, r.item)
		case r.house != nil:
			items = append(items, r.house.items...)
		}
	}
	if len(items) == 0 {
		return rows, nil
	}
	seen := make(map[directory.ServiceID]bool, len(items))
	for part := range slices.Chunk(items, mostSize) { // as many as one question of the database holds
		now, err := x.a.still(x.req.Context(), part)
		if err != nil {
			return nil, err
		}
		for id, ok := range now {
			seen[id] = ok
		}
	}
	out := make([]row, 0, len(rows))
	for _, r := range rows {
		if r.item != nil && !seen[r.item.rec.ID] || r.house != nil && !slices.ContainsFunc(r.house.items, func(it *item) bool { return seen[it.rec.ID] }) {
			continue
		}
		r.seen = seen
		out = append(out, r)
	}
	return out, nil
}

// stream answers with all rows, one a line.
func (x *exchange) stream(rows []row, write func(row) any) error {
	select {
	case x.a.streams <- struct{}{}:
		defer func() { <-x.a.streams }()
	default:
		return errBusy
	}
	x.w.Header().Set("Content-Type", linesType)
	var to io.Writer = x.w
	var z *gzip.Writer
	if accepts(x.req) {
		x.w.Header().Set("Content-Encoding", "gzip")
		z = gzip.NewWriter(x.w)
		to = z
	}
	x.w.WriteHeader(http.StatusOK)
	enc := json.NewEncoder(to)
	enc.SetEscapeHTML(false)
	for part := range slices.Chunk(rows, mostSize) {
		shown, err := x.public(part)
		if err != nil {
			x.broken(err)
		}
		for _, r := range shown {
			if err := enc.Encode(write(r)); err != nil {
				return x.gone(err)
			}
		}
	}
	if z != nil {
		return x.gone(z.Close())
	}
	return nil
}

// broken ends an answer that has begun so that the asker notices.
func (x *exchange) broken(err error) {
	x.a.o.Log.Error("an answer broke off", "path", x.req.URL.Path, "cause", err)
	panic(http.ErrAbortHandler)
}

func (s *shelf) place(name string) *place {
	i, ok := slices.BinarySearchFunc(s.places, name, func(p place, n string) int { return cmp.Compare(p.name, n) })
	if !ok {
		return nil
	}
	return &s.places[i]
}

func (s *shelf) provider(name string) *house {
	i, ok := slices.BinarySearchFunc(s.providers, name, func(h *house, n string) int { return cmp.Compare(h.name, n) })
	if !ok {
		return nil
	}
	return s.providers[i]
}
