package api

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"gevor/directory"
	"gevor/geo"
	"gevor/internal/api/hsds3"
)

// The parameters of HSDS and of its UK profile.
var (
	searchParam      = param{Name: "search", Kind: text, Says: "Every word must begin a word of name, description, kind, provider or city. Case, accents and umlauts do not matter."}
	termParam        = param{Name: "taxonomy_term_id", Kind: name, Repeats: true, Says: "Records with this term or one below it. Given several times: with any of them."}
	taxonomyParam    = param{Name: "taxonomy_id", Kind: name, Repeats: true, Says: "Records with any term of this taxonomy."}
	providerParam    = param{Name: "organization_id", Kind: name, Repeats: true, Says: "Services of this organisation, as its provider or a partner of a joint offer. Given several times: of any of them."}
	modifiedParam    = param{Name: "modified_after", Kind: moment, Says: "What was changed, released or confirmed at this time or later. Of services, where no other filter is given, also what is no longer public since then: such a record has the status inactive and nothing else."}
	minimalParam     = param{Name: "minimal", Kind: boolean, Says: "Only id and modified_date; all of them on one page unless per_page says otherwise."}
	fullParam        = param{Name: "full", Kind: boolean, Says: "Records with everything that belongs to them."}
	fullServiceParam = param{Name: "full_service", Kind: boolean, Says: "The services of an organisation with everything that belongs to them."}
	formatParam      = param{Name: "format", Kind: text, Enum: []string{"json", "ndjson"}, Says: "ndjson gives all records, one a line, without pages."}
	postcodeParam    = param{Name: "postcode", Kind: text, Says: "Places with this postcode; with proximity, around the middle of the known places with it."}
	proximityParam   = param{Name: "proximity", Kind: number, Says: "Metres around the postcode."}
	topParam         = param{Name: "top_only", Kind: boolean, Says: "Only terms without a broader term."}
	parentParam      = param{Name: "parent_id", Kind: name, Repeats: true, Says: "Terms with this broader term, also where it is not their first."}
	minAgeParam      = param{Name: "minimum_age", Kind: number, Says: "Services whose lowest age is at least this."}
	maxAgeParam      = param{Name: "maximum_age", Kind: number, Says: "Services whose highest age is known and at most this."}
	startParam       = param{Name: "start_time", Kind: clock, Says: "Services with hours that begin at this time or later; with day and end_time, the same hours."}
	endParam         = param{Name: "end_time", Kind: clock, Says: "Services with hours that end at this time or earlier."}
	dayParam         = param{Name: "day", Kind: text, Enum: []string{"MO", "TU", "WE", "TH", "FR", "SA", "SU"}, Says: "Services with hours on this day."}
)

func serviceFilters() []param {
	return []param{searchParam, termParam, taxonomyParam, providerParam, modifiedParam, minAgeParam, maxAgeParam, startParam, endParam, dayParam}
}

// Bounds of pages.
const (
	pageSize = 50
	mostSize = 500
	allSize  = 100_000 // of minimal records
)

func paging() []param {
	return []param{
		{Name: "page", Kind: integer, Min: 1, Max: maxPage, Default: 1, Says: "Number of the page. One behind the last is empty."},
		{Name: "per_page", Kind: integer, Min: 1, Max: allSize, Default: 0, Says: "Records on a page: " + strconv.Itoa(pageSize) + " unless told otherwise, " + strconv.Itoa(mostSize) + " at most, " + strconv.Itoa(allSize) + " of minimal ones."},
	}
}

// filter is what a service must fulfil: everything that is asked for.
type filter struct {
	words      []string // each with a space before it
	kinds      map[string]bool
	anyKind    bool
	providers  []string
	since      time.Time
	ages       [2]float64 // lowest and highest; NaN where nobody asked
	hours      bool
	day        int // of the week, or -1
	start, end int // minutes, or -1
	others     bool
}

// filter reads what was asked for.
func (x *exchange) filter() (*filter, error) {
	f := &filter{since: x.since(), ages: [2]float64{math.NaN(), math.NaN()}, day: -1, start: -1, end: -1, words: wordsOf(x.q.first("search")), providers: x.q.list("organization_id")}
	if x.q.has("taxonomy_term_id") {
		f.kinds = map[string]bool{}
		for _, c := range x.a.o.Vocabulary.Concepts() {
			if slices.Contains(x.q.list("taxonomy_term_id"), hsds3.TermName(c.Key)) {
				for _, k := range x.a.o.Vocabulary.Within(c.Key) {
					f.kinds[k] = true
				}
			}
		}
	}
	if x.q.has("taxonomy_id") {
		f.anyKind = true
		if !slices.Contains(x.q.list("taxonomy_id"), hsds3.TaxonomyName()) && f.kinds == nil {
			f.kinds = map[string]bool{}
		}
		if !slices.Contains(x.q.list("taxonomy_id"), hsds3.TaxonomyName()) {
			clear(f.kinds)
		}
	}
	for i, p := range []string{"minimum_age", "maximum_age"} {
		if v, err := strconv.ParseFloat(x.q.first(p), 64); err == nil {
			f.ages[i] = v
		}
	}
	if x.q.has("day") {
		f.day = (slices.Index(dayParam.Enum, x.q.first("day")) + 1) % 7
	}
	if m, ok := minuteOf(x.q.first("start_time")); ok {
		f.start = m
	}
	if m, ok := minuteOf(x.q.first("end_time")); ok {
		f.end = m
	}
	f.hours = f.day >= 0 || f.start >= 0 || f.end >= 0
	for _, p := range x.q.params {
		switch p.Name {
		case "modified_after", "minimal", "full", "format", "page", "per_page":
		default:
			f.others = f.others || x.q.has(p.Name)
		}
	}
	return f, nil
}

func (x *exchange) since() time.Time {
	t, _ := momentOf(x.q.first("modified_after"))
	return t
}

// harvest says whether everything since a time is asked for, so that what is gone belongs to the answer.
func (f *filter) harvest() bool { return !f.since.IsZero() && !f.others }

func (f *filter) holds(it *item) bool {
	r := &it.rec
	switch {
	case it.modified.Before(f.since), !allIn(it.words, f.words):
		return false
	case f.kinds != nil && !slices.ContainsFunc(r.Kinds, func(k string) bool { return f.kinds[k] }), f.anyKind && len(r.Kinds) == 0:
		return false
	case len(f.providers) > 0 && !slices.Contains(f.providers, hsds3.ProviderName(r.Provider.ID)) &&
		!slices.ContainsFunc(r.Partners, func(p directory.ProviderID) bool { return slices.Contains(f.providers, hsds3.ProviderName(p)) }):
		return false
	case !math.IsNaN(f.ages[0]) && float64(r.For.MinAge) < f.ages[0]:
		return false
	case !math.IsNaN(f.ages[1]) && (r.For.MaxAge == 0 || float64(r.For.MaxAge) > f.ages[1]):
		return false
	}
	if !f.hours {
		return true
	}
	for i := range r.Places {
		if f.open(it, i) {
			return true
		}
	}
	return false
}

// open says whether a place has hours as asked for.
func (f *filter) open(it *item, at int) bool {
	if !f.hours {
		return true
	}
	h := &it.rec.Places[at].Hours
	if h.Always {
		return f.start <= 0 && f.end < 0 // they begin and end never
	}
	for _, s := range h.Slots {
		if (f.day < 0 || int(s.Day) == f.day) && (f.start < 0 || s.From >= f.start) && (f.end < 0 || s.To <= f.end) {
			return true
		}
	}
	return false
}

// wordsOf folds a search: words that others must begin with.
func wordsOf(s string) []string {
	var out []string
	for w := range strings.FieldsSeq(fold(s)) {
		out = append(out, " "+w)
	}
	return out
}

// allIn says whether every word begins a word of a folded text.
func allIn(folded string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(folded, w) {
			return false
		}
	}
	return true
}

// around is a distance from a point, or a postcode.
type around struct {
	postcode string
	middle   *geo.LonLat
	metres   float64
}

// near reads postcode and proximity. The middle of a postcode is that of the places of the directory that have it.
func (x *exchange) near(s *shelf) (around, error) {
	a := around{postcode: x.q.first("postcode")}
	if !x.q.has("proximity") {
		return a, nil
	}
	if a.postcode == "" {
		return a, refuse("proximity", "needs a postcode")
	}
	a.metres, _ = strconv.ParseFloat(x.q.first("proximity"), 64)
	var sum geo.LonLat
	n := 0.0
	for _, it := range s.items {
		for i := range it.rec.Locations {
			if l := &it.rec.Locations[i]; l.At != nil && l.Postcode == a.postcode {
				sum.Lon, sum.Lat, n = sum.Lon+l.At.Lon, sum.Lat+l.At.Lat, n+1
			}
		}
	}
	if n == 0 {
		return a, refuse("postcode", "is not known here: no place of the directory with coordinates has it")
	}
	a.middle = &geo.LonLat{Lon: sum.Lon / n, Lat: sum.Lat / n}
	return a, nil
}

func (a around) holds(l *directory.Location) bool {
	switch {
	case a.middle != nil:
		return l.At != nil && metres(*a.middle, *l.At) <= a.metres
	case a.postcode != "":
		return l.Postcode == a.postcode
	}
	return true
}

// metres is the distance of two places on the sphere.
func metres(a, b geo.LonLat) float64 {
	const radius = 6_371_008.8 // mean, in metres
	rad := func(x float64) float64 { return x * math.Pi / 180 }
	s, c := math.Sin(rad(b.Lat-a.Lat)/2), math.Sin(rad(b.Lon-a.Lon)/2)
	return 2 * radius * math.Asin(math.Min(1, math.Sqrt(s*s+math.Cos(rad(a.Lat))*math.Cos(rad(b.Lat))*c*c)))
}

// withGone puts what is gone since a time among the rows, in order of the names.
func withGone(rows []row, list []gone, since time.Time) []row {
	for i := range list {
		if !list[i].At.Before(since) {
			rows = append(rows, row{name: list[i].name, gone: &list[i]})
		}
	}
	slices.SortFunc(rows, func(a, b row) int { return cmp.Compare(a.name, b.name) })
	return rows
}
