package webtest

import (
	"context"
	"strings"

	"gevor/authz"
	"gevor/directory"
	"gevor/internal/api/hsds3"
	"gevor/internal/web"
	"gevor/internal/words"
)

// outside are the names by which programs know what belongs to an offer.
type outside struct{ service, place, provider, location string }

func (h *Houses) outside(ctx context.Context, as authz.Actor, id directory.ServiceID) (outside, error) {
	r, err := h.Service(ctx, as, id)
	if err != nil {
		return outside{}, err
	}
	return outside{
		service: hsds3.ServiceName(id), place: hsds3.PlaceName(&r, 0), provider: hsds3.ProviderName(r.Service.Provider), location: hsds3.LocationName(r.Places[0].Location),
	}, nil
}

// record gives the name for the place {record} of a pattern.
func (o outside) record(pattern string) string {
	for _, x := range []struct{ in, name string }{
		{"/service_at_locations/", o.place},
		{"/organizations/", o.provider},
		{"/Organization/", o.provider},
		{"/Location/", o.location},
		{"/taxonomies/", hsds3.TaxonomyName()},
		{"/taxonomy_terms/", hsds3.TermName(Kind)},
	} {
		if strings.Contains(pattern, x.in) {
			return x.name
		}
	}
	return o.service
}

// Private makes of an address about the offer that everybody sees the one about the offer that only the east sees.
func Private(path string) string {
	town, err := built()
	if err != nil {
		panic(err)
	}
	from, to := town.shown, town.hidden
	if strings.Contains(path, town.pair) { // of both, as one of their houses works on it
		return path
	}
	return strings.NewReplacer(string(town.public), string(town.service), from.service, to.service, from.place, to.place, from.provider, to.provider, from.location, to.location).Replace(path)
}

func offerPage(lang string, id directory.ServiceID) string {
	return web.Address(lang, "offer", string(id))
}

func languages() []string { return words.Languages() }
