package web

import (
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"gevor/authz"
	"gevor/contact"
	"gevor/internal/web/ui"
	"gevor/internal/words"
)

// contactFiguresView is what an organisation's own contacts add up to, in one of the report forms.
type contactFiguresView struct {
	houseView
	Forms    []contact.Form
	Form     contact.Form
	From, To string
	Months   []ui.Option
	Table    ui.Table
	Notes    []string
	Shared   bool // released for the totals of the region
	MayShare bool
	MayWrite bool
	Terms    contact.Terms
}

// monthsShown is how many months back the figures can be asked for.
const monthsShown = 36

func contactFigures(p *page) error {
	if err := p.may(authz.View, owned(authz.ContactFigures, p.org())); err != nil {
		return err
	}
	h, err := p.house("contacts")
	if err != nil {
		return err
	}
	v := contactFiguresView{
		houseView: h, Forms: p.site.ContactLog.Forms, Terms: p.site.ContactLog.Terms,
		MayShare: p.can(authz.Share, owned(authz.ContactFigures, h.ID)), MayWrite: p.can(authz.Create, owned(authz.Contact, h.ID)),
	}
	v.Form = v.Forms[0]
	for _, f := range v.Forms {
		if f.Key == p.first("form") {
			v.Form = f
		}
	}
	now := p.now().In(p.site.zone)
	this := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	for i := range monthsShown {
		m := this.AddDate(0, -i, 0).Format("2006-01")
		v.Months = append(v.Months, ui.Option{Value: m, Label: p.monthName(m)})
	}
	known := func(m, otherwise string) string {
		if slices.ContainsFunc(v.Months, func(o ui.Option) bool { return o.Value == m }) {
			return m
		}
		return otherwise
	}
	v.From, v.To = known(p.first("from"), this.AddDate(0, -11, 0).Format("2006-01")), known(p.first("to"), this.Format("2006-01"))
	f, notes, err := p.site.Contacts.ContactFigures(p.req.Context(), p.actor, h.ID, min(v.From, v.To), max(v.From, v.To))
	if err != nil {
		return err
	}
	v.Notes = notes
	list := p.reportSheet(v, f.Fill(v.Form))
	if sent, err := list.asked(p); sent || err != nil {
		return err
	}
	if v.Table, err = list.show(p); err != nil {
		return err
	}
	if v.MayShare {
		if v.Shared, err = p.sharesContacts(h.ID); err != nil {
			return err
		}
	}
	return p.render(http.StatusOK, p.T("contact.figures", nil), contactFiguresPage(p, v))
}

// reportRow is a line of a report.
type reportRow struct {
	code  string
	cells []int
	sum   int
}

func (p *page) reportSheet(v contactFiguresView, r contact.Report) *sheet[reportRow] {
	s := &sheet[reportRow]{
		Name: "eigene-zahlen-" + v.Form.Key + "-" + v.From + "-" + v.To, Caption: v.Form.In(p.Lang()), CaptionHidden: true,
		EmptyTitle: p.T("contact.no_figures", nil), EmptyText: p.T("contact.no_figures_text", nil),
	}
	s.Columns = append(s.Columns, column[reportRow]{
		Key: "row", Label: p.text("contact.dimension." + string(v.Form.Rows)),
		Text:  func(x reportRow) string { return p.reportCode(v.Form.Rows, x.code) },
		Order: p.reportOrder(v.Form.Rows),
	})
	for i, c := range r.Columns {
		if v.Form.Columns == "" {
			break
		}
		s.Columns = append(s.Columns, column[reportRow]{Key: "c-" + c, Label: p.reportCode(v.Form.Columns, c), Number: func(x reportRow) float64 { return float64(x.cells[i]) }})
	}
	s.Columns = append(s.Columns,
		column[reportRow]{Key: "sum", Label: p.T("contact.sum", nil), Number: func(x reportRow) float64 { return float64(x.sum) }},
		column[reportRow]{Key: "origin", Label: p.T("contact.origin", nil), Fixed: true, Text: func(reportRow) string { return p.T("contact.own", nil) }})
	for i, code := range r.Rows {
		x := reportRow{code: code, cells: r.Cells[i]}
		for _, n := range x.cells {
			x.sum += n
		}
		s.Rows = append(s.Rows, x)
	}
	if v.Form.Rows != contact.ByMonth && v.Form.Rows != contact.Dimension(contact.ByDuration) {
		slices.SortStableFunc(s.Rows, func(a, b reportRow) int { return b.sum - a.sum })
	}
	return s
}

// reportOrder orders rows that have an order of their own.
func (p *page) reportOrder(d contact.Dimension) func(reportRow) string {
	if d == contact.ByMonth {
		return func(x reportRow) string { return x.code }
	}
	return nil
}

// reportCode is a code of a report in words.
func (p *page) reportCode(d contact.Dimension, code string) string {
	switch d {
	case contact.ByMonth:
		return p.monthName(code)
	case contact.ByReason:
		return p.reasonName(contact.Reason(code))
	case contact.ByDistrict:
		if code == "" {
			return p.T("contact.no_district", nil)
		}
		return p.areaName(code)
	case contact.Dimension(contact.ByLanguage):
		return p.languageName(code)
	case contact.ByNeed, contact.Dimension(contact.BySituation):
		return p.concept(code)
	}
	return p.text("contact." + string(d) + "s." + strings.ReplaceAll(code, "-", "_"))
}

func (p *page) reasonName(r contact.Reason) string {
	if r == contact.Met {
		return p.T("contact.met", nil)
	}
	return p.text("contact.reasons." + underscored(r))
}

// monthName writes "2026-05" in words; what is none as it is.
func (p *page) monthName(m string) string {
	at, err := time.Parse("2006-01", m)
	if err != nil {
		return words.Unknown
	}
	return p.text("contact.month_names."+at.Format("01")) + " " + at.Format("2006")
}

// sharesContacts says whether an organisation released its figures for the totals of the region.
func (p *page) sharesContacts(o authz.OrganisationID) (bool, error) {
	all, err := p.site.Houses.Releases(p.req.Context(), p.actor, o)
	return slices.ContainsFunc(all, func(s authz.Shared) bool {
		return s.Kind == authz.ContactFigures && s.Purpose == authz.ForTotals && s.Release.Level >= authz.AllianceLevel
	}), err
}

func contactRelease(p *page) error {
	o := p.org()
	if err := p.may(authz.Share, owned(authz.ContactFigures, o)); err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	wanted := authz.Release{}
	if sent.Get("share") == "yes" {
		wanted.Level = authz.AllianceLevel
	}
	if err := p.site.Houses.Release(p.req.Context(), p.actor, p.now(), authz.Ref{Kind: authz.ContactFigures, Object: string(o), Purpose: authz.ForTotals}, wanted); err != nil {
		return err
	}
	return p.done(p.path("contacts", string(o)), "contact_release")
}

// totalsView are unmet needs of the region in the last quarter that is over, past the gate.
type totalsView struct {
	Totals                    contact.Totals
	From, To                  string
	Needs, Reasons, Districts ui.Table
}

// contactTotals shows the office unmet needs of the last quarter that has ended four weeks ago at least: by then what
// telephones kept waiting is in, and the figures change no more from day to day.
func contactTotals(p *page) error {
	if err := p.may(authz.View, authz.Object{Kind: authz.Totals}); err != nil {
		return err
	}
	at := p.now().In(p.site.zone).AddDate(0, 0, -28)
	to := time.Date(at.Year(), at.Month()-(at.Month()-1)%3, 1, 0, 0, 0, 0, time.UTC)
	from := to.AddDate(0, -3, 0)
	x, err := p.site.Contacts.ContactTotals(p.req.Context(), p.actor, from, to)
	if err != nil {
		return err
	}
	v := totalsView{Totals: x, From: p.monthName(from.Format("2006-01")), To: p.monthName(to.AddDate(0, -1, 0).Format("2006-01"))}
	for _, t := range []struct {
		to   *ui.Table
		of   contact.Dimension
		list []contact.Total
	}{{&v.Needs, contact.ByNeed, x.Needs}, {&v.Reasons, contact.ByReason, x.Reasons}, {&v.Districts, contact.ByDistrict, x.Districts}} {
		*t.to = ui.Table{
			Caption: p.text("contact.totals_by." + string(t.of)), Columns: []ui.Column{{Label: p.text("contact.dimension." + string(t.of))}, {Label: p.T("contact.times", nil), Numeric: true}},
			EmptyTitle: p.T("contact.no_totals", nil), EmptyText: p.T("contact.no_totals_text", nil),
		}
		for _, n := range t.list {
			t.to.Rows = append(t.to.Rows, ui.Row{Cells: []ui.Cell{{Text: p.reportCode(t.of, n.Code)}, {Text: p.totalText(n)}}})
		}
	}
	return p.render(http.StatusOK, p.T("web.nav.contact-totals", nil), contactTotalsPage(p, v))
}

// totalText is a figure past the gate: withheld is neither zero nor unknown.
func (p *page) totalText(t contact.Total) string {
	if t.Hidden {
		return p.T("contact.hidden", nil)
	}
	return p.Number(math.Round(float64(t.Times)), 0)
}
