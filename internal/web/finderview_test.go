package web

import (
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"gevor/internal/draw"
)

// TestNamesOnAMapDoNotMeet puts many names and marks on a picture; the control counts what met before.
func TestNamesOnAMapDoNotMeet(t *testing.T) {
	made := func() picture {
		pic := picture{View: draw.View{Height: 600}}
		for i := range 24 {
			pic.Areas = append(pic.Areas, areaPath{Name: strings.Repeat("n", 5+i%9), X: unit(float64(80 + i%6*150)), Y: unit(float64(60 + i/6*90 + i%3*20)), Label: true})
		}
		for i := range 12 {
			pic.Marks = append(pic.Marks, mark{X: unit(float64(90 + i%6*150)), Y: unit(float64(70 + i/6*200)), Class: "offer"})
		}
		return pic
	}
	met := func(pic picture) (n, shown int) {
		var all []box
		for _, m := range pic.Marks {
			all = append(all, box{number(t, m.X), number(t, m.Y), markWide / 2, markWide / 2})
		}
		for _, a := range pic.Areas {
			if !a.Label {
				continue
			}
			shown++
			b := box{number(t, a.X), number(t, a.Y), float64(utf8.RuneCountInString(a.Name)) * letterWide / 2, lineHigh / 2}
			for _, o := range all {
				if b.meets(o) {
					n++
				}
			}
			all = append(all, b)
		}
		return n, shown
	}
	before, _ := met(made())
	pic := made()
	pic.unclutter()
	after, shown := met(pic)
	if after > 0 || shown == 0 {
		t.Errorf("%d names meet something, %d are shown", after, shown)
	}
	if before == 0 {
		t.Error("control: nothing met before")
	}
	t.Logf("figure: 24 names on a crowded map met %d times; of them %d are left and meet nothing", before, shown)
}

func number(t *testing.T, s string) float64 {
	t.Helper()
	x, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return x
}
