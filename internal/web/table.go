package web

import (
	"cmp"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/a-h/templ"
	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"gevor/fault"
	"gevor/internal/web/ui"
)

// rowsOfPage is how many lines a page of a list shows where it says nothing else.
const rowsOfPage = 50

// sheet is a list that people sort, narrow, leaf through and download, all of it by the query of the page:
// sort=KEY, down=1, KEY=VALUE to narrow, page=N, as=csv or as=xlsx. Everything it holds may be seen by the reader.
type sheet[T any] struct {
	Name    string // of the downloaded file, without its ending
	Caption string
	// CaptionHidden keeps the caption for screen readers, where a heading says the same.
	CaptionHidden bool
	Columns       []column[T]
	Rows          []T
	Size          int // lines of a page; rowsOfPage where 0
	// EmptyTitle and EmptyText say that there is nothing at all; a usual sentence stands where they are empty.
	EmptyTitle, EmptyText string
}

// column is one column of a sheet. Text gives what is shown, found and downloaded.
type column[T any] struct {
	Key     string // names the column in queries
	Label   string
	Text    func(T) string
	Number  func(T) float64               // for numeric columns: orders and downloads by it; NaN where not known
	Decimal int                           // decimals of a Number in Text where Text is nil
	Order   func(T) string                // orders by this instead of the text, byte by byte (for ISO dates)
	Link    func(T) templ.SafeURL         // where the text leads; may be nil
	Sub     func(T) string                // a second line, not downloaded
	Show    func(T) templ.Component       // takes the place of the text on the page; may be nil
	Fixed   bool                          // the column does not sort
	Hidden  bool                          // its label is for screen readers; the column is not downloaded
	Find    bool                          // one may narrow by words in it
	Choices func(T) (value, label string) // one may narrow by choosing one of its values
}

// reserved are the query names that a column cannot have.
var reserved = [...]string{"sort", "down", "page", "as", "done"}

func (c *column[T]) text(p *page, row T) string {
	switch {
	case c.Text != nil:
		return c.Text(row)
	case c.Number != nil:
		return p.Number(c.Number(row), c.Decimal)
	}
	return ""
}

// show narrows and orders the rows as the query asks and gives one page of them. Invalid where the query asks for what
// there is not.
func (s *sheet[T]) show(p *page) (ui.Table, error) {
	rows, active, err := s.ask(p)
	if err != nil {
		return ui.Table{}, err
	}
	size := s.Size
	if size == 0 {
		size = rowsOfPage
	}
	pages := max(1, (len(rows)+size-1)/size)
	n, err := p.pageNumber(pages)
	if err != nil {
		return ui.Table{}, err
	}
	t := ui.Table{
		Caption: s.Caption, CaptionHidden: s.CaptionHidden, EmptyTitle: s.EmptyTitle, EmptyText: s.EmptyText,
		Status: p.N("ui.rows", len(rows), nil), Pager: p.pager(n, pages), Filter: s.filter(p, active),
	}
	if active {
		t.Status = p.N("ui.rows_of", len(s.Rows), with{"Found": p.Number(float64(len(rows)), 0)})
		t.EmptyTitle, t.EmptyText = p.T("ui.none_fit", nil), p.T("ui.none_fit_text", nil)
	} else if t.EmptyTitle == "" {
		t.EmptyTitle = p.T("ui.none", nil)
	}
	for _, kind := range []string{"csv", "xlsx"} {
		t.Exports = append(t.Exports, ui.Link{Label: p.T("ui.export_"+kind, nil), Href: p.filter("as", kind)})
	}
	for k := range s.Columns {
		t.Columns = append(t.Columns, s.head(p, &s.Columns[k]))
	}
	for _, row := range rows[(n-1)*size : min(n*size, len(rows))] {
		cells := make([]ui.Cell, len(s.Columns))
		for k := range s.Columns {
			c := &s.Columns[k]
			cells[k].Text = c.text(p, row)
			if c.Link != nil {
				cells[k].Href = c.Link(row)
			}
			if c.Sub != nil {
				cells[k].Sub = c.Sub(row)
			}
			if c.Show != nil {
				cells[k].Show = c.Show(row)
			}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: cells})
	}
	return t, nil
}

// head is the head of a column; choosing the one that orders already turns the order round.
func (s *sheet[T]) head(p *page, c *column[T]) ui.Column {
	h := ui.Column{Label: c.Label, Numeric: c.Number != nil, Hidden: c.Hidden}
	if c.Fixed || c.Hidden || len(s.Rows) < 2 {
		return h
	}
	down := ""
	if p.first("sort") == c.Key {
		h.Dir = "ascending"
		if p.first("down") == "1" {
			h.Dir = "descending"
		} else {
			down = "1"
		}
	}
	h.Href = p.filter("sort", c.Key, "down", down)
	return h
}

// ask gives the rows that the query asks for, in its order, and whether it narrows them.
func (s *sheet[T]) ask(p *page) (rows []T, active bool, err error) {
	rows = slices.Clone(s.Rows)
	for k := range s.Columns {
		c := &s.Columns[k]
		wanted := p.first(c.Key)
		if slices.Contains(reserved[:], c.Key) {
			return nil, false, fault.New(fault.Internal, c.Key, "a column has the name of a query value", "")
		}
		if wanted == "" || !c.Find && c.Choices == nil {
			continue
		}
		active = true
		rows = slices.DeleteFunc(rows, c.differs(p, wanted))
	}
	by := p.first("sort")
	if by == "" {
		return rows, active, nil
	}
	at := slices.IndexFunc(s.Columns, func(c column[T]) bool { return c.Key == by && !c.Fixed && !c.Hidden })
	if at < 0 {
		return nil, false, fault.New(fault.Invalid, "sort", "there is no such order", "choose the head of a column")
	}
	s.Columns[at].order(p, rows, p.first("down") == "1")
	return rows, active, nil
}

// differs says which rows a wanted value leaves out. Words are found whatever their case and accents.
func (c *column[T]) differs(p *page, wanted string) func(T) bool {
	if c.Choices != nil {
		return func(row T) bool { v, _ := c.Choices(row); return v != wanted }
	}
	wanted = folded(wanted)
	return func(row T) bool { return !strings.Contains(folded(c.text(p, row)), wanted) }
}

// folded is a text as it is searched: small letters without accents, ß as ss.
func folded(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, strings.ReplaceAll(strings.ToLower(norm.NFKD.String(s)), "ß", "ss"))
}

// order sorts rows by the column, as a dictionary of the page's language does; rows that are equal keep their places.
// What is not known comes last in both directions.
func (c *column[T]) order(p *page, rows []T, down bool) {
	sign := 1
	if down {
		sign = -1
	}
	switch {
	case c.Number != nil:
		slices.SortStableFunc(rows, func(a, b T) int {
			x, y := c.Number(a), c.Number(b)
			if math.IsNaN(x) || math.IsNaN(y) {
				return cmp.Compare(flag(math.IsNaN(x)), flag(math.IsNaN(y)))
			}
			return sign * cmp.Compare(x, y)
		})
	case c.Order != nil:
		slices.SortStableFunc(rows, func(a, b T) int { return emptyLast(c.Order(a), c.Order(b), sign, cmp.Compare[string]) })
	default:
		by := collate.New(language.Make(p.Lang()), collate.Numeric)
		slices.SortStableFunc(rows, func(a, b T) int { return emptyLast(c.text(p, a), c.text(p, b), sign, by.CompareString) })
	}
}

func emptyLast(a, b string, sign int, compare func(a, b string) int) int {
	if a == "" || b == "" {
		return cmp.Compare(flag(a == ""), flag(b == ""))
	}
	return sign * compare(a, b)
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// filter is the form that narrows the list; nil where no column can be narrowed, or there is nothing to narrow.
func (s *sheet[T]) filter(p *page, active bool) *ui.Filter {
	f := &ui.Filter{
		Action: templ.SafeURL(p.req.URL.EscapedPath()), Label: p.T("ui.filter", nil), Active: active,
		Reset: templ.SafeURL(p.req.URL.EscapedPath()),
	}
	kept := url.Values{}
	for _, name := range []string{"sort", "down"} {
		if v := p.first(name); v != "" {
			f.Keep = append(f.Keep, ui.Pair{Label: name, Text: v})
			kept.Set(name, v)
		}
	}
	if len(kept) > 0 {
		f.Reset += templ.SafeURL("?" + kept.Encode())
	}
	for k := range s.Columns {
		c := &s.Columns[k]
		i := ui.Input{Name: c.Key, Within: "by-", Label: c.Label, Value: p.first(c.Key)}
		switch {
		case c.Choices != nil:
			i.Any, i.Options = p.T("ui.any", nil), s.options(p, c)
			if len(i.Options) < 2 && i.Value == "" {
				continue
			}
		case c.Find:
			i.Label, i.Type = p.T("ui.filter_text", with{"Column": c.Label}), "search"
		default:
			continue
		}
		f.Fields = append(f.Fields, i)
	}
	if len(f.Fields) == 0 || len(s.Rows) == 0 {
		return nil
	}
	return f
}

// options are the values of a column in order of their labels, each with how many rows have it.
func (s *sheet[T]) options(p *page, c *column[T]) []ui.Option {
	counts, labels := map[string]int{}, map[string]string{}
	var values []string
	for _, row := range s.Rows {
		v, label := c.Choices(row)
		if counts[v] == 0 {
			values = append(values, v)
		}
		counts[v]++
		labels[v] = label
	}
	slices.SortStableFunc(values, func(a, b string) int {
		return cmp.Or(p.compare(labels[a], labels[b]), strings.Compare(a, b))
	})
	out := make([]ui.Option, len(values))
	for i, v := range values {
		out[i] = ui.Option{Value: v, Label: labels[v], Count: strconv.Itoa(counts[v])}
	}
	return out
}
