package api

import (
	"strings"
	"time"
)

const fhirType = "application/fhir+json; charset=utf-8"

func fhirEndpoints() []endpoint { return nil }

// outcome is an error in the words of FHIR.
func outcome(status int, text string, errs []wrong) any {
	return problem{Status: status, Detail: text, Errors: errs}
}

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
