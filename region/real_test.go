package region

import (
	"context"
	"os"
	"testing"

	"gevor/internal/realdata"
)

// Figures of the file itself (Python's csv module over poa_hexgrid.csv): 1,227 hexagons, of which 1,124 are
// populated; 177 hold schools and 117 health care. Five hexagons leave jobs and healthcare empty. The sums of the
// columns population, schools and healthcare are 812,935, 194 and 141.
func TestPortoAlegre(t *testing.T) {
	data := realdata.Dir(t, "porto-alegre")
	fsys := Overlay(os.DirFS("../regions/porto-alegre"), os.DirFS(data))
	if problems := Check(fsys); len(problems) != 0 {
		t.Fatalf("%v", problems)
	}
	d, err := ReadDescription(fsys)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Build(context.Background(), fsys, d, Options{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	var people float64
	populated := 0
	for i, p := range s.Cells.Population {
		people += float64(p)
		if s.Cells.Flag[i] == Known {
			populated++
		}
	}
	if s.Cells.Len() != 1227 || populated != 1124 || people != 812935 {
		t.Errorf("%d cells, %d populated, %.0f people", s.Cells.Len(), populated, people)
	}
	count, sum := map[string]int{}, map[string]float64{}
	for _, o := range s.Offers {
		for _, c := range o.Categories {
			count[s.Categories[c].Key]++
			sum[s.Categories[c].Key] += o.Capacity
		}
	}
	if count["school"] != 177 || count["health"] != 117 || sum["school"] != 194 || sum["health"] != 141 {
		t.Errorf("offers %v, %v", count, sum)
	}
	if s.Streets == nil || s.Timetable == nil || s.WalkKmh != 3.6 {
		t.Error("streets or timetable are absent")
	}
	for _, c := range s.Counts {
		if c.Read != c.Used+c.Rejected {
			t.Errorf("counts %+v", c)
		}
	}
	t.Logf("offers %v, counts %v", count, s.Counts)
}
