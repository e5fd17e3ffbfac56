package hsds3

import (
	"strconv"

	"github.com/google/uuid"

	"gevor/directory"
)

// space is the name space of the names that others know our records by (RFC 9562, version 5): the same record has the
// same name in every answer, and after a restart.
var space = uuid.NewSHA1(uuid.NameSpaceURL, []byte("urn:gevor:directory"))

func named(parts ...string) string {
	var text []byte
	for _, p := range parts {
		text = append(append(text, p...), 0)
	}
	return uuid.NewSHA1(space, text).String()
}

// ServiceName is the name of a service outside, a UUID.
func ServiceName(id directory.ServiceID) string { return named("service", string(id)) }

// ProviderName is the name of an organisation outside.
func ProviderName(id directory.ProviderID) string { return named("organization", string(id)) }

// LocationName is the name of a location outside.
func LocationName(id directory.LocationID) string { return named("location", string(id)) }

// PlaceName is the name of a service at its i-th place outside. A location that a service names twice has two names.
func PlaceName(r *directory.Record, i int) string {
	l := r.Places[i].Location
	for k := range i {
		if r.Places[k].Location == l {
			return named("service_at_location", string(r.ID), string(l), strconv.Itoa(i))
		}
	}
	return named("service_at_location", string(r.ID), string(l))
}

// TermName is the name of a concept of the vocabulary outside.
func TermName(key string) string { return named("taxonomy_term", key) }

// TaxonomyName is the name of the vocabulary outside.
func TaxonomyName() string { return named("taxonomy", "vocabulary") }
