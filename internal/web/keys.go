package web

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"

	"gevor/authz"
	"gevor/fault"
	"gevor/form"
	"gevor/handover"
	"gevor/internal/web/ui"
)

// keysView is the page on which an organisation makes and keeps its keys.
type keysView struct {
	houseView
	Keys   []handover.Key
	Intake handover.Intake
	Form   entry
}

func (p *page) keysHouse(do authz.Action) (houseView, error) {
	if err := p.may(do, owned(authz.SealKey, p.org())); err != nil {
		return houseView{}, err
	}
	return p.house("seal-keys")
}

func (p *page) keysOf(do authz.Action) (v keysView, err error) {
	if v.houseView, err = p.keysHouse(do); err != nil {
		return v, err
	}
	if v.Keys, err = p.site.Handovers.SealKeys(p.req.Context(), p.actor, v.ID); err != nil {
		return v, err
	}
	v.Intake, err = p.site.Handovers.Intake(p.req.Context(), p.actor, v.ID)
	t := v.Intake.Terms
	v.Form = p.begin("sealkey", "remind", strconv.Itoa(t.Remind), "tell", strconv.Itoa(t.Tell), "chief", strconv.Itoa(t.Chief), "paused", map[bool]string{true: "yes"}[v.Intake.Paused])
	return v, err
}

func sealKeys(p *page) error {
	v, err := p.keysOf(authz.View)
	if err != nil {
		return err
	}
	return p.showKeys(http.StatusOK, v)
}

func (p *page) showKeys(status int, v keysView) error {
	return p.render(status, p.T("sealkey.title", nil), keysPage(p, v))
}

// waiting is the key that a second holder is still to make usable; nil where there is none.
func (v keysView) waiting() *handover.Key {
	i := slices.IndexFunc(v.Keys, func(k handover.Key) bool { return k.Ready.IsZero() && !k.Lost })
	if i < 0 {
		return nil
	}
	return &v.Keys[i]
}

// present is the key that counts; nil where there is none.
func (v keysView) present() *handover.Key {
	i := slices.IndexFunc(v.Keys, handover.Key.Usable)
	if i < 0 {
		return nil
	}
	return &v.Keys[i]
}

// old are those that only open what was sealed to them before.
func (v keysView) old() []handover.Key {
	return slices.DeleteFunc(slices.Clone(v.Keys), func(k handover.Key) bool { return k.Retired.IsZero() })
}

func (p *page) oldKeys(v keysView) ui.Table {
	t := ui.Table{
		Caption: p.T("sealkey.old", nil),
		Columns: []ui.Column{{Label: p.T("sealkey.fingerprint", nil)}, {Label: p.T("sealkey.made", nil)}, {Label: p.T("sealkey.retired", nil)}, {Label: p.T("sealkey.holders", nil), Numeric: true}},
	}
	for _, k := range v.old() {
		name := fingerprintShown(k.ID)
		if k.Lost {
			name += " (" + p.T("sealkey.lost", nil) + ")"
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: name}, {Text: p.day(k.Made)}, {Text: p.day(k.Retired)}, {Text: strconv.Itoa(k.Holders)}}})
	}
	return t
}

func (p *page) keyPairs(k handover.Key) []ui.Pair {
	held := p.T("sealkey.not_held", nil)
	if k.Wrap != "" {
		held = p.T("sealkey.held", nil)
	}
	state := ui.Badge(ui.Success, p.T("sealkey.usable", nil))
	if k.Ready.IsZero() {
		state = ui.Badge(ui.Warning, p.T("sealkey.waits", nil))
	}
	return []ui.Pair{
		{Label: p.T("sealkey.state", nil), More: state},
		{Label: p.T("sealkey.fingerprint", nil), Text: fingerprintShown(k.ID)},
		{Label: p.T("sealkey.made", nil), Text: p.day(k.Made)},
		{Label: p.T("sealkey.holders", nil), Text: strconv.Itoa(k.Holders)},
		{Label: p.T("sealkey.you", nil), Text: held},
	}
}

func sealKeyCreate(p *page) error {
	h, err := p.keysHouse(authz.Create)
	if err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	public, err := base64.StdEncoding.DecodeString(sent.Get("public"))
	if err != nil {
		return fault.Wrap(fault.Invalid, "public key", "cannot be read", "load the page again", err)
	}
	if _, err := p.site.Handovers.CreateSealKey(p.req.Context(), p.actor, p.now(), handover.NewKey{
		Organisation: h.ID, Public: public, Wrap: sent.Get("wrap"), Sheet: sent.Get("sheet"), Proof: sent.Get("proof"), Lost: sent.Get("lost") == "yes",
	}); err != nil {
		return err
	}
	return p.done(p.path("seal-keys", string(h.ID)), "sealkey_made")
}

func sealKeyHold(p *page) error {
	v, err := p.keysOf(authz.Change)
	if err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	key := sent.Get("of")
	if !slices.ContainsFunc(v.Keys, func(k handover.Key) bool { return k.ID == key }) {
		return fault.New(fault.Invalid, "key", "is none of the organisation", "load the page again")
	}
	if err := p.site.Handovers.HoldSealKey(p.req.Context(), p.actor, p.now(), key, sent.Get("wrap"), sent.Get("proof")); err != nil {
		return err
	}
	return p.done(p.path("seal-keys", string(v.ID)), "sealkey_held")
}

func intakeSet(p *page) error {
	v, err := p.keysOf(authz.Change)
	if err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	i := handover.Intake{Organisation: v.ID, Paused: sent.Get("paused") == "yes"}
	for name, to := range map[string]*int{"remind": &i.Terms.Remind, "tell": &i.Terms.Tell, "chief": &i.Terms.Chief} {
		if n, err := strconv.Atoi(sent.Get(name)); err == nil {
			*to = n
		}
	}
	if !i.Terms.Valid() {
		var f form.Fields
		f.Add("remind", "terms")
		v.Form = p.entry("sealkey", sent, f.Err())
		return p.showKeys(http.StatusUnprocessableEntity, v)
	}
	if err := p.site.Handovers.SetIntake(p.req.Context(), p.actor, p.now(), i); err != nil {
		return err
	}
	return p.done(p.path("seal-keys", string(v.ID)), "intake_set")
}

// termField asks for a number of working days.
func (p *page) termField(e entry, name string) ui.Input {
	i := e.field(name)
	i.InputMode, i.Width, i.Required, i.Most = "numeric", "short", true, 2
	return i
}
