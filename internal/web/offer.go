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

// trusted says when and how an offer was confirmed last.
func (p *page) trusted(r directory.Record) (string, ui.Kind) { return p.believed(r, directory.Whole) }

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
