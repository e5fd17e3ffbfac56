// Package draw turns places into SVG paths: a north-up view of a part of a region, areas, cells by class, and the
// scale bar that belongs to it. Pure: geometry in, path data out.
package draw

import (
	"math"
	"strconv"

	"github.com/paulmach/orb"

	"gevor/geo"
)

// Width is the width of every view in drawing units; the height follows from the shape of the box.
const Width = 1000.0

// View maps degrees to drawing units: equirectangular at the middle latitude of the box, north up. Over a region
// of 100 km the distortion stays below 1 %, which no eye sees on a page.
type View struct {
	Box           geo.Box
	Height        float64
	scaleX        float64 // units per degree of longitude
	scaleY        float64 // units per degree of latitude
	unitsPerMetre float64
}

// Bounds of the shape of a view: height divided by width.
const (
	flattest = 0.5
	tallest  = 1.15
)

// NewView makes the view of a box, widened to a shape between 2:1 and nearly square. A degenerate box is widened
// to 500 m.
func NewView(box geo.Box) View {
	const metresPerDegree = 111195.0
	mid := (box.MinLat + box.MaxLat) / 2
	cos := math.Max(0.05, math.Cos(mid*math.Pi/180))
	w := math.Max((box.MaxLon-box.MinLon)*cos*metresPerDegree, 500)
	h := math.Max((box.MaxLat-box.MinLat)*metresPerDegree, 250)
	w = math.Max(w, h/tallest)
	h = math.Max(h, w*flattest)
	midLon := (box.MinLon + box.MaxLon) / 2
	dLon, dLat := w/2/(cos*metresPerDegree), h/2/metresPerDegree
	v := View{Box: geo.Box{MinLon: midLon - dLon, MinLat: mid - dLat, MaxLon: midLon + dLon, MaxLat: mid + dLat}}
	v.unitsPerMetre = Width / w
	v.scaleX = Width / (2 * dLon)
	v.scaleY = v.scaleX / cos
	v.Height = math.Round(2 * dLat * v.scaleY)
	return v
}

// XY is a place in drawing units.
func (v View) XY(lon, lat float64) (x, y float64) {
	return (lon - v.Box.MinLon) * v.scaleX, (v.Box.MaxLat - lat) * v.scaleY
}

// ViewBox is the viewBox attribute.
func (v View) ViewBox() string {
	return "0 0 " + strconv.Itoa(int(Width)) + " " + strconv.Itoa(int(v.Height))
}

// MetresPerUnit is the length of one drawing unit on the ground.
func (v View) MetresPerUnit() float64 { return 1 / v.unitsPerMetre }

// Path is the path data of polygons. Points closer than tolerance units to the last one written are left out, so
// that an outline of thousands of points stays as light as it looks.
func (v View) Path(shape orb.MultiPolygon, tolerance float64) string {
	var b []byte
	for _, polygon := range shape {
		for _, ring := range polygon {
			b = v.ring(b, ring, tolerance)
		}
	}
	return string(b)
}

func (v View) ring(b []byte, ring orb.Ring, tolerance float64) []byte {
	if len(ring) < 4 {
		return b
	}
	var lastX, lastY float64
	for i, p := range ring[:len(ring)-1] {
		x, y := v.XY(p[0], p[1])
		if i > 0 && math.Abs(x-lastX)+math.Abs(y-lastY) < tolerance {
			continue
		}
		if i == 0 {
			b = append(b, 'M')
		} else {
			b = append(b, 'L')
		}
		b = appendUnit(b, x)
		b = append(b, ' ')
		b = appendUnit(b, y)
		lastX, lastY = x, y
	}
	return append(b, 'Z')
}

// appendUnit writes a coordinate with one decimal, without a trailing zero.
func appendUnit(b []byte, x float64) []byte {
	x = math.Round(x*10) / 10
	if x == 0 {
		return append(b, '0')
	}
	return strconv.AppendFloat(b, x, 'f', -1, 64)
}

// Scale is a round length (1, 2 or 5 times a power of ten) for a scale bar of two to five 25ths of the width.
func (v View) Scale() (units float64, metres int) {
	target := Width / 5 * v.MetresPerUnit()
	power := math.Pow(10, math.Floor(math.Log10(target)))
	for _, m := range [...]float64{5, 2, 1} {
		if m*power <= target {
			metres = int(math.Max(1, m*power))
			break
		}
	}
	return float64(metres) * v.unitsPerMetre, metres
}

// Bound is the box around shapes; ok is false where they hold no point.
func Bound(shapes ...orb.MultiPolygon) (box geo.Box, ok bool) {
	box = geo.Box{MinLon: math.Inf(1), MinLat: math.Inf(1), MaxLon: math.Inf(-1), MaxLat: math.Inf(-1)}
	for _, s := range shapes {
		for _, polygon := range s {
			for _, ring := range polygon {
				for _, p := range ring {
					box = Extend(box, geo.LonLat{Lon: p[0], Lat: p[1]})
					ok = true
				}
			}
		}
	}
	return box, ok
}

// Extend widens a box to hold a place.
func Extend(b geo.Box, p geo.LonLat) geo.Box {
	return geo.Box{
		MinLon: math.Min(b.MinLon, p.Lon), MinLat: math.Min(b.MinLat, p.Lat),
		MaxLon: math.Max(b.MaxLon, p.Lon), MaxLat: math.Max(b.MaxLat, p.Lat),
	}
}

// Meets says whether two boxes share a point.
func Meets(a, b geo.Box) bool {
	return a.MinLon <= b.MaxLon && b.MinLon <= a.MaxLon && a.MinLat <= b.MaxLat && b.MinLat <= a.MaxLat
}
