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
	"strings"
	"sync"

	"github.com/xuri/excelize/v2"

	"gevor/directory"
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

// column is one of the columns of the downloads.
type column struct {
	name string
	of   func(f *fileRow) string
}

// fileRow is a line of a download: a service at one of its places, or without a place.
type fileRow struct {
	x  *exchange
	it *item
	at int // -1 where it has no place
}

func (f *fileRow) location() *directory.Location {
	if f.at < 0 {
		return &directory.Location{}
	}
	return &f.it.rec.Locations[f.at]
}

// said writes a text in German, or in what language there is.
func said(t directory.Texts) string {
	s, _ := t.In("de")
	return s
}

func columns() []column {
	r := func(of func(r *directory.Record) string) func(*fileRow) string {
		return func(f *fileRow) string { return of(&f.it.rec) }
	}
	degrees := func(f *fileRow, of func(*directory.Location) float64) string {
		l := f.location()
		if l.At == nil {
			return ""
		}
		return strconv.FormatFloat(of(l), 'f', 6, 64)
	}
	return []column{
		{"id", func(f *fileRow) string { return f.it.name }},
		{"name", r(func(r *directory.Record) string { return said(r.Name) })},
		{"traeger", r(func(r *directory.Record) string { return r.Provider.Name })},
		{"kurz", r(func(r *directory.Record) string { return said(r.Summary) })},
		{"beschreibung", r(func(r *directory.Record) string { return said(r.Description) })},
		{"arten", func(f *fileRow) string { return strings.Join(f.it.rec.Kinds, ", ") }},
		{"arten_text", func(f *fileRow) string { return f.kinds() }},
		{"strasse", func(f *fileRow) string { return f.location().Street }},
		{"plz", func(f *fileRow) string { return f.location().Postcode }},
		{"ort", func(f *fileRow) string { return f.location().City }},
		{"laenge", func(f *fileRow) string { return degrees(f, func(l *directory.Location) float64 { return l.At.Lon }) }},
		{"breite", func(f *fileRow) string { return degrees(f, func(l *directory.Location) float64 { return l.At.Lat }) }},
		{"stufenlos", func(f *fileRow) string { return threes[f.location().StepFree] }},
		{"zeiten", func(f *fileRow) string { return f.hours() }},
		{"telefon", func(f *fileRow) string {
			return f.contact(func(c directory.Contact) string { return c.Phone }, f.it.rec.Provider.Phone)
		}},
		{"e_mail", func(f *fileRow) string {
			return f.contact(func(c directory.Contact) string { return c.Email }, f.it.rec.Provider.Email)
		}},
		{"webseite", r(func(r *directory.Record) string { return r.Website })},
		{"termin", r(func(r *directory.Record) string { return r.Booking })},
		{"sprachen", r(func(r *directory.Record) string {
			return joined(r.Languages, func(l directory.Language) string { return l.Tag })
		})},
		{"alter_ab", r(func(r *directory.Record) string { return positive(r.For.MinAge) })},
		{"alter_bis", r(func(r *directory.Record) string { return positive(r.For.MaxAge) })},
		{"bedingungen", r(func(r *directory.Record) string { return said(r.For.Conditions) })},
		{"versicherung", r(func(r *directory.Record) string {
			return joined(r.Insurance, func(i directory.Insurance) string { return string(i) })
		})},
		{"kosten", r(func(r *directory.Record) string { return string(r.Cost) })},
		{"zugang", r(func(r *directory.Record) string {
			return joined(r.Access, func(a directory.Access) string { return string(a) })
		})},
		{"bestaetigt", func(f *fileRow) string {
			t := f.it.rec.TrustAt(directory.Whole, f.it.rec.Confirmations, f.x.a.o.Now())
			if t.Confirmed.IsZero() {
				return ""
			}
			return t.Confirmed.In(f.x.a.zone).Format("2006-01-02")
		}},
		{"geaendert", func(f *fileRow) string { return f.it.modified.In(f.x.a.zone).Format("2006-01-02") }},
	}
}

var threes = [...]string{directory.Unknown: "", directory.Yes: "ja", directory.No: "nein"}

func positive(n int) string {
	if n <= 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func joined[T any](xs []T, of func(T) string) string {
	out := make([]string, len(xs))
	for i, x := range xs {
		out[i] = of(x)
	}
	return strings.Join(out, ", ")
}

func (f *fileRow) kinds() string {
	return joined(f.it.rec.Kinds, func(k string) string {
		label, _, _ := f.x.a.o.Vocabulary.Label(k, "de")
		return label
	})
}

func (f *fileRow) contact(of func(directory.Contact) string, otherwise string) string {
	if f.at >= 0 {
		for _, c := range f.it.rec.Places[f.at].Contacts {
			if s := of(c); s != "" {
				return s
			}
		}
	}
	return otherwise
}

var shortDays = [...]string{"So", "Mo", "Di", "Mi", "Do", "Fr", "Sa"}

func (f *fileRow) hours() string {
	if f.at < 0 {
		return ""
	}
	h := f.it.rec.Places[f.at].Hours
	if h.Always {
		return "rund um die Uhr"
	}
	return joined(h.Slots, func(s directory.Slot) string {
		out := fmt.Sprintf("%s %02d:%02d-%02d:%02d", shortDays[s.Day], s.From/60, s.From%60, s.To/60%24, s.To%60)
		if s.Weeks != 0 {
			var on []string
			for n := 1; n <= 5; n++ {
				if s.Weeks&directory.OnlyWeek(n) != 0 {
					on = append(on, strconv.Itoa(n)+".")
				}
			}
			out += " (" + strings.Join(on, " ") + " im Monat)"
		}
		if s.ByCall {
			out += " (nach Vereinbarung)"
		}
		return out
	})
}

// harmless keeps a spreadsheet from taking a text for a formula.
func harmless(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
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
