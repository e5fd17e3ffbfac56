package geo

import (
	"math"
	"testing"
)

// The numbers are PROJ 9.5.1 (pyproj 3.7.2), Transformer.from_crs(4326, 25832 | 3035, always_xy=True), printed to
// 0.01 mm. lon, lat, UTM32 easting and northing, LAEA easting and northing.
var projValues = [][6]float64{
	{7.2162, 51.4818, 376136.71473, 5704913.89273, 4127668.51344, 3156029.46621},
	{9, 51.5, 500000.00000, 5705429.16665, 4251561.98726, 3154844.09656},
	{6.0, 50.3, 286357.51741, 5576292.09968, 4036146.18078, 3028650.00613},
	{12.5, 47.3, 764583.38737, 5244445.48625, 4510174.22728, 2690570.97299},
	{6.76, 51.43, 344286.18639, 5700024.64245, 4095753.20882, 3151577.98085},
	{7.0, 51.45, 361028.94287, 5701765.76729, 4112518.07018, 3153088.67188},
	{15.0, 54.9, 884526.30720, 6100161.15362, 4641587.90850, 3543822.40518},
	{3.0, 40.0, -12321.62375, 4445034.64018, 3721047.08036, 1906120.17579},
	{9.0, 0.0, 500000.00000, 0.00000, 4197299.72651, -2360224.70098},
	{8.5, 83.9, 494068.14461, 9316955.89019, 4302474.12614, 6720613.92209},
	{6.9, 51.3, 353603.25623, 5685281.08743, 4104867.22255, 3136703.29111},
	{7.3, 51.6, 382260.69500, 5717919.64926, 4133970.75724, 3168954.12378},
}

// Same origin, EPSG:3035 only: far corners of its area of use, and a place outside it.
var projLAEA = [][4]float64{
	{10, 52, 4321000.00000, 3210000.00000},
	{-9.5, 38.7, 2634521.32644, 1952301.53574},
	{25, 60.2, 5147893.97429, 4210141.87000},
	{-51.2, -30.05, -3038059.23295, -2953321.31059},
	{33, 35, 6408292.72229, 1641973.19172},
}

func TestProjectionsAgreeWithPROJ(t *testing.T) {
	const mm = 0.001
	const degrees = 1e-8 // 1 mm on the ground
	for _, v := range projValues {
		p := LonLat{v[0], v[1]}
		e, n := ToUTM32(p)
		near(t, "UTM32 easting", e, v[2], mm)
		near(t, "UTM32 northing", n, v[3], mm)
		back := FromUTM32(v[2], v[3])
		near(t, "UTM32 longitude", back.Lon, v[0], degrees/math.Cos(v[1]*math.Pi/180))
		near(t, "UTM32 latitude", back.Lat, v[1], degrees)
		lae(t, p, v[4], v[5])
	}
	for _, v := range projLAEA {
		lae(t, LonLat{v[0], v[1]}, v[2], v[3])
	}
	// The other way round, values PROJ gave for a Bochum day care centre and a census cell centre.
	c := FromUTM32(379123, 5702951)
	near(t, "longitude", c.Lon, 7.2598565043758, degrees)
	near(t, "latitude", c.Lat, 51.464804379048715, degrees)
	c = Cell{100, 2689100, 4337000}.Centre()
	near(t, "longitude", c.Lon, 10.212124387255074, degrees)
	near(t, "latitude", c.Lat, 47.31573644644067, degrees)
}

func lae(t *testing.T, p LonLat, east, north float64) {
	t.Helper()
	e, n := ToLAEA(p)
	near(t, "LAEA easting", e, east, 0.001)
	near(t, "LAEA northing", n, north, 0.001)
	back := FromLAEA(east, north)
	near(t, "LAEA longitude", back.Lon, p.Lon, 1e-8/math.Cos(p.Lat*math.Pi/180))
	near(t, "LAEA latitude", back.Lat, p.Lat, 1e-8)
}

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if !(math.Abs(got-want) <= within) {
		t.Errorf("%s: got %.9f, want %.9f within %g", what, got, want, within)
	}
}
