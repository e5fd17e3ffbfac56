package geo

import "math"

// laea holds the constants of EPSG:3035 (ETRS89 / LAEA Europe): origin 10° E 52° N, false easting 4,321,000 m,
// false northing 3,210,000 m, GRS 80.
type laea struct {
	qp, rq, d, sinB1, cosB1 float64
}

const (
	laeaLon0  = 10.0
	laeaLat0  = 52.0
	laeaEast  = 4321000.0
	laeaNorth = 3210000.0
)

var laeaEurope = laeaOf(laeaLat0)

func laeaOf(lat0 float64) laea {
	sin, cos := math.Sincos(lat0 * math.Pi / 180)
	qp := authalicQ(1)
	rq := grsA * math.Sqrt(qp/2)
	sinB1 := authalicQ(sin) / qp
	cosB1 := math.Sqrt(1 - sinB1*sinB1)
	m1 := cos / math.Sqrt(1-grsE*grsE*sin*sin)
	return laea{qp: qp, rq: rq, d: grsA * m1 / (rq * cosB1), sinB1: sinB1, cosB1: cosB1}
}

// authalicQ is Snyder's q of the sine of a latitude (eq. 3-12).
func authalicQ(sin float64) float64 {
	e := grsE
	return (1 - e*e) * (sin/(1-e*e*sin*sin) + math.Atanh(e*sin)/e)
}

// ToLAEA projects to EPSG:3035: easting and northing in metres.
//
// Lambert azimuthal equal area on the ellipsoid after Snyder (1987), "Map Projections: A Working Manual", eqs.
// 24-16 to 24-22. Exact up to rounding (micrometres); the antipode of the origin and invalid places give NaN.
// Checked against PROJ in oracle_test.go.
func ToLAEA(p LonLat) (east, north float64) {
	const rad = math.Pi / 180
	if !p.Valid() {
		return math.NaN(), math.NaN()
	}
	l := &laeaEurope
	sinB := math.Max(-1, math.Min(1, authalicQ(math.Sin(p.Lat*rad))/l.qp))
	cosB := math.Sqrt(1 - sinB*sinB)
	sinL, cosL := math.Sincos((p.Lon - laeaLon0) * rad)
	den := 1 + l.sinB1*sinB + l.cosB1*cosB*cosL
	if !(den > 1e-12) {
		return math.NaN(), math.NaN()
	}
	b := l.rq * math.Sqrt(2/den)
	return laeaEast + b*l.d*cosB*sinL, laeaNorth + b/l.d*(l.cosB1*sinB-l.sinB1*cosB*cosL)
}

// FromLAEA gives the place of an easting and northing in EPSG:3035, inverse of ToLAEA (Snyder eqs. 24-23 to
// 24-29, the latitude by Newton's method on eq. 3-12). Arguments beyond the globe's edge give NaN.
func FromLAEA(east, north float64) LonLat {
	const rad = math.Pi / 180
	l := &laeaEurope
	x, y := (east-laeaEast)/l.d, (north-laeaNorth)*l.d
	rho := math.Hypot(x, y)
	if rho == 0 {
		return LonLat{laeaLon0, laeaLat0}
	}
	half := rho / (2 * l.rq)
	if !(half <= 1) {
		return LonLat{math.NaN(), math.NaN()}
	}
	sinC, cosC := math.Sincos(2 * math.Asin(half))
	q := l.qp * (cosC*l.sinB1 + y*sinC*l.cosB1/rho)
	lon := laeaLon0 + math.Atan2(x*sinC, rho*l.cosB1*cosC-y*l.sinB1*sinC)/rad
	if lon > 180 {
		lon -= 360
	}
	return LonLat{lon, authalicLat(q) / rad}
}

// authalicLat solves authalicQ(sin φ) = q for φ in radians.
func authalicLat(q float64) float64 {
	e := grsE
	qp := laeaEurope.qp
	if math.Abs(q) >= qp {
		return math.Copysign(math.Pi/2, q)
	}
	phi := math.Asin(q / 2)
	for range 10 {
		sin, cos := math.Sincos(phi)
		u := 1 - e*e*sin*sin
		d := u * u / (2 * math.Max(cos, 1e-9)) * (q - authalicQ(sin)) / (1 - e*e)
		phi = math.Max(-math.Pi/2, math.Min(math.Pi/2, phi+d))
		if math.Abs(d) < 1e-15 {
			break
		}
	}
	return phi
}
