package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"gevor/authz"
	"gevor/directory"
	"gevor/fault"
	"gevor/internal/web/ui"
	"gevor/internal/words"
)

// Duplicates keeps the pairs of entries that may be one offer, for the houses that own them.
type Duplicates interface {
	Duplicates(ctx context.Context, actor authz.Actor, house authz.OrganisationID, at time.Time, decided bool) ([]directory.Match, error)
	Duplicate(ctx context.Context, actor authz.Actor, house authz.OrganisationID, a, b directory.ServiceID, at time.Time) (directory.Case, error)
	DecideDuplicate(ctx context.Context, actor authz.Actor, at time.Time, house authz.OrganisationID, a, b directory.ServiceID, says directory.Verdict) error
	AnswerProposal(ctx context.Context, actor authz.Actor, at time.Time, house authz.OrganisationID, a, b, id directory.ServiceID, field string, accept bool) error
	TakeBack(ctx context.Context, actor authz.Actor, at time.Time, house authz.OrganisationID, id directory.ServiceID, field string, answered time.Time) error
}

// duplicateRoutes are the addresses of entries that may be one offer, as one of their houses works on them.
func duplicateRoutes() []Route {
	at := func(name string, do authz.Action, de, en string, handle handler) Route {
		return ofHouse(name, authz.Duplicate, do, "/doppelte"+de, "/duplicates"+en, handle)
	}
	return []Route{
		at("duplicates", authz.View, "", "", duplicates),
		at("duplicate", authz.View, "/{pair}", "/{pair}", duplicatePage),
		post(at("duplicate-decide", authz.Change, "/{pair}", "/{pair}", duplicateDecide)),
		post(at("duplicate-undo", authz.Undo, "/{pair}/zuruecknehmen", "/{pair}/undo", duplicateUndo)),
		post(at("duplicate-answer", authz.Change, "/{pair}/feld", "/{pair}/field", duplicateAnswer)),
		post(at("duplicate-take-back", authz.Undo, "/{pair}/feld/zuruecknehmen", "/{pair}/field/undo", duplicateTakeBack)),
	}
}

// duplicatesHouse gives the organisation of the address, where the reader may do this to its duplicates.
func (p *page) duplicatesHouse(do authz.Action) (houseView, error) {
	if err := p.may(do, owned(authz.Duplicate, p.org())); err != nil {
		return houseView{}, err
	}
	return p.house("entries")
}

func duplicates(p *page) error {
	h, err := p.duplicatesHouse(authz.View)
	if err != nil {
		return err
	}
	decided := p.first("state") == "decided"
	list, err := p.site.Duplicates.Duplicates(p.req.Context(), p.actor, h.ID, p.now(), decided)
	if err != nil {
		return err
	}
	const most = 200
	v := duplicatesView{houseView: h, Decided: decided, More: max(0, len(list)-most), Pairs: list[:min(len(list), most)]}
	return p.render(http.StatusOK, p.T("duplicate.title", nil), duplicatesPage(p, v))
}

type duplicatesView struct {
	houseView
	Decided bool
	Pairs   []directory.Match
	More    int
}

func (p *page) duplicateTabs(v duplicatesView) []ui.Link {
	return []ui.Link{
		{Label: p.T("duplicate.open", nil), Href: p.link("duplicates", string(v.ID)), Current: !v.Decided},
		{Label: p.T("duplicate.decided", nil), Href: p.link("duplicates", string(v.ID)) + "?state=decided", Current: v.Decided},
	}
}

// pairKey names a pair in an address.
func pairKey(m directory.Match) string { return string(m.A) + "~" + string(m.B) }

// mineFirst gives the records of a pair, the one of the house first.
func mineFirst(h houseView, m directory.Match) (mine, other directory.Record) {
	if m.First.Owner == h.ID {
		return m.First, m.Second
	}
	return m.Second, m.First
}

// alikeIn says in words what is alike in two records.
func (p *page) alikeIn(m directory.Match) string {
	out := make([]string, len(m.Reasons))
	for i, r := range m.Reasons {
		out[i] = p.text("duplicate.alike." + r)
	}
	if len(out) == 0 {
		return p.T("duplicate.alike.name_in_part", nil)
	}
	return strings.Join(out, ", ")
}

func bandLook(m directory.Match) ui.Kind {
	if m.Band == directory.Same {
		return ui.Warning
	}
	return ui.Info
}

// standingOf says how a pair stands, as a key under "duplicate.standing.".
func standingOf(m directory.Match) string {
	if m.Verdict == directory.Open || m.Verdict == directory.Later {
		return m.Band.String()
	}
	return "decided_" + string(m.Verdict)
}

// duplicate gives the pair of the address as the house works on it.
func (p *page) duplicate(do authz.Action) (houseView, directory.Case, error) {
	h, err := p.duplicatesHouse(do)
	if err != nil {
		return h, directory.Case{}, err
	}
	a, b, whole := strings.Cut(p.req.PathValue("pair"), "~")
	if !whole {
		return h, directory.Case{}, fault.New(fault.NotFound, "duplicate", "does not exist", "")
	}
	c, err := p.site.Duplicates.Duplicate(p.req.Context(), p.actor, h.ID, directory.ServiceID(a), directory.ServiceID(b), p.now())
	return h, c, err
}

func duplicatePage(p *page) error {
	h, c, err := p.duplicate(authz.View)
	if err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("duplicate.compare", nil), duplicateShown(p, h, c))
}

// sideBySide shows two records field by field, and what readers see or would see.
func (p *page) sideBySide(c directory.Case) ui.Table {
	t := ui.Table{Caption: p.T("duplicate.compare", nil), CaptionHidden: true, Columns: []ui.Column{{Label: p.T("ui.diff_field", nil)}, {Label: p.keptBy(c.First)}, {Label: p.keptBy(c.Second)}, {Label: p.T("duplicate.joined", nil)}}}
	t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: p.T("duplicate.field.provider", nil)}, {Text: c.First.Provider.Name}, {Text: c.Second.Provider.Name}, {Text: c.Joined.Provider.Name}}})
	for _, x := range c.Joined.Choice {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: p.fieldName(x.Field)},
			{Text: p.fieldWords(c.First, x.Field)},
			{Text: p.fieldWords(c.Second, x.Field)},
			{Text: p.fieldWords(c.Joined.Record, x.Field), Sub: p.text("duplicate.reason." + x.Reason)},
		}})
	}
	return t
}

// keptBy says who keeps a record and where it comes from.
func (p *page) keptBy(r directory.Record) string {
	name := p.sourceNames(r)
	if o, err := p.houseName(p.req.Context(), r.Owner); err == nil {
		name = o + " (" + name + ")"
	}
	return name
}

// fieldName is the name of a field in words.
func (p *page) fieldName(field string) string {
	if field == "description" {
		field = "details" // the catalogue keeps the word for itself
	}
	return p.text("duplicate.field." + field)
}

// fieldWords is what a record says in one field, in plain words.
func (p *page) fieldWords(r directory.Record, field string) string {
	if directory.FieldText(r, field) == nil {
		return words.Unknown
	}
	in := func(t directory.Texts) string { s, _ := p.said(t); return s }
	switch field {
	case "name":
		return in(r.Name)
	case "summary":
		return in(r.Summary)
	case "description":
		return in(r.Description)
	case "kinds":
		var out []string
		for _, k := range r.Kinds {
			label, _, _ := p.site.Vocabulary.Label(k, p.Lang())
			out = append(out, label)
		}
		return strings.Join(out, ", ")
	case "for":
		r.Area = directory.Area{}
		return strings.Join(p.whom(r), "; ")
	case "insurance":
		return p.welcome(r)
	case "cost":
		return p.costs(r)
	case "access":
		return p.entrances(r)
	case "languages":
		return strings.Join(p.tongues(r), "; ")
	case "resources":
		return strings.Join(r.Resources, ", ")
	case "booking":
		return r.Booking
	case "website":
		return r.Website
	case "area":
		return p.catchment(r)
	case "capacity":
		return p.roomText(r)
	}
	return p.placeWords(r.Places[0], r.Locations[0], field)
}

// placeWords is what a record says of its first place.
func (p *page) placeWords(place directory.Place, l directory.Location, field string) string {
	switch field {
	case "address":
		return street(l)
	case "at":
		return strconv.FormatFloat(l.At.Lat, 'f', 5, 64) + ", " + strconv.FormatFloat(l.At.Lon, 'f', 5, 64)
	case "entrance":
		return p.steps(l)
	case "way":
		s, _ := p.said(l.Way)
		return s
	case "hours":
		if place.Hours.Always {
			return p.text("entry.always")
		}
		var out []string
		for _, d := range p.week(place.Hours.Slots) {
			out = append(out, d.Day+" "+d.Times)
		}
		if s, _ := p.said(place.Hours.Text); s != "" {
			out = append(out, s)
		}
		return strings.Join(out, "; ")
	case "contacts":
		var out []string
		for _, c := range place.Contacts {
			out = append(out, strings.Join(strings.Fields(c.Name+" "+spaced(c.Phone)+" "+c.Email), " "))
		}
		return strings.Join(out, "; ")
	}
	return words.Unknown
}

// proposed is one field that a house may take over into its own record.
type proposed struct {
	directory.Proposal
	Service directory.ServiceID
	Changed []ui.Changed
	Why     string
}

// proposals gives what is proposed to the house, in words.
func (p *page) proposals(h houseView, c directory.Case) []proposed {
	var out []proposed
	for _, r := range []directory.Record{c.First, c.Second} {
		for _, x := range c.Proposals[r.ID] {
			out = append(out, proposed{
				Proposal: x, Service: r.ID, Why: p.text("duplicate.reason." + x.Reason),
				Changed: []ui.Changed{{Label: p.fieldName(x.Field), Before: p.fieldWords(r, x.Field), After: p.fieldWords(c.Joined.Record, x.Field)}},
			})
		}
	}
	return out
}

// standing answers are those of a house that still hold.
func standingAnswers(c directory.Case) []directory.Answer {
	var out []directory.Answer
	for _, a := range c.Answers {
		if a.TakenBack.IsZero() {
			out = append(out, a)
		}
	}
	return out
}

func (p *page) answerWords(a directory.Answer) string {
	field, day := p.fieldName(a.Field), p.day(a.At)
	if a.Accepted {
		return p.T("duplicate.accepted", with{"Field": field, "Date": day})
	}
	return p.T("duplicate.declined", with{"Field": field, "Date": day})
}

func duplicateDecide(p *page) error {
	h, c, err := p.duplicate(authz.Change)
	if err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	says := directory.Verdict(sent.Get("answer"))
	if says == directory.Open {
		says = "" // taking back is another right
	}
	if err := p.site.Duplicates.DecideDuplicate(p.req.Context(), p.actor, p.now(), h.ID, c.A, c.B, says); err != nil {
		return err
	}
	if says == directory.OneOffer {
		return p.done(p.path("duplicate", string(h.ID), pairKey(c.Match)), "offers_joined")
	}
	return p.done(p.path("duplicates", string(h.ID)), "saved")
}

func duplicateUndo(p *page) error {
	h, c, err := p.duplicate(authz.Undo)
	if err != nil {
		return err
	}
	if err := p.site.Duplicates.DecideDuplicate(p.req.Context(), p.actor, p.now(), h.ID, c.A, c.B, directory.Open); err != nil {
		return err
	}
	return p.done(p.path("duplicate", string(h.ID), pairKey(c.Match)), "offers_parted")
}

func duplicateAnswer(p *page) error {
	h, c, err := p.duplicate(authz.Change)
	if err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	if err := p.site.Duplicates.AnswerProposal(p.req.Context(), p.actor, p.now(), h.ID, c.A, c.B, directory.ServiceID(sent.Get("service")), sent.Get("field"), sent.Get("answer") == "accept"); err != nil {
		return err
	}
	return p.done(p.path("duplicate", string(h.ID), pairKey(c.Match)), "saved")
}

func duplicateTakeBack(p *page) error {
	h, c, err := p.duplicate(authz.Undo)
	if err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	at, err := time.Parse(time.RFC3339Nano, sent.Get("at"))
	if err != nil {
		return fault.Wrap(fault.Invalid, "at", "is no time", "open the page again", err)
	}
	if err := p.site.Duplicates.TakeBack(p.req.Context(), p.actor, p.now(), h.ID, directory.ServiceID(sent.Get("service")), sent.Get("field"), at); err != nil {
		return err
	}
	return p.done(p.path("duplicate", string(h.ID), pairKey(c.Match)), "saved")
}
