package geo

// Hilbert gives the place of a point on a Hilbert curve of 2^16 by 2^16 cells over a box: what follows on the curve lies
// close together. Points outside count as on the border. TestHilbertVisitsEveryCellOnce.
func Hilbert(p LonLat, box Box) uint32 {
	scale := func(v, lo, hi float64) uint32 {
		if !(hi > lo) {
			return 0
		}
		return uint32(min(max((v-lo)/(hi-lo), 0), 1) * 65535)
	}
	x, y := scale(p.Lon, box.MinLon, box.MaxLon), scale(p.Lat, box.MinLat, box.MaxLat)
	var d uint32
	for s := uint32(1 << 15); s > 0; s >>= 1 {
		var rx, ry uint32
		if x&s != 0 {
			rx = 1
		}
		if y&s != 0 {
			ry = 1
		}
		d += s * s * ((3 * rx) ^ ry)
		if ry == 0 {
			if rx == 1 {
				x, y = 65535-x, 65535-y
			}
			x, y = y, x
		}
	}
	return d
}
