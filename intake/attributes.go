package intake

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"gevor/directory"
	"gevor/hsds"
)

// attributes reads what the specification has no field for, as installations of this program write it: attributes without
// a term (package hsds3). What another one means by the same names is the same; what has no sense here is flagged.
func (d *draft) attributes(s *hsds.Service) {
	v := &d.Service
	texts := map[string]directory.Texts{}
	for _, a := range s.Attributes {
		if a.Term != nil {
			continue
		}
		if what, ok := strings.CutPrefix(a.Type, "text:"); ok && a.Label != "" && a.Value != "" {
			if texts[what] == nil {
				texts[what] = directory.Texts{}
			}
			texts[what][a.Label] = a.Value
			continue
		}
		d.attribute(a)
	}
	put := func(what string, to *directory.Texts) {
		if len(texts[what]) > 0 {
			*to = texts[what]
		}
	}
	if len(texts["summary"])+len(texts["description"]) > 0 { // the one description holds both
		v.Summary, v.Description = nil, nil
	}
	put("name", &v.Name)
	put("summary", &v.Summary)
	put("description", &v.Description)
	put("conditions", &v.For.Conditions)
	if v.Cost != directory.CostUnknown && slices.ContainsFunc(s.Attributes, func(a hsds.Attribute) bool { return a.Term == nil && a.Type == "cost" }) {
		v.CostText = nil // the option says the same in words
	}
	put("cost", &v.CostText)
	for _, u := range s.MoreURLs {
		if u.Label == "booking" {
			v.Booking = u.URL
		}
	}
	if v.Area.Reach == directory.ReachUnknown {
		v.Area = directory.Area{} // a distance whose meaning nobody told
	}
	if v.Capacity.Room == directory.RoomWaiting {
		if n, ok := leading(s.Wait); ok {
			v.Capacity.Weeks = n
		}
	}
}

// attribute reads one attribute of a service. Partners are not read: a name stands under an offer by its own consent.
func (d *draft) attribute(a hsds.Attribute) {
	v, wrong := &d.Service, false
	switch a.Type {
	case "insurance":
		i := directory.Insurance(a.Value)
		if wrong = !slices.Contains(directory.Insurances(), i); !wrong && !slices.Contains(v.Insurance, i) {
			v.Insurance = append(v.Insurance, i)
		}
	case "access":
		w := directory.Access(a.Value)
		if wrong = !slices.Contains(directory.AccessWays(), w); !wrong && !slices.Contains(v.Access, w) {
			v.Access = append(v.Access, w)
		}
	case "cost":
		if wrong = !slices.Contains([]string{string(directory.Free), string(directory.Fee), string(directory.Copayment)}, a.Value); !wrong {
			v.Cost = directory.Cost(a.Value)
		}
	case "resource":
		if a.Value != "" && !slices.Contains(v.Resources, a.Value) {
			v.Resources = append(v.Resources, a.Value)
		}
	case "target-group":
		if !slices.Contains(v.For.Groups, a.Value) && a.Value != "" {
			v.For.Groups = append(v.For.Groups, a.Value)
		}
	case "only-for":
		v.For.Women, v.For.Men = v.For.Women || a.Value == "women", v.For.Men || a.Value == "men"
		wrong = a.Value != "women" && a.Value != "men"
	case "risk":
		if wrong = a.Value != string(directory.Acute) && a.Value != string(directory.Advising); !wrong {
			v.Risk = directory.Risk(a.Value)
		}
	case "reach":
		wrong = !d.reach(directory.Reach(a.Value))
	case "capacity":
		wrong = !d.room(a.Value, a.Label)
	}
	if wrong {
		d.flag(a.Type, a.Value, "unknown", advice("unknown")+"; it was left out")
	}
}

// reach reads how far a service reaches. The keys of areas were read before.
func (d *draft) reach(r directory.Reach) bool {
	a := &d.Service.Area
	switch r {
	case directory.Nationwide, directory.Regionwide:
		*a = directory.Area{Reach: r}
	case directory.Municipality, directory.DistrictReach:
		if len(a.Keys) > 0 {
			a.Reach = r
		}
	case directory.Radius:
		if a.Km > 0 {
			a.Reach = r
		}
	case directory.ReachUnknown:
		return false
	default:
		return false
	}
	return true
}

// room reads whether there are places, and when somebody said so.
func (d *draft) room(value, on string) bool {
	r := directory.Room(value)
	if !slices.Contains([]directory.Room{directory.RoomFree, directory.RoomWaiting, directory.RoomClosed}, r) {
		return false
	}
	day, err := time.Parse(time.DateOnly, on)
	if err != nil || day.After(d.o.Now) {
		d.flag("capacity", on, "date", "write the day on which somebody said so like 2026-01-31; the capacity was left out")
		return true
	}
	d.Service.Capacity = directory.Capacity{Room: r, On: day}
	return true
}

// entrance reads what an attribute of a place says of how people with disabilities get in, and the way there.
func entrance(l *directory.Location, list []hsds.Attribute) {
	for _, a := range list {
		if a.Term != nil {
			continue
		}
		if a.Type == "text:way" && a.Label != "" && a.Value != "" {
			if l.Way == nil {
				l.Way = directory.Texts{}
			}
			l.Way[a.Label] = a.Value
		}
		if to := facility(l, a.Type); to != nil {
			if is, ok := directory.ThreeOf(a.Value); ok {
				*to = is
			}
		}
	}
}

// facility gives the field of a place that a name means; nil where it means none.
func facility(l *directory.Location, name string) *directory.Three {
	switch name {
	case "step-free":
		return &l.StepFree
	case "lift":
		return &l.Lift
	case "accessible-toilet":
		return &l.Toilet
	case "accessible-parking":
		return &l.Parking
	case "hearing":
		return &l.Hearing
	}
	return nil
}

// holidays reads what holds on public holidays.
func holidays(h *directory.Hours, list []hsds.Attribute) {
	for _, a := range list {
		if a.Type != "public-holidays" {
			continue
		}
		if is := directory.Holidays(a.Value); is == directory.HolidaysClosed || is == directory.HolidaysOpen {
			h.Holidays = is
		}
	}
}

var kilometres = regexp.MustCompile(`^(\d+(?:[.,]\d+)?) km`)

// leading reads the whole number with which a text begins.
func leading(s string) (int, bool) {
	word, _, _ := strings.Cut(strings.TrimSpace(s), " ")
	n, err := strconv.Atoi(word)
	return n, err == nil && n > 0
}

// spokenBy says from a note in what way a language is spoken; empty where the note is in other words.
func spokenBy(note string) string {
	switch note {
	case "wird im Team gesprochen":
		return "staff"
	case "mit Dolmetscherin oder Dolmetscher":
		return "interpreter"
	case "mit Dolmetschen am Telefon":
		return "telephone-interpreter"
	case "mit Dolmetschen per Video":
		return "video"
	}
	return ""
}
