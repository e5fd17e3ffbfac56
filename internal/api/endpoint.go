package api

import (
	"net/http"
	"slices"
)

// endpoint is one address with one method.
type endpoint struct {
	Method string
	Path   string // as in the table of routes, without the sign of an exact end
	Says   string
	Params []param
	Gives  string // the schema of the answer in the OpenAPI document
	Kind   string // its media type
	List   bool
	answer func(*exchange) error
}

func (e *endpoint) key() string { return e.Method + " " + e.Path }

// Address is a method and a path pattern that the interfaces answer.
type Address struct{ Method, Path string }

// Addresses lists what the interfaces answer; the table of routes has a row for each.
func Addresses() []Address {
	list := endpoints()
	out := make([]Address, len(list))
	for i := range list {
		out[i] = Address{list[i].Method, list[i].Path}
	}
	return out
}

func endpoints() []endpoint {
	return slices.Concat(hsdsEndpoints(), fhirEndpoints(), fileEndpoints())
}

// twins adds to each list the same question as a POST, whose body the asker's proxies do not log.
func twins(list []endpoint) []endpoint {
	out := slices.Clone(list)
	for _, e := range list {
		if e.List {
			e.Method = http.MethodPost
			e.Says += " The same question with the parameters in the body, as a form or as a JSON object: nothing of it stands in an address."
			out = append(out, e)
		}
	}
	return out
}
