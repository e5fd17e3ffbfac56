package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"gevor/authz"
	"gevor/handover"
	"gevor/internal/web/ui"
)

// handoverView is the page of one handover.
type handoverView struct {
	houseView
	handover.File
	Seal *sealTo // what a box is sealed to now; nil where nothing can be sealed
	Part string  // name of the next box
	Key  string  // of the next command
}

func (p *page) handoverOf(do authz.Action) (v handoverView, err error) {
	if v.houseView, err = p.handoverHouse(do); err != nil {
		return v, err
	}
	v.File, err = p.site.Handovers.Handover(p.req.Context(), p.actor, v.houseView.ID, handover.ID(p.req.PathValue("handover")))
	return v, err
}

// House is the organisation whose page it is.
func (v handoverView) House() authz.OrganisationID { return v.houseView.ID }

func handoverPage(p *page) error {
	v, err := p.handoverOf(authz.View)
	if err != nil {
		return err
	}
	_, _, part := p.site.Handovers.NewHandoverIDs()
	v.Part, v.Key = part, part
	if err := p.sealsTo(&v); err != nil {
		return err
	}
	return p.render(http.StatusOK, p.offerOr(v.Offer), handoverShown(p, v))
}

// pairs are what stands on the envelope.
func (p *page) handoverPairs(v handoverView) []ui.Pair {
	out := []ui.Pair{
		{Label: p.T("handover.state", nil), More: p.handoverBadge(v.Handover)},
		{Label: p.T("handover.from", nil), Text: v.SenderName},
		{Label: p.T("handover.to", nil), Text: v.ReceiverName},
	}
	add := func(key, text string) {
		if text != "" {
			out = append(out, ui.Pair{Label: p.text(key), Text: text})
		}
	}
	if due := v.Answer(v.Terms, p.working()); !due.IsZero() {
		add("handover.answer_by", p.day(due))
	}
	if v.Sub != "" {
		add("handover.sub_label", p.text("handover.sub."+underscored(v.Sub)))
	}
	if v.Reason != "" {
		add("handover.reason_label", p.text("handover.reason."+underscored(v.Reason)))
	}
	if v.Outcome != "" {
		add("handover.outcome_label", p.text("handover.outcome."+underscored(v.Outcome)))
	}
	c := v.Consent
	add("handover.consent", p.consentLine(c))
	add("handover.consent_until", p.day(c.Until.Add(-time.Second)))
	add("consent.level", p.text("consent.levels."+string(c.Level)))
	return out
}

func (p *page) consentLine(c handover.Consent) string {
	switch {
	case !c.Withdrawn.IsZero():
		return p.T("handover.consent_withdrawn", with{"Day": p.day(c.Withdrawn)})
	case c.Given.IsZero():
		return p.T("handover.consent_open", nil)
	}
	return p.T("handover.consent_given", with{"Day": p.day(c.Given), "How": p.text("consent.hows." + string(c.How))})
}

func underscored[T ~string](s T) string { return strings.ReplaceAll(string(s), "-", "_") }

// steps are the events of a handover as people read them, the latest first.
func (p *page) handoverSteps(v handoverView) []ui.Event {
	out := make([]ui.Event, 0, len(v.Events))
	for _, e := range slices.Backward(v.Events) {
		what := p.text("handover.did." + underscored(e.Verb))
		switch {
		case e.Verb == handover.Tell && e.Sub != "":
			what = p.text("handover.sub." + underscored(e.Sub))
		case e.Outcome != "":
			what += ": " + p.text("handover.outcome."+underscored(e.Outcome))
		case e.Reason != "" && (e.Verb == handover.Reject || e.Verb == handover.Cancel || e.Verb == handover.AskCancel):
			what += ": " + p.text("handover.reason."+underscored(e.Reason))
		}
		out = append(out, ui.Event{When: p.moment(e.At), ISO: e.At.UTC().Format(time.RFC3339), What: what, Who: p.sideName(v, e.By)})
	}
	return out
}

func (p *page) sideName(v handoverView, s handover.Side) string {
	switch s {
	case handover.Sender:
		return v.SenderName
	case handover.Receiver:
		return v.ReceiverName
	case handover.Person, handover.Clock:
	}
	return p.text("handover.side." + string(s))
}

// handoverDeed is one thing that can be done with a handover, as a form.
type handoverDeed struct {
	Verb    handover.Verb
	Label   string
	Look    string
	Choices ui.Input // of a reason, outcome or sub-state; no options where none is asked
	More    ui.Input // of a second choice
	Away    bool     // behind a fold: not what one does every day
}

// deeds are what the reader's side can do now, without what pages do by themselves.
func (p *page) deeds(v handoverView) []handoverDeed {
	var out []handoverDeed
	e := p.begin("handover")
	pick := func(name, prefix string, values []string) ui.Input {
		i := ui.Input{Name: name, Label: p.text("handover." + name + "_label"), Required: true, Any: p.T("handover.choose", nil)}
		for _, x := range values {
			i.Options = append(i.Options, ui.Option{Value: x, Label: e.page.text(prefix + strings.ReplaceAll(x, "-", "_"))})
		}
		return i
	}
	for _, verb := range v.Can(v.Side) {
		d := handoverDeed{Verb: verb, Label: p.text("handover.do." + underscored(verb))}
		d.Choices.Within = underscored(verb) + "-"
		switch verb {
		case handover.Open:
			continue // by reading
		case handover.Send:
			if v.Consent.Given.IsZero() {
				continue
			}
		case handover.Reject:
			d.Look, d.Choices = "quiet", pick("reason", "handover.reason.", texts(handover.Declines()))
			d.Away = v.Status != handover.Requested && v.Status != handover.Received
		case handover.Tell:
			d.Look, d.Choices = "quiet", pick("sub", "handover.sub.", texts(handover.Subs()))
		case handover.Complete:
			d.Choices = pick("outcome", "handover.outcome.", texts(handover.Outcomes(true)))
		case handover.Fail:
			d.Look, d.Away = "quiet", true
			d.Choices, d.More = pick("outcome", "handover.outcome.", texts(handover.Outcomes(false))), pick("reason", "handover.reason.", texts(handover.Declines()))
		case handover.Cancel, handover.AskCancel:
			d.Look, d.Choices, d.Away = "quiet", pick("reason", "handover.reason.", texts(handover.Recalls())), true
		case handover.Withdraw, handover.Retract:
			d.Look, d.Away = "danger", true
		case handover.Wait, handover.RefuseCancel:
			d.Look = "quiet"
		case handover.Accept, handover.Start, handover.Resume, handover.AgreeCancel, handover.Lapse:
		}
		d.Choices.Within, d.More.Within = underscored(verb)+"-", underscored(verb)+"-"
		out = append(out, d)
	}
	return out
}

func handoverDo(p *page) error {
	h, err := p.handoverHouse(authz.Change)
	if err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	id := handover.ID(p.req.PathValue("handover"))
	back := p.path("handover", string(h.ID), string(id))
	if sent.Get("verb") == "consent" {
		if err := p.site.Handovers.GiveConsent(p.req.Context(), p.actor, p.now(), h.ID, id); err != nil {
			return err
		}
		return p.done(back, "handover_consent")
	}
	version, err := strconv.Atoi(sent.Get("version"))
	if err != nil {
		version = 0 // of no handover: stale, but for a withdrawal
	}
	c := handover.Command{
		Key: sent.Get("key"), Verb: handover.Verb(sent.Get("verb")), Version: version,
		Sub: handover.Sub(sent.Get("sub")), Reason: handover.Reason(sent.Get("reason")), Outcome: handover.Outcome(sent.Get("outcome")),
	}
	if _, err := p.site.Handovers.CommandHandover(p.req.Context(), p.actor, p.now(), h.ID, id, c); err != nil {
		return err
	}
	if c.Verb == handover.Send {
		return p.done(back, "handover_sent")
	}
	return p.done(back, "handover_done")
}

func handoverReceipt(p *page) error {
	v, err := p.handoverOf(authz.Change)
	if err != nil {
		return err
	}
	code, err := p.site.Handovers.NewReceipt(p.req.Context(), p.actor, p.now(), v.House(), v.File.ID)
	if err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("consent.title", nil), consentPrinted(p, v, code))
}

func (p *page) hasAway(all []handoverDeed) bool {
	return slices.ContainsFunc(all, func(d handoverDeed) bool { return d.Away })
}
