package web

import (
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"gevor/atlas"
	"gevor/fault"
	"gevor/form"
	"gevor/geo"
	"gevor/region"
)

// changesAsked reads the changes that stand in the query: close=ID, size=ID:CAPACITY, longer=ID:FACTOR,
// open=LAT,LON,CATEGORY[,CAPACITY].
func (p *page) changesAsked() ([]atlas.Change, error) {
	bad := func(name, value string) error {
		return fault.New(fault.Invalid, name, strconv.Quote(value)+" is no change", "choose changes on the page")
	}
	var out []atlas.Change
	for _, id := range p.query["close"] {
		out = append(out, atlas.Change{Offer: id})
	}
	for _, name := range []string{"size", "longer"} {
		for _, v := range p.query[name] {
			at := strings.LastIndexByte(v, ':')
			if at < 1 {
				return nil, bad(name, v)
			}
			number, ok := plainPositive(v[at+1:])
			switch {
			case !ok || name == "longer" && number == 0:
				return nil, bad(name, v)
			case name == "longer":
				out = append(out, atlas.Change{Offer: v[:at], Capacity: math.NaN(), Longer: number})
			default:
				out = append(out, atlas.Change{Offer: v[:at], Capacity: number})
			}
		}
	}
	for _, v := range p.query["open"] {
		c, ok := opening(v)
		if !ok {
			return nil, bad("open", v)
		}
		out = append(out, c)
	}
	if len(out) > trialChanges {
		return nil, fault.New(fault.TooLarge, "changes", "more than "+strconv.Itoa(trialChanges)+" changes at once", "try fewer")
	}
	return out, nil
}

// plainPositive reads a number from 0 to a million, with point or comma.
func plainPositive(s string) (float64, bool) {
	x, err := strconv.ParseFloat(strings.Replace(strings.TrimSpace(s), ",", ".", 1), 64)
	return x, err == nil && x >= 0 && x <= 1e6
}

// weekHours is how many hours a week has.
const weekHours = 168

func opening(v string) (atlas.Change, bool) {
	parts := strings.Split(v, ",")
	if len(parts) != 3 && len(parts) != 4 {
		return atlas.Change{}, false
	}
	at, ok := placeOf(parts[0] + "," + parts[1])
	c := atlas.Change{At: at, Category: parts[2], Capacity: math.NaN()}
	if ok && len(parts) == 4 {
		c.Capacity, ok = plainPositive(parts[3])
		ok = ok && c.Capacity > 0
	}
	return c, ok
}

// placeOf reads latitude and longitude in degrees, as maps give them to copy.
func placeOf(s string) (geo.LonLat, bool) {
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' || r == ' ' })
	if len(parts) != 2 {
		return geo.LonLat{}, false
	}
	lat, err1 := strconv.ParseFloat(parts[0], 64)
	lon, err2 := strconv.ParseFloat(parts[1], 64)
	at := geo.LonLat{Lon: lon, Lat: lat}
	return at, err1 == nil && err2 == nil && at.Valid()
}

// changesQuery writes changes as changesAsked reads them.
func changesQuery(changes []atlas.Change) url.Values {
	number := func(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
	q := url.Values{}
	for _, c := range changes {
		switch {
		case c.Opens():
			v := strconv.FormatFloat(c.At.Lat, 'f', 6, 64) + "," + strconv.FormatFloat(c.At.Lon, 'f', 6, 64) + "," + c.Category
			if !math.IsNaN(c.Capacity) {
				v += "," + number(c.Capacity)
			}
			q.Add("open", v)
		case c.Longer > 0:
			q.Add("longer", c.Offer+":"+number(c.Longer))
		case c.Capacity == 0:
			q.Add("close", c.Offer)
		default:
			q.Add("size", c.Offer+":"+number(c.Capacity))
		}
	}
	return q
}

// trialLink is the page with other changes and the same list of offers.
func (p *page) trialLink(changes []atlas.Change) templ.SafeURL {
	q := changesQuery(changes)
	for _, name := range trialNarrows {
		if v := p.first(name); v != "" {
			q.Set(name, v)
		}
	}
	to := p.path("trials")
	if len(q) > 0 {
		to += "?" + q.Encode()
	}
	return templ.SafeURL(to)
}

// addChange takes a change from one of the forms and goes on to the page with it.
func (p *page) addChange(changes []atlas.Change) error {
	var wrong form.Fields
	var c atlas.Change
	var known bool
	switch p.first("add") {
	case "size":
		c.Offer = p.first("offer")
		if _, err := atlas.OfferByID(p.run.snapshot(), c.Offer); err != nil {
			wrong.Add("offer", "choose")
		}
		if c.Capacity, known = plainPositive(p.first("capacity")); !known {
			wrong.Add("capacity", "number")
		}
	case "longer":
		c.Offer, c.Capacity = p.first("offer"), math.NaN()
		if i, err := atlas.OfferByID(p.run.snapshot(), c.Offer); err != nil {
			wrong.Add("offer", "choose")
		} else if !(p.run.snapshot().Offers[i].Capacity > 0) {
			wrong.Add("offer", "no_capacity")
		}
		today, ok := plainPositive(p.first("hours"))
		then, fine := plainPositive(p.first("hours_then"))
		if !ok || today == 0 || today > weekHours {
			wrong.Add("hours", "week_hours")
		}
		if !fine || then == 0 || then > weekHours {
			wrong.Add("hours_then", "week_hours")
		}
		c.Longer = math.Round(1000*then/math.Max(today, 1e-9)) / 1000
	case "open":
		c.Category, c.Capacity = p.first("category"), math.NaN()
		if index(p.run.snapshot().Categories, func(k region.Category) bool { return k.Key == c.Category }) < 0 {
			wrong.Add("category", "choose")
		}
		if c.At, known = placeOf(p.first("place")); !known {
			wrong.Add("place", "place")
		} else if !regionBox(p.run.snapshot()).Grow(placeMargin).Contains(c.At) {
			wrong.Add("place", "place_outside")
		}
		if v := p.first("capacity"); v != "" {
			if c.Capacity, known = plainPositive(v); !known || c.Capacity == 0 {
				wrong.Add("capacity", "number")
			}
		}
	default:
		return fault.New(fault.Invalid, "add", "is no change", "choose changes on the page")
	}
	if err := wrong.Err(); err != nil {
		return p.showTrial(http.StatusUnprocessableEntity, changes, p.entry("trial", p.query, err), p.begin("trial"))
	}
	if !c.Opens() { // the newest counts
		changes = slices.DeleteFunc(changes, func(x atlas.Change) bool { return x.Offer == c.Offer })
	}
	p.res.Header().Set("Location", string(p.trialLink(append(changes, c))))
	p.res.WriteHeader(http.StatusSeeOther)
	return nil
}
