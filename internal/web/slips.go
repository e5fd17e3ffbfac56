package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"gevor/authz"
	"gevor/directory"
	"gevor/fault"
	"gevor/form"
	"gevor/handover"
	"gevor/internal/web/ui"
)

// slipRoutes are the addresses of slips: those of the organisation that prints them, of whoever holds one, and of the
// practice that handed it out.
func slipRoutes() []Route {
	holder := func(name, method, more string, states []State, handle handler) Route {
		do := authz.View
		if method != "" {
			do = authz.Change
		}
		return Route{Name: name, Method: method, Access: Access{authz.Receipt, do}, States: states, Handle: handle, Patterns: legalPatterns("zettel"+more, "slip"+more)}
	}
	return []Route{
		ofHouse("slips", authz.Handover, authz.View, "/zettel", "/slips", slips),
		post(ofHouse("slips-create", authz.Handover, authz.Change, "/zettel", "/slips", slipsCreate)),
		post(ofHouse("slip-mark", authz.Handover, authz.Change, "/zettel/einloesen", "/slips/redeem", slipMark)),
		holder("slip", "", "", []State{Normal}, slipAsk),
		holder("slip-find", http.MethodPost, "", nil, slipFind),
		holder("slip-page", "", "/{secret}", []State{Normal}, slipPage),
		holder("slip-redeem", http.MethodPost, "/{secret}", nil, slipRedeem),
	}
}

// slipsView is the page on which an organisation prints and redeems slips.
type slipsView struct {
	houseView
	Blocks []handover.SlipBlock
	Notes  handover.NoteBox // of practices
	Make   entry
	Mark   entry
	Offers []ui.Option
}

func (p *page) slipsView() (v slipsView, err error) {
	if v.houseView, err = p.handoverHouse(authz.View); err != nil {
		return v, err
	}
	if v.Blocks, err = p.site.Handovers.SlipBlocks(p.req.Context(), p.actor, v.ID); err != nil {
		return v, err
	}
	if v.Notes, err = p.site.Handovers.SlipNotes(p.req.Context(), p.actor, v.ID); err != nil {
		return v, err
	}
	all, err := p.site.Entries.Services(p.req.Context(), p.actor, v.ID, time.Time{})
	if err != nil {
		return v, err
	}
	for _, r := range all {
		if !r.Draft && r.Ended.IsZero() {
			v.Offers = append(v.Offers, ui.Option{Value: string(r.ID), Label: p.offerName(r)})
		}
	}
	v.Make, v.Mark = p.begin("slips", "count", "10"), p.begin("slips", "state", string(handover.Arrived))
	return v, nil
}

func slips(p *page) error {
	v, err := p.slipsView()
	if err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("slips.title", nil), slipsPage(p, v))
}

// slipMakeFields and slipMarkFields are the fields of the two forms.
func (p *page) slipMakeFields(v slipsView) (service, practice, count ui.Input) {
	service, practice, count = v.Make.field("service"), v.Make.field("practice"), v.Make.field("count")
	service.Options, service.Required, service.Any = v.Offers, true, p.T("handover.choose", nil)
	practice.Required, practice.Most = true, 80
	count.Required = true
	return service, practice, count
}

func (p *page) slipMarkFields(v slipsView) (code, state, feedback ui.Input) {
	code, state, feedback = v.Mark.field("code"), v.Mark.choices("state", "slips.states", texts(handover.SlipStates())...), v.Mark.field("feedback")
	code.Required, code.Autocomplete, code.Most = true, "off", 30
	state.Required = true
	return code, state, feedback
}

func (p *page) slipTable(b handover.SlipBlock) ui.Table {
	t := ui.Table{
		Caption: p.T("slips.block", with{"Practice": b.Practice, "Offer": p.offerOr(b.Offer), "Date": p.day(b.Made)}),
		Columns: []ui.Column{{Label: p.T("slips.number", nil), Numeric: true}, {Label: p.T("slips.state", nil)}, {Label: p.T("slips.feedback_short", nil)}, {Label: p.T("slips.since", nil)}},
	}
	for _, x := range b.Slips {
		told := "slips.untold"
		if x.Feedback {
			told = "slips.told"
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: strconv.Itoa(x.Number)}, {Text: p.text("slips.states." + string(x.State))}, {Text: p.text(told)}, {Text: p.day(x.Changed)}}})
	}
	return t
}

// slipsPrintedView is a new block: the only time that its codes and the practice's link can be read.
type slipsPrintedView struct {
	houseView
	Practice string
	Link     string // of the practice's page
	Offer    directory.Record
	Codes    []string
}

func slipsCreate(p *page) error {
	if _, err := p.handoverHouse(authz.Change); err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	v, err := p.slipsView()
	if err != nil {
		return err
	}
	n := handover.NewSlips{Owner: v.ID, Service: sent.Get("service"), Practice: strings.TrimSpace(sent.Get("practice"))}
	if count, err := strconv.Atoi(sent.Get("count")); err == nil {
		n.Count = count
	}
	_, codes, secret, err := p.site.Handovers.CreateSlips(p.req.Context(), p.actor, p.now(), n)
	if err != nil {
		v.Make = p.entry("slips", sent, err)
		return p.again(err, p.T("slips.title", nil), slipsPage(p, v))
	}
	offer, err := p.site.Entries.Service(p.req.Context(), p.actor, directory.ServiceID(n.Service))
	if err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("slips.printed", nil), slipsPrinted(p, slipsPrintedView{v.houseView, n.Practice, p.site.PublicURL + p.path("practice", secret), offer, codes}))
}

// noSlip shows a form again whose code there is not.
func noSlip() error {
	var f form.Fields
	f.Add("code", "slip")
	return f.Err()
}

func slipMark(p *page) error {
	if _, err := p.handoverHouse(authz.Change); err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	v, err := p.slipsView()
	if err != nil {
		return err
	}
	err = p.site.Handovers.MarkSlip(p.req.Context(), p.actor, p.now(), v.ID, sent.Get("code"), handover.SlipState(sent.Get("state")), sent.Get("feedback") != "")
	if fault.KindOf(err) == fault.NotFound {
		v.Mark = p.entry("slips", sent, noSlip())
		return p.render(http.StatusUnprocessableEntity, p.T("slips.title", nil), slipsPage(p, v))
	}
	if err != nil {
		return err
	}
	return p.done(p.path("slips", string(v.ID)), "slip_marked")
}

// whom to call, in which languages, and when it opens next: what a slip says of an offer.
func (p *page) slipPairs(r directory.Record) []ui.Pair {
	var out []ui.Pair
	if all := p.phones(r); len(all) > 0 {
		out = append(out, ui.Pair{Label: p.T("slip.call", nil), More: callLink(all[0])})
	}
	if names := p.tongueNames(r); len(names) > 0 {
		out = append(out, ui.Pair{Label: p.T("slip.speaks", nil), Text: strings.Join(names, ", ")})
	}
	if p.site.Finder != nil && len(r.Places) > 0 {
		if next := p.nextOpening(r.Places[0].Hours, p.now()); next != "" {
			out = append(out, ui.Pair{Label: p.T("slip.open_next", nil), Text: next})
		}
	}
	return out
}

func slipAsk(p *page) error {
	return p.render(http.StatusOK, p.T("slip.title", nil), slipForm(p, p.begin("receipt")))
}

func (p *page) wrongSlip(status int, typed string) error {
	return p.render(status, p.T("slip.title", nil), slipForm(p, p.entry("receipt", url.Values{"code": {typed}}, noSlip())))
}

func slipFind(p *page) error {
	sent, err := p.form()
	if err != nil {
		return err
	}
	code, ok := handover.ReadSlipCode(sent.Get("code"))
	if !ok {
		return p.wrongSlip(http.StatusUnprocessableEntity, sent.Get("code"))
	}
	if _, err := p.site.Handovers.BySlip(p.req.Context(), code); fault.KindOf(err) == fault.NotFound {
		return p.wrongSlip(http.StatusUnprocessableEntity, sent.Get("code"))
	} else if err != nil {
		return err
	}
	http.Redirect(p.res, p.req, p.path("slip-page", code), http.StatusSeeOther)
	return nil
}

// slipView is a slip as its holder sees it. Offer is nil where it is not to be seen by everybody, or not any more.
type slipView struct {
	handover.SlipFile
	Code  string
	Offer *directory.Record
}

func slipPage(p *page) error { return p.slip(http.StatusOK) }

func (p *page) slip(status int) error {
	f, err := p.site.Handovers.BySlip(p.req.Context(), p.req.PathValue("secret"))
	if fault.KindOf(err) == fault.NotFound {
		return p.wrongSlip(http.StatusNotFound, "")
	}
	if err != nil {
		return err
	}
	v := slipView{SlipFile: f, Code: p.req.PathValue("secret")}
	r, err := p.site.Entries.Service(p.req.Context(), authz.Public(), directory.ServiceID(f.Service))
	if fault.KindOf(err) != fault.NotFound {
		if err != nil {
			return err
		}
		v.Offer = &r
	}
	return p.render(status, p.T("slip.title", nil), slipShown(p, v))
}

func slipRedeem(p *page) error {
	sent, err := p.form()
	if err != nil {
		return err
	}
	if sent.Get("arrived") != "yes" {
		return p.slip(http.StatusUnprocessableEntity)
	}
	err = p.site.Handovers.RedeemSlip(p.req.Context(), p.now(), p.req.PathValue("secret"), sent.Get("feedback") == "yes")
	if fault.KindOf(err) == fault.NotFound {
		return p.wrongSlip(http.StatusNotFound, "")
	}
	if err != nil {
		return err
	}
	return p.done(p.path("slip-page", p.req.PathValue("secret")), "slip")
}
