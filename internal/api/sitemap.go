package api

import (
	"encoding/xml"
	"io"
	"strconv"
	"strings"
	"time"
)

// partSize is how many offers stand in one part of the sitemap: with all languages fewer addresses than the 50,000 that
// the protocol allows.
const partSize = 2000

const sitemapSpace = "http://www.sitemaps.org/schemas/sitemap/0.9"

type sitemapIndex struct {
	XMLName xml.Name       `xml:"sitemapindex"`
	Space   string         `xml:"xmlns,attr"`
	Parts   []sitemapEntry `xml:"sitemap"`
}

type sitemapSet struct {
	XMLName xml.Name       `xml:"urlset"`
	Space   string         `xml:"xmlns,attr"`
	Links   string         `xml:"xmlns:xhtml,attr"`
	Pages   []sitemapEntry `xml:"url"`
}

type sitemapEntry struct {
	Address  string        `xml:"loc"`
	Modified string        `xml:"lastmod,omitempty"`
	Others   []sitemapLink `xml:"xhtml:link"`
}

type sitemapLink struct {
	Rel  string `xml:"rel,attr"`
	Lang string `xml:"hreflang,attr"`
	Href string `xml:"href,attr"`
}

func sitemap(x *exchange) error {
	s, err := x.a.shelf(x.req.Context())
	if err != nil {
		return err
	}
	index := sitemapIndex{Space: sitemapSpace}
	for n := range max(1, (len(s.items)+partSize-1)/partSize) {
		index.Parts = append(index.Parts, sitemapEntry{Address: x.base() + sitemapsPrefix + strconv.Itoa(n+1) + ".xml"})
	}
	return x.xml(index)
}

func sitemapPart(x *exchange) error {
	number, is := strings.CutSuffix(x.req.PathValue("part"), ".xml")
	n, err := strconv.Atoi(number)
	s, err2 := x.a.shelf(x.req.Context())
	if err2 != nil {
		return err2
	}
	if !is || err != nil || n < 1 || n > max(1, (len(s.items)+partSize-1)/partSize) || x.a.o.OfferPage == nil {
		return absent()
	}
	from, to := (n-1)*partSize, min(n*partSize, len(s.items))
	set := sitemapSet{Space: sitemapSpace, Links: "http://www.w3.org/1999/xhtml", Pages: []sitemapEntry{}}
	part := &shelf{items: s.items[from:to]}
	if err := x.everything(part, func(it *item) error {
		var others []sitemapLink
		for _, lang := range x.a.o.Languages {
			others = append(others, sitemapLink{"alternate", lang, x.base() + x.a.o.OfferPage(lang, it.rec.ID)})
		}
		for _, l := range others {
			set.Pages = append(set.Pages, sitemapEntry{Address: l.Href, Modified: it.modified.UTC().Format(time.RFC3339), Others: others})
		}
		return nil
	}); err != nil {
		return err
	}
	return x.xml(set)
}

func (x *exchange) xml(doc any) error {
	var out strings.Builder
	if _, err := io.WriteString(&out, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(&out)
	if err := enc.Encode(doc); err != nil {
		return err
	}
	return x.bytes("application/xml; charset=utf-8", []byte(out.String()))
}
