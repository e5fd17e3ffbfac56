package web_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"gevor/internal/web"
	"gevor/internal/web/ui"
	"gevor/internal/web/webtest"
	"gevor/internal/words"
)

// residentAddresses are the residents' pages of one language, with searches that show every part of a result.
func residentAddresses(t *testing.T, lang string) []string {
	t.Helper()
	_, public := webtest.Offers()
	known := map[string]string{} // the last part of an address of the example town, by route
	for _, v := range webtest.Addresses("") {
		known[v.Route] = v.Path[strings.LastIndex(v.Path, "/")+1:]
	}
	var out []string
	routes := web.Routes()
	for i := range routes {
		r := &routes[i]
		if !r.Residents() || r.Method != "" {
			continue
		}
		path := r.Path(lang, public)
		if strings.Contains(r.Patterns[lang], "{secret}") {
			path = r.Path(lang, known[r.Name])
		}
		out = append(out, path)
		switch r.Name {
		case "finder":
			for _, q := range []string{
				"?show=all&map=1", "?q=Schulden", "?q=suizid", "?q=xyzzyq", "?show=all&speaks=ar&insurance=none&age=3&when=now&free=1&walkin=1&stepfree=1",
				"?show=all&when=at&at=2026-05-13T09:30&done=hurdle", "?show=all&keep=" + public,
			} {
				out = append(out, path+q)
			}
		case "sheet":
			out = append(out, path+"?keep="+public+"+gone", path+"?with=ar&keep="+public)
		}
	}
	return append(out, "/"+lang+"/nothing-here")
}

// onlyGerman are the texts of the German catalogue that no text of another language equals.
func onlyGerman(p *words.Printer) map[string]bool {
	out := map[string]bool{}
	de := words.New("de")
	for _, k := range de.Keys() {
		out[de.T(k, nil)] = true
	}
	for _, k := range de.Keys() {
		if p.Owns(k) || k == "web.product" { // a name
			delete(out, p.T(k, nil))
		}
	}
	delete(out, p.Name()) // what a language calls itself
	return out
}

// germanIn lists texts of the German catalogue that stand on a page without being marked as of another language.
func germanIn(doc *html.Node, german map[string]bool, lang string) []string {
	var out []string
	for n := range doc.Descendants() {
		s := ""
		if n.Type == html.TextNode {
			s = strings.TrimSpace(n.Data)
		}
		if !german[s] {
			continue
		}
		marked := false
		for up := range n.Ancestors() {
			if l, ok := attr(up, "lang"); ok {
				marked = l != lang
				break
			}
		}
		if !marked {
			out = append(out, s)
		}
	}
	return out
}

// TestResidentsPages asks for every residents' page in every language, as the public: whole, in the right direction,
// without a German word that is not marked as one, and with a word about who has confirmed it.
func TestResidentsPages(t *testing.T) {
	srv := serve(t, web.Normal)
	missing := regexp.MustCompile(`\[[a-z_]+\.[\w.-]+\]`)
	asked := 0
	for _, lang := range words.ResidentLanguages() {
		p := words.New(lang)
		german := onlyGerman(p)
		for _, path := range residentAddresses(t, lang) {
			rec := srv.get(path)
			asked++
			if want := map[bool]int{true: http.StatusNotFound, false: http.StatusOK}[strings.HasSuffix(path, "/nothing-here")]; rec.Code != want {
				t.Errorf("%s answers %d", path, rec.Code)
				continue
			}
			doc := parse(t, rec.Body)
			top := all(doc, "html")[0]
			if value(top, "lang") != lang || value(top, "dir") != ui.Direction(lang) {
				t.Errorf("%s is in %q, written %q", path, value(top, "lang"), value(top, "dir"))
			}
			if w := missing.FindString(text(doc)); w != "" {
				t.Errorf("%s: %s", path, w)
			}
			if left := germanIn(doc, german, lang); lang != "de" && len(left) > 0 {
				t.Errorf("%s: German without a mark: %q", path, left)
			}
			if n := len(class(doc, "unconfirmed")); rec.Code == http.StatusOK && (n == 1) != p.Unconfirmed() {
				t.Errorf("%s: %d remarks about who confirmed the words", path, n)
			}
			if n := slices.IndexFunc(all(doc, "link"), func(n *html.Node) bool { return value(n, "hreflang") == "ckb" }); n < 0 && len(path) > 3 && rec.Code == http.StatusOK {
				t.Errorf("%s names no address in Sorani", path)
			}
			for _, a := range all(doc, "a") { // groups of digits change places between right-to-left words
				if strings.HasPrefix(value(a, "href"), "tel:") && value(a, "dir") != "ltr" {
					t.Errorf("%s: the number %q is not held from left to right", path, text(a))
				}
			}
			checkMarkup(t, doc)
			checkHeadings(t, doc)
		}
	}
	t.Logf("figure: %d residents' pages in %d languages asked for", asked, len(words.ResidentLanguages()))
	// The control: an atlas page holds German that no Turkish page may show.
	turkish := onlyGerman(words.New("tr"))
	if left := germanIn(parse(t, srv.get("/de/methoden").Body), turkish, "tr"); len(left) > 0 {
		t.Errorf("what is marked as German counts as a mistake: %q", left)
	}
	doc := parse(t, srv.get("/de/methoden").Body)
	all(doc, "html")[0].Attr = nil
	if left := germanIn(doc, turkish, "tr"); len(left) < 20 {
		t.Errorf("only %d German texts are seen on a German page", len(left))
	}
}

// TestGermanStandsBesideWhatNobodyConfirmed holds that an emergency does not depend on a translation.
func TestGermanStandsBesideWhatNobodyConfirmed(t *testing.T) {
	srv := serve(t, web.Normal)
	de := words.New("de")
	for _, lang := range words.ResidentLanguages() {
		p := words.New(lang)
		for name, keys := range map[string][]string{
			"emergency": {"help.emergency_lead", "help.say.where", "help.line.violence", "help.uninsured_emergency"},
			"uninsured": {"uninsured.emergency_text", "uninsured.secrecy_text"},
			"hurdle":    {"hurdle.kept"},
		} {
			got := text(parse(t, srv.get(web.Address(lang, name)).Body))
			for _, k := range keys {
				if !strings.Contains(got, de.T(k, nil)) || !strings.Contains(got, p.T(k, nil)) {
					t.Errorf("%s in %s lacks %s in one of both languages", name, lang, k)
				}
			}
		}
	}
}

// wire is how many bytes of an answer travel to a browser that takes compressed ones.
func (s *server) wire(t *testing.T, path string) int {
	t.Helper()
	rec := s.get(path, "Accept-Encoding", "gzip")
	if rec.Code != http.StatusOK {
		t.Fatalf("%s answers %d", path, rec.Code)
	}
	n := rec.Body.Len()
	for k, v := range rec.Header() {
		n += len(k) + len(strings.Join(v, ",")) + 4
	}
	return n
}

// firstLoad is the bytes over the wire of a page and everything it fetches at once: styles, scripts, pictures.
func (s *server) firstLoad(t *testing.T, path string) (total int, files []string) {
	t.Helper()
	total = s.wire(t, path)
	doc := parse(t, s.get(path).Body)
	for _, n := range append(all(doc, "link"), append(all(doc, "script"), all(doc, "img")...)...) {
		at := value(n, "src")
		if rel := value(n, "rel"); rel == "stylesheet" || rel == "icon" {
			at = value(n, "href")
		}
		if at != "" && !slices.Contains(files, at) {
			files = append(files, at)
			total += s.wire(t, at)
		}
	}
	return total, files
}

// TestAResultIsLight: a page of results with everything it fetches is at most 60 kB over the wire, without the map. The
// list of the example town is short, so the page is measured with its one offer written twenty times: what gzip leaves of
// different offers is more, so that they count as if nothing of a second one could be shared.
func TestAResultIsLight(t *testing.T) {
	srv := serve(t, web.Normal)
	const most = 60_000
	for _, lang := range []string{"de", "ar", "uk"} {
		path := web.Address(lang, "finder") + "?show=all"
		total, files := srv.firstLoad(t, path)
		empty, _ := srv.firstLoad(t, web.Address(lang, "finder")+"?q=xyzzyq")
		one := packed(t, offerMarkup(t, srv, path))
		full := max(total, empty) + 19*one
		t.Logf("figure: first load of a result page in %s: %d bytes over the wire with %d files, %d with twenty offers", lang, total, len(files), full)
		if full > most {
			t.Errorf("%s: %d bytes", path, full)
		}
		if withMap, _ := srv.firstLoad(t, path+"&map=1"); withMap < total+300 {
			t.Errorf("the measure does not see the map: %d and %d", withMap, total)
		}
	}
}

// offerMarkup is the mark-up of the first offer of a list.
func offerMarkup(t *testing.T, srv *server, path string) string {
	t.Helper()
	body := srv.get(path).Body.String()
	from := strings.Index(body, `<li class="offer">`)
	if from < 0 {
		t.Fatal("the list holds no offer")
	}
	return body[from : from+strings.Index(body[from:], "</ol>")]
}

func packed(t *testing.T, s string) int {
	t.Helper()
	n := &counter{}
	z := gzip.NewWriter(n)
	if _, err := io.WriteString(z, s); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return n.n
}

type counter struct{ n int }

func (c *counter) Write(b []byte) (int, error) {
	c.n += len(b)
	return len(b), nil
}

// TestTheWorkerNamesItsBuild: the worker of one build keeps the files of that build, and may answer for every page.
func TestTheWorkerNamesItsBuild(t *testing.T) {
	srv := serve(t, web.Normal)
	rec := srv.get("/worker.js")
	if got := rec.Header().Get("Content-Type"); !strings.HasPrefix(got, "text/javascript") || rec.Header().Get("Cache-Control") != "no-cache" {
		t.Errorf("%q, kept as %q", got, rec.Header().Get("Cache-Control"))
	}
	m := regexp.MustCompile(`"/assets/([0-9a-f]+)/[a-z.]+"`).FindAllStringSubmatch(rec.Body.String(), -1)
	if len(m) != 3 {
		t.Fatalf("the worker keeps %v", m)
	}
	for _, f := range m {
		if got := srv.get(strings.Trim(f[0], `"`)).Code; got != http.StatusOK {
			t.Errorf("%s answers %d", f[0], got)
		}
	}
}

// TestALanguageOfResidentsIsChosen: the switch keeps it, professionals' pages stay German, and links lead there.
func TestALanguageOfResidentsIsChosen(t *testing.T) {
	srv := serve(t, web.Normal)
	rec := srv.send("/view/language", url.Values{"language": {"tr"}, "next": {"/tr/help"}})
	if rec.Code != http.StatusSeeOther || rec.Header().Get("Location") != "/tr/help" {
		t.Fatalf("%d to %q", rec.Code, rec.Header().Get("Location"))
	}
	doc := parse(t, srv.get("/tr/help").Body)
	lead := map[string]string{}
	for _, a := range all(doc, "a") {
		lead[value(a, "href")] = text(a)
	}
	if lead["/de/"] == "" || lead["/de/karte"] != "Karte" {
		t.Errorf("professionals' pages are not reached: %q, %q", lead["/de/"], lead["/de/karte"])
	}
	imprint := ""
	for address, words := range lead {
		if words == "Künye" {
			imprint = address
		}
	}
	if !strings.HasPrefix(imprint, "/tr/") || srv.get(imprint).Code != http.StatusOK {
		t.Errorf("the imprint in its Turkish frame stands at %q", imprint)
	}
	if got := srv.get("/tr/map").Code; got != http.StatusNotFound {
		t.Errorf("there is an atlas in Turkish: %d", got)
	}
}
