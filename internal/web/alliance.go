package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"gevor/alliance"
	"gevor/authz"
	"gevor/fault"
	"gevor/form"
	"gevor/internal/web/ui"
)

// Alliance is what the pages ask of charter, members and bodies. Every method decides for the actor.
type Alliance interface {
	Dossiers
	Bodies
	Measures
	Meetings
	Milestones
	Charter(ctx context.Context, actor authz.Actor) (alliance.Charter, error)
	Charters(ctx context.Context, actor authz.Actor) ([]alliance.Charter, error)
	AdoptCharter(ctx context.Context, actor authz.Actor, at time.Time, c alliance.Charter) (version int, err error)
	Signatories(ctx context.Context, actor authz.Actor) ([]alliance.Member, error)
	Sign(ctx context.Context, actor authz.Actor, at time.Time, x alliance.Signature) (id string, err error)
	LeaveAlliance(ctx context.Context, actor authz.Actor, at time.Time, o authz.OrganisationID, reason string) (open int, err error)
}

// allianceRoutes are the alliance's public face, the charter as the office writes it, and each house's declaration to it.
func allianceRoutes() []Route {
	at := below("house", authz.Charter, "/de/verbund", "/en/alliance")
	face := at("alliance", authz.View, "", "", alliancePage)
	face.Nav, face.States = 2, []State{Normal, SignedIn}
	return []Route{
		face,
		at("charter-edit", authz.Change, "/charta", "/charter", charterEdit),
		post(at("charter-adopt", authz.Change, "/charta", "/charter", charterAdopt)),
		ofHouse("charter-sign", authz.Signature, authz.Create, "/charta", "/charter", charterSign),
		post(ofHouse("charter-signed", authz.Signature, authz.Create, "/charta", "/charter", charterSigned)),
		post(ofHouse("charter-left", authz.Signature, authz.Change, "/charta/austritt", "/charter/leave", charterLeft)),
	}
}

// allianceView is the alliance's public face.
type allianceView struct {
	Charter    alliance.Charter // version 0 before there is one
	Body       templ.Component
	Earlier    []alliance.Charter // versions before it, the latest first
	Versions   []templ.Component  // their texts
	Members    ui.Table
	Bodies     []ui.Link
	Milestones []alliance.Milestone
	Mine       []ui.Link // houses whose declaration the reader may make or change
}

func alliancePage(p *page) error {
	if err := p.may(authz.View, authz.Object{Kind: authz.Charter}); err != nil {
		return err
	}
	members, err := p.site.Alliance.Signatories(p.req.Context(), p.actor)
	if err != nil {
		return err
	}
	s := p.memberSheet(members)
	if done, err := s.asked(p); done || err != nil {
		return err
	}
	var v allianceView
	if v.Members, err = s.show(p); err != nil {
		return err
	}
	all, err := p.site.Alliance.Charters(p.req.Context(), p.actor)
	if err != nil {
		return err
	}
	for i, c := range all {
		text, err := p.site.markdown.page(c.Body)
		if err != nil {
			return err
		}
		if i == 0 {
			v.Charter, v.Body = c, text
			continue
		}
		v.Earlier, v.Versions = append(v.Earlier, c), append(v.Versions, text)
	}
	if v.Bodies, err = p.bodyLinks(); err != nil {
		return err
	}
	if v.Milestones, err = p.site.Alliance.Milestones(p.req.Context(), p.actor); err != nil {
		return err
	}
	for _, o := range p.actor.Organisations() {
		if p.can(authz.Create, owned(authz.Signature, o)) {
			v.Mine = append(v.Mine, ui.Link{Label: p.T("alliance.of", with{"Name": p.houseLabel(o)}), Href: p.link("charter-sign", string(o))})
		}
	}
	return p.render(http.StatusOK, p.T("web.nav.alliance", nil), allianceFace(p, v))
}

// memberSheet is the list of members as a table and as a file, by name. What was agreed stands in it for those who may
// see it.
func (p *page) memberSheet(members []alliance.Member) *sheet[alliance.Member] {
	s := &sheet[alliance.Member]{
		Name: "mitglieder", Caption: p.T("alliance.members", nil), CaptionHidden: true, Rows: members,
		EmptyTitle: p.T("alliance.no_members", nil), EmptyText: p.T("alliance.no_members_text", nil),
		Columns: []column[alliance.Member]{
			{Key: "name", Label: p.T("alliance.member", nil), Text: func(m alliance.Member) string { return m.Name }, Find: true},
			{Key: "kind", Label: p.T("alliance.kind", nil), Text: func(m alliance.Member) string { return p.text("house.kinds." + m.Kind) }, Choices: func(m alliance.Member) (value, label string) {
				return m.Kind, p.text("house.kinds." + m.Kind)
			}},
			{Key: "since", Label: p.T("alliance.since", nil), Text: func(m alliance.Member) string { return p.day(m.Signed) }, Order: func(m alliance.Member) string { return m.Signed.UTC().Format(time.DateOnly) }},
			{Key: "version", Label: p.T("alliance.version", nil), Number: func(m alliance.Member) float64 { return float64(m.Version) }},
		},
	}
	if p.actor.InAlliance() || p.can(authz.Change, authz.Object{Kind: authz.Charter}) {
		s.Columns = append(s.Columns,
			column[alliance.Member]{Key: "signatory", Label: p.T("alliance.signatory", nil), Text: func(m alliance.Member) string { return m.Signatory }, Sub: func(m alliance.Member) string { return m.Authority }},
			column[alliance.Member]{Key: "reply", Label: p.T("alliance.reply_days", nil), Text: func(m alliance.Member) string { return p.replyDays(m.ReplyDays) }},
			column[alliance.Member]{Key: "back", Label: p.T("alliance.back", nil), Text: func(m alliance.Member) string { return p.text("alliance.back_of." + m.Back) }},
		)
	}
	return s
}

func (p *page) replyDays(n int) string {
	if n == 0 {
		return p.T("alliance.reply_none", nil)
	}
	return p.N("alliance.reply_in", n, nil)
}

// principlesText writes principles as the form shows them: the title in a line of its own, text below it, an empty line
// between two.
func principlesText(all []alliance.Principle) string {
	parts := make([]string, len(all))
	for i, x := range all {
		parts[i] = strings.TrimSpace(x.Title + "\n" + x.Text)
	}
	return strings.Join(parts, "\n\n")
}

// principlesOf reads what principlesText writes. Where no empty line stands between two, every line is a title.
func principlesOf(text string) []alliance.Principle {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	between := "\n\n"
	if !strings.Contains(text, between) {
		between = "\n"
	}
	var out []alliance.Principle
	for part := range strings.SplitSeq(text, between) {
		if part = strings.TrimSpace(part); part != "" {
			title, rest, _ := strings.Cut(part, "\n")
			out = append(out, alliance.Principle{Title: title, Text: strings.TrimSpace(rest)})
		}
	}
	return out
}

// charterForm is the editor of the charter.
type charterForm struct {
	Entry entry
	Other *alliance.Charter // what somebody else adopted meanwhile
}

// inForce is the charter in force; the zero charter before there is one.
func (p *page) inForce() (alliance.Charter, error) {
	c, err := p.site.Alliance.Charter(p.req.Context(), p.actor)
	if fault.KindOf(err) == fault.NotFound {
		return alliance.Charter{}, nil
	}
	return c, err
}

func (p *page) mayCharter() error {
	return p.may(authz.Change, authz.Object{Kind: authz.Charter})
}

func charterEdit(p *page) error {
	if err := p.mayCharter(); err != nil {
		return err
	}
	c, err := p.inForce()
	if err != nil {
		return err
	}
	values := url.Values{"title": {c.Title}, "body": {c.Body}, "principles": {principlesText(c.Principles)}, "version": {strconv.Itoa(c.Version)}}
	if !c.Adopted.IsZero() {
		values.Set("adopted", c.Adopted.Format(time.DateOnly))
	}
	return p.showCharter(http.StatusOK, charterForm{Entry: p.entry("charter", values, nil)})
}

func (p *page) showCharter(status int, f charterForm) error {
	return p.render(status, p.T("charter.edit", nil), charterPage(p, f))
}

func charterAdopt(p *page) error {
	if err := p.mayCharter(); err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	c := alliance.Charter{Title: sent.Get("title"), Body: sent.Get("body"), Principles: principlesOf(sent.Get("principles"))}
	c.Version, err = strconv.Atoi(sent.Get("version"))
	if err != nil {
		c.Version = -1 // no version that ever was
	}
	var wrong form.Fields
	c.Adopted = dateOf(sent.Get("adopted"), "adopted", &wrong)
	if reason := p.site.markdown.check(c.Body); reason != "" {
		wrong.Add("body", reason)
	}
	if err = wrong.Err(); err == nil {
		_, err = p.site.Alliance.AdoptCharter(p.req.Context(), p.actor, p.now(), c)
	}
	switch {
	case form.Of(err) != nil:
		return p.showCharter(http.StatusUnprocessableEntity, charterForm{Entry: p.entry("charter", sent, err)})
	case fault.KindOf(err) == fault.Stale:
		other, err := p.inForce()
		if err != nil {
			return err
		}
		sent.Set("version", strconv.Itoa(other.Version))
		return p.showCharter(http.StatusConflict, charterForm{Entry: p.entry("charter", sent, nil), Other: &other})
	case err != nil:
		return err
	}
	return p.done(p.path("alliance"), "charter_adopted")
}

// dateOf reads a day from a form; empty is the zero time.
func dateOf(text, field string, wrong *form.Fields) time.Time {
	if text = strings.TrimSpace(text); text == "" {
		return time.Time{}
	}
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		wrong.Add(field, "date")
	}
	return at
}

// signingView is a house's declaration to the charter.
type signingView struct {
	houseView
	Charter alliance.Charter
	Body    templ.Component
	Signed  *alliance.Member // what stands, nil where the house has not signed
	Entry   entry
	Leave   entry
}

// signing gives the page of the house of the address, where the reader may declare in its name.
func (p *page) signing(do authz.Action) (signingView, error) {
	var v signingView
	err := p.may(do, owned(authz.Signature, p.org()))
	if err != nil {
		return v, err
	}
	if v.houseView, err = p.house("organisation"); err != nil {
		return v, err
	}
	if v.Charter, err = p.inForce(); err != nil {
		return v, err
	}
	if v.Body, err = p.site.markdown.page(v.Charter.Body); err != nil {
		return v, err
	}
	members, err := p.site.Alliance.Signatories(p.req.Context(), p.actor)
	for i := range members {
		if members[i].Organisation == v.ID {
			v.Signed = &members[i]
		}
	}
	v.Entry = p.begin("charter", "signed", p.now().In(p.site.zone).Format(time.DateOnly), "version", strconv.Itoa(v.Charter.Version), "back", "status")
	v.Leave = p.begin("charter")
	return v, err
}

func charterSign(p *page) error {
	v, err := p.signing(authz.Create)
	if err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("charter.sign", nil), signingPage(p, v))
}

func charterSigned(p *page) error {
	v, err := p.signing(authz.Create)
	if err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	var wrong form.Fields
	x := alliance.Signature{Organisation: v.ID, Signatory: sent.Get("signatory"), Authority: sent.Get("authority"), Back: sent.Get("back")}
	x.Signed = dateOf(sent.Get("signed"), "signed", &wrong)
	if text := strings.TrimSpace(sent.Get("reply_days")); text != "" {
		if x.ReplyDays, err = strconv.Atoi(text); err != nil {
			wrong.Add("reply_days", "number")
		}
	}
	if x.Version, err = strconv.Atoi(sent.Get("version")); err != nil {
		x.Version = 0 // no version that ever was
	}
	if sent.Get("agree") == "" {
		wrong.Add("agree", "agree")
	}
	if err = wrong.Err(); err == nil {
		_, err = p.site.Alliance.Sign(p.req.Context(), p.actor, p.now(), x)
	}
	v.Entry = p.entry("charter", sent, err)
	if err != nil {
		return p.again(err, p.T("charter.sign", nil), signingPage(p, v))
	}
	return p.done(p.path("charter-sign", string(v.ID)), "charter_signed")
}

func charterLeft(p *page) error {
	v, err := p.signing(authz.Change)
	if err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	_, err = p.site.Alliance.LeaveAlliance(p.req.Context(), p.actor, p.now(), v.ID, sent.Get("reason"))
	v.Leave = p.entry("charter", sent, err)
	if err != nil {
		return p.again(err, p.T("charter.sign", nil), signingPage(p, v))
	}
	return p.done(p.path("alliance"), "charter_left")
}

// signingFields are the fields of the declaration, in order.
func (p *page) signingFields(e entry) []ui.Input {
	days := e.optional("reply_days")
	days.Type = "number"
	return []ui.Input{e.field("signatory"), e.field("authority"), e.field("signed"), days, e.choices("back", "alliance.back_of", alliance.Backs()...), e.field("agree")}
}

// charterStamp names a version and when it was adopted.
func (p *page) charterStamp(c alliance.Charter) string {
	if c.Adopted.IsZero() {
		return p.T("charter.stamp", with{"Version": c.Version})
	}
	return p.T("charter.stamp_on", with{"Version": c.Version, "Date": p.Date(c.Adopted.Format(time.DateOnly))})
}

// keyPrint is the beginning of a key's fingerprint, as much as people compare.
func (p *page) keyPrint(fingerprint string) string {
	if len(fingerprint) < 16 {
		return p.T("charter.no_key", nil)
	}
	return fingerprint[:16]
}
