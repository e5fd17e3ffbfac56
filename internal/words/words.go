// Package words is the message catalogue: every sentence a person reads on a page, sheet or map, in German and
// English, with numbers, shares and dates written the way each language writes them. What residents read exists in
// the languages of the region too (residents.go).
//
// The catalogue is made of the files in locales/, one for each room and language (report.de.toml, report.en.toml);
// a language that only residents read has one file (residents.tr.toml). Nested tables become keys with dots.
// TestCatalogue holds that every language has the same keys, that no key stands in two files, and that every key the
// program asks for exists.
package words

import (
	"embed"
	"fmt"
	"io/fs"
	"math"
	"path"
	"sort"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"
)

//go:embed locales/*.toml
var locales embed.FS

// Languages lists the BCP 47 tags of the whole catalogue, the default first. Residents read more (ResidentLanguages).
func Languages() []string { return []string{"de", "en"} }

// Unknown is what stands in place of a number that does not exist. A suppressed number has a word of its own
// (key "value.suppressed"): unknown, suppressed and zero are three different things.
const Unknown = "–"

// Printer speaks one language. Make one for each language and share it; it is safe for concurrent use.
type Printer struct {
	lang      string
	localizer *i18n.Localizer
	keys      map[string]bool
	head      head
	numbers   language.Tag
	whole     *Printer // answers what a residents' language does not hold: German; nil for a whole language
}

// New gives the printer of a language, with or without a region ("en-GB"). An unknown language gets German, the
// language of the administration. It parses the embedded catalogue (some milliseconds) and panics where that is broken,
// which TestCatalogue keeps from being built.
func New(lang string) *Printer {
	tag := known(lang)
	messages, top, err := load(locales, tag)
	if err != nil {
		panic(err)
	}
	p := &Printer{lang: tag, head: top, numbers: numbersOf(tag), keys: make(map[string]bool, len(messages))}
	rules := pluralsOf(tag)
	bundle := i18n.NewBundle(rules)
	for _, m := range messages {
		p.keys[m.ID] = true
	}
	if err := bundle.AddMessages(rules, messages...); err != nil {
		panic(err)
	}
	p.localizer = i18n.NewLocalizer(bundle, rules.String())
	if indexOf(Languages(), tag) < 0 {
		p.whole = New(Languages()[0])
	}
	return p
}

// known is the tag of the catalogue that fits a language: itself, else without what follows the first hyphen.
func known(lang string) string {
	tag := strings.ToLower(lang)
	base, _, _ := strings.Cut(tag, "-")
	for _, t := range []string{tag, base} {
		if indexOf(ResidentLanguages(), t) >= 0 {
			return t
		}
	}
	return Languages()[0]
}

// Lang is the BCP 47 tag, for the lang attribute of a page.
func (p *Printer) Lang() string { return p.lang }

// Has says whether the catalogue holds a key, in this language or in the one that stands in for it.
func (p *Printer) Has(key string) bool { return p.keys[key] || p.whole != nil && p.whole.Has(key) }

// Owns says whether the catalogue holds a key in this very language.
func (p *Printer) Owns(key string) bool { return p.keys[key] }

// Keys lists all keys in order.
func (p *Printer) Keys() []string {
	out := make([]string, 0, len(p.keys))
	for k := range p.keys {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

// T gives the text of a key with data put in for {{.Name}}. Data may be nil. A key that does not exist, or data
// that do not fit, show as the key in brackets, so that a page never loses a sentence silently.
func (p *Printer) T(key string, data map[string]any) string {
	return p.text(&i18n.LocalizeConfig{MessageID: key, TemplateData: data})
}

// N gives the form of a key that fits the count n (plural forms of the catalogue: "one" and "other", in some languages
// also "zero", "two", "few" and "many"), with
// {{.Count}} put in as a written number beside data.
func (p *Printer) N(key string, n int, data map[string]any) string {
	with := make(map[string]any, len(data)+1)
	for k, v := range data {
		with[k] = v
	}
	with["Count"] = p.Number(float64(n), 0)
	return p.text(&i18n.LocalizeConfig{MessageID: key, TemplateData: with, PluralCount: n})
}

func (p *Printer) text(c *i18n.LocalizeConfig) string {
	if p.whole != nil && !p.keys[c.MessageID] {
		return p.whole.text(c)
	}
	s, err := p.localizer.Localize(c) //nolint:misspell // the library's spelling
	if err != nil {
		return "[" + c.MessageID + "]"
	}
	return s
}

// Number writes x with grouped thousands and a fixed number of decimals: "1.234,5" in German, "1,234.5" in
// English. NaN and infinities are Unknown.
func (p *Printer) Number(x float64, decimals int) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return Unknown
	}
	return p.printer().Sprint(number.Decimal(noMinusZero(x, decimals), number.Scale(decimals)))
}

// Percent writes a share of 1 as a percentage with a fixed number of decimals: "12,5 %" in German (with a
// no-break space), "12.5%" in English. NaN and infinities are Unknown.
func (p *Printer) Percent(share float64, decimals int) string {
	if math.IsNaN(share) || math.IsInf(share, 0) {
		return Unknown
	}
	return p.printer().Sprint(number.Percent(noMinusZero(share, decimals+2), number.Scale(decimals)))
}

// printer is made for each call because message.Printer is not safe for concurrent use; it costs no parsing.
func (p *Printer) printer() *message.Printer { return message.NewPrinter(p.numbers) }

// noMinusZero keeps a small negative number from being written as "-0".
func noMinusZero(x float64, decimals int) float64 {
	if x < 0 && math.Round(x*math.Pow10(decimals)) == 0 {
		return 0
	}
	return x
}

// Date writes an ISO 8601 date: "12.05.2026" in German, "12 May 2026" in English, "12/05/2026" in French and Arabic. A
// year, or anything else that is no full date, stays as it is; the empty string is Unknown.
func (p *Printer) Date(iso string) string {
	if iso == "" {
		return Unknown
	}
	t, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return iso
	}
	return t.Format(dateOf(p.lang))
}

// load reads the messages of one language from all its files, in order of file name, and what its head says.
func load(fsys fs.FS, lang string) ([]*i18n.Message, head, error) {
	names, err := fs.Glob(fsys, "locales/*."+lang+".toml")
	if err != nil {
		return nil, head{}, err
	}
	sort.Strings(names)
	unmarshal := map[string]i18n.UnmarshalFunc{"toml": toml.Unmarshal}
	from := map[string]string{}
	var out []*i18n.Message
	var top struct{ Head head }
	for _, name := range names {
		raw, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, head{}, err
		}
		if err := toml.Unmarshal(raw, &top); err != nil {
			return nil, head{}, fmt.Errorf("%s: %w", name, err)
		}
		file, err := i18n.ParseMessageFileBytes(raw, path.Base(name), unmarshal)
		if err != nil {
			return nil, head{}, fmt.Errorf("%s: %w", name, err)
		}
		for _, m := range file.Messages {
			if strings.HasPrefix(m.ID, "head.") {
				continue
			}
			if other, ok := from[m.ID]; ok {
				return nil, head{}, fmt.Errorf("%s: key %q stands in %s too", name, m.ID, other)
			}
			from[m.ID] = name
			out = append(out, m)
		}
	}
	return out, top.Head, nil
}

func indexOf(xs []string, x string) int {
	for i := range xs {
		if xs[i] == x {
			return i
		}
	}
	return -1
}
