package web

import (
	"bytes"
	"strings"

	"github.com/a-h/templ"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"gevor/fault"
)

// markdown turns what an office writes into a part of a page: no HTML of its own, no images, links to web, mail and
// telephone or to pages of this installation, headings below the one of the page without gaps, and places that are
// still to be filled in marked as such.
type markdown struct{ goldmark.Markdown }

func newMarkdown() markdown {
	return markdown{goldmark.New(
		goldmark.WithParserOptions(
			parser.WithASTTransformers(util.Prioritized(tame{}, 100)),     //nolint:misspell // the library's spelling
			parser.WithInlineParsers(util.Prioritized(placeParser{}, 50)), //nolint:misspell // the library's spelling; before links, which begin with a bracket too
		),
		goldmark.WithRendererOptions(html.WithHardWraps(), renderer.WithNodeRenderers(util.Prioritized(placeRenderer{}, 50))), //nolint:misspell // the library's spelling
	)}
}

// page renders a text. What check would refuse is left out.
func (m markdown) page(body string) (templ.Component, error) {
	var out bytes.Buffer
	if err := m.Convert([]byte(body), &out); err != nil {
		return nil, fault.Wrap(fault.Internal, "markdown", "a text cannot be shown", "", err)
	}
	return templ.Raw(out.String()), nil
}

// check gives the reason (a key under "field.") why a text cannot be kept, or nothing.
func (m markdown) check(body string) string {
	source := []byte(body)
	// The transformer would take away what is looked for here.
	doc := goldmark.New(goldmark.WithParserOptions(parser.WithInlineParsers(util.Prioritized(placeParser{}, 50)))).Parser().Parse(text.NewReader(source)) //nolint:misspell // the library's spelling
	var reason string
	// The walk itself cannot fail: its function never does.
	if err := ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.RawHTML, *ast.HTMLBlock:
			reason = "html"
		case *ast.Image:
			reason = "image"
		case *ast.Link:
			if !harmlessLink(string(n.Destination)) {
				reason = "link"
			}
		case *ast.AutoLink:
			if !harmlessLink(string(n.URL(source))) && n.AutoLinkType != ast.AutoLinkEmail {
				reason = "link"
			}
		}
		if reason != "" {
			return ast.WalkStop, nil
		}
		return ast.WalkContinue, nil
	}); err != nil {
		return "invalid"
	}
	return reason
}

// harmlessLink says whether a link leads to the web, to mail, to a telephone, or to a page of this installation.
func harmlessLink(to string) bool {
	lower := strings.ToLower(to)
	for _, scheme := range []string{"https://", "http://", "mailto:", "tel:"} {
		if strings.HasPrefix(lower, scheme) && len(lower) > len(scheme) {
			return true
		}
	}
	return strings.HasPrefix(to, "/") && !strings.HasPrefix(to, "//") && !strings.ContainsAny(to, "\\")
}

// tame takes everything out of a parsed text that a page of ours must not hold.
type tame struct{}

// Transform changes the tree in place.
func (tame) Transform(doc *ast.Document, reader text.Reader, _ parser.Context) {
	var unwrap, remove []ast.Node
	last := 1
	// The walk itself cannot fail: its function never does.
	if err := ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			n.Level = min(n.Level+1, last+1, 6)
			last = n.Level
		case *ast.Image:
			unwrap = append(unwrap, n)
		case *ast.Link:
			if !harmlessLink(string(n.Destination)) {
				unwrap = append(unwrap, n)
			}
		case *ast.AutoLink:
			if n.AutoLinkType != ast.AutoLinkEmail && !harmlessLink(string(n.URL(reader.Source()))) {
				remove = append(remove, n)
			}
		case *ast.RawHTML, *ast.HTMLBlock:
			remove = append(remove, n)
		}
		return ast.WalkContinue, nil
	}); err != nil {
		doc.RemoveChildren(doc)
		return
	}
	for _, n := range unwrap {
		for c := n.FirstChild(); c != nil; {
			next := c.NextSibling()
			n.Parent().InsertBefore(n.Parent(), n, c)
			c = next
		}
		n.Parent().RemoveChild(n.Parent(), n)
	}
	for _, n := range remove {
		n.Parent().RemoveChild(n.Parent(), n)
	}
}

// placeKind is the kind of the node for [[what is still to be written]].
var placeKind = ast.NewNodeKind("GevorPlace")

// placeNode is one such place.
type placeNode struct {
	ast.BaseInline
	what string
}

// Kind names the node.
func (*placeNode) Kind() ast.NodeKind { return placeKind }

// Dump writes the node for those who look for faults.
func (n *placeNode) Dump(source []byte, level int) {
	ast.DumpHelper(n, source, level, map[string]string{"what": n.what}, nil)
}

type placeParser struct{}

// Trigger is the byte at which the parser looks.
func (placeParser) Trigger() []byte { return []byte{'['} }

// Parse reads [[…]] on one line.
func (placeParser) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	line, _ := block.PeekLine()
	inner, ok := strings.CutPrefix(string(line), "[[")
	if !ok {
		return nil
	}
	what, _, ok := strings.Cut(inner, "]]")
	if !ok || what == "" || len(what) > 200 || strings.ContainsAny(what, "[]\n") {
		return nil
	}
	block.Advance(len(what) + 4)
	return &placeNode{what: what}
}

type placeRenderer struct{}

// RegisterFuncs says how a place is written.
func (placeRenderer) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(placeKind, func(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			if _, err := w.WriteString(`<mark class="unfilled">` + templ.EscapeString(n.(*placeNode).what) + `</mark>`); err != nil {
				return ast.WalkStop, err
			}
		}
		return ast.WalkContinue, nil
	})
}
