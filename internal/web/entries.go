package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"gevor/authz"
	"gevor/directory"
	"gevor/fault"
	"gevor/form"
	"gevor/internal/web/ui"
	"gevor/vocabulary"
)

// Entries keeps the directory for the houses that own it.
type Entries interface {
	Services(ctx context.Context, actor authz.Actor, owner authz.OrganisationID, after time.Time) ([]directory.Record, error)
	Service(ctx context.Context, actor authz.Actor, id directory.ServiceID) (directory.Record, error)
	SaveEntry(ctx context.Context, actor authz.Actor, at time.Time, e directory.Entry, rules directory.Rules) (directory.ServiceID, error)
	EndService(ctx context.Context, actor authz.Actor, at time.Time, id directory.ServiceID) error
	SetCapacity(ctx context.Context, actor authz.Actor, at time.Time, id directory.ServiceID, c directory.Capacity) error
	Confirm(ctx context.Context, actor authz.Actor, at time.Time, id directory.ServiceID, field string, how directory.How) error
	Suggestions(ctx context.Context, actor authz.Actor, owner authz.OrganisationID) ([]directory.Suggestion, error)
	Decide(ctx context.Context, actor authz.Actor, at time.Time, id string, accepted bool) error
	LinkedService(ctx context.Context, secret string, at time.Time) (directory.Service, error)
	AnswerLink(ctx context.Context, secret, answer string, at time.Time) error
}

// entryRoutes are the addresses of an organisation's own entries, and of the link in a reminder.
func entryRoutes() []Route {
	at := func(name string, kind authz.Kind, do authz.Action, de, en string, handle handler) Route {
		return Route{
			Name: name, Section: "house", Access: Access{kind, do}, States: []State{SignedIn}, Handle: handle,
			Patterns: map[string]string{"de": "/de/organisationen/{org}" + de, "en": "/en/organisations/{org}" + en},
		}
	}
	post := func(r Route) Route {
		r.Method, r.States = http.MethodPost, nil
		return r
	}
	letter := func(name, method string, states []State, handle handler) Route {
		return Route{
			Name: name, Method: method, Access: Access{authz.Site, authz.View}, States: states, Handle: handle,
			Patterns: map[string]string{"de": "/de/eintrag-pruefen/{secret}", "en": "/en/check-entry/{secret}"},
		}
	}
	return []Route{
		at("entries", authz.Entry, authz.Change, "/eintraege", "/entries", entries),
		at("entry-new", authz.Entry, authz.Create, "/eintraege/neu", "/entries/new", entryNew),
		post(at("entry-create", authz.Entry, authz.Create, "/eintraege/neu", "/entries/new", entryCreate)),
		at("entry-edit", authz.Entry, authz.Change, "/eintraege/{service}", "/entries/{service}", entryEdit),
		post(at("entry-change", authz.Entry, authz.Change, "/eintraege/{service}", "/entries/{service}", entryChange)),
		post(at("entry-confirm", authz.Entry, authz.Change, "/eintraege/{service}/stimmt", "/entries/{service}/confirm", entryConfirm)),
		post(at("entry-capacity", authz.Entry, authz.Change, "/eintraege/{service}/plaetze", "/entries/{service}/capacity", entryCapacity)),
		post(at("entry-release", authz.Entry, authz.Share, "/eintraege/{service}/freigabe", "/entries/{service}/release", entryRelease)),
		at("entry-end", authz.Entry, authz.Remove, "/eintraege/{service}/beenden", "/entries/{service}/close", entryEnd),
		post(at("entry-ended", authz.Entry, authz.Remove, "/eintraege/{service}/beenden", "/entries/{service}/close", entryEnded)),
		at("suggestions", authz.Suggestion, authz.View, "/hinweise", "/hints", suggestions),
		post(at("suggestion-decide", authz.Suggestion, authz.Change, "/hinweise/{suggestion}", "/hints/{suggestion}", suggestionDecide)),
		at("call-sheet", authz.Entry, authz.Change, "/anrufliste", "/call-sheet", callSheet),
		letter("letter", "", []State{Normal}, letterPage),
		letter("letter-answer", http.MethodPost, nil, letterAnswer),
	}
}

// ownEntries gives the organisation of the address and its entries, where the reader may do something to them.
func (p *page) ownEntries(do authz.Action) (houseView, []directory.Record, error) {
	if p.site.Entries == nil {
		return houseView{}, nil, fault.New(fault.NotFound, p.req.URL.Path, "there is no such page", "")
	}
	if err := p.may(do, owned(authz.Entry, p.org())); err != nil {
		return houseView{}, nil, err
	}
	h, err := p.house()
	if err != nil {
		return h, nil, err
	}
	h.Tab = "entries"
	all, err := p.site.Entries.Services(p.req.Context(), p.actor, h.ID, time.Time{})
	return h, all, err
}

// entryOf gives the entry of the address, which must belong to the organisation of the address.
func (p *page) entryOf(do authz.Action) (houseView, directory.Record, error) {
	if p.site.Entries == nil {
		return houseView{}, directory.Record{}, fault.New(fault.NotFound, p.req.URL.Path, "there is no such page", "")
	}
	if err := p.may(do, owned(authz.Entry, p.org())); err != nil {
		return houseView{}, directory.Record{}, err
	}
	h, err := p.house()
	if err != nil {
		return h, directory.Record{}, err
	}
	h.Tab = "entries"
	rec, err := p.site.Entries.Service(p.req.Context(), p.actor, directory.ServiceID(p.req.PathValue("service")))
	if err == nil && rec.Owner != h.ID {
		err = fault.New(fault.NotFound, "entry", "does not exist", "")
	}
	return h, rec, err
}

// entryState is how an entry stands, as a key of the catalogue under "entry.state.".
func (p *page) entryState(r directory.Record) string {
	trust := r.TrustAt(directory.Whole, r.Confirmations, p.now())
	switch {
	case !r.Ended.IsZero():
		return "ended"
	case r.Draft:
		return "draft"
	case trust.Confirmed.IsZero():
		return "never"
	case trust.Expired:
		return "expired"
	case directory.ReminderAt(trust.Until, p.now()) != "":
		return "soon"
	}
	return "good"
}

func entryBadge(state string) ui.Kind {
	switch state {
	case "good":
		return ui.Success
	case "expired", "never", "soon":
		return ui.Warning
	}
	return ui.Info
}

// entryView is one entry of a list.
type entryView struct {
	directory.Record
	Name, State string
}

func entries(p *page) error {
	h, all, err := p.ownEntries(authz.Change)
	if err != nil {
		return err
	}
	v := entriesView{houseView: h, Counts: map[string]int{}, State: p.first("state"), Search: p.first("q")}
	for _, r := range all {
		name, _ := r.Name.In(p.Lang())
		e := entryView{r, name, p.entryState(r)}
		v.Counts[e.State]++
		if v.State != "" && e.State != v.State || v.Search != "" && !strings.Contains(strings.ToLower(name+" "+r.Provider.Name), strings.ToLower(v.Search)) {
			continue
		}
		v.Entries = append(v.Entries, e)
	}
	urgent := entryStates()
	slices.SortStableFunc(v.Entries, func(a, b entryView) int {
		if c := cmp.Compare(slices.Index(urgent, a.State), slices.Index(urgent, b.State)); c != 0 {
			return c
		}
		if p.before(a.Name, b.Name) {
			return -1
		}
		return 1
	})
	v.All = len(all)
	const most = 200
	if len(v.Entries) > most {
		v.More = len(v.Entries) - most
		v.Entries = v.Entries[:most]
	}
	return p.render(http.StatusOK, p.T("house.tab.entries", nil), entriesPage(p, v))
}

type entriesView struct {
	houseView
	Entries       []entryView
	Counts        map[string]int
	State, Search string
	All, More     int
}

// conceptOptions are the kinds of service of the vocabulary, by their names in the language of the page.
func (p *page) conceptOptions() []ui.Option {
	var out []ui.Option
	for _, c := range p.site.Vocabulary.Concepts() {
		if c.Kind == vocabulary.Service {
			label, _, _ := p.site.Vocabulary.Label(c.Key, p.Lang())
			out = append(out, ui.Option{Value: c.Key, Label: label})
		}
	}
	slices.SortStableFunc(out, func(a, b ui.Option) int {
		if p.before(a.Label, b.Label) {
			return -1
		}
		return 1
	})
	return out
}

// named gives values as options, each named by "<key>.<value>".
func (p *page) named(key string, values ...string) []ui.Option {
	out := make([]ui.Option, len(values))
	for i, v := range values {
		out[i] = ui.Option{Value: v, Label: p.text(key + "." + v)}
	}
	return out
}

func plain[T ~string](in []T) []string {
	out := make([]string, len(in))
	for i, x := range in {
		out[i] = string(x)
	}
	return out
}

// spoken are the languages that an entry can name: those of the vocabulary and some more that are spoken in the region.
func spoken() []string {
	return []string{"de", "ar", "bg", "ckb", "en", "fa", "fr", "it", "kmr", "pl", "ro", "rom", "ru", "so", "sq", "sr", "ti", "tr", "uk", "gsg"}
}

func entryNew(p *page) error {
	h, _, err := p.ownEntries(authz.Create)
	if err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("entry.new", nil), entryForm(p, h, nil, p.begin("entry", "reach", "municipality", "draft", "")))
}

// entryFrom reads the form of an entry. What it cannot read is noted under its field.
func (p *page) entryFrom(sent url.Values, f *form.Fields) directory.Entry {
	one := func(name string) directory.Texts {
		if s := strings.TrimSpace(sent.Get(name)); s != "" {
			return directory.Texts{"de": s}
		}
		return nil
	}
	number := func(name string) int {
		s := strings.TrimSpace(sent.Get(name))
		if s == "" {
			return 0
		}
		n, err := strconv.Atoi(s)
		if err != nil {
			f.Add(name, "number")
		}
		return n
	}
	e := directory.Entry{
		Provider: directory.Provider{Name: sent.Get("provider"), Website: sent.Get("website"), Phone: sent.Get("phone"), Email: sent.Get("email")},
		Location: directory.Location{Street: sent.Get("street"), Postcode: sent.Get("postcode"), City: sent.Get("city"), Way: one("way")},
		Service: directory.Service{
			Name: one("name"), Summary: one("summary"), Description: one("details"), Kinds: sent["kinds"], Cost: directory.Cost(sent.Get("cost")), CostText: one("cost_text"),
			For:     directory.For{MinAge: number("min_age"), MaxAge: number("max_age"), Women: sent.Get("only") == "women", Men: sent.Get("only") == "men", Conditions: one("conditions")},
			Booking: sent.Get("booking"), Website: sent.Get("website"), Risk: directory.Risk(sent.Get("risk")), Draft: sent.Get("draft") == "yes", Version: number("version"),
		},
	}
	e.Location.StepFree, _ = directory.ThreeOf(sent.Get("step_free"))
	for _, i := range sent["insurance"] {
		e.Service.Insurance = append(e.Service.Insurance, directory.Insurance(i))
	}
	for _, a := range sent["access"] {
		e.Service.Access = append(e.Service.Access, directory.Access(a))
	}
	for _, l := range sent["languages"] {
		e.Service.Languages = append(e.Service.Languages, directory.Language{Tag: l})
	}
	e.Service.Area = directory.Area{Reach: directory.Reach(sent.Get("reach"))}
	if e.Service.Area.Reach == directory.Municipality {
		e.Service.Area.Keys = strings.FieldsFunc(sent.Get("area_keys"), func(r rune) bool { return r == ',' || r == ' ' || r == ';' })
	}
	slots, unread := directory.ParseHours(sent.Get("hours"))
	if len(unread) > 0 {
		f.Add("hours", "hours_unread")
	}
	e.Place = directory.Place{Hours: directory.Hours{Slots: slots, Always: sent.Get("always") == "yes", Holidays: directory.Holidays(sent.Get("holidays"))}}
	if sent.Get("phone") != "" || sent.Get("email") != "" {
		e.Place.Contacts = []directory.Contact{{Phone: sent.Get("phone"), Email: sent.Get("email")}}
	}
	return e
}

// rules are what entries of this installation are held against.
func (p *page) rules() directory.Rules {
	return directory.Rules{Kind: func(k string) bool {
		_, ok := p.site.Vocabulary.Concept(k)
		return ok
	}}
}

// saveEntry keeps what was sent, or shows the form again.
func (p *page) saveEntry(h houseView, rec *directory.Record, title string) error {
	sent, err := p.form()
	if err != nil {
		return err
	}
	var wrong form.Fields
	e := p.entryFrom(sent, &wrong)
	e.Provider.Owner, e.Location.Owner, e.Service.Owner = h.ID, h.ID, h.ID
	if rec != nil {
		e = e.Onto(*rec)
	}
	if err = wrong.Err(); err == nil {
		_, err = p.site.Entries.SaveEntry(p.req.Context(), p.actor, p.now(), e, p.rules())
	}
	if err != nil {
		return p.refused(err, "entry", sent, title, func(f entry) templ.Component {
			if rec != nil && fault.KindOf(err) == fault.Stale {
				f.values.Set("version", strconv.Itoa(rec.Version))
			}
			return entryForm(p, h, rec, f)
		})
	}
	return p.done(p.path("entries", string(h.ID)), "saved")
}

func entryCreate(p *page) error {
	h, _, err := p.ownEntries(authz.Create)
	if err != nil {
		return err
	}
	return p.saveEntry(h, nil, p.T("entry.new", nil))
}

func entryEdit(p *page) error {
	h, rec, err := p.entryOf(authz.Change)
	if err != nil {
		return err
	}
	name, _ := rec.Name.In(p.Lang())
	return p.render(http.StatusOK, name, entryForm(p, h, &rec, p.entry("entry", entryValues(rec), nil)))
}

// entryValues puts a record into the fields of its form.
func entryValues(r directory.Record) url.Values {
	v := url.Values{}
	german := func(t directory.Texts) string { s, _ := t.In("de"); return s }
	number := func(n int) string {
		if n == 0 {
			return ""
		}
		return strconv.Itoa(n)
	}
	for name, value := range map[string]string{
		"provider": r.Provider.Name, "name": german(r.Name), "summary": german(r.Summary), "details": german(r.Description), "cost": string(r.Cost), "cost_text": german(r.CostText),
		"min_age": number(r.For.MinAge), "max_age": number(r.For.MaxAge), "conditions": german(r.For.Conditions), "booking": r.Booking, "website": r.Website, "risk": string(r.Risk),
		"reach": string(r.Area.Reach), "area_keys": strings.Join(r.Area.Keys, ", "), "version": strconv.Itoa(r.Version),
	} {
		v.Set(name, value)
	}
	switch {
	case r.For.Women:
		v.Set("only", "women")
	case r.For.Men:
		v.Set("only", "men")
	}
	if r.Draft {
		v.Set("draft", "yes")
	}
	v["kinds"], v["insurance"], v["access"] = r.Kinds, plain(r.Insurance), plain(r.Access)
	for _, l := range r.Languages {
		v.Add("languages", l.Tag)
	}
	if len(r.Locations) > 0 {
		l := r.Locations[0]
		v.Set("street", l.Street)
		v.Set("postcode", l.Postcode)
		v.Set("city", l.City)
		v.Set("way", german(l.Way))
		v.Set("step_free", l.StepFree.String())
	}
	if len(r.Places) > 0 {
		place := r.Places[0]
		v.Set("hours", directory.FormatHours(place.Hours.Slots))
		v.Set("holidays", string(place.Hours.Holidays))
		if place.Hours.Always {
			v.Set("always", "yes")
		}
		if len(place.Contacts) > 0 {
			v.Set("phone", place.Contacts[0].Phone)
			v.Set("email", place.Contacts[0].Email)
		}
	}
	return v
}

func entryChange(p *page) error {
	h, rec, err := p.entryOf(authz.Change)
	if err != nil {
		return err
	}
	name, _ := rec.Name.In(p.Lang())
	return p.saveEntry(h, &rec, name)
}

func entryConfirm(p *page) error {
	h, rec, err := p.entryOf(authz.Change)
	if err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	how := directory.How(cmp.Or(sent.Get("how"), string(directory.ByOwner)))
	if err := p.site.Entries.Confirm(p.req.Context(), p.actor, p.now(), rec.ID, directory.Whole, how); err != nil {
		return err
	}
	return p.done(p.path("entries", string(h.ID)), "confirmed")
}

// entryCapacity sets how much room there is: one tap on a phone.
func entryCapacity(p *page) error {
	h, rec, err := p.entryOf(authz.Change)
	if err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	c := directory.Capacity{Room: directory.Room(sent.Get("room")), On: p.now()}
	if err := p.site.Entries.SetCapacity(p.req.Context(), p.actor, p.now(), rec.ID, c); err != nil {
		return err
	}
	return p.done(p.path("entries", string(h.ID)), "saved")
}

func entryRelease(p *page) error {
	h, rec, err := p.entryOf(authz.Share)
	if err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	level, known := authz.LevelOf(sent.Get("level"))
	if !known || level == authz.Named {
		return fault.New(fault.Invalid, "level", "is none of the levels for an entry", "choose one of the buttons")
	}
	if err := p.site.Houses.Release(p.req.Context(), p.actor, p.now(), authz.Ref{Kind: authz.Entry, Object: string(rec.ID), Purpose: authz.ForDirectory}, authz.Release{Level: level}); err != nil {
		return err
	}
	return p.done(p.path("entry-edit", string(h.ID), string(rec.ID)), "released")
}

func entryEnd(p *page) error {
	h, rec, err := p.entryOf(authz.Remove)
	if err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("entry.end", nil), entryEndPage(p, h, rec))
}

func entryEnded(p *page) error {
	h, rec, err := p.entryOf(authz.Remove)
	if err != nil {
		return err
	}
	if err := p.site.Entries.EndService(p.req.Context(), p.actor, p.now(), rec.ID); err != nil {
		return err
	}
	return p.done(p.path("entries", string(h.ID)), "entry_ended")
}

// hint is a suggestion with the service it speaks of.
type hint struct {
	directory.Suggestion
	Record directory.Record
}

func suggestions(p *page) error {
	if p.site.Entries == nil {
		return fault.New(fault.NotFound, p.req.URL.Path, "there is no such page", "")
	}
	list, err := p.site.Entries.Suggestions(p.req.Context(), p.actor, p.org())
	if err != nil {
		return err
	}
	h, err := p.house()
	if err != nil {
		return err
	}
	h.Tab = "entries"
	hints := make([]hint, 0, len(list))
	for _, s := range list {
		rec, err := p.site.Entries.Service(p.req.Context(), p.actor, s.Service)
		if err != nil {
			return err
		}
		hints = append(hints, hint{s, rec})
	}
	return p.render(http.StatusOK, p.T("house.tab.suggestions", nil), suggestionsPage(p, h, hints))
}

func suggestionDecide(p *page) error {
	if p.site.Entries == nil {
		return fault.New(fault.NotFound, p.req.URL.Path, "there is no such page", "")
	}
	if err := p.may(authz.Change, owned(authz.Suggestion, p.org())); err != nil {
		return err
	}
	h, err := p.house()
	if err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	if err := p.site.Entries.Decide(p.req.Context(), p.actor, p.now(), p.req.PathValue("suggestion"), sent.Get("answer") == "accept"); err != nil {
		return err
	}
	return p.done(p.path("suggestions", string(h.ID)), "saved")
}

// callSheet lists for printing whom to call because letters were not answered.
func callSheet(p *page) error {
	h, all, err := p.ownEntries(authz.Change)
	if err != nil {
		return err
	}
	var due []directory.Record
	for _, r := range all {
		trust := r.TrustAt(directory.Whole, r.Confirmations, p.now())
		until := trust.Until
		if trust.Confirmed.IsZero() {
			until = r.Modified.AddDate(0, 0, r.Risk.Days())
		}
		if r.Ended.IsZero() && !r.Draft && directory.OnCallSheet(until, p.now()) {
			due = append(due, r)
		}
	}
	return p.render(http.StatusOK, p.T("entry.call_sheet", nil), callSheetPage(p, h, due))
}

// letterPage shows what the link of a reminder is for. It changes nothing: mail scanners open links.
func letterPage(p *page) error {
	if p.site.Entries == nil {
		return fault.New(fault.NotFound, p.req.URL.Path, "there is no such page", "")
	}
	x, err := p.site.Entries.LinkedService(p.req.Context(), p.req.PathValue("secret"), p.now())
	if err != nil {
		return p.deadLetter(err)
	}
	return p.render(http.StatusOK, p.T("letter.title", nil), letterQuestion(p, x, p.req.PathValue("secret")))
}

// deadLetter says that a link no longer counts, in words for whoever got it by mail.
func (p *page) deadLetter(err error) error {
	key := "unknown"
	switch fault.KindOf(err) {
	case fault.NotFound:
	case fault.Stale:
		key = "expired"
	case fault.Conflict:
		key = "used"
	default:
		return err
	}
	status := http.StatusNotFound
	if key != "unknown" {
		status = http.StatusGone
	}
	return p.render(status, p.T("letter.title", nil), letterDead(p, key))
}

func letterAnswer(p *page) error {
	if p.site.Entries == nil {
		return fault.New(fault.NotFound, p.req.URL.Path, "there is no such page", "")
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	answer := sent.Get("answer")
	if err := p.site.Entries.AnswerLink(p.req.Context(), p.req.PathValue("secret"), answer, p.now()); err != nil {
		return p.deadLetter(err)
	}
	return p.render(http.StatusOK, p.T("letter.thanks", nil), letterThanks(p, answer))
}
