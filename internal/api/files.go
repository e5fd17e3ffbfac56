package api

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"

	"github.com/xuri/excelize/v2"

	"gevor/fault"
)

// files keeps the workbook of the last shelf: it takes seconds to make, and many may want it.
type files struct {
	mu   sync.Mutex
	tag  string
	xlsx []byte
}

func fileEndpoints() []endpoint {
	get := func(path, says, kind, gives string, answer func(*exchange) error) endpoint {
		return endpoint{Method: http.MethodGet, Path: path, Says: says, Kind: kind, Gives: gives, List: true, answer: answer}
	}
	calendar := get(filePrefix+"services/{record}/calendar.ics", "The regular hours of one service as a calendar.", "text/calendar", "", oneCalendar)
	calendar.List = false
	return []endpoint{
		get(filePrefix+"services.csv", "All public services, a line for each of their places: UTF-8 with a mark, semicolons.", "text/csv", "", allCSV),
		get(filePrefix+"services.xlsx", "The same as a workbook.", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "", allXLSX),
		get(filePrefix+"services.json", "All public services with everything that belongs to them, as HSDS.", "application/json", "ServiceFile", allJSON),
		get(filePrefix+"groups.ics", "The hours of groups, courses and open meetings as a calendar to subscribe to.", "text/calendar", "", groupCalendar),
		calendar,
		get(openAPIPath, "This description.", "application/json", "", openAPI),
		get(sitemapPath, "The pages of public offers, for search engines.", "application/xml", "", sitemap),
		get(sitemapsPrefix+"{part}", "One part of them.", "application/xml", "", sitemapPart),
	}
}

// everything walks through all public services in order of their names, as they are public at this moment.
func (x *exchange) everything(s *shelf, visit func(*item) error) error {
	for part := range slices.Chunk(s.items, mostSize) {
		seen, err := x.a.still(x.req.Context(), part)
		if err != nil {
			return err
		}
		for _, it := range part {
			if !seen[it.rec.ID] {
				continue
			}
			if err := visit(it); err != nil {
				return err
			}
		}
	}
	return nil
}

// rowsOf gives the lines of a service.
func (x *exchange) rowsOf(it *item) []fileRow {
	if len(it.rec.Locations) == 0 {
		return []fileRow{{x, it, -1}}
	}
	out := make([]fileRow, len(it.rec.Locations))
	for i := range out {
		out[i] = fileRow{x, it, i}
	}
	return out
}

// download answers with a file that is written as it is made. Whoever has it as it is now gets nothing.
func (x *exchange) download(name, kind string, write func(s *shelf, w io.Writer) error) error {
	s, err := x.a.shelf(x.req.Context())
	if err != nil {
		return err
	}
	if x.has(x.tag(s)) {
		return nil
	}
	leave, err := x.a.enter()
	if err != nil {
		return err
	}
	defer leave()
	h := x.w.Header()
	h.Set("Content-Type", kind)
	if name != "" {
		h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	}
	if x.req.Method == http.MethodHead {
		return nil
	}
	var to io.Writer = x.w
	var z *gzip.Writer
	if accepts(x.req) {
		h.Set("Content-Encoding", "gzip")
		z = gzip.NewWriter(x.w)
		to = z
	}
	err = write(s, to)
	if err == nil && z != nil {
		err = z.Close()
	}
	if err != nil && x.req.Context().Err() == nil {
		x.broken(err)
	}
	return nil
}

// enter takes one of the few places for answers that read everything.
func (a *API) enter() (leave func(), err error) {
	select {
	case a.streams <- struct{}{}:
		return func() { <-a.streams }, nil
	default:
		return nil, errBusy
	}
}

// tag names the state of everything: the revision, the program, and the hour, since what is believed for a while only
// ends with time.
func (x *exchange) tag(s *shelf) string {
	return fmt.Sprintf(`W/"%s-%d-%d"`, x.a.o.Version, s.revision, x.a.o.Now().Unix()/3600)
}

// has says, and answers, that the asker has this state.
func (x *exchange) has(tag string) bool {
	x.w.Header().Set("ETag", tag)
	if !matches(x.req.Header.Get("If-None-Match"), tag) {
		return false
	}
	x.w.WriteHeader(http.StatusNotModified)
	return true
}

func allCSV(x *exchange) error {
	return x.download("angebote.csv", "text/csv; charset=utf-8", func(s *shelf, to io.Writer) error {
		if _, err := io.WriteString(to, "\ufeff"); err != nil {
			return err
		}
		w := csv.NewWriter(to)
		w.Comma, w.UseCRLF = ';', true
		cols := columns()
		line := make([]string, len(cols))
		for i, c := range cols {
			line[i] = c.name
		}
		if err := w.Write(line); err != nil {
			return err
		}
		if err := x.everything(s, func(it *item) error {
			for _, f := range x.rowsOf(it) {
				for i, c := range cols {
					line[i] = harmless(c.of(&f))
				}
				if err := w.Write(line); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
		w.Flush()
		return w.Error()
	})
}

func allJSON(x *exchange) error {
	return x.download("angebote.json", jsonType, func(s *shelf, to io.Writer) error {
		if _, err := io.WriteString(to, `{"services":[`); err != nil {
			return err
		}
		enc := json.NewEncoder(to)
		enc.SetEscapeHTML(false)
		w, first := x.writer(), true
		if err := x.everything(s, func(it *item) error {
			if !first {
				if _, err := io.WriteString(to, ","); err != nil {
					return err
				}
			}
			first = false
			return enc.Encode(w.Full(&it.rec, it.modified))
		}); err != nil {
			return err
		}
		_, err := io.WriteString(to, "]}\n")
		return err
	})
}

func allXLSX(x *exchange) error {
	s, err := x.a.shelf(x.req.Context())
	if err != nil {
		return err
	}
	tag := x.tag(s)
	if x.has(tag) {
		return nil
	}
	leave, err := x.a.enter()
	if err != nil {
		return err
	}
	defer leave()
	x.a.files.mu.Lock()
	defer x.a.files.mu.Unlock()
	if x.a.files.tag != tag {
		raw, err := x.xlsx(s)
		if err != nil {
			return fault.Wrap(fault.Internal, "services.xlsx", "the workbook cannot be written", "", err)
		}
		x.a.files.tag, x.a.files.xlsx = tag, raw
	}
	x.w.Header().Set("Content-Disposition", `attachment; filename="angebote.xlsx"`)
	x.w.Header().Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	_, err = x.w.Write(x.a.files.xlsx) // compressed in itself
	return x.gone(err)
}

func (x *exchange) xlsx(s *shelf) ([]byte, error) {
	f := excelize.NewFile()
	defer f.Close()
	w, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		return nil, err
	}
	cols := columns()
	if err := w.SetColWidth(1, len(cols), 20); err != nil {
		return nil, err
	}
	line := make([]any, len(cols))
	for i, c := range cols {
		line[i] = c.name
	}
	if err := w.SetRow("A1", line); err != nil {
		return nil, err
	}
	n := 1
	if err := x.everything(s, func(it *item) error {
		for _, r := range x.rowsOf(it) {
			n++
			for i, c := range cols {
				line[i] = c.of(&r) // as text: never a formula
			}
			if err := w.SetRow("A"+strconv.Itoa(n), line); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return nil, err
	}
	if err := w.Flush(); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = f.Write(&out)
	return out.Bytes(), err
}
