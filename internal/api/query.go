package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"gevor/fault"
)

// kind is the type of the values of a parameter.
type kind string

// The kinds.
const (
	text    kind = "string"
	integer kind = "integer"
	number  kind = "number"
	boolean kind = "boolean"
	moment  kind = "date-time" // a day counts as its first moment
	clock   kind = "time"
	name    kind = "uuid"
	prefix  kind = "fhir-date" // a moment or a day with ge, le, gt, lt, eq, ne before it
)

// param is a parameter that an endpoint understands.
type param struct {
	Name     string
	Kind     kind
	Says     string
	Repeats  bool // several values: any of them
	Min, Max int  // of integers
	Default  int
	Enum     []string
}

// Bounds of a query.
const (
	maxText   = 200       // characters of a value
	maxValues = 50        // of one parameter
	maxBody   = 64 << 10  // bytes of a query that is sent
	maxPage   = 1_000_000 // of any list
)

// query is what was asked, checked.
type query struct {
	values url.Values
	params []param
}

// ask reads and checks the query: from the address, and from the body where it is sent.
func (x *exchange) ask() error {
	values, err := url.ParseQuery(x.req.URL.RawQuery)
	if err != nil {
		return fault.New(fault.Invalid, "", "the query cannot be read", "")
	}
	if x.req.Method == http.MethodPost {
		sent, err := x.sent()
		if err != nil {
			return err
		}
		for k, v := range sent {
			values[k] = append(values[k], v...)
		}
	}
	x.q = query{values: values, params: x.e.Params}
	return x.q.check(x.lenient())
}

// lenient says whether what is not known is to be passed over, as FHIR lets a client wish.
func (x *exchange) lenient() bool {
	return strings.HasPrefix(x.e.Path, fhirPrefix) && strings.Contains(x.req.Header.Get("Prefer"), "handling=lenient")
}

// sent reads a query from the body: a form, or a JSON object whose members are values or lists of values.
func (x *exchange) sent() (url.Values, error) {
	x.req.Body = http.MaxBytesReader(x.w, x.req.Body, maxBody)
	media, _, _ := mime.ParseMediaType(x.req.Header.Get("Content-Type"))
	switch media {
	case "application/json", "application/fhir+json":
		var doc map[string]any
		dec := json.NewDecoder(x.req.Body)
		dec.UseNumber()
		if err := dec.Decode(&doc); err != nil {
			return nil, unreadable(err)
		}
		return flat(doc)
	default:
		// The form is read from the body alone; ParseForm would read the address again.
		req := &http.Request{Method: http.MethodPost, Body: x.req.Body, Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, URL: &url.URL{}}
		if err := req.ParseForm(); err != nil {
			return nil, unreadable(err)
		}
		return req.PostForm, nil
	}
}

func unreadable(err error) error {
	var long *http.MaxBytesError
	if errors.As(err, &long) {
		return fault.New(fault.TooLarge, "", "the query is too long", "")
	}
	return fault.New(fault.Invalid, "", "the query cannot be read", "") // without its cause: that may hold the query
}

func flat(doc map[string]any) (url.Values, error) {
	out := url.Values{}
	for k, v := range doc {
		list, ok := v.([]any)
		if !ok {
			list = []any{v}
		}
		for _, v := range list {
			switch v.(type) {
			case string, bool, json.Number:
				out.Add(k, fmt.Sprint(v))
			case nil:
			default:
				return nil, fault.New(fault.Invalid, "", "the query cannot be read", "")
			}
		}
	}
	return out, nil
}

// check holds every value against its parameter. A parameter that is not known is wrong: passing over it would give more
// than was asked for. Empty values count as not given.
func (q *query) check(lenient bool) error {
	var bad refused
	names := make([]string, 0, len(q.values))
	for k := range q.values {
		names = append(names, k)
	}
	slices.Sort(names)
	for _, k := range names {
		i := slices.IndexFunc(q.params, func(p param) bool { return p.Name == k })
		if i < 0 {
			if !lenient {
				bad.add(k, "is not known here; known are: "+q.known())
			}
			delete(q.values, k)
			continue
		}
		p := &q.params[i]
		vs := slices.DeleteFunc(q.values[k], func(s string) bool { return strings.TrimSpace(s) == "" })
		q.values[k] = vs
		if len(vs) > 1 && !p.Repeats || len(vs) > maxValues {
			bad.add(k, "is given too often")
			continue
		}
		for _, v := range vs {
			if why := p.wrong(v); why != "" {
				bad.add(k, why)
				break
			}
		}
	}
	return bad.err()
}

func (q *query) known() string {
	names := make([]string, len(q.params))
	for i := range q.params {
		names[i] = q.params[i].Name
	}
	return strings.Join(names, ", ")
}

// wrong says what is wrong with a value; nothing where it is right.
func (p *param) wrong(v string) string {
	if !utf8.ValidString(v) || utf8.RuneCountInString(v) > maxText {
		return fmt.Sprintf("is longer than %d characters, or not UTF-8", maxText)
	}
	if len(p.Enum) > 0 && !slices.Contains(p.Enum, v) {
		return "is none of " + strings.Join(p.Enum, ", ")
	}
	switch p.Kind {
	case integer:
		if n, err := strconv.Atoi(v); err != nil || n < p.Min || p.Max > 0 && n > p.Max {
			return fmt.Sprintf("is no whole number from %d to %d", p.Min, p.Max)
		}
	case number:
		if f, err := strconv.ParseFloat(v, 64); err != nil || f != f || f < 0 || f > 1e9 {
			return "is no number"
		}
	case boolean:
		if v != "true" && v != "false" {
			return "is neither true nor false"
		}
	case moment:
		if _, ok := momentOf(v); !ok {
			return "is no time like 2026-01-31T12:00:00Z, and no day like 2026-01-31"
		}
	case clock:
		if _, ok := minuteOf(v); !ok {
			return "is no time of day like 09:30"
		}
	case name:
		if len(v) != 36 {
			return "is no UUID"
		}
	case prefix:
		if _, _, ok := prefixed(v); !ok {
			return "is no time like ge2026-01-31 or lt2026-01-31T12:00:00Z"
		}
	case text:
	}
	return ""
}

// momentOf reads a time. A plus sign that an address has made a space is a plus sign.
func momentOf(v string) (time.Time, bool) {
	v = strings.TrimSpace(v)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", time.DateOnly} {
		if t, err := time.Parse(layout, strings.Replace(v, " ", "+", 1)); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

func minuteOf(v string) (int, bool) {
	for _, layout := range []string{"15:04", "15:04:05", "15:04Z"} {
		if t, err := time.Parse(layout, v); err == nil {
			return t.Hour()*60 + t.Minute(), true
		}
	}
	return 0, false
}

func (q *query) has(name string) bool      { return len(q.values[name]) > 0 }
func (q *query) list(name string) []string { return q.values[name] }
func (q *query) first(name string) string  { return strings.TrimSpace(q.values.Get(name)) }
func (q *query) bool(name string) bool     { return q.values.Get(name) == "true" }

func (q *query) int(name string) int {
	if n, err := strconv.Atoi(q.values.Get(name)); err == nil {
		return n
	}
	for _, p := range q.params {
		if p.Name == name {
			return p.Default
		}
	}
	return 0
}

// refused collects the parameters that cannot be understood.
type refused struct{ list []wrong }

// Error names the parameters, never what was asked.
func (r *refused) Error() string {
	names := make([]string, len(r.list))
	for i, w := range r.list {
		names[i] = w.Parameter
	}
	return strings.Join(names, ", ")
}

func (r *refused) add(parameter, why string) { r.list = append(r.list, wrong{parameter, why}) }

func (r *refused) err() error {
	if len(r.list) == 0 {
		return nil
	}
	return fault.Wrap(fault.Invalid, "query", "some parameters cannot be understood", "", r)
}

// refuse is the error of one parameter.
func refuse(parameter, why string) error {
	r := &refused{}
	r.add(parameter, why)
	return r.err()
}
