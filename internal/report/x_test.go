package report_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"gevor/atlas"
	"gevor/internal/files"
	"gevor/internal/report"
	"gevor/internal/sample"
	"gevor/internal/words"
)

func info(t *testing.T) files.RunInfo {
	t.Helper()
	p, err := atlas.Params{}.Filled()
	if err != nil {
		t.Fatal(err)
	}
	return files.RunInfo{Region: "demo", Version: "1.2.3", Params: p}
}

func written(t *testing.T, r *atlas.Result, lang string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := report.Write(&b, r, info(t), lang); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// walk calls f for every element.
func walk(n *html.Node, f func(*html.Node)) {
	if n.Type == html.ElementNode {
		f(n)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		walk(c, f)
	}
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func content(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		b.WriteString(content(c))
	}
	return b.String()
}

func TestTheReportStandsAlone(t *testing.T) {
	for _, lang := range words.Languages() {
		raw := written(t, sample.Result(3, 900), lang)
		doc, err := html.Parse(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		ids := map[string]bool{}
		var links []string
		walk(doc, func(n *html.Node) {
			if slices.Contains([]string{"script", "link", "img", "iframe", "object", "video", "audio", "source", "base"}, n.Data) {
				t.Errorf("%s: element %s", lang, n.Data)
			}
			for _, a := range n.Attr {
				if a.Key == "src" || a.Key == "srcset" || strings.HasPrefix(a.Key, "on") {
					t.Errorf("%s: attribute %s on %s", lang, a.Key, n.Data)
				}
			}
			if h := attr(n, "href"); h != "" {
				links = append(links, h)
			}
			if id := attr(n, "id"); id != "" {
				if ids[id] {
					t.Errorf("%s: id %s twice", lang, id)
				}
				ids[id] = true
			}
		})
		for _, h := range links {
			if !strings.HasPrefix(h, "#") || !ids[h[1:]] {
				t.Errorf("%s: link %q leads out of the file or nowhere", lang, h)
			}
		}
		if s := string(raw); strings.Contains(s, "url(") || strings.Contains(s, "@import") || strings.Contains(s, "ZgotmplZ") {
			t.Errorf("%s: something is loaded or was refused by the template", lang)
		}
	}
}

func TestTheReportIsReadableWithoutEyes(t *testing.T) {
	for _, lang := range words.Languages() {
		doc, err := html.Parse(bytes.NewReader(written(t, sample.Result(3, 900), lang)))
		if err != nil {
			t.Fatal(err)
		}
		level, tables, maps := 0, 0, 0
		walk(doc, func(n *html.Node) {
			switch {
			case n.Data == "html" && attr(n, "lang") != lang:
				t.Errorf("lang %q, want %q", attr(n, "lang"), lang)
			case len(n.Data) == 2 && n.Data[0] == 'h' && n.Data[1] >= '1' && n.Data[1] <= '6':
				if l := int(n.Data[1] - '0'); l > level+1 {
					t.Errorf("heading %q jumps from %d to %d", content(n), level, l)
				} else {
					level = l
				}
			case n.Data == "table":
				tables++
				var parts []string
				walk(n, func(m *html.Node) {
					parts = append(parts, m.Data)
					if m.Data == "th" && attr(m, "scope") == "" {
						t.Errorf("heading cell %q says not of what", content(m))
					}
				})
				if !slices.Contains(parts, "caption") || !slices.Contains(parts, "thead") {
					t.Errorf("a table without caption or head: %v", parts)
				}
			case n.Data == "svg" && attr(n, "aria-hidden") != "true":
				maps++
				if attr(n, "role") != "img" || len(strings.Fields(attr(n, "aria-labelledby"))) != 2 {
					t.Error("a map without name and description")
				}
			}
		})
		if tables < 10 || maps != 2 {
			t.Errorf("%d tables, %d maps", tables, maps)
		}
	}
}

func TestEveryTextExistsAndForeignTextIsEscaped(t *testing.T) {
	for _, lang := range words.Languages() {
		s := string(written(t, sample.Result(3, 900), lang))
		for _, bad := range []string{"[report.", "[cause", "[mode", "[count.", "<no value>", "Zensus <Demo>", "NaN"} {
			if i := strings.Index(s, bad); i >= 0 {
				t.Errorf("%s: %q in …%s…", lang, bad, s[max(0, i-80):min(len(s), i+80)])
			}
		}
		for _, good := range []string{"Zensus &lt;Demo&gt; &amp; mehr", "© OpenStreetMap contributors", words.New(lang).T("synthetic", nil), "zensus/demo.csv"} {
			if !strings.Contains(s, good) {
				t.Errorf("%s: %q is missing", lang, good)
			}
		}
	}
}

func TestAnUnknownGroupHasNoMapAndNoFigure(t *testing.T) {
	r := sample.Result(3, 900)
	s := string(written(t, r, "de"))
	part := s[strings.Index(s, `<article id="standard-3"`):]
	part = part[:strings.Index(part, "</article>")]
	if strings.Contains(part, "<svg") || strings.Contains(part, "<table") || !strings.Contains(part, `class="unknown"`) {
		t.Errorf("a standard without data shows %s", part)
	}
	if !strings.Contains(s[strings.Index(s, `<article id="standard-1"`):], "<svg") {
		t.Error("control: a standard with data has a map")
	}
}

func TestARegionWithoutFindingsOrDistrictsIsWrittenToo(t *testing.T) {
	r := sample.Result(3, 100)
	r.Findings, r.Profiles, r.Snapshot.Areas = nil, nil, nil
	for i := range r.Snapshot.Cells.District {
		r.Snapshot.Cells.District[i], r.Snapshot.Cells.Municipality[i] = -1, -1
	}
	r.Snapshot.Synthetic = false
	s := string(written(t, r, "de"))
	if !strings.Contains(s, words.New("de").T("report.findings_none", nil)) || strings.Contains(s, "class=\"band\"") {
		t.Error("no findings must be said, and real data carry no mark of an invented region")
	}
}

func TestSameResultGivesTheSameReport(t *testing.T) {
	a, b := written(t, sample.Result(3, 900), "de"), written(t, sample.Result(3, 900), "de")
	if !bytes.Equal(a, b) {
		t.Error("two reports of one result differ")
	}
	if bytes.Equal(a, written(t, sample.Result(4, 900), "de")) {
		t.Error("control: another result must give another report")
	}
}

// The report goes into a run like every other file.
func TestTheReportIsAFileOfTheRun(t *testing.T) {
	r := sample.Result(3, 2500)
	s, err := files.OpenState(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	i := info(t)
	i.Artefacts = report.Files(r, i)
	hash, err := s.WriteRun(r, i)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"report.html", "report.en.html"} {
		raw, err := os.ReadFile(filepath.Join(s.Path(files.Runs, hash), name))
		if err != nil || !bytes.HasPrefix(raw, []byte("<!doctype html>")) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
