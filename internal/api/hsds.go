package api

import (
	"net/http"
	"time"

	"gevor/directory"
	"gevor/fault"
	"gevor/internal/api/hsds3"
)

// The version of the specification that is spoken, and its profile.
const (
	hsdsVersion = "3.1"
	hsdsProfile = "https://docs.openreferral.org/en/latest/hsds/hsds_reference.html"
)

func hsdsEndpoints() []endpoint {
	get := func(path, says, gives string, answer func(*exchange) error, params ...param) endpoint {
		return endpoint{Method: http.MethodGet, Path: hsdsPrefix + path, Says: says, Params: params, Gives: gives, Kind: "application/json", answer: answer}
	}
	list := func(path, says, gives string, answer func(*exchange) error, params ...param) endpoint {
		e := get(path, says, gives, answer, append(params, paging()...)...)
		e.List = true
		return e
	}
	return append([]endpoint{get("", "What this interface is.", "Base", hsdsBase)}, twins([]endpoint{
		list("services", "Public services.", "ServicePage", hsdsServices, append(serviceFilters(), minimalParam, fullParam, formatParam)...),
		get("services/{record}", "One service with everything that is public about it.", "Service", hsdsService),
		list("service_at_locations", "Public services at their places.", "ServiceAtLocationPage", hsdsPlaces, append(serviceFilters(), postcodeParam, proximityParam, fullParam, formatParam)...),
		get("service_at_locations/{record}", "One service at one place.", "ServiceAtLocation", hsdsPlace),
		list("organizations", "Organisations with public services.", "OrganizationPage", hsdsOrganizations, searchParam, termParam, taxonomyParam, modifiedParam, fullParam, fullServiceParam, formatParam),
		get("organizations/{record}", "One organisation with its public services.", "Organization", hsdsOrganization, fullServiceParam),
		list("taxonomies", "The taxonomies: one, the vocabulary.", "TaxonomyPage", hsdsTaxonomies, searchParam, formatParam),
		get("taxonomies/{record}", "One taxonomy.", "Taxonomy", hsdsTaxonomy),
		list("taxonomy_terms", "The terms of the vocabulary.", "TaxonomyTermPage", hsdsTerms, searchParam, taxonomyParam, topParam, parentParam, formatParam),
		get("taxonomy_terms/{record}", "One term.", "TaxonomyTerm", hsdsTerm),
	})...)
}

func hsdsBase(x *exchange) error {
	return x.json(jsonType, map[string]string{"version": hsdsVersion, "profile": hsdsProfile, "openapi_url": x.base() + openAPIPath})
}

// writer writes records as they may be believed now.
func (x *exchange) writer() *hsds3.Writer {
	return &hsds3.Writer{Vocabulary: x.a.o.Vocabulary, Now: x.a.o.Now()}
}

func absent() error {
	return fault.New(fault.NotFound, "", "there is no such record", "")
}

// one gives the service that the address names, where it is public now.
func (x *exchange) one() (*item, error) {
	s, err := x.a.shelf(x.req.Context())
	if err != nil {
		return nil, err
	}
	it := s.find(x.req.PathValue("record"))
	if it == nil {
		return nil, absent()
	}
	seen, err := x.a.still(x.req.Context(), []*item{it})
	if err != nil {
		return nil, err
	}
	if !seen[it.rec.ID] {
		return nil, absent()
	}
	return it, nil
}

func hsdsService(x *exchange) error {
	it, err := x.one()
	if err != nil {
		return err
	}
	return x.json(jsonType, x.writer().Full(&it.rec, it.modified))
}

func hsdsServices(x *exchange) error {
	s, err := x.a.shelf(x.req.Context())
	if err != nil {
		return err
	}
	f, err := x.filter()
	if err != nil {
		return err
	}
	w, full, minimal := x.writer(), x.q.bool("full"), x.q.bool("minimal")
	write := func(r row) any {
		switch {
		case r.gone != nil && minimal:
			return hsds3.Minimal{ID: r.name, Modified: hsds3.Stamp(r.gone.At)}
		case r.gone != nil:
			return hsds3.Tombstone(r.gone.Gone)
		case minimal:
			return hsds3.Minimal{ID: r.name, Modified: hsds3.Stamp(r.item.modified)}
		case full:
			return w.Full(&r.item.rec, r.item.modified)
		}
		return w.Listed(&r.item.rec, r.item.modified)
	}
	if !f.others && f.since.IsZero() {
		return x.some(len(s.items), func(from, to int) []row { return rowsIn(s.items[from:to]) }, write)
	}
	var held []*item
	for _, it := range s.items {
		if f.holds(it) {
			held = append(held, it)
		}
	}
	rows := rowsIn(held)
	if f.harvest() {
		rows = withGone(rows, s.gone, f.since)
	}
	return x.rows(rows, write)
}

func rowsIn(items []*item) []row {
	out := make([]row, len(items))
	for i, it := range items {
		out[i] = row{name: it.name, item: it}
	}
	return out
}

func hsdsPlaces(x *exchange) error {
	s, err := x.a.shelf(x.req.Context())
	if err != nil {
		return err
	}
	f, err := x.filter()
	if err != nil {
		return err
	}
	near, err := x.near(s)
	if err != nil {
		return err
	}
	s.derive()
	var rows []row
	for i := range s.places {
		if p := &s.places[i]; near.holds(&p.item.rec.Locations[p.at]) && f.open(p.item, p.at) && f.holds(p.item) {
			rows = append(rows, row{name: p.name, item: p.item, at: p.at})
		}
	}
	w, full := x.writer(), x.q.bool("full")
	return x.rows(rows, func(r row) any {
		if full {
			return fullPlace(w, r.item, r.at)
		}
		return w.ListedPlace(&r.item.rec, r.at, r.item.modified)
	})
}

// fullPlace is a service at a place with both of them whole.
func fullPlace(w *hsds3.Writer, it *item, at int) hsds3.ServiceAtLocation {
	p := w.Place(&it.rec, at)
	s := w.Full(&it.rec, it.modified)
	s.Places = nil // it would hold itself
	p.Service = &s
	return p
}

func hsdsPlace(x *exchange) error {
	s, err := x.a.shelf(x.req.Context())
	if err != nil {
		return err
	}
	s.derive()
	p := s.place(x.req.PathValue("record"))
	if p == nil {
		return absent()
	}
	seen, err := x.a.still(x.req.Context(), []*item{p.item})
	if err != nil {
		return err
	}
	if !seen[p.item.rec.ID] {
		return absent()
	}
	return x.json(jsonType, fullPlace(x.writer(), p.item, p.at))
}

func hsdsOrganizations(x *exchange) error {
	s, err := x.a.shelf(x.req.Context())
	if err != nil {
		return err
	}
	f, err := x.filter()
	if err != nil {
		return err
	}
	words := f.words
	f.words, f.since = nil, time.Time{} // they are about the organisation
	s.derive()
	rows := make([]row, 0, len(s.providers))
	for _, h := range s.providers {
		if !allIn(h.folded+" ", words) || h.modified.Before(x.since()) {
			continue
		}
		for _, it := range h.items {
			if f.holds(it) {
				rows = append(rows, row{name: h.name, house: h})
				break
			}
		}
	}
	w, full := x.writer(), x.q.bool("full")
	return x.rows(rows, func(r row) any {
		if full {
			return x.organization(w, r.house, r.seen, x.q.bool("full_service"))
		}
		return w.Organisation(r.house.provider)
	})
}

// organization is a provider with its services that are public now, and their places.
func (x *exchange) organization(w *hsds3.Writer, h *house, seen map[directory.ServiceID]bool, fully bool) hsds3.Organization {
	o := w.Organisation(h.provider)
	o.Phones = w.Phones(h.provider)
	placed := map[directory.LocationID]bool{}
	for _, it := range h.items {
		if !seen[it.rec.ID] {
			continue
		}
		if fully {
			full := w.Full(&it.rec, it.modified)
			full.Provider = nil // it would hold itself
			o.Services = append(o.Services, full)
		} else {
			text, _ := it.rec.Name.In("de")
			o.Services = append(o.Services, hsds3.Named{ID: it.name, Name: text, Status: hsds3.Active})
		}
		for i := range it.rec.Locations {
			if l := &it.rec.Locations[i]; !placed[l.ID] {
				placed[l.ID] = true
				o.Locations = append(o.Locations, w.Location(l))
			}
		}
	}
	return o
}

func hsdsOrganization(x *exchange) error {
	s, err := x.a.shelf(x.req.Context())
	if err != nil {
		return err
	}
	h, seen, err := x.house(s)
	if err != nil {
		return err
	}
	return x.json(jsonType, x.organization(x.writer(), h, seen, x.q.bool("full_service")))
}

// house gives the provider that the address names, with what of it is public now. One without a public service is absent.
func (x *exchange) house(s *shelf) (*house, map[directory.ServiceID]bool, error) {
	s.derive()
	h := s.provider(x.req.PathValue("record"))
	if h == nil {
		return nil, nil, absent()
	}
	seen, err := x.a.still(x.req.Context(), h.items)
	if err != nil {
		return nil, nil, err
	}
	for _, ok := range seen {
		if ok {
			return h, seen, nil
		}
	}
	return nil, nil, absent()
}
