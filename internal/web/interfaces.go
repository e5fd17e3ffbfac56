package web

import (
	"net/http"
	"strings"

	"gevor/authz"
)

// interfaces.go holds the addresses for other programs. What they answer is made elsewhere; here stand their rows, so that
// the walk of rights, the canary and the browser suite know them.

// Interfaces answers the addresses for other programs, as to the anonymous public whoever asks.
type Interfaces interface {
	// Answer answers a request of a row; pattern is as it stands in the table, without the sign of an exact end.
	Answer(w http.ResponseWriter, req *http.Request, pattern string)
	// Owns says whether a path belongs to them, known or not.
	Owns(path string) bool
	// Refuse answers what no row answers; allowed are the methods that the address knows.
	Refuse(w http.ResponseWriter, req *http.Request, allowed []string)
}

// interfaceRoutes are their rows: lists, and single records that are seen where they are released.
func interfaceRoutes() []Route {
	var out []Route
	row := func(name, method, path string, list bool, kind authz.Kind) {
		r := Route{
			Name: name, Method: method, Access: Access{Kind: kind, Action: authz.View}, List: list, Open: true, Handle: interfaceAnswer,
			Patterns: map[string]string{"": path},
		}
		if method == "" {
			r.States = []State{Normal}
		}
		out = append(out, r)
	}
	const hsds = "/hsds/v3/"
	row("hsds", "", hsds+"{$}", true, authz.Site)
	for _, of := range []string{"services", "service_at_locations", "organizations"} {
		row("hsds-"+of, "", hsds+of, true, authz.Entry)
		row("hsds-"+of+"-asked", http.MethodPost, hsds+of, true, authz.Entry)
		row("hsds-"+of+"-one", "", hsds+of+"/{record}", false, authz.Entry)
	}
	for _, of := range []string{"taxonomies", "taxonomy_terms"} {
		row("hsds-"+of, "", hsds+of, true, authz.Site)
		row("hsds-"+of+"-asked", http.MethodPost, hsds+of, true, authz.Site)
		row("hsds-"+of+"-one", "", hsds+of+"/{record}", false, authz.Site)
	}
	row("fhir-metadata", "", "/fhir/metadata", true, authz.Site)
	for _, of := range []string{"HealthcareService", "Location", "Organization"} {
		row("fhir-"+of, "", "/fhir/"+of, true, authz.Entry)
		row("fhir-"+of+"-asked", http.MethodPost, "/fhir/"+of+"/_search", true, authz.Entry)
		row("fhir-"+of+"-one", "", "/fhir/"+of+"/{record}", false, authz.Entry)
	}
	for _, of := range []string{"services.csv", "services.xlsx", "services.json", "groups.ics"} {
		row("open-"+of, "", "/open/"+of, true, authz.Entry)
	}
	row("open-calendar", "", "/open/services/{record}/calendar.ics", false, authz.Entry)
	row("open-api", "", "/openapi.json", true, authz.Site)
	row("sitemap", "", "/sitemap.xml", true, authz.Entry)
	row("sitemap-part", "", "/sitemaps/{part}", true, authz.Entry)
	return out
}

func interfaceAnswer(p *page) error {
	p.site.Interfaces.Answer(p.res, p.req, p.route.pattern())
	return nil
}

// pattern is the one address of a row without a language.
func (r *Route) pattern() string { return strings.TrimSuffix(r.Patterns[""], "{$}") }

// programs says whether a path is an address for programs. Its answers are compressed and refused in their own way.
func (s *site) programs(path string) bool { return s.Interfaces != nil && s.Interfaces.Owns(path) }
