package region

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"
	"time"

	"gevor/fault"
	"gevor/geo"
	"gevor/lines"
	"gevor/notice"
	"gevor/tabular"
	"gevor/vocabulary"
)

// candidate is an offer as its source tells it, before it is held against the region.
type candidate struct {
	id, record, name string
	at               geo.LonLat
	categories       []string // keys of categories, or words of the source that the mapping knows
	capacity         float64  // NaN = unknown
	confirmed        string   // any date form; empty = never
	confirmEvery     int      // 0 = as the category says
	serviceAreas     []string // keys or names; empty = everyone
	stepFree         Tristate
	languages        []string // tags, or names in German or English; empty = nothing is said
}

// offers reads all sources of offers. The first of several offers with one id is used. The snapshot's offers are
// ordered by id.
func (b *builder) offers() error {
	b.offerAt = map[string]string{}
	b.areaNamed = map[string]int32{}
	b.tongues = vocabulary.NewTongues()
	for i, a := range b.s.Areas {
		name := strings.ToLower(a.Name)
		if _, twice := b.areaNamed[name]; twice {
			b.areaNamed[name] = -1 // two areas of one name: only the key tells them apart
			continue
		}
		b.areaNamed[name] = int32(i)
	}
	for _, spec := range b.d.Offers {
		var err error
		switch spec.Format {
		case "hsds":
			err = b.offersHSDS(spec)
		case "csv":
			err = b.offersCSV(spec)
		case "osm":
			err = b.offersOSM(spec)
		case "grid-column":
			err = b.offersGrid(spec)
		}
		if err != nil {
			return err
		}
	}
	sort.SliceStable(b.s.Offers, func(i, j int) bool { return b.s.Offers[i].ID < b.s.Offers[j].ID })
	return nil
}

// offer holds a candidate against the region and adds it. It gives why it cannot be used, else nil; what was
// guessed or left out is warned of.
func (b *builder) offer(spec OffersSpec, place string, c candidate, warn func(tabular.Problem)) *tabular.Problem {
	if c.id == "" {
		return &tabular.Problem{Rule: "no-id", Value: c.name, Advice: "every offer needs an id that stays the same"}
	}
	if first, twice := b.offerAt[c.id]; twice {
		return &tabular.Problem{Record: c.id, Value: c.id, Rule: "duplicate-id", Advice: "the id came in " + first + " already; the first is used"}
	}
	if problem := b.within(c.at); problem != nil {
		problem.Record = c.id
		return problem
	}
	categories, unknown := b.categoriesOf(spec, c.categories)
	if len(categories) == 0 {
		problem := b.unknownMapped(strings.Join(c.categories, ", "))
		problem.Record, problem.Field = c.id, ""
		return problem
	}
	if spec.Map == "" && len(spec.Terms) == 0 && len(unknown) > 0 {
		warn(tabular.Problem{Record: c.id, Value: strings.Join(unknown, ", "), Rule: "unknown-category", Advice: "these were passed over; known are " + strings.Join(sortedKeys(b.categoryOf), ", ")})
	}
	o := Offer{ID: c.id, Record: c.record, Name: c.name, Categories: categories, At: c.at, Capacity: c.capacity, StepFree: c.stepFree, Source: spec.Source, ConfirmEvery: c.confirmEvery}
	if math.IsInf(o.Capacity, 0) || o.Capacity < 0 {
		warn(tabular.Problem{Record: c.id, Value: fmt.Sprint(o.Capacity), Rule: "no-capacity", Advice: "a capacity is a number >= 0; it was taken as unknown"})
		o.Capacity = math.NaN()
	}
	if c.confirmed != "" {
		var ok bool
		if o.ConfirmedOn, ok = readDate(c.confirmed); !ok {
			warn(tabular.Problem{Record: c.id, Value: c.confirmed, Rule: "no-date", Advice: "a date is written like 2026-01-31; the offer counts as never confirmed"})
		} else if o.ConfirmedOn > b.d.Date {
			warn(tabular.Problem{Record: c.id, Value: o.ConfirmedOn, Rule: "confirmed-in-future", Advice: "the confirmation is later than the date of the region"})
		}
	}
	if o.ConfirmEvery == 0 {
		for _, k := range categories {
			if e := b.confirmEvery[k]; e > 0 && (o.ConfirmEvery == 0 || e < o.ConfirmEvery) {
				o.ConfirmEvery = e
			}
		}
	}
	o.Languages = b.languages(c, warn)
	var problem *tabular.Problem
	if o.ServiceAreas, problem = b.serviceAreas(c, warn); problem != nil {
		return problem
	}
	o.Municipality, _ = b.place(c.at)
	b.offerAt[c.id] = place
	b.s.Offers = append(b.s.Offers, o)
	return nil
}

// languages gives the languages of a candidate; a word that names none is warned of and left out.
func (b *builder) languages(c candidate, warn func(tabular.Problem)) []string {
	var out []string
	for _, word := range c.languages {
		tag := b.tongues.Base(word)
		if tag == "" {
			warn(tabular.Problem{Record: c.id, Field: "languages", Value: word, Rule: "unknown-language", Advice: "a language is written as a tag like tr or by its German or English name; it was left out"})
			continue
		}
		out = append(out, tag)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// categoriesOf maps words to categories, with all their ancestors, ascending.
func (b *builder) categoriesOf(spec OffersSpec, words []string) (categories []int32, unknown []string) {
	has := map[int32]bool{}
	for _, w := range words {
		key := w
		if mapped, ok := spec.Terms[w]; ok {
			key = mapped
		}
		i, ok := b.categoryOf[key]
		if !ok {
			unknown = append(unknown, w)
			continue
		}
		for ok && !has[i] {
			has[i] = true
			i, ok = b.categoryOf[b.s.Categories[i].Parent]
		}
	}
	for i := range has {
		categories = append(categories, i)
	}
	sort.Slice(categories, func(i, j int) bool { return categories[i] < categories[j] })
	return categories, unknown
}

// serviceAreas resolves keys or names of areas. An offer whose areas all lie outside the region's boundaries serves
// nobody here that we know of; taking it as open to everyone would invent supply, so it is rejected.
func (b *builder) serviceAreas(c candidate, warn func(tabular.Problem)) ([]int32, *tabular.Problem) {
	if len(c.serviceAreas) == 0 {
		return nil, nil
	}
	var out []int32
	var unknown []string
	n := b.keyLength()
	for _, word := range c.serviceAreas {
		key, _ := tabular.Key(word, n)
		i, ok := b.areaByKey(word)
		if !ok {
			i, ok = b.areaByKey(key)
		}
		if !ok {
			i, ok = b.areaNamed[strings.ToLower(strings.TrimSpace(word))]
			ok = ok && i >= 0
		}
		if !ok {
			unknown = append(unknown, word)
			continue
		}
		out = append(out, i)
	}
	if len(out) == 0 {
		return nil, &tabular.Problem{
			Record: c.id, Value: strings.Join(unknown, ", "), Rule: "unknown-service-area",
			Advice: "no area of the region has this key or name, so nobody here is known to be entitled; leave it empty where everyone may come",
		}
	}
	if len(unknown) > 0 {
		warn(tabular.Problem{Record: c.id, Value: strings.Join(unknown, ", "), Rule: "unknown-service-area", Advice: "these areas are not in the region's boundaries; the others are used"})
	}
	sort.Slice(out, func(i, j int) bool { return out[i] < out[j] })
	kept := out[:1]
	for _, i := range out[1:] {
		if i != kept[len(kept)-1] {
			kept = append(kept, i)
		}
	}
	return kept, nil
}

// offersGrid makes an offer of every cell whose column holds a number above zero; the number is its capacity.
func (b *builder) offersGrid(spec OffersSpec) error {
	return b.in.with(spec.File, spec.Source, spec.Line, func(f *file) error {
		t, err := tabular.Open(f.reader(), tabular.Options{File: spec.File + "#" + spec.Column, Notes: b.notes})
		if err != nil {
			return err
		}
		cols, err := placeColumns(t, spec.Place)
		if err != nil {
			return err
		}
		column, err := t.Need(spec.Column)
		if err != nil {
			return err
		}
		numbers := t.Numbers()
		return t.Each(func(r tabular.Row) *tabular.Problem {
			v, reading := numbers.Parse(r.Text(column))
			if reading == tabular.Unreadable || v.Number < 0 {
				return &tabular.Problem{Record: r.Text(cols.id), Field: spec.Column, Value: r.Text(column), Rule: "no-count", Advice: "a number >= 0 is expected"}
			}
			if v.Flag != tabular.Known {
				return nil // a cell without an offer
			}
			p, problem := cols.read(numbers, r)
			if problem != nil {
				return problem
			}
			record := r.Text(cols.id)
			return b.offer(spec, spec.File, candidate{
				id: spec.Category + ":" + record, record: record, name: record, at: p, categories: []string{spec.Category},
				capacity: v.Number,
			}, func(w tabular.Problem) { t.Warn(r, w) })
		})
	})
}

// readDate reads an ISO date or time, or a German date, and gives the ISO date.
func readDate(s string) (string, bool) {
	s = strings.TrimSpace(s)
	for _, layout := range [...]string{time.DateOnly, time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "02.01.2006", "2.1.2006", "2006-01", "2006"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.Format(time.DateOnly), true
		}
	}
	return "", false
}

func readTristate(s string) (Tristate, bool) {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "":
		return Unknown, true
	case "yes", "ja", "true", "wahr", "1", "y", "j":
		return Yes, true
	case "no", "nein", "false", "falsch", "0", "n", "limited", "eingeschränkt", "teilweise":
		return No, true
	case "unknown", "unbekannt", "?", "k.a.", "-":
		return Unknown, true
	}
	return Unknown, false
}

// splitList cuts a list that people write with commas, semicolons or bars.
func splitList(s string) []string {
	var out []string
	for _, p := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' || r == '|' }) {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// mapping reads a CSV with the columns value (or term, code) and category into Terms.
func (b *builder) mapping(spec *OffersSpec) error {
	if spec.Map == "" {
		return nil
	}
	spec.Terms = map[string]string{}
	return b.in.with(spec.Map, spec.Source, spec.Line, func(f *file) error {
		t, err := tabular.Open(f.reader(), tabular.Options{File: spec.Map, Notes: b.notes})
		if err != nil {
			return err
		}
		from := -1
		for _, name := range [...]string{"value", "term", "code", "key"} {
			if i, ok := t.Column(name); ok {
				from = i
				break
			}
		}
		if from < 0 {
			return fault.New(fault.Invalid, spec.Map+":1", "no column holds the source's own words", "name the columns value and category")
		}
		to, err := t.Need("category")
		if err != nil {
			return err
		}
		return t.Each(func(r tabular.Row) *tabular.Problem {
			category := r.Text(to)
			if _, ok := b.categoryOf[category]; !ok {
				return b.unknownMapped(category)
			}
			spec.Terms[r.Text(from)] = category
			return nil
		})
	})
}

func (b *builder) unknownMapped(category string) *tabular.Problem {
	known := sortedKeys(b.categoryOf)
	advice := "known are " + strings.Join(known, ", ")
	if near := lines.Nearest(category, known); near != "" {
		advice = "did you mean " + near + "? " + advice
	}
	return &tabular.Problem{Field: "category", Value: category, Rule: "unknown-category", Advice: advice}
}

func (b *builder) warner(file string) func(tabular.Problem) {
	return func(w tabular.Problem) {
		b.notes.Add(notice.Notice{Severity: notice.Warning, File: file, Record: w.Record, Field: w.Field, Value: w.Value, Rule: w.Rule, Advice: w.Advice})
	}
}
