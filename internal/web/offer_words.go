package web

import (
	"slices"
	"strconv"
	"strings"

	"gevor/directory"
)

// said gives a text in the language of the page, else in German, and the tag where it is another one.
func (p *page) said(t directory.Texts) (text, tag string) {
	text, tag = t.In(p.Lang())
	if tag == p.Lang() {
		tag = ""
	}
	return text, tag
}

func (p *page) offerName(r directory.Record) string {
	name, _ := p.said(r.Name)
	return name
}

// kindNames are the kinds of help of an offer in words.
func (p *page) kindNames(r directory.Record) []string {
	var out []string
	for _, k := range r.Kinds {
		if _, ok := p.site.Finder.Vocabulary().Concept(k); ok {
			label, _, _ := p.site.Finder.Vocabulary().Label(k, p.Lang())
			out = append(out, label)
		}
	}
	return out
}

// tongues writes the languages of an offer, with hours where they are not spoken all the time.
func (p *page) tongues(r directory.Record) []string {
	var out []string
	for _, l := range r.Languages {
		text := p.languageName(l.Tag)
		if l.How != "" && p.Has("offer.how."+l.How) {
			text += " (" + p.text("offer.how."+l.How) + ")"
		}
		var when []string
		for _, d := range p.week(l.Hours) {
			when = append(when, d.Day+" "+d.Times)
		}
		if len(when) > 0 {
			text += ": " + strings.Join(when, "; ")
		}
		out = append(out, text)
	}
	return out
}

// phones are the numbers of an offer, each once, with what they are for.
type phone struct{ Name, Number, Shown string }

func (p *page) phones(r directory.Record) []phone {
	var out []phone
	add := func(name, number string) {
		if number != "" && !slices.ContainsFunc(out, func(x phone) bool { return x.Number == number }) {
			out = append(out, phone{name, number, spaced(number)})
		}
	}
	for _, place := range r.Places {
		for _, c := range place.Contacts {
			add(c.Name, c.Phone)
		}
	}
	add("", r.Provider.Phone)
	return out
}

// spaced writes a number in groups, so that it can be read out. Where the area code ends is not known.
func spaced(number string) string {
	rest, german := strings.CutPrefix(number, "+49")
	if !german {
		return number
	}
	rest = "0" + rest
	var b strings.Builder
	for i, r := range rest {
		if i > 0 && (i == 4 || i > 4 && (i-4)%3 == 0) && i < len(rest)-1 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// mails are the addresses of an offer, each once.
func mails(r directory.Record) []string {
	var out []string
	for _, place := range r.Places {
		for _, c := range place.Contacts {
			out = append(out, c.Email)
		}
	}
	out = append(out, r.Provider.Email)
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), func(s string) bool { return s == "" })
}

// whom says for whom an offer is, in short plain sentences.
func (p *page) whom(r directory.Record) []string {
	var out []string
	switch f := r.For; {
	case f.MinAge > 0 && f.MaxAge > 0:
		out = append(out, p.T("offer.age_between", with{"From": strconv.Itoa(f.MinAge), "To": strconv.Itoa(f.MaxAge)}))
	case f.MinAge > 0:
		out = append(out, p.T("offer.age_from", with{"From": strconv.Itoa(f.MinAge)}))
	case f.MaxAge > 0:
		out = append(out, p.T("offer.age_to", with{"To": strconv.Itoa(f.MaxAge)}))
	default:
		out = append(out, p.T("offer.age_any", nil))
	}
	if r.For.Women {
		out = append(out, p.T("offer.women", nil))
	}
	if r.For.Men {
		out = append(out, p.T("offer.men", nil))
	}
	out = append(out, p.catchment(r))
	if text, _ := p.said(r.For.Conditions); text != "" {
		out = append(out, text)
	}
	return slices.DeleteFunc(out, func(s string) bool { return s == "" })
}

func (p *page) catchment(r directory.Record) string {
	switch a := r.Area; a.Reach {
	case directory.Nationwide:
		return p.T("offer.reach_nationwide", nil)
	case directory.Regionwide:
		return p.T("offer.reach_region", nil)
	case directory.Municipality, directory.DistrictReach:
		names := make([]string, len(a.Keys))
		for i, k := range a.Keys {
			names[i] = p.areaName(k)
		}
		return p.T("offer.reach_areas", with{"Places": strings.Join(names, ", ")})
	case directory.Radius:
		return p.T("offer.reach_radius", with{"Km": p.Number(a.Km, 0)})
	case directory.ReachUnknown:
	}
	return ""
}

// welcome says who is welcome, by insurance.
func (p *page) welcome(r directory.Record) string {
	if len(r.Insurance) == 0 {
		return p.T("offer.insurance_unknown", nil)
	}
	if len(r.Insurance) == len(directory.Insurances()) {
		return p.T("offer.insurance_all", nil)
	}
	var out []string
	for _, i := range directory.Insurances() {
		if slices.Contains(r.Insurance, i) {
			out = append(out, p.text("entry.insurances."+string(i)))
		}
	}
	return strings.Join(out, ", ")
}

func (p *page) costs(r directory.Record) string {
	text := p.T("offer.cost_unknown", nil)
	if r.Cost != directory.CostUnknown {
		text = p.text("entry.costs." + string(r.Cost))
	}
	if more, _ := p.said(r.CostText); more != "" {
		text += ". " + more
	}
	return text
}

func (p *page) entrances(r directory.Record) string {
	var out []string
	for _, a := range r.Access {
		out = append(out, p.text("entry.ways."+string(a)))
	}
	if len(out) == 0 {
		return p.T("entry.unknown", nil)
	}
	return strings.Join(out, ", ")
}

// street is the address of a location in one line.
func street(l directory.Location) string {
	return strings.Trim(l.Street+", "+strings.TrimSpace(l.Postcode+" "+l.City), ", ")
}

// steps says whether a place can be reached without steps.
func (p *page) steps(l directory.Location) string {
	return p.text("offer.steps." + l.StepFree.String())
}

// facilities says what a place has for people with disabilities. What it has not, or what nobody said, is not listed.
func (p *page) facilities(l directory.Location) []string {
	var out []string
	for _, f := range []struct {
		key string
		is  directory.Three
	}{{"lift", l.Lift}, {"toilet", l.Toilet}, {"parking", l.Parking}, {"hearing", l.Hearing}} {
		if f.is == directory.Yes {
			out = append(out, p.text("offer.with_"+f.key))
		}
	}
	return out
}

// also says what comes with an offer. What the catalogue has no words for is left out.
func (p *page) also(r directory.Record) []string {
	var out []string
	for _, k := range r.Resources {
		if key := "entry.resource." + k; p.Has(key) {
			out = append(out, p.text(key))
		}
	}
	return out
}

// sourceNames says where an entry comes from.
func (p *page) sourceNames(r directory.Record) string {
	var out []string
	for _, s := range r.Sources {
		if s.System != "hand" && s.System != "" {
			out = append(out, s.System)
		}
	}
	if len(out) == 0 {
		return p.T("offer.source_own", nil)
	}
	return strings.Join(out, ", ")
}
