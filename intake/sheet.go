package intake

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"gevor/directory"
	"gevor/fault"
	"gevor/geo"
	"gevor/notice"
	"gevor/tabular"
)

// bounded reads no more than a number of bytes and remembers that there was more.
type bounded struct {
	r    io.Reader
	left int64
	over bool
}

// Read reads on, or ends where the bound is reached.
func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		b.over = true
		return 0, io.EOF
	}
	if int64(len(p)) > b.left {
		p = p[:b.left]
	}
	n, err := b.r.Read(p)
	b.left -= int64(n)
	return n, err
}

// CSV takes over the lines of a delimited sheet.
func CSV(in io.Reader, m Mapping, w *Words, o Options) ([]directory.Imported, error) {
	o, err := o.ready()
	if err != nil {
		return nil, err
	}
	limited := &bounded{r: in, left: o.Limits.Bytes + 1}
	to := tabular.Options{File: o.File, Notes: o.Notes, HeaderRow: m.Header}
	if m.Delimiter != "" {
		to.Delimiter = m.Delimiter[0]
	}
	t, err := tabular.Open(limited, to)
	if err != nil {
		return nil, err
	}
	s, err := newSheet(t.Names(), m, w, &o)
	if err != nil {
		return nil, err
	}
	s.comma = t.Numbers().Comma
	var many error
	err = t.Each(func(r tabular.Row) *tabular.Problem {
		if many == nil && s.full() {
			many = o.tooMany()
		}
		if many != nil {
			return nil
		}
		cells := make([]string, len(t.Names()))
		for i := range cells {
			cells[i] = r.Text(i)
		}
		why := s.take(r.Line, cells)
		if why == nil {
			return nil
		}
		return &tabular.Problem{Record: why.Record, Field: why.Field, Value: why.Value, Rule: why.Rule, Advice: why.Advice}
	})
	if limited.over || limited.left <= 0 {
		return nil, o.tooLong()
	}
	return s.out, cmp.Or(err, many)
}

// The bounds of a workbook: what it may unpack to, and of that in memory.
const (
	mostUnpacked = 512 << 20
	mostXML      = 16 << 20
)

// XLSX takes over the lines of one sheet of a workbook.
func XLSX(in io.Reader, m Mapping, w *Words, o Options) (found []directory.Imported, err error) {
	if o, err = o.ready(); err != nil {
		return nil, err
	}
	limited := &bounded{r: in, left: o.Limits.Bytes + 1}
	book, err := excelize.OpenReader(limited, excelize.Options{UnzipSizeLimit: mostUnpacked, UnzipXMLSizeLimit: mostXML, RawCellValue: false})
	if limited.over || limited.left <= 0 {
		return nil, o.tooLong()
	}
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, o.File, "this is no workbook that can be read", "save it again as XLSX, without a password, or as CSV", err)
	}
	defer func() {
		if broken := book.Close(); err == nil && broken != nil {
			err = fault.Wrap(fault.Internal, o.File, "temporary files could not be removed", "", broken)
		}
	}()
	name := m.Sheet
	if name == "" {
		name = book.GetSheetName(0)
	}
	rows, err := book.Rows(name)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, o.File, fmt.Sprintf("there is no sheet %q", name), "the sheets are "+strings.Join(book.GetSheetList(), ", "), err)
	}
	defer func() {
		if broken := rows.Close(); err == nil && broken != nil {
			err = fault.Wrap(fault.Internal, o.File, "the sheet could not be closed", "", broken)
		}
	}()
	s := (*sheet)(nil)
	for line := 1; rows.Next(); line++ {
		cells, err := rows.Columns()
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, fmt.Sprintf("%s:%d", o.File, line), "this line cannot be read", "save the workbook again", err)
		}
		blank := !slices.ContainsFunc(cells, func(c string) bool { return strings.TrimSpace(c) != "" })
		switch {
		case blank || s == nil && line < m.Header:
		case s == nil:
			if s, err = newSheet(cells, m, w, &o); err != nil {
				return nil, err
			}
			s.comma = true
		case s.full():
			return nil, o.tooMany()
		default:
			if why := s.take(line, cells); why != nil {
				o.Notes.Rejected(*why)
			} else {
				o.Notes.Used(o.File, 1)
			}
		}
	}
	if err := rows.Error(); err != nil {
		return nil, fault.Wrap(fault.Invalid, o.File, "the sheet cannot be read to its end", "save the workbook again", err)
	}
	if s == nil {
		return nil, fault.New(fault.Invalid, o.File, "the sheet is empty", "a row with the names of the columns is needed")
	}
	return s.out, nil
}

// sheet is one sheet being read.
type sheet struct {
	m     Mapping
	w     *Words
	o     *Options
	at    map[string][]int // field → columns
	comma bool
	seen  map[string]int // id → line
	out   []directory.Imported
}

func newSheet(names []string, m Mapping, w *Words, o *Options) (*sheet, error) {
	s := &sheet{m: m, w: w, o: o, at: map[string][]int{}, seen: map[string]int{}}
	for field, columns := range m.Columns {
		for _, c := range columns {
			i := slices.IndexFunc(names, func(n string) bool {
				return strings.EqualFold(strings.Join(strings.Fields(n), " "), strings.Join(strings.Fields(c), " "))
			})
			if i < 0 {
				return nil, fault.New(fault.Invalid, o.File, fmt.Sprintf("there is no column %q, which the mapping names for %s", c, field), "the columns are "+strings.Join(names, ", "))
			}
			s.at[field] = append(s.at[field], i)
		}
	}
	return s, nil
}

func (s *sheet) full() bool { return len(s.out) >= s.o.Limits.Records }

// line is one line of a sheet by the fields of the mapping.
type line struct {
	*draft
	cell func(field string) string
	s    *sheet
}

// take takes over one line, or says why not.
func (s *sheet) take(number int, cells []string) *notice.Notice {
	get := func(field string) string {
		var words []string
		for _, i := range s.at[field] {
			if i < len(cells) {
				if c := strings.TrimSpace(tabular.Unwrap(cells[i])); c != "" {
					words = append(words, c)
				}
			}
		}
		if len(words) == 0 {
			return s.m.Fixed[field]
		}
		return strings.Join(words, " ")
	}
	d := &draft{o: s.o, line: number, record: get("id")}
	l := &line{draft: d, cell: get, s: s}
	if d.Source = get("id"); d.Source == "" {
		d.Source = fold(get("name") + get("street") + get("city")) // a name that stays the same as long as these do
	}
	if d.Source == "" {
		d.reject("name", "", "empty")
		return &d.why
	}
	if before, twice := s.seen[d.Source]; twice {
		return &notice.Notice{File: s.o.File, Line: number, Record: d.record, Field: "id", Value: d.Source, Rule: "duplicate-id", Advice: fmt.Sprintf("line %d has the same id; this line was not taken over", before)}
	}
	s.seen[d.Source] = number
	l.fill()
	x, ok := d.finish()
	if !ok {
		return &d.why
	}
	s.out = append(s.out, x)
	return nil
}

// split cuts a cell that holds several values.
func (s *sheet) split(text string) []string {
	by := s.m.Lists
	if by == "" {
		by = ",;\n"
	}
	var out []string
	for _, p := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(by, r) }) {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

func (l *line) fill() {
	get, v := l.cell, &l.Service
	l.ProviderName = get("provider")
	l.Provider = directory.Provider{Name: get("provider"), Legal: get("legal")}
	if l.ProviderName == "" {
		l.ProviderName, l.Provider.Name = "of "+l.Source, get("name")
	}
	v.Name, v.Summary, v.Description = german(get("name")), german(get("summary")), german(get("description"))
	v.For.Conditions, v.CostText = german(get("conditions")), german(get("cost_text"))
	v.Website, v.Booking = get("website"), get("booking")
	v.For.MinAge, v.For.MaxAge = l.number("min_age"), l.number("max_age")
	l.kinds()
	for _, word := range l.s.split(get("languages")) {
		v.Languages = append(v.Languages, directory.Language{Tag: l.s.w.Language(word)})
	}
	l.welcome()
	l.ways()
	if keys := l.s.split(get("area")); len(keys) > 0 {
		v.Area = directory.Area{Reach: directory.Municipality, Keys: keys}
	}
	if day := l.day("confirmed", get("confirmed"), l.s.m.GermanDates); !day.IsZero() {
		l.Assured = append(l.Assured, directory.Confirmation{Field: directory.Whole, How: directory.ByFeed, At: day})
	}
	l.room()
	l.place()
}

func (l *line) number(field string) int {
	s := l.cell(field)
	if s == "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		l.unread("For", field, s, "number", "write a whole number; the field was left out")
	}
	return n
}

func (l *line) kinds() {
	v := &l.Service
	for _, word := range l.s.split(l.cell("kinds")) {
		key := l.s.m.Kinds[word]
		if key == "" {
			if found := l.s.w.Find(word); len(found) > 0 {
				key = found[0]
			}
		}
		if key == "" {
			l.flag("kinds", word, "unknown-kind", "say under [kinds] which concept of the vocabulary this is")
			continue
		}
		if !slices.Contains(v.Kinds, key) {
			v.Kinds = append(v.Kinds, key)
		}
	}
	if len(v.Kinds) == 0 {
		v.Kinds = l.s.w.kindsOf(nil, l.cell("name"))
	}
}

func (l *line) place() {
	get, v := l.cell, &l.Service
	at := directory.Location{Street: get("street"), Postcode: get("postcode"), City: get("city")}
	if at.Street == "" {
		at.City, at.Postcode = "", ""
	}
	lon, lat := get("lon"), get("lat")
	if lon != "" || lat != "" {
		numbers := tabular.Numbers{Comma: l.s.comma}
		x, ok1 := numbers.Coordinate(lon)
		y, ok2 := numbers.Coordinate(lat)
		if ok1 && ok2 {
			at.At = &geo.LonLat{Lon: x, Lat: y}
		} else {
			l.unread("Places", "lon, lat", lon+", "+lat, "coordinate", "write degrees like 7.2163 and 51.4818; the coordinates were left out")
		}
	}
	switch fold(get("step_free")) {
	case "ja", "yes", "1", "x":
		at.StepFree = directory.Yes
	case "nein", "no", "0":
		at.StepFree = directory.No
	}
	place := directory.Place{}
	slots, unread := directory.ParseHours(get("hours"))
	place.Hours.Slots = slots
	if len(unread) > 0 {
		l.unread("Places", "hours", strings.Join(unread, "; "), "hours", "write days and times like Mo–Fr 9:00–12:00; these hours were left out")
		place.Hours.Slots = nil // half of the hours would be wrong hours
	}
	if number := l.phone(get("phone")); number != "" || get("email") != "" {
		mail := get("email")
		only := directory.Provider{Name: "xx", Email: mail}
		if _, err := only.Check(); err != nil {
			l.unread("Places", "email", mail, "email", advice("email")+"; it was left out")
			mail = ""
		}
		place.Contacts = []directory.Contact{{Phone: number, Email: mail}}
	}
	if at.Street != "" || at.At != nil {
		l.Places, v.Places = []directory.ImportedPlace{{Source: l.Source, Location: at}}, []directory.Place{place}
	} else if len(place.Contacts) > 0 {
		l.Provider.Phone, l.Provider.Email = place.Contacts[0].Phone, place.Contacts[0].Email
	}
}
