package directory

import "slices"

// Entry is a service with its provider and one place, as the short form of the pages holds it.
type Entry struct {
	Provider Provider
	Location Location
	Service  Service
	Place    Place
}

// Onto lays what the form holds upon the record it was opened from: what the form does not know stays, such as texts in
// other languages, further places, partners, who speaks a language, and everything about its source.
func (e Entry) Onto(r Record) Entry {
	e.Provider.ID, e.Provider.Version, e.Provider.Owner, e.Provider.Legal = r.Provider.ID, r.Provider.Version, r.Provider.Owner, r.Provider.Legal
	s := r.Service
	s.Name, s.Summary, s.Description = s.Name.with(e.Service.Name), s.Summary.with(e.Service.Summary), s.Description.with(e.Service.Description)
	s.CostText = s.CostText.with(e.Service.CostText)
	e.Service.For.Conditions = r.For.Conditions.with(e.Service.For.Conditions)
	e.Service.For.Groups = r.For.Groups
	s.For, s.Kinds, s.Cost, s.Insurance, s.Access = e.Service.For, e.Service.Kinds, e.Service.Cost, e.Service.Insurance, e.Service.Access
	s.Booking, s.Website, s.Risk, s.Draft, s.Area, s.Version = e.Service.Booking, e.Service.Website, e.Service.Risk, e.Service.Draft, e.Service.Area, e.Service.Version
	s.Resources = append(slices.DeleteFunc(slices.Clone(r.Resources), func(k string) bool { return slices.Contains(Resources(), k) }), e.Service.Resources...)
	languages := e.Service.Languages
	for i := range languages {
		for _, old := range r.Languages {
			if old.Tag == languages[i].Tag {
				languages[i].How = old.How
			}
		}
	}
	s.Languages = languages
	e.Service = s
	if len(r.Places) > 0 && len(r.Locations) > 0 {
		l := r.Locations[0]
		l.Street, l.Postcode, l.City, l.Way = e.Location.Street, e.Location.Postcode, e.Location.City, l.Way.with(e.Location.Way)
		l.StepFree, l.Lift, l.Toilet, l.Parking, l.Hearing = e.Location.StepFree, e.Location.Lift, e.Location.Toilet, e.Location.Parking, e.Location.Hearing
		e.Location = l
		place := r.Places[0]
		place.Hours.Slots, place.Hours.Always, place.Hours.Holidays = e.Place.Hours.Slots, e.Place.Hours.Always, e.Place.Hours.Holidays
		place.Contacts = append(e.Place.Contacts, rest(place.Contacts, 1)...)
		e.Place = place
	}
	return e
}

// with puts the German text of the form in place of the old one.
func (t Texts) with(form Texts) Texts {
	out := Texts{}
	for tag, s := range t {
		if tag != "de" {
			out[tag] = s
		}
	}
	if s := form["de"]; s != "" {
		out["de"] = s
	}
	return out
}

func rest[T any](xs []T, from int) []T {
	if len(xs) <= from {
		return nil
	}
	return xs[from:]
}
