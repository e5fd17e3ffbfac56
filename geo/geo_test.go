package geo

import (
	"math"
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"gevor/fault"
)

func TestParseCell(t *testing.T) {
	c, err := ParseCell("CRS3035RES100mN2689100E4337000")
	if err != nil || c != (Cell{100, 2689100, 4337000}) {
		t.Fatalf("got %v, %v", c, err)
	}
	for _, bad := range []string{
		"", "100mN26891E43370", "CRS3035RES100mN2689100", "CRS3035RES100mN2689150E4337000", "CRS3035RES0mN0E0",
		"CRS3035RES100mN-100E4337000", "CRS3035RES100mNE4337000", "CRS3035RES100mN99999999900E4337000", "CRS3035RES100mN+100E100",
	} {
		if _, err := ParseCell(bad); fault.KindOf(err) != fault.Invalid || err == nil {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestLocatorKeepsHolesOpen(t *testing.T) {
	square := func(a, b float64) orb.Ring { return orb.Ring{{a, a}, {b, a}, {b, b}, {a, b}, {a, a}} }
	l := NewLocator([]orb.MultiPolygon{{{square(0, 10), square(4, 6)}}, {{square(4, 6)}}, nil})
	for p, want := range map[LonLat]int32{{1, 1}: 0, {5, 5}: 1, {11, 5}: -1} {
		if got := l.First(p); got != want {
			t.Errorf("%v: got %d, want %d", p, got, want)
		}
	}
}

func TestProjectionsRefuseNonsense(t *testing.T) {
	for _, p := range []LonLat{{500, 0}, {0, 91}, {math.NaN(), 0}, {120, 10}} {
		if e, n := ToUTM32(p); !math.IsNaN(e) || !math.IsNaN(n) {
			t.Errorf("%v: %v %v", p, e, n)
		}
	}
	if p := FromUTM32(1e9, 0); p.Valid() {
		t.Error(p)
	}
	if p := FromLAEA(1e9, 0); p.Valid() {
		t.Error(p)
	}
}

func BenchmarkLocator(b *testing.B) {
	// 400 areas of 2,000 edges each in a 20 x 20 chequerboard, like the districts of a large region.
	var areas []orb.MultiPolygon
	for i := range 400 {
		cx, cy := 6.5+float64(i%20)*0.05, 51.2+float64(i/20)*0.025
		var r orb.Ring
		for k := range 2000 {
			a := 2 * math.Pi * float64(k) / 2000
			d := 0.02 * (1 + 0.2*math.Sin(50*a))
			r = append(r, orb.Point{cx + d*math.Cos(a), cy + d*math.Sin(a)/2})
		}
		areas = append(areas, orb.MultiPolygon{{r}})
	}
	l := NewLocator(areas)
	b.ResetTimer()
	for i := range b.N {
		l.First(LonLat{6.5 + float64(i%1000)*0.001, 51.2 + float64(i/1000%500)*0.001})
	}
}

func TestHilbertVisitsEveryCellOnce(t *testing.T) {
	const n = 16
	box := Box{MinLon: 0, MinLat: 0, MaxLon: n - 1, MaxLat: n - 1}
	at := map[uint32]LonLat{}
	var keys []uint32
	for x := range n {
		for y := range n {
			k := Hilbert(LonLat{Lon: float64(x), Lat: float64(y)}, box)
			if other, twice := at[k]; twice {
				t.Fatalf("%v and %v,%v have one key", other, x, y)
			}
			at[k] = LonLat{Lon: float64(x), Lat: float64(y)}
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	for i := 1; i < len(keys); i++ {
		a, b := at[keys[i-1]], at[keys[i]]
		if math.Abs(a.Lon-b.Lon)+math.Abs(a.Lat-b.Lat) != 1 {
			t.Fatalf("%v and %v follow each other and lie apart", a, b)
		}
	}
}
