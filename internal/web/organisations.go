package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"gevor/authz"
	"gevor/form"
	"gevor/internal/web/ui"
	"gevor/organisation"
)

// organisations lists what the reader may see, the reader's own first.
func organisations(p *page) error {
	all, err := p.site.Houses.Organisations(p.req.Context(), p.actor)
	if err != nil {
		return err
	}
	slices.SortStableFunc(all, func(a, b organisation.Organisation) int {
		switch mine, other := p.actor.Member(a.ID), p.actor.Member(b.ID); {
		case mine != other && mine:
			return -1
		case mine != other:
			return 1
		}
		return cmp.Or(p.compare(a.Name, b.Name), strings.Compare(string(a.ID), string(b.ID)))
	})
	search := strings.ToLower(p.first("q"))
	kind := p.first("kind")
	t := ui.Table{
		Caption: p.T("house.list", nil), CaptionHidden: true,
		Columns:    []ui.Column{{Label: p.T("house.name", nil)}, {Label: p.T("house.kind", nil)}, {Label: p.T("house.municipality", nil)}, {Label: p.T("house.state", nil)}},
		EmptyTitle: p.T("house.none", nil), EmptyText: p.T("house.none_text", nil),
		Filter: &ui.Filter{
			Action: p.link("organisations"), Label: p.T("house.narrow", nil), Reset: p.link("organisations"), Active: search != "" || kind != "",
			Fields: []ui.Input{
				{Name: "q", Label: p.T("house.search", nil), Value: p.first("q"), Type: "search"},
				{Name: "kind", Label: p.T("house.kind", nil), Value: kind, Any: p.T("house.any_kind", nil), Options: p.kindOptions()},
			},
		},
	}
	for _, o := range all {
		if search != "" && !strings.Contains(strings.ToLower(o.Name), search) || kind != "" && string(o.Kind) != kind {
			continue
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: o.Name, Href: p.link("organisation", string(o.ID))}, {Text: p.T("house.kinds."+string(o.Kind), nil)}, {Text: p.municipality(o.Municipality)}, {Text: p.houseState(o)},
		}})
	}
	t.Status = p.N("house.count", len(t.Rows), nil)
	return p.render(http.StatusOK, p.T("house.list", nil), organisationsPage(p, t))
}

// municipality names a municipality of the served region by its key; the key itself where it lies outside.
func (p *page) municipality(key string) string {
	if key == "" || p.run == nil {
		return key
	}
	areas := p.run.snapshot().Areas
	for i := range areas {
		if areas[i].Key == key {
			return areas[i].Name
		}
	}
	return key
}

func (p *page) houseState(o organisation.Organisation) string {
	var out []string
	if p.actor.Member(o.ID) {
		out = append(out, p.T("house.mine", nil))
	}
	switch {
	case o.Closed:
		out = append(out, p.T("house.closed", nil))
	case o.Alliance:
		out = append(out, p.T("house.alliance", nil))
	}
	return strings.Join(out, ", ")
}

func (p *page) kindOptions() []ui.Option {
	var out []ui.Option
	for _, k := range organisation.Kinds() {
		out = append(out, ui.Option{Value: string(k), Label: p.T("house.kinds."+string(k), nil)})
	}
	p.byLabel(out)
	return out
}

func organisationPage(p *page) error {
	h, err := p.house("organisation")
	if err != nil {
		return err
	}
	return p.render(http.StatusOK, h.Name, organisationProfile(p, h))
}

// profileFields are the fields of an organisation's form, in order.
func (p *page) profileFields(f entry) []ui.Input {
	return []ui.Input{
		f.fill(ui.Input{Name: "name", Required: true, Most: 200, Autocomplete: "organization"}),
		f.fill(ui.Input{Name: "kind", Required: true, Any: p.T("house.choose_kind", nil), Options: p.kindOptions()}),
		f.fill(ui.Input{Name: "municipality", Optional: p.T("ui.optional", nil), Width: "medium", InputMode: "numeric"}),
		f.fill(ui.Input{Name: "email", Optional: p.T("ui.optional", nil), Type: "email", Most: 254}),
	}
}

func profileFrom(sent url.Values) organisation.Organisation {
	version, _ := strconv.Atoi(sent.Get("version")) // what is no number is no version that there ever was
	return organisation.Organisation{
		Name: sent.Get("name"), Kind: organisation.Kind(sent.Get("kind")), Municipality: sent.Get("municipality"), Email: sent.Get("email"), Version: version,
	}
}

func organisationNew(p *page) error {
	if err := p.may(authz.Create, authz.Object{Kind: authz.Organisation}); err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("house.new", nil), organisationForm(p, nil, p.begin("house_form")))
}

func organisationCreate(p *page) error {
	if err := p.may(authz.Create, authz.Object{Kind: authz.Organisation}); err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	id, err := p.site.Houses.CreateOrganisation(p.req.Context(), p.actor, p.now(), profileFrom(sent))
	if err != nil {
		return p.refused(err, "house_form", sent, p.T("house.new", nil), func(f entry) templ.Component { return organisationForm(p, nil, f) })
	}
	return p.done(p.path("organisation", string(id)), "created")
}

// ruled gives the organisation of the address where the reader may do something to its profile.
func (p *page) ruled(tab string, do authz.Action) (houseView, error) {
	h, err := p.house(tab)
	if err != nil {
		return h, err
	}
	return h, p.may(do, authz.Object{Kind: authz.Organisation, Owner: h.ID, Released: authz.Release{Level: authz.PublicLevel}})
}

func organisationEdit(p *page) error {
	h, err := p.ruled("organisation", authz.Change)
	if err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("house.edit", nil), organisationForm(p, &h, p.begin("house_form", "name", h.Name, "kind", string(h.Kind), "municipality", h.Municipality, "email", h.Email, "version", strconv.Itoa(h.Version))))
}

func organisationChange(p *page) error {
	h, err := p.ruled("organisation", authz.Change)
	if err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	o := profileFrom(sent)
	o.ID = h.ID
	if err := p.site.Houses.ChangeOrganisation(p.req.Context(), p.actor, p.now(), o); err != nil {
		return p.refused(err, "house_form", sent, p.T("house.edit", nil), func(f entry) templ.Component {
			if len(form.Of(err)) == 0 { // stale: what was sent stays in the form, on top of the state that is there now
				f.values.Set("version", strconv.Itoa(h.Version))
			}
			return organisationForm(p, &h, f)
		})
	}
	return p.done(p.path("organisation", string(h.ID)), "saved")
}

func organisationAlliance(p *page) error {
	if _, err := p.ruled("organisation", authz.Create); err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	if err := p.site.Houses.SetAlliance(p.req.Context(), p.actor, p.now(), p.org(), sent.Get("alliance") == "yes"); err != nil {
		return err
	}
	return p.done(p.path("organisation", string(p.org())), "saved")
}

func organisationEnd(p *page) error {
	h, err := p.ruled("organisation", authz.Remove)
	if err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("house.end", nil), organisationEndPage(p, h, p.begin("house_form")))
}

// organisationClose ends an organisation once its name was written out.
func organisationClose(p *page) error {
	h, err := p.ruled("organisation", authz.Remove)
	if err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	if strings.TrimSpace(sent.Get("name")) != h.Name {
		var f form.Fields
		f.Add("name", "repeat")
		return p.refused(f.Err(), "house_form", sent, p.T("house.end", nil), func(f entry) templ.Component { return organisationEndPage(p, h, f) })
	}
	if err := p.site.Houses.CloseOrganisation(p.req.Context(), p.actor, p.now(), h.ID); err != nil {
		return err
	}
	return p.done(p.path("organisation", string(h.ID)), "closed")
}

// rights shows the table of rights, so that anybody can check who may do what.
func rights(p *page) error {
	t := ui.Table{
		Caption: p.T("rights.title", nil), CaptionHidden: true,
		Columns: []ui.Column{{Label: p.T("rights.kind", nil)}, {Label: p.T("rights.action", nil)}, {Label: p.T("rights.who", nil)}},
	}
	for _, r := range authz.Rules() {
		who := make([]string, len(r.Reasons))
		for i, reason := range r.Reasons {
			who[i] = p.T("rights.reason."+strings.ReplaceAll(reason, " ", "_"), nil)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: p.T("rights.of."+string(r.Kind), nil)}, {Text: p.T("rights.do."+string(r.Action), nil)}, {Text: strings.Join(who, "; ")},
		}})
	}
	return p.render(http.StatusOK, p.T("rights.title", nil), rightsPage(p, t))
}
