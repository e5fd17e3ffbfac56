package region

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"gevor/geo"
	"gevor/hsds"
	"gevor/notice"
	"gevor/tabular"
)

// offersHSDS makes one offer of each physical place of each active service. Categories are the codes, identifiers or
// names of its taxonomy terms, mapped where the description has a mapping. A capacity stated for the service as a
// whole is shared evenly among its places.
func (b *builder) offersHSDS(spec OffersSpec) error {
	if err := b.mapping(&spec); err != nil {
		return err
	}
	return b.in.with(spec.File, spec.Source, spec.Line, func(f *file) error {
		services, err := hsds.Read(f.reader(), hsds.Options{File: spec.File, Notes: b.notes})
		if err != nil {
			return err
		}
		var used int64
		for i := range services {
			for _, problem := range b.service(spec, &services[i]) {
				if problem == nil {
					used++
					continue
				}
				b.notes.Rejected(notice.Notice{
					File: spec.File, Record: fmt.Sprintf("service %d (%s)", services[i].Index, services[i].ID), Field: problem.Field,
					Value: problem.Value, Rule: problem.Rule, Advice: problem.Advice,
				})
			}
		}
		b.notes.Used(spec.File, used)
		return nil
	})
}

// service gives one answer for each place of a service: nil where it became an offer.
func (b *builder) service(spec OffersSpec, s *hsds.Service) []*tabular.Problem {
	if s.Status != "" && s.Status != "active" {
		return []*tabular.Problem{{Field: "status", Value: s.Status, Rule: "offer-not-active", Advice: "only active services count as supply"}}
	}
	if len(s.AtLocations) == 0 {
		return []*tabular.Problem{{Field: "service_at_locations", Rule: "no-place", Advice: "a service without a place cannot be reached; add its location"}}
	}
	var out []*tabular.Problem
	for i := range s.AtLocations {
		at := &s.AtLocations[i]
		if at.Location == nil || at.Location.Latitude == nil || at.Location.Longitude == nil {
			out = append(out, &tabular.Problem{Field: "location", Value: at.ID, Rule: "no-coordinate", Advice: "add latitude and longitude; virtual places are left out on purpose"})
			continue
		}
		c := candidate{
			id: s.ID, record: s.ID, name: s.Name, at: geo.LonLat{Lon: float64(*at.Location.Longitude), Lat: float64(*at.Location.Latitude)},
			categories: terms(b, spec, s, at), confirmed: s.AssuredDate, capacity: math.NaN(), stepFree: stepFree(at.Location),
		}
		if len(s.AtLocations) > 1 {
			c.id = s.ID + "/" + placeID(at, i)
		}
		if x, ok := capacity(at.Capacities); ok {
			c.capacity = x
		} else if x, ok := capacity(s.Capacities); ok {
			c.capacity = x / float64(len(s.AtLocations))
		}
		areas := at.Areas
		if len(areas) == 0 {
			areas = s.Areas
		}
		for _, a := range areas {
			c.serviceAreas = append(c.serviceAreas, areaWords(a)...)
		}
		for _, l := range slices.Concat(s.Languages, at.Location.Languages) {
			c.languages = append(c.languages, cmp.Or(l.Code, l.Name))
		}
		out = append(out, b.offer(spec, spec.File, c, b.warner(spec.File)))
	}
	return out
}

func placeID(at *hsds.ServiceAtLocation, i int) string {
	switch {
	case at.ID != "":
		return at.ID
	case at.Location.ID != "":
		return at.Location.ID
	}
	return itoa(i + 1)
}

// terms gives for each taxonomy term the first of its code, identifier and name that means a category.
func terms(b *builder, spec OffersSpec, s *hsds.Service, at *hsds.ServiceAtLocation) []string {
	var out []string
	if spec.Category != "" {
		out = append(out, spec.Category)
	}
	for _, t := range s.Terms(at) {
		word := ""
		for _, w := range [...]string{t.Code, t.ID, t.Name, t.URI} {
			if w == "" {
				continue
			}
			if word == "" {
				word = w
			}
			if _, ok := spec.Terms[w]; ok {
				word = w
				break
			}
			if _, ok := b.categoryOf[w]; ok {
				word = w
				break
			}
		}
		if word != "" {
			out = append(out, word)
		}
	}
	return out
}

func capacity(list []hsds.Capacity) (float64, bool) {
	for _, c := range list {
		if c.Maximum != nil {
			return float64(*c.Maximum), true
		}
	}
	for _, c := range list {
		if c.Available != nil {
			return float64(*c.Available), true
		}
	}
	return 0, false
}

// areaWords gives the keys in an extent of type "area-keys" (or "ags", "ars"), else the extent where it is a plain
// word, else the name.
func areaWords(a hsds.ServiceArea) []string {
	switch strings.ToLower(a.ExtentType) {
	case "area-keys", "ags", "ars", "key", "keys", "text", "other", "":
		if words := splitList(a.Extent); len(words) > 0 {
			return words
		}
	}
	if a.Name != "" {
		return []string{a.Name}
	}
	return nil
}

// stepFree looks for an attribute of the place whose term says step-free or wheelchair.
func stepFree(l *hsds.Location) Tristate {
	lists := [][]hsds.Attribute{l.Attributes}
	for _, a := range l.Accessibility {
		lists = append(lists, a.Attributes)
	}
	for _, list := range lists {
		for _, a := range list {
			if a.Term == nil {
				continue
			}
			word := strings.ToLower(a.Term.Code + " " + a.Term.Name)
			if !strings.Contains(word, "step-free") && !strings.Contains(word, "step_free") && !strings.Contains(word, "stepfree") &&
				!strings.Contains(word, "wheelchair") && !strings.Contains(word, "stufenlos") && !strings.Contains(word, "stufenfrei") {
				continue
			}
			if strings.HasPrefix(word, "not-") || strings.HasPrefix(word, "no-") {
				return No
			}
			if v, ok := readTristate(a.Value); ok && a.Value != "" {
				return v
			}
			return Yes
		}
	}
	for _, a := range l.Accessibility {
		switch strings.ToLower(strings.TrimSpace(a.Description)) {
		case "step-free", "step_free", "stufenlos", "stufenfrei", "wheelchair":
			return Yes
		case "steps", "stufen", "not step-free", "nicht stufenlos":
			return No
		}
	}
	return Unknown
}
