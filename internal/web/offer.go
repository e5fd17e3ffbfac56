package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"gevor/authz"
	"gevor/directory"
	"gevor/fault"
	"gevor/form"
	"gevor/internal/finder"
	"gevor/internal/web/ui"
)

// offer.go says what an entry of the directory holds in plain words, for the list, its page and the take-along sheet.

// offerView is one offer with the words of one language.
type offerView struct {
	directory.Record
	Now   time.Time
	Hit   *finder.Judged // in a list of results; else nil
	Entry entry          // the hint being written
	Sent  url.Values
}

func (p *page) offer() (directory.Record, error) {
	p.unkept()
	r, err := p.site.Offers.Service(p.req.Context(), p.actor, directory.ServiceID(p.req.PathValue("offer")))
	if err == nil && (r.Draft || !r.Ended.IsZero()) && !p.actor.Member(r.Owner) {
		return directory.Record{}, fault.New(fault.NotFound, "entry", "does not exist", "")
	}
	return r, err
}

func offerPage(p *page) error {
	r, err := p.offer()
	if err != nil {
		return err
	}
	return p.showOffer(http.StatusOK, r, p.begin("offer"))
}

func (p *page) showOffer(status int, r directory.Record, e entry) error {
	return p.render(status, p.offerName(r), offerShown(p, offerView{Record: r, Now: p.now(), Entry: e}))
}

func offerSuggest(p *page) error {
	r, err := p.offer()
	if err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	if sent.Get(trap) == "" {
		err = p.site.Offers.Suggest(p.req.Context(), p.actor, p.now(), directory.Suggestion{Service: r.ID, Field: sent.Get("field"), Proposed: sent.Get("proposed")})
	}
	if form.Of(err) != nil {
		return p.showOffer(http.StatusUnprocessableEntity, r, p.entry("offer", sent, err))
	}
	if err != nil {
		return err
	}
	return p.done(p.path("offer", string(r.ID)), "suggested")
}

func offerObserve(p *page) error {
	r, err := p.offer()
	if err != nil {
		return err
	}
	if err := p.may(authz.Create, authz.Object{Kind: authz.Observation}); err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	by := authz.OrganisationID(sent.Get("by"))
	if by == "" && len(p.actor.Memberships) > 0 {
		by = p.actor.Memberships[0].Organisation
	}
	err = p.site.Offers.Observe(p.req.Context(), p.actor, p.now(), directory.Observation{Service: r.ID, By: by, What: sent.Get("what"), Text: sent.Get("text")})
	if form.Of(err) != nil {
		return p.showOffer(http.StatusUnprocessableEntity, r, p.entry("offer", sent, err))
	}
	if err != nil {
		return err
	}
	return p.done(p.path("offer", string(r.ID)), "observed")
}

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

// openState says whether a place is open at a time: in words, and how it is shown.
func (p *page) openState(h directory.Hours, at time.Time) (string, ui.Kind) {
	switch h.OpenAt(at, p.site.Finder.Calendar()) {
	case directory.Yes:
		return p.T("offer.open", nil), ui.Success
	case directory.No:
		return p.T("offer.closed", nil), ui.Info
	case directory.Unknown:
	}
	return p.T("offer.open_unknown", nil), ui.Warning
}

// nextOpening says when a place that is not open opens next; empty where that is not known.
func (p *page) nextOpening(h directory.Hours, at time.Time) string {
	if h.OpenAt(at, p.site.Finder.Calendar()) == directory.Yes {
		return ""
	}
	next := h.NextOpen(at, p.site.Finder.Calendar(), 14)
	if next.IsZero() {
		return ""
	}
	return p.T("offer.opens", with{"Day": p.T("weekday."+strconv.Itoa(int(next.Weekday())), nil), "Date": p.day(next), "Time": next.Format("15:04")})
}

// dayHours is one line of opening hours.
type dayHours struct{ Day, Times string }

// week writes regular hours, one line for each day that has any, from Monday on.
func (p *page) week(slots []directory.Slot) []dayHours {
	var out []dayHours
	for d := range 7 {
		day := time.Weekday((d + 1) % 7)
		var times []string
		on := slices.DeleteFunc(slices.Clone(slots), func(s directory.Slot) bool { return s.Day != day })
		slices.SortFunc(on, func(a, b directory.Slot) int { return cmp.Compare(a.From, b.From) })
		for _, s := range on {
			text := clock(s.From*60) + "–" + clock(s.To%(24*60)*60)
			if s.Weeks != 0 {
				var weeks []string
				for n := 1; n <= 5; n++ {
					if s.Weeks&directory.OnlyWeek(n) != 0 {
						weeks = append(weeks, strconv.Itoa(n)+".")
					}
				}
				text = p.T("offer.in_weeks", with{"Weeks": strings.Join(weeks, ", "), "Time": text})
			}
			if s.ByCall {
				text = p.T("offer.by_call", with{"Time": text})
			}
			times = append(times, text)
		}
		if len(times) > 0 {
			out = append(out, dayHours{p.T("weekday."+strconv.Itoa(int(day)), nil), strings.Join(times, ", ")})
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

// trusted says when and how an offer was confirmed last.
func (p *page) trusted(r directory.Record) (string, ui.Kind) { return p.believed(r, directory.Whole) }

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

// trip says how long the way is; empty where nobody said where it begins.
func (p *page) trip(t finder.Trip) string {
	minutes, known := t.Minutes()
	switch {
	case !known:
		return ""
	case t.Guessed():
		return p.T("offer.beeline", with{"Km": p.Number(float64(t.Beeline)/1000, 1)})
	case minutes == finder.Beyond:
		return p.T("offer.far", nil)
	case t.Walk == finder.Beyond:
		return p.T("offer.ride", with{"Minutes": strconv.Itoa(t.Ride)})
	case t.Rides && t.Ride < t.Walk:
		return p.T("offer.walk_or_ride", with{"Walk": strconv.Itoa(t.Walk), "Ride": strconv.Itoa(t.Ride)})
	}
	return p.T("offer.walk", with{"Minutes": strconv.Itoa(t.Walk)})
}

// doubts are the conditions of a search of which it is not known whether an offer fulfils them.
func (p *page) doubts(v finderView, j finder.Judged) []string {
	var out []string
	for _, c := range v.Results.Asked {
		if verdict, asked := j.Verdicts[c]; asked && verdict == directory.Unknown {
			out = append(out, p.condition(v, c))
		}
	}
	return out
}

// observed are the fresh observations of professionals; the public gets none from the store.
func (p *page) observed(r directory.Record) []directory.Observation {
	return directory.Fresh(r.Observations, r.ID, p.now())
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

// shareAddress is the whole address of an offer, for a link or a QR code.
func (p *page) shareAddress(id directory.ServiceID) string {
	base := p.site.PublicURL
	if base == "" { // as this reader reached it
		if base = "http://" + p.req.Host; p.req.TLS != nil {
			base = "https://" + p.req.Host
		}
	}
	return base + p.path("offer", string(id))
}
