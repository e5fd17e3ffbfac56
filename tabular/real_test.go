package tabular

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gevor/geo"
	"gevor/internal/realdata"
	"gevor/notice"
)

func openReal(t *testing.T, dir, name string) (*Table, *notice.List) {
	t.Helper()
	f, err := os.Open(filepath.Join(realdata.Dir(t, dir), name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	notes := &notice.List{}
	tab, err := Open(f, Options{File: name, Notes: notes})
	if err != nil {
		t.Fatal(err)
	}
	return tab, notes
}

// The city of Bochum publishes these four files; the row counts are those of Python's csv module
// (csv.reader(delimiter=";"), rows with at least one filled field, header left out).
func TestBochumOpenData(t *testing.T) {
	box := geo.Box{MinLon: 7.05, MinLat: 51.38, MaxLon: 7.40, MaxLat: 51.56}
	for name, want := range map[string]int{
		"bochum_daycare_centers.csv": 195, "bochum_playgrounds.csv": 352, "bochum_schools.csv": 298,
	} {
		tab, notes := openReal(t, "bochum", name)
		east, err := tab.Need("rechts_utm")
		if err != nil {
			t.Fatal(err)
		}
		north, err := tab.Need("hoch_utm")
		if err != nil {
			t.Fatal(err)
		}
		rows := 0
		if err := tab.Each(func(r Row) *Problem {
			rows++
			e, ok1 := tab.Numbers().Coordinate(r.Text(east))
			n, ok2 := tab.Numbers().Coordinate(r.Text(north))
			if p := geo.FromUTM32(e, n); !ok1 || !ok2 || !box.Contains(p) {
				t.Errorf("%s:%d lies at %v", name, r.Line, p)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if rows != want || tab.Encoding() != "utf-8" || tab.Delimiter() != ';' || len(notes.Notices()) != 0 {
			t.Errorf("%s: %d rows, %s, %q, %v", name, rows, tab.Encoding(), tab.Delimiter(), notes.Notices())
		}
	}
}

func TestBochumSportsFileInWindows1252(t *testing.T) {
	tab, notes := openReal(t, "bochum", "bochum_sports_facilities.csv")
	if got := strings.Join(tab.Names()[6:8], "|"); got != "Maße|Beleuchtung vorhanden" {
		t.Errorf("names %q", got)
	}
	kind, err := tab.Need("Spielfeld")
	if err != nil {
		t.Fatal(err)
	}
	rows, large := 0, 0
	if err := tab.Each(func(r Row) *Problem {
		rows++
		if r.Text(kind) == "Großspielfeld" {
			large++
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if rows != 128 || large != 94 || tab.Encoding() != "windows-1252" {
		t.Errorf("%d rows, %d large fields, %s", rows, large, tab.Encoding())
	}
	if c := notes.Counts(); len(c) != 1 || c[0].Read != int64(rows) {
		t.Errorf("counts %v", c)
	}
}

// 360 and 1,272 lines after the header (wc -l); scores of this index lie in 0..1.
func TestGISD(t *testing.T) {
	for name, want := range map[string]int{"gisd_ruhr_kreise.csv": 360, "gisd_ruhr_gemeindeverbaende_nrw_norm.csv": 1272} {
		tab, _ := openReal(t, "gisd", name)
		score, err := tab.Need("gisd_score")
		if err != nil {
			t.Fatal(err)
		}
		rows := 0
		if err := tab.Each(func(r Row) *Problem {
			rows++
			v, reading := tab.Numbers().Parse(r.Text(score))
			if reading != Clear || v.Flag > Zero || v.Number < 0 || v.Number > 1 || math.IsNaN(v.Number) {
				t.Errorf("%s:%d %q is %v", name, r.Line, r.Text(score), v)
			}
			if key := r.Text(0); key[0] != '0' {
				t.Errorf("key %q lost its zero", key)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if rows != want {
			t.Errorf("%s: %d rows, want %d", name, rows, want)
		}
	}
}
