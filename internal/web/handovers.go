package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"gevor/authz"
	"gevor/directory"
	"gevor/handover"
	"gevor/internal/web/ui"
)

// Handovers is what the pages ask of handovers, the keys of organisations and receipts. Every method decides for the
// actor; what the actor may not know of is fault.NotFound.
type Handovers interface {
	SealKeys(ctx context.Context, actor authz.Actor, o authz.OrganisationID) ([]handover.Key, error)
	CreateSealKey(ctx context.Context, actor authz.Actor, at time.Time, n handover.NewKey) (string, error)
	HoldSealKey(ctx context.Context, actor authz.Actor, at time.Time, key, wrap, proof string) error
	Intake(ctx context.Context, actor authz.Actor, o authz.OrganisationID) (handover.Intake, error)
	SetIntake(ctx context.Context, actor authz.Actor, at time.Time, i handover.Intake) error
	NewHandoverIDs() (h handover.ID, consent, part string)
	Handovers(ctx context.Context, actor authz.Actor, o authz.OrganisationID, side handover.Side) ([]handover.Item, error)
	Handover(ctx context.Context, actor authz.Actor, o authz.OrganisationID, id handover.ID) (handover.File, error)
	CreateHandover(ctx context.Context, actor authz.Actor, at time.Time, n handover.New) error
	CommandHandover(ctx context.Context, actor authz.Actor, at time.Time, o authz.OrganisationID, id handover.ID, c handover.Command) (handover.Handover, error)
	OpenHandover(ctx context.Context, actor authz.Actor, at time.Time, o authz.OrganisationID, id handover.ID) ([]byte, error)
	AddBox(ctx context.Context, actor authz.Actor, at time.Time, o authz.OrganisationID, id handover.ID, b handover.Sealed) error
	HandoverFile(ctx context.Context, actor authz.Actor, o authz.OrganisationID, id handover.ID, part string) (handover.Attachment, error)
	Reseal(ctx context.Context, actor authz.Actor, at time.Time, o authz.OrganisationID, id handover.ID, b handover.Sealed) error
	NewReceipt(ctx context.Context, actor authz.Actor, at time.Time, o authz.OrganisationID, id handover.ID) (string, error)
	GiveConsent(ctx context.Context, actor authz.Actor, at time.Time, o authz.OrganisationID, id handover.ID) error
	ByReceipt(ctx context.Context, code string) (handover.File, error)
	WithdrawByReceipt(ctx context.Context, at time.Time, code string) error
	CreateSlips(ctx context.Context, actor authz.Actor, at time.Time, n handover.NewSlips) (id string, codes []string, secret string, err error)
	SlipBlocks(ctx context.Context, actor authz.Actor, o authz.OrganisationID) ([]handover.SlipBlock, error)
	MarkSlip(ctx context.Context, actor authz.Actor, at time.Time, o authz.OrganisationID, code string, state handover.SlipState, feedback bool) error
	BySlip(ctx context.Context, code string) (handover.SlipFile, error)
	RedeemSlip(ctx context.Context, at time.Time, code string, feedback bool) error
	Practice(ctx context.Context, at time.Time, secret string) (handover.Practice, error)
	NewNoteID() string
	WriteNote(ctx context.Context, at time.Time, secret string, n handover.Note) error
	SlipNotes(ctx context.Context, actor authz.Actor, o authz.OrganisationID) (handover.NoteBox, error)
	OpenNote(ctx context.Context, actor authz.Actor, at time.Time, o authz.OrganisationID, note string) ([]byte, error)
	NewLetterCode(ctx context.Context, actor authz.Actor, at time.Time, o authz.OrganisationID, id handover.ID) (string, error)
	OpenLetter(ctx context.Context, at time.Time, secret, code string) (handover.File, error)
	AnswerLetter(ctx context.Context, at time.Time, secret, code string, c handover.Command) error
	AnswerNote(ctx context.Context, actor authz.Actor, at time.Time, o authz.OrganisationID, note, box string) error
	HandoverTotals(ctx context.Context, actor authz.Actor, since, late time.Time) ([]handover.Total, error)
}

// handoverRoutes are the addresses of handovers, keys and receipts.
func handoverRoutes() []Route {
	at := ofHouse
	receipt := func(name, method string, states []State, more string, handle handler) Route {
		do := authz.View
		if method != "" {
			do = authz.Change
		}
		return Route{Name: name, Method: method, Access: Access{authz.Receipt, do}, States: states, Handle: handle, Patterns: legalPatterns("beleg"+more, "receipt"+more)}
	}
	inbox := at("handovers", authz.Handover, authz.View, "/ueberleitungen", "/handovers", handoversIn)
	inbox.Nav = 3
	attachment := at("handover-file", authz.Handover, authz.View, "", "", handoverFile)
	attachment.Patterns = map[string]string{"": "/sealed/{org}/{handover}/{attachment}"} // a file, the same in every language
	one, hand := "/ueberleitungen/{handover}", "/handovers/{handover}"
	return []Route{
		inbox,
		at("handovers-sent", authz.Handover, authz.View, "/ueberleitungen/gesendet", "/handovers/sent", handoversOut),
		at("handover-new", authz.Handover, authz.Create, "/ueberleitungen/neu", "/handovers/new", handoverNew),
		post(at("handover-create", authz.Handover, authz.Create, "/ueberleitungen/neu", "/handovers/new", handoverCreate)),
		at("handover", authz.Handover, authz.View, one, hand, handoverPage),
		post(at("handover-do", authz.Handover, authz.Change, one, hand, handoverDo)),
		post(at("handover-open", authz.Handover, authz.Change, one+"/oeffnen", hand+"/open", handoverOpen)),
		post(at("handover-receipt", authz.Handover, authz.Change, one+"/beleg", hand+"/receipt", handoverReceipt)),
		attachment,
		post(at("handover-write", authz.Handover, authz.Change, one+"/antwort", hand+"/answer", handoverWrite)),
		post(at("handover-reseal", authz.Handover, authz.Change, one+"/neu-versiegeln", hand+"/reseal", handoverReseal)),
		at("seal-keys", authz.SealKey, authz.View, "/schluessel", "/keys", sealKeys),
		post(at("seal-key-create", authz.SealKey, authz.Create, "/schluessel", "/keys", sealKeyCreate)),
		post(at("seal-key-hold", authz.SealKey, authz.Change, "/schluessel/halten", "/keys/hold", sealKeyHold)),
		post(at("intake-set", authz.SealKey, authz.Change, "/schluessel/annahme", "/keys/intake", intakeSet)),
		receipt("receipt", "", []State{Normal}, "", receiptAsk),
		receipt("receipt-find", http.MethodPost, nil, "", receiptFind),
		receipt("receipt-page", "", []State{Normal}, "/{secret}", receiptPage),
		receipt("receipt-withdraw", http.MethodPost, nil, "/{secret}", receiptWithdraw),
		{
			Name: "handover-totals", Section: "system", Nav: 30, Access: Access{authz.Totals, authz.View}, States: []State{SignedIn}, Handle: handoverTotals,
			Patterns: map[string]string{"de": "/de/ueberleitungen", "en": "/en/handovers"},
		},
	}
}

// handoverHouse gives the organisation of the address where the reader may do this to its handovers.
func (p *page) handoverHouse(do authz.Action) (houseView, error) {
	if err := p.may(do, owned(authz.Handover, p.org())); err != nil {
		return houseView{}, err
	}
	return p.house("handovers")
}

// working are the days on which an answer is expected.
func (p *page) working() handover.Days {
	return handover.Days{Zone: p.site.zone, Holiday: directory.NRWHoliday}
}

// handoverList is one of the two boxes of an organisation.
type handoverList struct {
	houseView
	Side  handover.Side
	Ready error // why nothing can be sent or received; nil where it can
	Open  []handover.Item
	Ended []handover.Item
}

func handoversIn(p *page) error { return p.handoverList(handover.Receiver) }

func handoversOut(p *page) error { return p.handoverList(handover.Sender) }

// endedShown is how many ended handovers a list shows.
const endedShown = 50

func (p *page) handoverList(side handover.Side) error {
	h, err := p.handoverHouse(authz.View)
	if err != nil {
		return err
	}
	items, err := p.site.Handovers.Handovers(p.req.Context(), p.actor, h.ID, side)
	if err != nil {
		return err
	}
	mine, err := p.site.Handovers.Intake(p.req.Context(), p.actor, h.ID)
	if err != nil {
		return err
	}
	v := handoverList{houseView: h, Side: side, Ready: mine.Ready()}
	terms := map[authz.OrganisationID]handover.Terms{h.ID: mine.Terms}
	for _, i := range items {
		if _, known := terms[i.Receiver]; !known {
			to, err := p.site.Handovers.Intake(p.req.Context(), p.actor, i.Receiver)
			if err != nil {
				return err
			}
			terms[i.Receiver] = to.Terms
		}
		i.Due = i.Answer(terms[i.Receiver], p.working())
		if i.Status.Open() {
			v.Open = append(v.Open, i)
		} else if len(v.Ended) < endedShown {
			v.Ended = append(v.Ended, i)
		}
	}
	slices.SortStableFunc(v.Open, firstDue)
	title := p.T("handover.inbox", nil)
	if side == handover.Sender {
		title = p.T("handover.sent_box", nil)
	}
	return p.render(http.StatusOK, title, handoversPage(p, v, title))
}

// firstDue puts what waits longest for an answer first, what nobody waits for last.
func firstDue(a, b handover.Item) int {
	switch {
	case a.Due.IsZero() == b.Due.IsZero():
		return a.Due.Compare(b.Due)
	case a.Due.IsZero():
		return 1
	}
	return -1
}

func (p *page) handoverTable(v handoverList, items []handover.Item, caption string) ui.Table {
	t := ui.Table{
		Caption:    caption,
		Columns:    []ui.Column{{Label: p.T("handover.offer", nil)}, {Label: p.T("handover.partner."+string(v.Side), nil)}, {Label: p.T("handover.state", nil)}, {Label: p.T("handover.when", nil)}},
		EmptyTitle: p.T("handover.none", nil), EmptyText: p.T("handover.none_text."+string(v.Side), nil),
	}
	for _, i := range items {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: p.offerOr(i.Offer), Href: p.link("handover", string(v.ID), string(i.ID))}, {Text: i.Other}, {Show: p.handoverBadge(i.Handover)}, {Text: p.whenOf(i)},
		}})
	}
	return t
}

func (p *page) offerOr(name string) string {
	if name == "" {
		return p.T("handover.offer_gone", nil)
	}
	return name
}

// whenOf says until when an answer is due, or when something last happened.
func (p *page) whenOf(i handover.Item) string {
	if i.Due.IsZero() {
		return p.day(i.Changed)
	}
	if p.now().After(i.Due) {
		return p.T("handover.overdue", with{"Day": p.day(i.Due)})
	}
	return p.T("handover.due", with{"Day": p.day(i.Due)})
}

func statusKey(s handover.Status) string { return strings.ReplaceAll(string(s), "-", "_") }

func (p *page) handoverBadge(h handover.Handover) templ.Component {
	look := ui.Info
	switch h.Status {
	case handover.Completed:
		look = ui.Success
	case handover.Rejected, handover.Failed, handover.Cancelled, handover.EnteredInError:
		look = ui.Warning
	case handover.Draft, handover.Requested, handover.Received, handover.Accepted, handover.InProgress, handover.OnHold:
	}
	if h.Withdrawn {
		return ui.Badge(ui.Warning, p.T("handover.withdrawn", nil))
	}
	return ui.Badge(look, p.T("handover.status."+statusKey(h.Status), nil))
}

// handoverTotals shows the office what waits in the region, where enough stand behind it.
func handoverTotals(p *page) error {
	if err := p.may(authz.View, authz.Object{Kind: authz.Totals}); err != nil {
		return err
	}
	late := p.now().AddDate(0, 0, -7)
	totals, err := p.site.Handovers.HandoverTotals(p.req.Context(), p.actor, p.now().AddDate(-1, 0, 0), late)
	if err != nil {
		return err
	}
	t := ui.Table{
		Caption: p.T("handover.totals", nil), CaptionHidden: true,
		Columns:    []ui.Column{{Label: p.T("handover.total", nil)}, {Label: p.T("handover.count", nil), Numeric: true}},
		EmptyTitle: p.T("handover.totals_none", nil), EmptyText: p.T("handover.totals_none_text", nil),
	}
	for _, x := range totals {
		key := "handover.total_" + x.What
		if handover.Reason(x.What).Lies() == handover.WithOffer {
			key = "handover.reason." + strings.ReplaceAll(x.What, "-", "_")
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: p.text(key)}, {Text: strconv.Itoa(x.Count)}}})
	}
	return p.render(http.StatusOK, p.T("handover.totals", nil), totalsPage(p, t))
}

// fingerprintShown writes the beginning of a fingerprint in groups, as people compare it on the telephone.
func fingerprintShown(id string) string {
	return handover.Spell(strings.ToUpper(id[:min(len(id), 32)]))
}
