package directory

import (
	"encoding/json"
	"slices"
)

// part is a field that is joined, and how to read and write it. get gives nil where the record says nothing; alike may be
// nil for values that are alike only where they are the same.
type part struct {
	name  string
	get   func(*Record) any
	put   func(to *Record, from *Record)
	alike func(a, b *Record) bool
}

func texted(name string, of func(*Record) *Texts, alike func(a, b string) bool) part {
	p := part{name: name, get: func(r *Record) any {
		if t := *of(r); len(t) > 0 {
			return t
		}
		return nil
	}, put: func(to, from *Record) { *of(to) = *of(from) }}
	if alike != nil {
		p.alike = func(a, b *Record) bool {
			x, _ := of(a).In("de")
			y, _ := of(b).In("de")
			return alike(x, y)
		}
	}
	return p
}

func listed[T any](name string, of func(*Record) *[]T) part {
	return part{name: name, get: func(r *Record) any {
		if l := *of(r); len(l) > 0 {
			return l
		}
		return nil
	}, put: func(to, from *Record) { *of(to) = slices.Clone(*of(from)) }}
}

func worded[T ~string](name string, of func(*Record) *T) part {
	return part{name: name, get: func(r *Record) any {
		if s := *of(r); s != "" {
			return s
		}
		return nil
	}, put: func(to, from *Record) { *of(to) = *of(from) }}
}

// placed is a field of the first place. Records without a place say nothing.
func placed(name string, get func(*Place, *Location) any, put func(to *Place, at *Location, from *Place, fromAt *Location)) part {
	return part{name: name, get: func(r *Record) any {
		if len(r.Places) == 0 || len(r.Locations) == 0 {
			return nil
		}
		return get(&r.Places[0], &r.Locations[0])
	}, put: func(to, from *Record) {
		if len(to.Places) == 0 || len(to.Locations) == 0 {
			to.Places, to.Locations = []Place{{Location: from.Places[0].Location}}, []Location{{ID: from.Locations[0].ID, Owner: from.Locations[0].Owner}}
		} else {
			to.Places, to.Locations = slices.Clone(to.Places), slices.Clone(to.Locations)
		}
		put(&to.Places[0], &to.Locations[0], &from.Places[0], &from.Locations[0])
	}}
}

type address struct{ Street, Postcode, City string }

type entrance struct{ StepFree, Lift, Toilet, Parking, Hearing string }

type fee struct {
	Cost Cost
	Text Texts
}

// parts lists the fields that are joined, in the order of a page.
func parts() []part {
	all := []part{
		texted("name", func(r *Record) *Texts { return &r.Name }, func(a, b string) bool { return Name(a) == Name(b) }),
		texted("summary", func(r *Record) *Texts { return &r.Summary }, nil),
		texted("description", func(r *Record) *Texts { return &r.Description }, nil),
		listed("kinds", func(r *Record) *[]string { return &r.Kinds }),
		{
			name: "for",
			get: func(r *Record) any {
				if f := r.For; f.MinAge == 0 && f.MaxAge == 0 && !f.Women && !f.Men && len(f.Groups) == 0 && len(f.Conditions) == 0 {
					return nil
				}
				return r.For
			},
			put: func(to, from *Record) { to.For = from.For },
		},
		listed("insurance", func(r *Record) *[]Insurance { return &r.Insurance }),
		{
			name: "cost",
			get: func(r *Record) any {
				if r.Cost == CostUnknown && len(r.CostText) == 0 {
					return nil
				}
				return fee{r.Cost, r.CostText}
			},
			put: func(to, from *Record) { to.Cost, to.CostText = from.Cost, from.CostText },
		},
		listed("access", func(r *Record) *[]Access { return &r.Access }),
		listed("languages", func(r *Record) *[]Language { return &r.Languages }),
		listed("resources", func(r *Record) *[]string { return &r.Resources }),
		worded("booking", func(r *Record) *string { return &r.Booking }),
		worded("website", func(r *Record) *string { return &r.Website }),
		{
			name: "area",
			get: func(r *Record) any {
				if r.Area.Reach == ReachUnknown {
					return nil
				}
				return r.Area
			},
			put: func(to, from *Record) { to.Area = from.Area },
		},
		{
			name: "capacity",
			get: func(r *Record) any {
				if r.Capacity.Room == RoomUnknown {
					return nil
				}
				return r.Capacity
			},
			put: func(to, from *Record) { to.Capacity = from.Capacity },
		},
	}
	return append(all, placeParts()...)
}

func placeParts() []part {
	where := placed("address", func(_ *Place, l *Location) any {
		if l.Street == "" {
			return nil
		}
		return address{l.Street, l.Postcode, l.City}
	}, func(_ *Place, to *Location, _ *Place, from *Location) {
		to.Street, to.Postcode, to.City = from.Street, from.Postcode, from.City
	})
	where.alike = func(a, b *Record) bool {
		x, y := a.Locations[0], b.Locations[0]
		return Street(x.Street) == Street(y.Street) && x.Postcode == y.Postcode
	}
	return []part{
		where,
		placed("at", func(_ *Place, l *Location) any {
			if l.At == nil {
				return nil
			}
			return *l.At
		}, func(_ *Place, to *Location, _ *Place, from *Location) { to.At, to.District = from.At, from.District }),
		placed("entrance", func(_ *Place, l *Location) any {
			if l.StepFree == Unknown && l.Lift == Unknown && l.Toilet == Unknown && l.Parking == Unknown && l.Hearing == Unknown {
				return nil
			}
			return entrance{l.StepFree.String(), l.Lift.String(), l.Toilet.String(), l.Parking.String(), l.Hearing.String()}
		}, func(_ *Place, to *Location, _ *Place, from *Location) {
			to.StepFree, to.Lift, to.Toilet, to.Parking, to.Hearing = from.StepFree, from.Lift, from.Toilet, from.Parking, from.Hearing
		}),
		placed("way", func(_ *Place, l *Location) any {
			if len(l.Way) == 0 {
				return nil
			}
			return l.Way
		}, func(_ *Place, to *Location, _ *Place, from *Location) { to.Way = from.Way }),
		placed("hours", func(p *Place, _ *Location) any {
			if h := p.Hours; len(h.Slots) == 0 && !h.Always && len(h.Exceptions) == 0 && len(h.Text) == 0 {
				return nil
			}
			return p.Hours
		}, func(to *Place, _ *Location, from *Place, _ *Location) { to.Hours = from.Hours }),
		placed("contacts", func(p *Place, _ *Location) any {
			if len(p.Contacts) == 0 {
				return nil
			}
			return p.Contacts
		}, func(to *Place, _ *Location, from *Place, _ *Location) { to.Contacts = slices.Clone(from.Contacts) }),
	}
}

// JoinedFields names the fields of a joined view, in the order of a page.
func JoinedFields() []string {
	all := parts()
	out := make([]string, len(all))
	for i, p := range all {
		out[i] = p.name
	}
	return out
}

// FieldText gives what a record says in one of JoinedFields, as it is kept; nil where it says nothing.
func FieldText(r Record, field string) json.RawMessage {
	for _, p := range parts() {
		if p.name == field {
			return p.text(&r)
		}
	}
	return nil
}

// CopyField gives a record with one of JoinedFields as another record has it. A record without a place has no fields of a
// place to copy: then nothing changes.
func CopyField(to, from Record, field string) Record {
	for _, p := range parts() {
		if p.name == field && (len(from.Places) > 0 && len(from.Locations) > 0 || !isPlaced(field)) {
			p.put(&to, &from)
		}
	}
	return to
}

func (p *part) text(r *Record) json.RawMessage {
	x := p.get(r)
	if x == nil {
		return nil
	}
	raw, err := json.Marshal(x)
	if err != nil { // values of records are kept as JSON, so they can be written
		return nil
	}
	return raw
}
