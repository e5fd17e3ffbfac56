// Package ui holds the parts that pages share: the frame around every page, tables, form fields, bars, badges,
// pagers. Every part works without JavaScript, by keyboard, right-to-left, in print and in both colour schemes;
// how it looks stands in assets/src/css under the name of the part.
package ui

import (
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"gevor/internal/words"
)

// Frame is what surrounds a page.
type Frame struct {
	*words.Printer
	Title   string
	Product string // name of the product
	Home    templ.SafeURL
	// Sections are the parts of the program that the reader may open.
	Sections []Section
	// Languages are the languages this page exists in, each with the address of the page in it.
	Languages      []Language
	LanguageAction templ.SafeURL // where the choice of a language is sent
	Theme          string        // "light", "dark", or empty: as the device says
	ThemeAction    templ.SafeURL // where the choice of a theme is sent
	Here           string        // address of this page, to come back to
	Account        *Account      // nil for the public
	SignIn         templ.SafeURL // empty where nobody can sign in
	Done           string        // what has just been done, in words; empty if nothing
	Foot           []Link        // imprint and the like
	// Asset gives the address of a bundled file.
	Asset     func(name string) string
	Version   string
	SourceURL string
	Map       bool // the page holds an interactive map
	// Unconfirmed says that nobody has confirmed the words of the page, UnconfirmedGerman the same in German; both are
	// empty where somebody has.
	Unconfirmed, UnconfirmedGerman string

	// The rest speaks of the served run and is empty where there is none.
	Region       string
	Synthetic    bool
	Run          string
	Snapshot     string
	Reference    string // ISO 8601 reference date
	MethodsHref  templ.SafeURL
	Attributions []string
}

// Section is one part of the program: an entry of the header with the pages below it.
type Section struct {
	Label   string
	Lang    string        // of the labels and the pages, where it is not the language of the page; else empty
	Href    templ.SafeURL // its first page
	Current bool
	Entries []NavItem
}

// NavItem is one page of a section.
type NavItem struct {
	Label   string
	Href    templ.SafeURL
	Current bool
}

// Account is who is signed in.
type Account struct {
	Name    string
	Houses  []Link
	Entries []NavItem
	SignOut templ.SafeURL // where signing out is sent; empty where that cannot be done
}

// Language is one language of a page.
type Language struct {
	Tag, Name string
	Href      templ.SafeURL
	Current   bool
}

// open gives the section that holds the page, nil where none does.
func (f Frame) open() *Section {
	for i := range f.Sections {
		if f.Sections[i].Current {
			return &f.Sections[i]
		}
	}
	return nil
}

// language is the name of the page's language, in that language.
func (f Frame) language() string {
	for _, l := range f.Languages {
		if l.Current {
			return l.Name
		}
	}
	return f.Lang()
}

// Direction is the direction in which a language is written.
func Direction(lang string) string {
	base, _, _ := strings.Cut(lang, "-")
	switch base {
	case "ar", "ckb", "fa", "he", "ur":
		return "rtl"
	}
	return "ltr"
}

// Crumb is one step of the way to a page; the last one is the page itself.
type Crumb struct {
	Label string
	Href  templ.SafeURL
}

// Option is one choice of a Select or an Input.
type Option struct {
	Value, Label string
	Count        string // how many results it would leave; may be empty
	Hint         string // of a box or radio button; may be empty
	Disabled     bool   // of a box or radio button
}

// Select is a labelled choice of one value in a GET form.
type Select struct {
	Name, Label, Value string
	Hint               string
	Any                string // label of the empty choice; empty = there is none
	Options            []Option
}

// Sort is a column head that sorts by its column.
type Sort struct {
	Label   string
	Href    templ.SafeURL
	Dir     string // "ascending", "descending" or empty
	Numeric bool
}

// Pager leads through the pages of a list.
type Pager struct {
	Label      string
	Prev, Next templ.SafeURL // empty at the ends
	PrevLabel  string
	NextLabel  string
	Status     string
}

// Bar is a share drawn beside its written value. Share is 0..1, or negative where it is not known.
type Bar struct {
	Share float64
	Class string // colour class of the style sheet, e.g. "cause-too-far"
}

// width is the drawn width of a share in hundredths, never invisible where the share is above zero.
func (b Bar) width() string {
	s := min(max(b.Share, 0), 1)
	if s > 0 && s < 0.01 {
		s = 0.01
	}
	return strconv.FormatFloat(s*100, 'f', 1, 64)
}

// Segment is one part of a stacked bar.
type Segment struct {
	Share float64
	Class string
}

// at gives start and width of segment i in hundredths.
func at(segments []Segment, i int) (start, width string) {
	from := 0.0
	for _, s := range segments[:i] {
		from += s.Share
	}
	return strconv.FormatFloat(from*100, 'f', 2, 64), strconv.FormatFloat(segments[i].Share*100, 'f', 2, 64)
}

func startOf(segments []Segment, i int) string { s, _ := at(segments, i); return s }
func widthOf(segments []Segment, i int) string { _, w := at(segments, i); return w }

// Short is the beginning of a hash, enough to tell two apart by eye.
func Short(hash string) string {
	if len(hash) > 10 {
		return hash[:10]
	}
	return hash
}
