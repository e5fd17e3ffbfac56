package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"gevor/authz"
	"gevor/fault"
	"gevor/form"
	"gevor/internal/web/ui"
	"gevor/outbox"
)

// Webhooks is what the pages ask of the addresses that organisations want to be called at.
type Webhooks interface {
	Webhooks(ctx context.Context, actor authz.Actor, id authz.OrganisationID) ([]outbox.Endpoint, error)
	Calls(ctx context.Context, actor authz.Actor, id string, limit int) (outbox.Endpoint, []outbox.Sending, error)
	CreateWebhook(ctx context.Context, actor authz.Actor, at time.Time, owner authz.OrganisationID, address string) (id, secret string, err error)
	RotateWebhook(ctx context.Context, actor authz.Actor, at time.Time, id string, version int) (secret string, err error)
	ResumeWebhook(ctx context.Context, actor authz.Actor, at time.Time, id string) error
	RemoveWebhook(ctx context.Context, actor authz.Actor, at time.Time, id string, version int) error
	TryWebhook(ctx context.Context, actor authz.Actor, at time.Time, id string) error
}

// Hosts is the operator's list of hosts that may be called.
type Hosts interface {
	// Permits gives nil where an address may be registered.
	Permits(address string) error
	// Listed names the hosts.
	Listed() []string
}

// webhookRoutes are the addresses of an organisation's webhooks.
func webhookRoutes() []Route {
	at := func(name string, do authz.Action, de, en string, handle handler) Route {
		return ofHouse(name, authz.Webhook, do, "/webhooks"+de, "/webhooks"+en, handle)
	}
	return []Route{
		at("webhooks", authz.View, "", "", webhooks),
		at("webhook-new", authz.Create, "/neu", "/new", webhookNew),
		post(at("webhook-create", authz.Create, "/neu", "/new", webhookCreate)),
		at("webhook", authz.View, "/{hook}", "/{hook}", webhookPage),
		post(at("webhook-try", authz.Change, "/{hook}/probe", "/{hook}/try", webhookTry)),
		post(at("webhook-resume", authz.Change, "/{hook}/einschalten", "/{hook}/resume", webhookResume)),
		at("webhook-rotate", authz.Change, "/{hook}/schluessel", "/{hook}/secret", webhookRotate),
		post(at("webhook-rotated", authz.Change, "/{hook}/schluessel", "/{hook}/secret", webhookRotated)),
		at("webhook-remove", authz.Remove, "/{hook}/entfernen", "/{hook}/remove", webhookRemove),
		post(at("webhook-removed", authz.Remove, "/{hook}/entfernen", "/{hook}/remove", webhookRemoved)),
	}
}

// hookHouse gives the organisation of the address where the reader may do this to its webhooks.
func (p *page) hookHouse(do authz.Action) (houseView, error) {
	if err := p.may(do, owned(authz.Webhook, p.org())); err != nil {
		return houseView{}, err
	}
	return p.house("webhooks")
}

// callsShown is how many calls a page lists.
const callsShown = 50

// hook gives the webhook that the address names, with its latest calls.
func (p *page) hook(do authz.Action) (h houseView, e outbox.Endpoint, calls []outbox.Sending, err error) {
	if h, err = p.hookHouse(do); err != nil {
		return h, e, nil, err
	}
	e, calls, err = p.site.Webhooks.Calls(p.req.Context(), p.actor, p.req.PathValue("hook"), callsShown)
	if err == nil && e.Organisation != h.ID {
		err = p.absent()
	}
	return h, e, calls, err
}

func webhooks(p *page) error {
	h, err := p.hookHouse(authz.View)
	if err != nil {
		return err
	}
	list, err := p.site.Webhooks.Webhooks(p.req.Context(), p.actor, h.ID)
	if err != nil {
		return err
	}
	t := ui.Table{
		Caption: p.T("house.tab.webhooks", nil), CaptionHidden: true,
		Columns:    []ui.Column{{Label: p.T("webhook.address", nil)}, {Label: p.T("webhook.state", nil)}, {Label: p.T("webhook.made", nil)}},
		EmptyTitle: p.T("webhook.none", nil), EmptyText: p.T("webhook.none_text", nil),
	}
	for _, e := range list {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: e.Address, Href: p.link("webhook", string(h.ID), e.ID)}, {Show: p.hookBadge(e)}, {Text: p.day(e.Made)},
		}})
	}
	return p.render(http.StatusOK, p.T("house.tab.webhooks", nil), webhooksPage(p, h, t))
}

func (p *page) hookBadge(e outbox.Endpoint) templ.Component {
	switch {
	case e.Off:
		return ui.Badge(ui.Error, p.T("webhook.off", nil))
	case e.Failures > 0:
		return ui.Badge(ui.Warning, p.T("webhook.failing", with{"Since": p.moment(e.FailingSince)}))
	}
	return ui.Badge(ui.Success, p.T("webhook.on", nil))
}

// listed names the hosts that may be called.
func (p *page) listed() string {
	return strings.Join(p.site.Hosts.Listed(), ", ")
}

func (p *page) hookField(f entry) ui.Input {
	return f.fill(ui.Input{Name: "address", Type: "url", Required: true, Most: 1000, Autocomplete: "off"})
}

func webhookNew(p *page) error {
	h, err := p.hookHouse(authz.Create)
	if err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("webhook.new", nil), webhookForm(p, h, p.begin("webhook")))
}

func webhookCreate(p *page) error {
	h, err := p.hookHouse(authz.Create)
	if err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	id, secret, err := p.createHook(h, sent.Get("address"))
	if err != nil {
		return p.refused(err, "webhook", sent, p.T("webhook.new", nil), func(f entry) templ.Component { return webhookForm(p, h, f) })
	}
	return p.render(http.StatusOK, p.T("webhook.created", nil), webhookSecret(p, h, p.T("webhook.created", nil), id, secret))
}

// createHook registers an address that is one, and whose host the operator allows.
func (p *page) createHook(h houseView, address string) (id, secret string, err error) {
	if address, err = outbox.CheckAddress(address); err != nil {
		return "", "", err
	}
	if p.site.Hosts.Permits(address) != nil {
		var f form.Fields
		f.Add("address", "host")
		return "", "", f.Err()
	}
	return p.site.Webhooks.CreateWebhook(p.req.Context(), p.actor, p.now(), h.ID, address)
}

func webhookPage(p *page) error {
	h, e, calls, err := p.hook(authz.View)
	if err != nil {
		return err
	}
	t := p.sendings(calls, nil)
	t.Caption, t.EmptyTitle, t.EmptyText = p.T("webhook.calls", nil), p.T("webhook.calls_none", nil), p.T("webhook.calls_none_text", nil)
	return p.render(http.StatusOK, e.Address, webhookOf(p, h, e, t))
}

func (p *page) hookPairs(e outbox.Endpoint) []ui.Pair {
	out := []ui.Pair{
		{Label: p.T("webhook.address", nil), Text: e.Address},
		{Label: p.T("webhook.state", nil), More: p.hookBadge(e)},
		{Label: p.T("webhook.made", nil), Text: p.moment(e.Made)},
	}
	if e.OldUntil.After(p.now()) {
		out = append(out, ui.Pair{Label: p.T("webhook.old_until", nil), Text: p.moment(e.OldUntil)})
	}
	return out
}

func webhookTry(p *page) error {
	h, e, _, err := p.hook(authz.Change)
	if err != nil {
		return err
	}
	if err := p.site.Webhooks.TryWebhook(p.req.Context(), p.actor, p.now(), e.ID); err != nil {
		return err
	}
	return p.done(p.path("webhook", string(h.ID), e.ID), "webhook_try")
}

func webhookResume(p *page) error {
	h, e, _, err := p.hook(authz.Change)
	if err != nil {
		return err
	}
	if err := p.site.Webhooks.ResumeWebhook(p.req.Context(), p.actor, p.now(), e.ID); err != nil {
		return err
	}
	return p.done(p.path("webhook", string(h.ID), e.ID), "webhook_resumed")
}

func webhookRotate(p *page) error {
	h, e, _, err := p.hook(authz.Change)
	if err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("webhook.rotate", nil), webhookQuestion(p, h, e, ui.Confirm{
		Title: p.T("webhook.rotate", nil), Text: e.Address, Points: []string{p.T("webhook.rotate_new", nil), p.T("webhook.rotate_old", nil)},
		Action: p.link("webhook-rotated", string(h.ID), e.ID), Yes: p.T("webhook.rotate_now", nil),
	}))
}

func webhookRemove(p *page) error {
	h, e, _, err := p.hook(authz.Remove)
	if err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("webhook.remove", nil), webhookQuestion(p, h, e, ui.Confirm{
		Title: p.T("webhook.remove", nil), Text: e.Address, Points: []string{p.T("webhook.remove_waiting", nil), p.T("webhook.remove_secret", nil)},
		Action: p.link("webhook-removed", string(h.ID), e.ID), Yes: p.T("webhook.remove_now", nil), Danger: true,
	}))
}

// versioned completes a question with what both have in common.
func (p *page) versioned(h houseView, e outbox.Endpoint, c ui.Confirm) ui.Confirm {
	c.Hidden = []ui.Pair{{Label: "version", Text: strconv.Itoa(e.Version)}}
	c.Back = p.link("webhook", string(h.ID), e.ID)
	return c
}

func versionOf(sent url.Values) (int, error) {
	n, err := strconv.Atoi(sent.Get("version"))
	if err != nil {
		return 0, fault.Wrap(fault.Invalid, "version", "is no number", "open the page again", err)
	}
	return n, nil
}

// hookChange reads what a question about a webhook sends back.
func (p *page) hookChange(do authz.Action) (houseView, outbox.Endpoint, int, error) {
	h, e, _, err := p.hook(do)
	if err != nil {
		return h, e, 0, err
	}
	sent, err := p.form()
	if err != nil {
		return h, e, 0, err
	}
	version, err := versionOf(sent)
	return h, e, version, err
}

func webhookRotated(p *page) error {
	h, e, version, err := p.hookChange(authz.Change)
	if err != nil {
		return err
	}
	secret, err := p.site.Webhooks.RotateWebhook(p.req.Context(), p.actor, p.now(), e.ID, version)
	if err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("webhook.rotated", nil), webhookSecret(p, h, p.T("webhook.rotated", nil), e.ID, secret))
}

func webhookRemoved(p *page) error {
	h, e, version, err := p.hookChange(authz.Remove)
	if err != nil {
		return err
	}
	if err := p.site.Webhooks.RemoveWebhook(p.req.Context(), p.actor, p.now(), e.ID, version); err != nil {
		return err
	}
	return p.done(p.path("webhooks", string(h.ID)), "webhook_removed")
}
