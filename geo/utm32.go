package geo

import "math"

// GRS 80, the ellipsoid of ETRS89. WGS 84 differs by less than 0.2 mm in its axes and is taken as equal, as PROJ
// does between EPSG:4326 and EPSG:25832.
const (
	grsA = 6378137.0
	grsF = 1 / 298.257222101
)

// grsE is the first eccentricity of GRS 80.
var grsE = math.Sqrt(grsF * (2 - grsF))

const (
	utmScale     = 0.9996
	utmFalseEast = 500000.0
	utm32Lon0    = 9.0
)

// krueger holds the coefficients of Krüger's series in the third flattening n up to n^4.
type krueger struct {
	radius  float64 // rectifying radius in metres
	forward [4]float64
	inverse [4]float64
}

var kruegerGRS80 = kruegerOf(grsA, grsF/(2-grsF))

func kruegerOf(a, n float64) krueger {
	n2, n3, n4 := n*n, n*n*n, n*n*n*n
	return krueger{
		radius: a / (1 + n) * (1 + n2/4 + n4/64),
		forward: [4]float64{
			n/2 - 2*n2/3 + 5*n3/16 + 41*n4/180,
			13*n2/48 - 3*n3/5 + 557*n4/1440,
			61*n3/240 - 103*n4/140,
			49561 * n4 / 161280,
		},
		inverse: [4]float64{
			n/2 - 2*n2/3 + 37*n3/96 - n4/360,
			n2/48 + n3/15 - 437*n4/1440,
			17*n3/480 - 37*n4/840,
			4397 * n4 / 161280,
		},
	}
}

// ToUTM32 projects to EPSG:25832 (ETRS89 / UTM zone 32N): easting and northing in metres, northing negative south
// of the equator.
//
// Krüger's series to n^4 in the form of Karney (2011), "Transverse Mercator with an accuracy of a few
// nanometers", eqs. 7–11 and 35. The error is below 1 µm within 30° of the central meridian 9° E. Beyond 80° the
// result is NaN. Checked against PROJ in oracle_test.go.
func ToUTM32(p LonLat) (east, north float64) {
	const rad = math.Pi / 180
	dLon := p.Lon - utm32Lon0
	if !p.Valid() || math.Abs(dLon) > 80 {
		return math.NaN(), math.NaN()
	}
	sin, cos := math.Sincos(dLon * rad)
	t := conformalTan(math.Tan(p.Lat * rad))
	xi := math.Atan2(t, cos)
	eta := math.Asinh(sin / math.Hypot(t, cos))
	k := &kruegerGRS80
	x, y := xi, eta
	for j, a := range k.forward {
		m := float64(2 * (j + 1))
		x += a * math.Sin(m*xi) * math.Cosh(m*eta)
		y += a * math.Cos(m*xi) * math.Sinh(m*eta)
	}
	return utmFalseEast + utmScale*k.radius*y, utmScale * k.radius * x
}

// FromUTM32 gives the place of an easting and northing in EPSG:25832, inverse of ToUTM32 with the same accuracy.
// Arguments outside ±3,000 km of the central meridian or ±10,000 km of the equator give NaN.
func FromUTM32(east, north float64) LonLat {
	k := &kruegerGRS80
	if !(math.Abs(east-utmFalseEast) <= 3e6) || !(math.Abs(north) <= 1e7) {
		return LonLat{math.NaN(), math.NaN()}
	}
	xi := north / (utmScale * k.radius)
	eta := (east - utmFalseEast) / (utmScale * k.radius)
	x, y := xi, eta
	for j, b := range k.inverse {
		m := float64(2 * (j + 1))
		x -= b * math.Sin(m*xi) * math.Cosh(m*eta)
		y -= b * math.Cos(m*xi) * math.Sinh(m*eta)
	}
	const rad = math.Pi / 180
	sinX, cosX := math.Sincos(x)
	sinhY := math.Sinh(y)
	t := geographicTan(sinX / math.Hypot(sinhY, cosX))
	return LonLat{utm32Lon0 + math.Atan2(sinhY, cosX)/rad, math.Atan(t) / rad}
}

// conformalTan turns the tangent of the geographic latitude into that of the conformal latitude.
func conformalTan(t float64) float64 {
	if math.Abs(t) > 1e15 {
		return t
	}
	w := math.Sqrt(1 + t*t)
	s := math.Sinh(grsE * math.Atanh(grsE*t/w))
	return t*math.Sqrt(1+s*s) - s*w
}

// geographicTan inverts conformalTan by Newton's method; three steps reach machine precision.
func geographicTan(tc float64) float64 {
	e2 := grsE * grsE
	t := tc / math.Sqrt(1-e2)
	for range 5 {
		f := conformalTan(t)
		d := (tc - f) / math.Sqrt(1+f*f) * (1 + (1-e2)*t*t) / ((1 - e2) * math.Sqrt(1+t*t))
		t += d
		if !(math.Abs(d) > 1e-15*(1+math.Abs(t))) {
			break
		}
	}
	return t
}
