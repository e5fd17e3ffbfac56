package web_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"gevor/internal/web"
	"gevor/internal/web/webtest"
)

// server serves one state and keeps its log.
type server struct {
	http.Handler
	houses *webtest.Houses
	log    bytes.Buffer
}

func serve(t *testing.T, state web.State) *server {
	t.Helper()
	s := &server{}
	h, err := webtest.Handler(state, &s.log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	s.Handler, s.houses = h, h.Houses
	return s
}

func (s *server) get(path string, header ...string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	s.ServeHTTP(rec, req)
	return rec
}

func parse(t *testing.T, r io.Reader) *html.Node {
	t.Helper()
	doc, err := html.Parse(r)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func attr(n *html.Node, key string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val, true
		}
	}
	return "", false
}

func value(n *html.Node, key string) string { v, _ := attr(n, key); return v }

// all gives the elements of a name, in order; "*" gives every element.
func all(doc *html.Node, name string) []*html.Node {
	var out []*html.Node
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode && (name == "*" || n.Data == name) {
			out = append(out, n)
		}
	}
	return out
}

func class(doc *html.Node, name string) []*html.Node {
	var out []*html.Node
	for _, n := range all(doc, "*") {
		for _, c := range strings.Fields(value(n, "class")) {
			if c == name {
				out = append(out, n)
			}
		}
	}
	return out
}

func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
			b.WriteByte(' ')
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// TestEveryPageHoldsTogether goes through the table of addresses in every language and state and checks what must
// be true of any page.
func TestEveryPageHoldsTogether(t *testing.T) {
	missingWord := regexp.MustCompile(`\[[a-z_]+\.[\w.-]+\]`)
	for _, state := range append(web.AllStates(), web.SignedIn) {
		srv := serve(t, state)
		for _, v := range webtest.Visits("") {
			if v.State != string(state) || v.Lang == "" {
				continue
			}
			t.Run(v.State+v.Path, func(t *testing.T) {
				rec := srv.get(v.Path)
				want := http.StatusOK
				if state == web.NoRun && v.NeedsRun {
					want = http.StatusServiceUnavailable
				}
				if rec.Code != want {
					t.Fatalf("status %d, want %d", rec.Code, want)
				}
				doc := parse(t, rec.Body)
				if got := value(all(doc, "html")[0], "lang"); got != v.Lang {
					t.Errorf("lang=%q, want %q", got, v.Lang)
				}
				if n := len(all(doc, "h1")); n != 1 {
					t.Errorf("%d h1", n)
				}
				if n := len(all(doc, "main")); n != 1 {
					t.Errorf("%d main", n)
				}
				if word := missingWord.FindString(text(doc)); word != "" {
					t.Errorf("a text is missing from the catalogue: %s", word)
				}
				checkMarkup(t, doc)
				checkHeadings(t, doc)
			})
		}
	}
}

// checkMarkup holds what the content security policy and assistive technology rely on.
func checkMarkup(t *testing.T, doc *html.Node) {
	t.Helper()
	ids, labels := map[string]bool{}, map[string]bool{}
	for _, n := range all(doc, "*") {
		if id, ok := attr(n, "id"); ok {
			if ids[id] {
				t.Errorf("id %q stands twice", id)
			}
			ids[id] = true
		}
		if _, ok := attr(n, "style"); ok {
			t.Errorf("<%s> has an inline style", n.Data)
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") {
				t.Errorf("<%s> has an inline handler %s", n.Data, a.Key)
			}
		}
		if n.Data == "style" || n.Data == "script" && n.FirstChild != nil && value(n, "type") != "application/ld+json" {
			t.Errorf("inline <%s>", n.Data)
		}
		for _, key := range []string{"src", "href", "action"} {
			v, ok := attr(n, key)
			if !ok || n.Data == "a" {
				continue
			}
			if u, err := url.Parse(v); err != nil || u.Host != "" {
				t.Errorf("<%s %s=%q> leads to another server", n.Data, key, v)
			}
		}
		if n.Data == "label" {
			labels[value(n, "for")] = true
		}
	}
	for _, n := range all(doc, "*") {
		for _, key := range []string{"aria-labelledby", "aria-describedby", "popovertarget", "for"} {
			v, _ := attr(n, key)
			for _, id := range strings.Fields(v) {
				if !ids[id] {
					t.Errorf("%s=%q names nothing", key, id)
				}
			}
		}
		if control(n) {
			checkControl(t, n, labels)
		}
		if n.Data == "form" {
			checkForm(t, n)
		}
		if n.Data == "table" && !titled(n) {
			t.Errorf("a table has no caption, and no heading names it: %.60q", text(n))
		}
		if n.Data == "button" && text(n) == "" && value(n, "aria-label") == "" {
			t.Error("a button has no name")
		}
		if n.Data == "fieldset" && len(all(n, "legend")) == 0 {
			t.Errorf("fieldset %q has no legend", value(n, "id"))
		}
		if n.Data == "use" && !ids[strings.TrimPrefix(value(n, "href"), "#")] {
			t.Errorf("use of %q, which is not there", value(n, "href"))
		}
	}
}

// titled says whether a table is named: by its caption, or by the heading of what holds it.
func titled(table *html.Node) bool {
	if len(all(table, "caption")) == 1 {
		return true
	}
	for n := range table.Ancestors() {
		if n.Data == "section" || n.Data == "details" || value(n, "aria-labelledby") != "" {
			return true
		}
	}
	return false
}

// control says whether somebody fills in or chooses something in an element.
func control(n *html.Node) bool {
	return n.Data == "select" || n.Data == "textarea" || n.Data == "input" && value(n, "type") != "hidden"
}

// checkControl says that a control has a name and a label, and that what is wrong with it is linked with it.
func checkControl(t *testing.T, n *html.Node, labels map[string]bool) {
	t.Helper()
	id := value(n, "id")
	if id == "" || !labels[id] {
		t.Errorf("<%s> %q has no label", n.Data, id)
	}
	sealed := slices.ContainsFunc([]string{"data-content", "data-passphrase", "data-code", "data-attach"}, func(a string) bool { _, is := attr(n, a); return is })
	if _, shown := attr(n, "readonly"); !shown && value(n, "name") == "" && !sealed {
		t.Errorf("<%s> %q has no name", n.Data, id)
	}
	if sealed && value(n, "name") != "" {
		t.Errorf("<%s> %q holds what no form may send, but has a name", n.Data, id)
	}
	_, invalid := attr(n, "aria-invalid")
	one := value(n, "type") != "checkbox" && value(n, "type") != "radio"
	if linked := strings.Contains(" "+value(n, "aria-describedby"), " e-"); one && invalid != linked {
		t.Errorf("<%s> %q: invalid %v, but linked with an error %v", n.Data, id, invalid, linked)
	}
}

// checkForm says that what changes something is sent by POST, what asks by GET, and that each can be sent.
func checkForm(t *testing.T, n *html.Node) {
	t.Helper()
	action, method := value(n, "action"), value(n, "method")
	if action == "" || method != "get" && method != "post" {
		t.Errorf("form with method %q and action %q", method, action)
	}
	if len(all(n, "button")) == 0 {
		t.Errorf("form to %s has no button", action)
	}
	files := slices.ContainsFunc(all(n, "input"), func(i *html.Node) bool { return value(i, "type") == "file" && value(i, "name") != "" }) // one without a name is sealed, not sent
	if multipart := value(n, "enctype") == "multipart/form-data"; files != multipart {
		t.Errorf("form to %s: files %v, multipart %v", action, files, multipart)
	}
}

// checkHeadings says that no level of headings is skipped.
func checkHeadings(t *testing.T, doc *html.Node) {
	t.Helper()
	last := 0
	for _, n := range all(doc, "*") {
		if len(n.Data) == 2 && n.Data[0] == 'h' && n.Data[1] >= '1' && n.Data[1] <= '6' {
			level := int(n.Data[1] - '0')
			if level > last+1 {
				t.Errorf("heading %q of level %d follows level %d", text(n), level, last)
			}
			last = level
		}
	}
}

// TestEveryLinkLeadsSomewhere follows every link inside the installation, from every page of every state.
func TestEveryLinkLeadsSomewhere(t *testing.T) {
	bound := 400
	if testing.Short() {
		bound = 40
	}
	for _, state := range append(web.AllStates(), web.SignedIn) {
		srv := serve(t, state)
		todo, seen := []string{"/de/", "/en/"}, map[string]bool{}
		// Residents' languages have the same links with other words: two of them are walked, by the public and once.
		foreign := regexp.MustCompile(`^/(tr|uk|ru|ro|bg|pl|fr|fa|kmr|ckb)/`)
		if state != web.Normal {
			foreign = regexp.MustCompile(`^/(de-simple|ar|tr|uk|ru|ro|bg|pl|fr|fa|kmr|ckb)/`)
		}
		for len(todo) > 0 && len(seen) < bound {
			path := todo[0]
			todo = todo[1:]
			if seen[path] || foreign.MatchString(path) {
				continue
			}
			seen[path] = true
			rec := srv.get(path)
			exit := rec.Code == http.StatusSeeOther && path == "/view/leave" // the quick exit leads away from here
			if state != web.NoRun && rec.Code != http.StatusOK && !exit {
				t.Errorf("%s: %s answers %d", state, path, rec.Code)
			}
			if !strings.HasPrefix(rec.Header().Get("Content-Type"), "text/html") || strings.Contains(path, "?") || strings.HasPrefix(path, "/runs/") {
				continue
			}
			doc := parse(t, rec.Body)
			ids := map[string]bool{}
			for _, n := range all(doc, "*") {
				ids[value(n, "id")] = true
			}
			for _, n := range append(all(doc, "a"), all(doc, "link")...) {
				u, err := url.Parse(value(n, "href"))
				if err != nil {
					t.Errorf("%s: %q is no address", path, value(n, "href"))
					continue
				}
				switch {
				case u.Host != "":
				case u.Path == "" && u.RawQuery == "":
					if !ids[u.Fragment] {
						t.Errorf("%s: #%s leads nowhere", path, u.Fragment)
					}
				default:
					u.Fragment = ""
					todo = append(todo, u.String())
				}
			}
		}
		if state == web.Normal && len(seen) < bound/4 {
			t.Errorf("only %d addresses found: the walk is broken", len(seen))
		}
	}
}

func TestUnknownIsNeverZero(t *testing.T) {
	srv := serve(t, web.Suppressed)
	doc := parse(t, srv.get("/de/").Body)
	cells := class(doc, "none")
	if len(cells) == 0 {
		t.Fatal("the overview shows no standard without data")
	}
	for _, n := range cells {
		if strings.ContainsAny(text(n), "0123456789") {
			t.Errorf("an unknown standard shows a number: %q", text(n))
		}
		if !strings.Contains(text(n), "Keine Daten") {
			t.Errorf("an unknown standard says %q", text(n))
		}
	}
	page := text(parse(t, srv.get("/de/stadtteile/"+webtest.District()).Body))
	if !strings.Contains(page, "Gitterzellen geheim gehalten") {
		t.Error("the profile does not say that cells are suppressed")
	}
	if got := srv.get("/de/karte?show=cause").Body.String(); !strings.Contains(got, `fill="url(#hatch)"`) {
		t.Error("suppressed cells are not hatched on the map")
	}
}

func TestEmptyRunSaysSo(t *testing.T) {
	srv := serve(t, web.Empty)
	if got := text(parse(t, srv.get("/de/befunde").Body)); !strings.Contains(got, "Kein Befund") || !strings.Contains(got, "Gruppen ohne Daten zählen dabei nicht mit") {
		t.Errorf("the empty list says %q", got)
	}
}

func TestSyntheticRegionIsMarkedOnEveryPage(t *testing.T) {
	srv := serve(t, web.Normal)
	for _, v := range webtest.Visits("") {
		if v.Lang != "de" || v.State != string(web.Normal) {
			continue
		}
		if got := srv.get(v.Path).Body.String(); strings.Count(got, "Synthetische Daten") < 2 {
			t.Errorf("%s does not mark its data as synthetic at top and bottom", v.Path)
		}
	}
}
