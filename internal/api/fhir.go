package api

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"gevor/directory"
	"gevor/internal/api/fhir4"
	"gevor/internal/api/hsds3"
)

const fhirType = "application/fhir+json; charset=utf-8"

// The parameters of FHIR. A comma means any of the values, a repeated name all of them, as FHIR says.
var (
	fhirID        = param{Name: "_id", Kind: text, Repeats: true, Says: "Logical ids."}
	fhirUpdated   = param{Name: "_lastUpdated", Kind: prefix, Repeats: true, Says: "Time of the last change, with ge, le, gt, lt, eq or ne. Of HealthcareService, where it is the only filter, also what is no longer public: active is false then and nothing else is told."}
	fhirCount     = param{Name: "_count", Kind: integer, Min: 0, Max: mostSize, Default: pageSize, Says: "Resources on a page; 0 tells the total alone."}
	fhirPage      = param{Name: "page", Kind: integer, Min: 1, Max: maxPage, Default: 1, Says: "Page of a search; follow the links instead of making it up."}
	fhirFormat    = param{Name: "_format", Kind: text, Enum: []string{"json", "application/json", "application/fhir+json"}, Says: "JSON is what there is."}
	fhirToken     = param{Name: "identifier", Kind: text, Repeats: true, Says: "Name of the record, with or without its system " + fhir4.Names + "|."}
	fhirName      = param{Name: "name", Kind: text, Repeats: true, Says: "The name begins so; case, accents and umlauts do not matter."}
	fhirContains  = param{Name: "name:contains", Kind: text, Repeats: true, Says: "The name contains this."}
	fhirExact     = param{Name: "name:exact", Kind: text, Repeats: true, Says: "The name is exactly this."}
	fhirActive    = param{Name: "active", Kind: boolean, Says: "What is public is active."}
	fhirStatus    = param{Name: "status", Kind: text, Enum: []string{"active", "suspended", "inactive"}, Says: "What is public is active."}
	fhirProvider  = param{Name: "organization", Kind: text, Repeats: true, Says: "The organisation that provides it, as id or Organization/id."}
	fhirLocation  = param{Name: "location", Kind: text, Repeats: true, Says: "A place where it is given, as id or Location/id."}
	fhirKind      = param{Name: "service-type", Kind: text, Repeats: true, Says: "Code of the vocabulary, with or without its system."}
	fhirKindBelow = param{Name: "service-type:below", Kind: text, Repeats: true, Says: "Code of the vocabulary or one below it."}
	fhirNear      = param{Name: "near", Kind: text, Says: "latitude|longitude|distance|unit with unit km or m; 10 km where no distance is given."}
)

func fhirEndpoints() []endpoint {
	var out []endpoint
	add := func(method, path, says, gives string, list bool, answer func(*exchange) error, params ...param) {
		out = append(out, endpoint{Method: method, Path: fhirPrefix + path, Says: says, Params: append(params, fhirFormat), Gives: gives, Kind: "application/fhir+json", List: list, answer: answer})
	}
	add(http.MethodGet, "metadata", "What this interface can do.", "CapabilityStatement", true, fhirMetadata)
	for _, t := range fhirTypes() {
		params := append(slices.Clone(t.params), fhirID, fhirToken, fhirUpdated, fhirCount, fhirPage)
		add(http.MethodGet, t.name, "Search of "+t.name+".", "Bundle", true, t.search, params...)
		add(http.MethodPost, t.name+"/_search", "Search of "+t.name+" with the parameters in the body.", "Bundle", true, t.search, params...)
		add(http.MethodGet, t.name+"/{record}", "One "+t.name+".", fhirSchema+t.name, false, t.read)
	}
	return out
}

// fhirSchema begins the names of the schemas of resources: HSDS has an Organization and a Location too.
const fhirSchema = "Fhir"

// fhirResource is one type of resources.
type fhirResource struct {
	name         string
	params       []param
	search, read func(*exchange) error
}

func fhirTypes() []fhirResource {
	return []fhirResource{
		{"HealthcareService", []param{fhirName, fhirContains, fhirExact, fhirActive, fhirProvider, fhirLocation, fhirKind, fhirKindBelow}, fhirServices, fhirService},
		{"Location", []param{fhirName, fhirContains, fhirExact, fhirStatus, fhirProvider, fhirNear}, fhirLocations, fhirOneLocation},
		{"Organization", []param{fhirName, fhirContains, fhirExact, fhirActive}, fhirOrganizations, fhirOrganization},
	}
}

// outcome is an error in the words of FHIR.
func outcome(status int, says string, errs []wrong) any {
	code := map[int]string{http.StatusBadRequest: "invalid", http.StatusNotFound: "not-found", http.StatusServiceUnavailable: "throttled", http.StatusMethodNotAllowed: "not-supported", http.StatusRequestEntityTooLarge: "too-long"}[status]
	if code == "" {
		code = "exception"
	}
	out := fhir4.Outcome{ResourceType: "OperationOutcome"}
	for _, e := range errs {
		out.Issue = append(out.Issue, fhir4.Issue{Severity: "error", Code: code, Diagnostics: e.Parameter + " " + e.Detail, Expression: []string{"http." + e.Parameter}})
	}
	if len(out.Issue) == 0 {
		out.Issue = []fhir4.Issue{{Severity: "error", Code: code, Diagnostics: says}}
	}
	return out
}

// metadataDate is when what can be asked was changed last.
const metadataDate = "2026-11-22"

func fhirMetadata(x *exchange) error {
	c := fhir4.Capability{
		ResourceType: "CapabilityStatement", Status: "active", Date: metadataDate, Kind: "instance", Version: "4.0.1", Format: []string{"json"},
		Software: fhir4.Software{Name: "gevor", Version: x.a.o.Version}, Implementation: fhir4.Implementation{Description: "The public directory of health and social services", URL: x.base() + strings.TrimSuffix(fhirPrefix, "/")},
		Instantiates: []string{"https://profiles.ihe.net/ITI/mCSD/CapabilityStatement/IHE.mCSD.Directory"},
	}
	rest := fhir4.Rest{Mode: "server"}
	types := map[kind]string{prefix: "date", boolean: "token", integer: "number"}
	for _, t := range fhirTypes() {
		r := fhir4.RestResource{Type: t.name, Interaction: []fhir4.Interaction{{Code: "read"}, {Code: "search-type"}}}
		for _, p := range append(slices.Clone(t.params), fhirID, fhirToken, fhirUpdated) {
			base, _, modified := strings.Cut(p.Name, ":")
			if modified {
				continue // a modifier of a parameter that stands here
			}
			kind := types[p.Kind]
			switch base {
			case "name":
				kind = "string"
			case "organization", "location":
				kind = "reference"
			case "near":
				kind = "special"
			case "_id", "identifier", "service-type", "status":
				kind = "token"
			}
			r.Search = append(r.Search, fhir4.SearchParam{Name: base, Type: kind, Documentation: p.Says})
		}
		rest.Resource = append(rest.Resource, r)
	}
	c.Rest = []fhir4.Rest{rest}
	return x.json(fhirType, c)
}

func (x *exchange) resources() *fhir4.Writer {
	return &fhir4.Writer{Vocabulary: x.a.o.Vocabulary, Now: x.a.o.Now()}
}

// each says whether every value of a parameter has one among its parts, by commas, that holds.
func (x *exchange) each(param string, holds func(string) bool) bool {
	for _, v := range x.q.list(param) {
		if !slices.ContainsFunc(strings.Split(v, ","), func(s string) bool { return holds(strings.TrimSpace(s)) }) {
			return false
		}
	}
	return true
}

// common says whether a record fulfils what can be asked of all types.
func (x *exchange) common(id, native, called, folded string, modified time.Time) bool {
	if len(x.q.values) == 0 {
		return true
	}
	return x.each("_id", func(v string) bool { return v == id }) &&
		x.each("identifier", func(v string) bool {
			system, value, has := strings.Cut(v, "|")
			return !has && system == native || has && value == native && system == fhir4.Names
		}) &&
		x.each("name", func(v string) bool { return strings.HasPrefix(folded, x.fold(v)) }) &&
		x.each("name:contains", func(v string) bool { return strings.Contains(folded, strings.TrimSpace(x.fold(v))) }) &&
		x.each("name:exact", func(v string) bool { return v == called }) &&
		x.each("active", func(v string) bool { return v == "true" }) &&
		x.each("status", func(v string) bool { return v == "active" }) &&
		x.each("_lastUpdated", func(v string) bool { return within(v, modified) })
}

// fold is fold, done once for each value of a question.
func (x *exchange) fold(v string) string {
	if f, ok := x.folds[v]; ok {
		return f
	}
	if x.folds == nil {
		x.folds = map[string]string{}
	}
	x.folds[v] = fold(v)
	return x.folds[v]
}

// prefixed reads a time with its comparison; eq where there is none.
func prefixed(v string) (op string, t time.Time, ok bool) {
	op = "eq"
	for _, p := range []string{"ge", "le", "gt", "lt", "eq", "ne"} {
		if rest, found := strings.CutPrefix(v, p); found {
			op, v = p, rest
			break
		}
	}
	t, ok = momentOf(v)
	return op, t, ok
}

// within compares a time with one that was asked for. A day without a time is the whole day. Times are compared to the
// thousandth of a second, as they are told.
func within(v string, at time.Time) bool {
	op, from, _ := prefixed(v)
	to := from
	if !strings.Contains(v, "T") {
		to = from.Add(24*time.Hour - time.Millisecond)
	}
	at = at.Truncate(time.Millisecond)
	switch op {
	case "ge":
		return !at.Before(from)
	case "gt":
		return at.After(to)
	case "le":
		return !at.After(to)
	case "lt":
		return at.Before(from)
	case "ne":
		return at.Before(from) || at.After(to)
	}
	return !at.Before(from) && !at.After(to)
}

// refers says whether a value names a resource: by its id, or by type and id.
func refers(v, kind, id string) bool {
	return v == id || v == kind+"/"+id || strings.HasSuffix(v, "/"+kind+"/"+id)
}

func fhirServices(x *exchange) error {
	s, err := x.a.shelf(x.req.Context())
	if err != nil {
		return err
	}
	below := map[string][]string{}
	for _, v := range x.q.list("service-type:below") {
		for part := range strings.SplitSeq(v, ",") {
			below[strings.TrimSpace(part)] = x.a.o.Vocabulary.Within(codeOf(strings.TrimSpace(part)))
		}
	}
	var rows []row
	for _, it := range s.items {
		r := &it.rec
		if x.common(it.name, string(r.ID), it.called, it.folded, it.modified) &&
			x.each("organization", func(v string) bool { return refers(v, "Organization", hsds3.ProviderName(r.Provider.ID)) }) &&
			x.each("location", func(v string) bool {
				return slices.ContainsFunc(r.Locations, func(l directory.Location) bool { return refers(v, "Location", hsds3.LocationName(l.ID)) })
			}) &&
			x.each("service-type", func(v string) bool { return slices.Contains(r.Kinds, codeOf(v)) }) &&
			x.each("service-type:below", func(v string) bool {
				return slices.ContainsFunc(r.Kinds, func(k string) bool { return slices.Contains(below[v], k) })
			}) {
			rows = append(rows, row{name: it.name, item: it})
		}
	}
	if x.harvests() {
		for i := range s.gone {
			if g := &s.gone[i]; x.each("_lastUpdated", func(v string) bool { return within(v, g.At) }) {
				rows = append(rows, row{name: g.name, gone: g})
			}
		}
		slices.SortFunc(rows, func(a, b row) int { return cmp.Compare(a.name, b.name) })
	}
	w := x.resources()
	return x.bundle("HealthcareService", rows, func(r row) any {
		if r.gone != nil {
			return fhir4.Gone(r.gone.Gone)
		}
		return w.Service(&r.item.rec, r.item.modified)
	})
}

// harvests says whether everything since a time is asked for, and nothing else.
func (x *exchange) harvests() bool {
	for _, p := range x.q.params {
		switch p.Name {
		case "_lastUpdated", "_count", "page", "_format":
		default:
			if x.q.has(p.Name) {
				return false
			}
		}
	}
	return x.q.has("_lastUpdated")
}

// codeOf is the code of a token whose system is that of the vocabulary, or is not said; nothing for other systems.
func codeOf(token string) string {
	system, code, has := strings.Cut(token, "|")
	if !has {
		return system
	}
	if system != fhir4.System() {
		return ""
	}
	return code
}

func fhirService(x *exchange) error {
	it, err := x.one()
	if err != nil {
		return err
	}
	return x.json(fhirType, x.resources().Service(&it.rec, it.modified))
}

func fhirOrganizations(x *exchange) error {
	s, err := x.a.shelf(x.req.Context())
	if err != nil {
		return err
	}
	s.derive()
	var rows []row
	for _, h := range s.providers {
		if x.common(h.name, string(h.provider.ID), h.provider.Name, h.folded, h.modified) {
			rows = append(rows, row{name: h.name, house: h})
		}
	}
	w := x.resources()
	return x.bundle("Organization", rows, func(r row) any { return w.Organisation(r.house.provider, r.house.modified) })
}

func fhirOrganization(x *exchange) error {
	s, err := x.a.shelf(x.req.Context())
	if err != nil {
		return err
	}
	h, _, err := x.house(s)
	if err != nil {
		return err
	}
	return x.json(fhirType, x.resources().Organisation(h.provider, h.modified))
}

// bundle answers with one page of a search.
func (x *exchange) bundle(kind string, rows []row, write func(row) any) error {
	per, number := x.q.int("_count"), x.q.int("page")
	b := fhir4.Bundle{ResourceType: "Bundle", Type: "searchset", Total: len(rows)}
	link := func(relation string, page int) {
		q := url.Values{}
		for k, v := range x.q.values {
			if x.req.Method != http.MethodPost || k == "_count" { // what was sent in a body is put into no address
				q[k] = v
			}
		}
		q.Set("page", strconv.Itoa(page))
		b.Link = append(b.Link, fhir4.Link{Relation: relation, URL: x.base() + fhirPrefix + kind + "?" + q.Encode()})
	}
	link("self", number)
	if per > 0 {
		p, from, to := pageOf(len(rows), number, per)
		shown, err := x.public(rows[from:to])
		if err != nil {
			return err
		}
		for _, r := range shown {
			b.Entry = append(b.Entry, fhir4.Entry{FullURL: x.base() + fhirPrefix + kind + "/" + r.name, Resource: write(r), Search: fhir4.Mode{Mode: "match"}})
		}
		if x.req.Method != http.MethodPost {
			link("first", 1)
			if number > 1 {
				link("previous", min(number-1, p.TotalPages))
			}
			if !p.Last {
				link("next", number+1)
			}
			link("last", p.TotalPages)
		}
	}
	return x.json(fhirType, b)
}
