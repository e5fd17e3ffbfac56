package web

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// unsafeIn names the first thing in a rendered text that must not be on a page of ours.
func unsafeIn(out []byte) string {
	doc, err := html.Parse(bytes.NewReader(out))
	if err != nil {
		return err.Error()
	}
	last := 1
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "html", "head", "body", "p", "a", "em", "strong", "code", "pre", "ul", "ol", "li", "blockquote", "hr", "br", "mark":
		case "h2", "h3", "h4", "h5", "h6":
			level := int(n.Data[1] - '0')
			if level > last+1 {
				return "a gap in the headings"
			}
			last = level
		default:
			return "<" + n.Data + ">"
		}
		for _, a := range n.Attr {
			switch {
			case n.Data == "a" && a.Key == "href" && (harmlessLink(a.Val) || strings.HasPrefix(a.Val, "mailto:")):
			case n.Data == "a" && a.Key == "title", n.Data == "ol" && a.Key == "start", n.Data == "mark" && a.Key == "class", n.Data == "code" && a.Key == "class":
			default:
				return n.Data + " " + a.Key + "=" + a.Val
			}
		}
	}
	return ""
}

func TestMarkdownBecomesPlainMarkup(t *testing.T) {
	m := newMarkdown()
	for body, want := range map[string]string{
		"# A\n### B\nText": "<h2>A</h2>\n<h3>B</h3>\n<p>Text</p>\n", "a\nb": "<p>a<br>\nb</p>\n", "[[Wer & was]]": `<p><mark class="unfilled">Wer &amp; was</mark></p>` + "\n",
		"[a](https://b.c)": `<p><a href="https://b.c">a</a></p>` + "\n", "[a](javascript:1)": "<p>a</p>\n", "![bild](https://b.c/x.png)": "<p>bild</p>\n", "<b>x</b>": "<p>x</p>\n",
		"[t](tel:+49201) [s](/de/karte)": `<p><a href="tel:+49201">t</a> <a href="/de/karte">s</a></p>` + "\n",
	} {
		c, err := m.page(body)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := c.Render(t.Context(), &out); err != nil {
			t.Fatal(err)
		}
		if out.String() != want {
			t.Errorf("%q: %q, want %q", body, out.String(), want)
		}
	}
	// The control: what the fuzz test looks for is found where it is.
	for _, bad := range []string{"<script>x</script>", `<a href="javascript:1">x</a>`, `<img src="x">`, "<h2>a</h2><h4>b</h4>", `<p onclick="x">`} {
		if unsafeIn([]byte(bad)) == "" {
			t.Errorf("%s passes", bad)
		}
	}
}
