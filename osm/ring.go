package osm

import (
	"math"

	"gevor/geo"
)

// assemble joins ways, given by their node ids, end to end into closed rings. Ways are taken in order and joined
// with the first that fits, so the result is the same for the same input. open counts chains that do not close.
func assemble(ways [][]int64) (rings [][]int64, open int) {
	ends := map[int64][]int{}
	for i, w := range ways {
		if len(w) < 2 || w[0] == w[len(w)-1] {
			continue
		}
		ends[w[0]] = append(ends[w[0]], i)
		ends[w[len(w)-1]] = append(ends[w[len(w)-1]], i)
	}
	used := make([]bool, len(ways))
	for i, w := range ways {
		if used[i] || len(w) < 2 {
			continue
		}
		used[i] = true
		chain := append([]int64(nil), w...)
		for chain[0] != chain[len(chain)-1] {
			last := chain[len(chain)-1]
			found := -1
			for _, j := range ends[last] {
				if !used[j] {
					found = j
					break
				}
			}
			if found < 0 {
				break
			}
			used[found] = true
			next := ways[found]
			if next[0] == last {
				chain = append(chain, next[1:]...)
				continue
			}
			for k := len(next) - 2; k >= 0; k-- {
				chain = append(chain, next[k])
			}
		}
		if chain[0] == chain[len(chain)-1] && len(chain) >= 4 {
			rings = append(rings, chain)
		} else {
			open++
		}
	}
	return rings, open
}

// centroid gives area (in square degrees, signed) and centre of mass of a closed ring; of a ring without area the
// mean of its corners.
func centroid(ring []geo.LonLat) (area float64, at geo.LonLat) {
	o := ring[0]
	var twice, cx, cy float64
	for i := 1; i < len(ring); i++ {
		ax, ay := ring[i-1].Lon-o.Lon, ring[i-1].Lat-o.Lat
		bx, by := ring[i].Lon-o.Lon, ring[i].Lat-o.Lat
		cross := ax*by - bx*ay
		twice += cross
		cx += (ax + bx) * cross
		cy += (ay + by) * cross
	}
	if math.Abs(twice) < 1e-14 {
		return 0, mean(ring)
	}
	return twice / 2, geo.LonLat{Lon: o.Lon + cx/(3*twice), Lat: o.Lat + cy/(3*twice)}
}

// mean gives the mean of the corners of a line, counting the corner that closes it once.
func mean(line []geo.LonLat) geo.LonLat {
	if n := len(line); n > 1 && line[0] == line[n-1] {
		line = line[:n-1]
	}
	var at geo.LonLat
	for _, p := range line {
		at.Lon += p.Lon / float64(len(line))
		at.Lat += p.Lat / float64(len(line))
	}
	return at
}

// inside says whether p lies in a closed ring (even-odd rule).
func inside(p geo.LonLat, ring []geo.LonLat) bool {
	in := false
	for i := 1; i < len(ring); i++ {
		a, b := ring[i-1], ring[i]
		if (a.Lat > p.Lat) != (b.Lat > p.Lat) && p.Lon < a.Lon+(p.Lat-a.Lat)/(b.Lat-a.Lat)*(b.Lon-a.Lon) {
			in = !in
		}
	}
	return in
}
