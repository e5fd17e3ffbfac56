package paper_test

import (
	"archive/zip"
	"bytes"
	"image/png"
	"io"
	"strings"
	"testing"

	"gevor/internal/paper"
)

const square = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 500"><rect x="0" y="0" width="1000" height="500" fill="#f2f1ec"/><path d="M100 100L400 100L400 400L100 400Z" fill="#aa3377"/></svg>`

// part reads one file of a document.
func part(t *testing.T, raw []byte, name string) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestADocumentHoldsWhatItIsGiven(t *testing.T) {
	pic, height, err := paper.Raster([]byte(square), nil, 400)
	if err != nil || height != 200 {
		t.Fatalf("height %d, %v", height, err)
	}
	d := paper.Document{Title: "Innenstadt <&> Mitte", Parts: []paper.Part{
		paper.Heading{Level: 1, Text: "Wer"},
		paper.Text{Text: "1.230 Menschen"},
		paper.Text{Text: "Quelle", Quiet: true},
		paper.Table{Head: []string{"Stadtteil", "Menschen"}, Rows: [][]string{{"Nord", "1.000"}, {"Süd", "230"}}, Numeric: []bool{false, true}},
		paper.Picture{PNG: pic, Width: 400, Height: 200, Caption: "Karte"},
	}}
	var one, two bytes.Buffer
	if err := paper.WriteDOCX(&one, d); err != nil {
		t.Fatal(err)
	}
	if err := paper.WriteDOCX(&two, d); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(one.Bytes(), two.Bytes()) {
		t.Error("the same document gives other bytes")
	}
	text := part(t, one.Bytes(), "word/document.xml")
	at := 0
	for _, want := range []string{"Innenstadt &lt;&amp;&gt; Mitte", "Wer", "1.230 Menschen", "Quelle", "Stadtteil", "Menschen", "Nord", "1.000", "Süd", "230", "Karte"} {
		next := strings.Index(text[at:], ">"+want+"<")
		if next < 0 {
			t.Fatalf("%q does not stand where it should:\n%s", want, text)
		}
		at += next
	}
	if got := strings.Count(text, `w:jc w:val="right"`); got != 3 {
		t.Errorf("%d numbers stand to the right, want 3", got)
	}
	if part(t, one.Bytes(), "word/media/image1.png") != string(pic) {
		t.Error("the picture is another one")
	}
}

func TestARasterHasTheColoursOfItsDrawing(t *testing.T) {
	raw, _, err := paper.Raster([]byte(square), nil, 1000)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		x, y int
		want [3]uint32
	}{{250, 250, [3]uint32{0xaa, 0x33, 0x77}}, {700, 250, [3]uint32{0xf2, 0xf1, 0xec}}, {50, 450, [3]uint32{0xf2, 0xf1, 0xec}}} {
		r, g, b, _ := img.At(c.x, c.y).RGBA()
		if got := [3]uint32{r >> 8, g >> 8, b >> 8}; got != c.want {
			t.Errorf("%d, %d: %x, want %x", c.x, c.y, got, c.want)
		}
	}
	named, _, err := paper.Raster([]byte(square), []paper.Label{{X: 700, Y: 250, Text: "Nord"}}, 1000)
	if err != nil || bytes.Equal(named, raw) {
		t.Errorf("a label changes nothing: %v", err)
	}
	if _, _, err := paper.Raster([]byte("<svg"), nil, 100); err == nil {
		t.Error("half a drawing is drawn")
	}
}
