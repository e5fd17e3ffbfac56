// Package geo holds places: longitude and latitude, the two projections of German official data, the cells of
// the 100 m grid, boxes and polygons.
package geo

import "math"

// Metres is a length on the ground.
type Metres float64

// LonLat is a place in degrees, WGS 84 (EPSG:4326). Lon in [-180, 180], Lat in [-90, 90].
type LonLat struct{ Lon, Lat float64 }

// Valid says whether both coordinates are finite and within range.
func (p LonLat) Valid() bool {
	return p.Lon >= -180 && p.Lon <= 180 && p.Lat >= -90 && p.Lat <= 90
}

// earthRadius is the mean radius of the WGS 84 ellipsoid in metres.
const earthRadius = 6371008.8

// Distance is the great-circle distance on the mean sphere (haversine), within 0.6 % of the ellipsoid.
func Distance(a, b LonLat) Metres {
	const rad = math.Pi / 180
	s1 := math.Sin((b.Lat - a.Lat) * rad / 2)
	s2 := math.Sin((b.Lon - a.Lon) * rad / 2)
	h := s1*s1 + math.Cos(a.Lat*rad)*math.Cos(b.Lat*rad)*s2*s2
	return Metres(2 * earthRadius * math.Asin(math.Min(1, math.Sqrt(h))))
}

// Box is a bounding box in degrees; a box that crosses the date line is not supported.
type Box struct{ MinLon, MinLat, MaxLon, MaxLat float64 }

// Contains says whether p lies in the box, borders included.
func (b Box) Contains(p LonLat) bool {
	return p.Lon >= b.MinLon && p.Lon <= b.MaxLon && p.Lat >= b.MinLat && p.Lat <= b.MaxLat
}

// Grow gives the box widened by m on every side.
func (b Box) Grow(m Metres) Box {
	const rad = math.Pi / 180
	dLat := float64(m) / earthRadius / rad
	dLon := dLat / math.Max(0.01, math.Cos((b.MinLat+b.MaxLat)/2*rad))
	return Box{b.MinLon - dLon, b.MinLat - dLat, b.MaxLon + dLon, b.MaxLat + dLat}
}
