package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"gevor/authz"
	"gevor/directory"
	"gevor/fault"
	"gevor/internal/finder"
	"gevor/internal/web/ui"
	"gevor/vocabulary"
)

// Finder searches the directory for a reader. Nothing that it is asked is kept.
type Finder interface {
	Search(ctx context.Context, actor authz.Actor, q finder.Query) (finder.Results, error)
	ReportHurdle(hurdle, district, language string, at time.Time) error
	Vocabulary() *vocabulary.Vocabulary
	Ground() *finder.Ground
	Calendar() directory.Calendar
}

// Offers shows single entries of the directory and takes what readers say about them.
type Offers interface {
	Service(ctx context.Context, actor authz.Actor, id directory.ServiceID) (directory.Record, error)
	Suggest(ctx context.Context, actor authz.Actor, at time.Time, g directory.Suggestion) error
	Observe(ctx context.Context, actor authz.Actor, at time.Time, o directory.Observation) error
}

// finderRoutes are the addresses of the finder. Searches are GET, so that filters are plain links and a list can be
// handed on; docs/adr says what keeps their words out of logs and histories.
func finderRoutes() []Route {
	at := func(name string, access Access, de, en string, handle handler) Route {
		return Route{
			Name: name, Section: "finder", Access: access, States: []State{Normal}, Handle: handle,
			Patterns: residentPatterns(de, en),
		}
	}
	nav := func(place int, r Route) Route {
		r.Nav = place
		return r
	}
	post := func(r Route) Route {
		r.Method, r.States = http.MethodPost, nil
		return r
	}
	anybody, seen := Access{authz.Site, authz.View}, Access{authz.Entry, authz.View}
	return []Route{
		nav(1, at("finder", anybody, "", "", finderSearch)),
		nav(2, at("emergency", anybody, "/notfall", "/emergency", emergency)),
		nav(3, at("uninsured", anybody, "/ohne-krankenversicherung", "/without-health-insurance", uninsured)),
		nav(4, at("hurdle", anybody, "/huerde-melden", "/report-a-hurdle", hurdle)),
		post(at("hurdle-send", anybody, "/huerde-melden", "/report-a-hurdle", hurdleSend)),
		at("offline", anybody, "/ohne-internet", "/no-internet", offline),
		at("sheet", anybody, "/merkblatt", "/sheet", takeAlong),
		at("offer", seen, "/angebot/{offer}", "/offer/{offer}", offerPage),
		post(at("offer-suggest", seen, "/angebot/{offer}/hinweis", "/offer/{offer}/hint", offerSuggest)),
		post(at("offer-observe", Access{authz.Observation, authz.Create}, "/angebot/{offer}/beobachtung", "/offer/{offer}/observation", offerObserve)),
		{
			Name: "leave", Access: anybody, States: []State{Normal}, Handle: leave, Patterns: map[string]string{"": "/view/leave"},
		},
		{
			Name: "worker", Access: anybody, States: []State{Normal}, Handle: worker, Patterns: map[string]string{"": workerPath},
		},
	}
}

// neutral is where the quick exit leads: a page that everybody opens now and then.
const neutral = "https://www.dwd.de/"

// leave takes somebody off the pages at once. The browser is told to forget what it kept of them.
func leave(p *page) error {
	p.res.Header().Set("Clear-Site-Data", `"cache", "storage"`)
	p.res.Header().Set("Cache-Control", "no-store")
	http.Redirect(p.res, p.req, neutral, http.StatusSeeOther)
	return nil
}

// unkept asks everybody on the way, and the browser, to keep nothing of the page: what somebody looks for is their own.
func (p *page) unkept() { p.res.Header().Set("Cache-Control", "no-store") }

// finderView is what the page of the finder shows.
type finderView struct {
	finder.Query
	When     string // "", "now" or "at"
	At       string // as the field shows it
	Asked    bool   // somebody asked for something: results, else the start
	Results  finder.Results
	Hotlines []vocabulary.Hotline
	Keep     []string // ids for the take-along sheet
	Page     int
	Map      bool // the places of the list are shown on a map too
}

const (
	maxQuery   = 200 // characters
	finderSize = 20
	maxKeep    = 12
)

func finderSearch(p *page) error {
	p.unkept()
	v, err := p.finderView()
	if err != nil {
		return err
	}
	if v.Asked {
		if v.Results, err = p.site.Finder.Search(p.req.Context(), p.actor, v.Query); err != nil {
			return err
		}
	}
	v.Hotlines = p.hotlines(v)
	title := p.T("web.nav.finder", nil)
	if v.Asked {
		title = p.T("finder.results", nil)
	}
	return p.render(http.StatusOK, title, finderPage(p, v))
}

// finderView reads what was asked for. What cannot be understood is left out: a link with a condition that does not
// exist still finds help.
func (p *page) finderView() (finderView, error) {
	now := p.now()
	v := finderView{Query: finder.Query{Language: p.Lang(), Now: now, Limit: finderSize, Home: p.first("home"), Near: directory.ServiceID(p.first("near"))}, Page: 1}
	if v.Text = p.first("q"); utf8.RuneCountInString(v.Text) > maxQuery {
		return v, fault.New(fault.TooLarge, "q", "the question is too long", "use a few words")
	}
	if c, ok := p.site.Finder.Vocabulary().Concept(p.first("need")); ok {
		v.Needs = []string{c.Key}
	}
	if p.site.Finder.Ground().Area(v.Home) == nil {
		v.Home = ""
	}
	if tag := p.first("speaks"); slices.Contains(spoken(), tag) {
		v.Speaks = tag
	}
	if i := directory.Insurance(p.first("insurance")); slices.Contains(directory.Insurances(), i) {
		v.Insurance = i
	}
	if n, err := strconv.Atoi(p.first("age")); err == nil && n >= 0 && n <= 130 {
		v.Age = &n
	}
	v.WalkIn, v.Free, v.StepFree, v.Sure = p.first("walkin") == "1", p.first("free") == "1", p.first("stepfree") == "1", p.first("sure") == "1"
	if n, err := strconv.Atoi(p.first("within")); err == nil && slices.Contains(withins(), n) && (v.Home != "" || v.Near != "") {
		v.Within = n
	}
	switch v.When = p.first("when"); v.When {
	case "now":
		v.Arrive = now
	case "at":
		at, err := time.ParseInLocation("2006-01-02T15:04", p.first("at"), p.site.zone)
		if err == nil {
			v.Arrive, v.At = at, p.first("at")
		} else {
			v.When = ""
		}
	default:
		v.When = ""
	}
	if n, err := strconv.Atoi(p.first("page")); err == nil && n > 1 && n <= 500 {
		v.Page, v.Offset = n, (n-1)*finderSize
	}
	v.Keep, v.Map = p.keeps(), p.first("map") == "1"
	v.Asked = v.Text != "" || len(v.Needs) > 0 || p.first("show") == "all" || v.conditioned()
	return v, nil
}

// conditioned says whether a condition was chosen. Home alone is none: it says where somebody is.
func (v *finderView) conditioned() bool {
	return v.Speaks != "" || v.Insurance != "" || v.Age != nil || v.WalkIn || v.Free || v.StepFree || !v.Arrive.IsZero() || v.Within > 0
}

// keeps are the offers that the address carries along for the take-along sheet.
func (p *page) keeps() []string {
	var out []string
	for id := range strings.SplitSeq(p.first("keep"), " ") {
		if id != "" && len(id) < 64 && !slices.Contains(out, id) && len(out) < maxKeep {
			out = append(out, id)
		}
	}
	return out
}

// withins are the lengths of a way in minutes that can be asked for.
func withins() []int { return []int{10, 20, 30, 60} }

// hotlines are the numbers for what is acute in a search, the most urgent first.
func (p *page) hotlines(v finderView) []vocabulary.Hotline {
	voc := p.site.Finder.Vocabulary()
	matters := slices.Clone(v.Results.Acute)
	for _, need := range v.Needs {
		if c, ok := voc.Concept(need); ok && c.Acute != "" {
			matters = append(matters, c.Acute)
		}
	}
	ags := ""
	if a := p.site.Finder.Ground().Area(v.Home); a != nil {
		ags = a.Municipality
	}
	var out []vocabulary.Hotline
	for _, m := range matters {
		for _, h := range voc.Hotlines(m, ags) {
			if !slices.ContainsFunc(out, func(o vocabulary.Hotline) bool { return o.Number == h.Number }) {
				out = append(out, h)
			}
		}
	}
	return out
}

// tile is one thing to begin with.
type tile struct {
	Icon string // its words are finder.tile.<icon>
	// Need is a concept of the vocabulary; where it has none of this key, the German words are searched for.
	Need, Words string
}

// groupTiles are the people that the alliance speaks of, needTiles what many look for.
func groupTiles() []tile {
	return []tile{
		{"child", "familie", "Kinder Jugendliche"},
		{"chronic", "chronisch-krank", "chronisch krank"},
		{"alone", "alleinerziehend", "alleinerziehend"},
		{"work", "langzeitarbeitslos", "arbeitslos"},
		{"arrive", "ankommen", "neu in Deutschland"},
	}
}

func needTiles() []tile {
	return []tile{
		{"doctor", "hausarzt", "Hausarzt"},
		{"paediatrics", "kinderarzt", "Kinderarzt"},
		{"mind", "seele", "seelische Gesundheit"},
		{"pregnant", "schwanger", "Schwangerschaft Hebamme"},
		{"money", "schulden", "Schulden"},
		{"card", "ohne-versicherung", "Krankenversicherung"},
		{"speech", "dolmetschen", "Dolmetschen Sprachmittlung"},
		{"care", "alter-pflege", "Pflege"},
		{"habit", "alkohol-drogen", "Sucht"},
		{"safe", "gewalt-gefahr", "Gewalt"},
		{"home", "wohnen", "Wohnung wohnungslos"},
		{"rights", "behoerde-formular", "Sozialberatung"},
	}
}

func (p *page) tileLink(t tile) string {
	q := url.Values{}
	if _, ok := p.site.Finder.Vocabulary().Concept(t.Need); ok {
		q.Set("need", t.Need)
	} else {
		q.Set("q", t.Words)
	}
	if home := p.first("home"); home != "" {
		q.Set("home", home)
	}
	return p.path("finder") + "?" + q.Encode()
}

// chips are the conditions of a search, each with the link that gives it up.
func (p *page) chips(v finderView) []ui.Link {
	var out []ui.Link
	add := func(label string, names ...string) {
		var pairs []string
		for _, n := range names {
			pairs = append(pairs, n, "")
		}
		out = append(out, ui.Link{Label: label, Href: p.filter(pairs...)})
	}
	for _, need := range v.Needs {
		label, _, _ := p.site.Finder.Vocabulary().Label(need, p.Lang())
		add(label, "need")
	}
	for _, c := range v.Results.Asked {
		add(p.condition(v, c), conditionFields(c)...)
	}
	if v.Sure && len(v.Results.Asked) > 0 {
		add(p.T("finder.sure", nil), "sure")
	}
	return out
}

// conditionFields are the fields of the address that make a condition.
func conditionFields(c finder.Condition) []string {
	switch c {
	case finder.ByOpen:
		return []string{"when", "at"}
	case finder.ByLanguage:
		return []string{"speaks"}
	case finder.ByArea:
		return []string{"home", "within"}
	case finder.ByWalkIn:
		return []string{"walkin"}
	case finder.ByStepFree:
		return []string{"stepfree"}
	case finder.ByAge, finder.ByFree, finder.ByInsurance, finder.ByWithin:
	}
	return []string{string(c)}
}

// condition says a condition in words.
func (p *page) condition(v finderView, c finder.Condition) string {
	switch c {
	case finder.ByOpen:
		if v.When == "now" {
			return p.T("finder.condition.open_now", nil)
		}
		return p.T("finder.condition.open_at", with{"When": p.moment(v.Arrive)})
	case finder.ByLanguage:
		return p.languageName(v.Speaks)
	case finder.ByInsurance:
		return p.T("finder.insurance."+string(v.Insurance), nil)
	case finder.ByAge:
		return p.T("finder.condition.age", with{"Age": strconv.Itoa(*v.Age)})
	case finder.ByArea:
		return p.T("finder.condition.area", with{"Place": p.areaName(v.Home)})
	case finder.ByWithin:
		return p.T("finder.condition.within", with{"Minutes": strconv.Itoa(v.Within)})
	case finder.ByWalkIn, finder.ByFree, finder.ByStepFree:
	}
	return p.T("finder.condition."+strings.ReplaceAll(string(c), "-", "_"), nil)
}

// relaxed is the address of the search without one condition.
func (p *page) relaxed(c finder.Condition) string {
	var pairs []string
	for _, n := range conditionFields(c) {
		pairs = append(pairs, n, "")
	}
	return string(p.filter(pairs...))
}

func (p *page) areaName(key string) string {
	if a := p.site.Finder.Ground().Area(key); a != nil {
		return a.Name
	}
	return key
}

// areaOptions are the municipalities with their districts.
func (p *page) areaOptions() []ui.Option {
	g := p.site.Finder.Ground()
	out := make([]ui.Option, 0, len(g.Areas))
	for _, a := range g.Areas {
		label := a.Name
		if a.Key == a.Municipality {
			label = p.T("finder.whole", with{"Place": a.Name})
		}
		out = append(out, ui.Option{Value: a.Key, Label: label})
	}
	p.byLabel(out)
	return out
}

// kept says whether an offer is on the take-along sheet, and the address that puts it there or takes it away.
func (p *page) kept(id string) (on bool, link string) {
	ids := p.keeps()
	if on = slices.Contains(ids, id); on {
		ids = slices.DeleteFunc(ids, func(x string) bool { return x == id })
	} else if len(ids) < maxKeep {
		ids = append(ids, id)
	}
	return on, string(p.filter("keep", strings.Join(ids, " "), "page", p.first("page")))
}

func (p *page) sheetLink(ids ...string) string {
	return p.path("sheet") + "?" + url.Values{"keep": {strings.Join(ids, " ")}}.Encode()
}

// offerLink leads to an offer; what was kept goes along.
func (p *page) offerLink(id directory.ServiceID) string {
	to := p.path("offer", string(id))
	if ids := p.keeps(); len(ids) > 0 {
		to += "?" + url.Values{"keep": {strings.Join(ids, " ")}}.Encode()
	}
	return to
}
