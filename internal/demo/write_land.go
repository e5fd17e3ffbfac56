package demo

import (
	"gevor/geo"
	"gevor/internal/demo/pbf"
)

// ring gives a closed way around a rectangle of plan coordinates, bent like everything else.
func (o *osmDraft) ring(u0, v0, u1, v1 float64) []int64 {
	const pieces = 3
	var out []int64
	side := func(ua, va, ub, vb float64) {
		for k := range pieces {
			f := float64(k) / pieces
			x, y := o.w.d.g.at(ua+(ub-ua)*f, va+(vb-va)*f)
			out = append(out, o.add(x, y))
		}
	}
	side(u0, v0, u1, v0)
	side(u1, v0, u1, v1)
	side(u1, v1, u0, v1)
	side(u0, v1, u0, v0)
	return append(out, out[0])
}

// land writes what covers the ground: woods and fields where nobody lives, housing, parks, works, lakes.
func (o *osmDraft) land() {
	w := o.w
	r := stream(w.o.Seed, "land")
	for row := range w.p.h {
		for col := range w.p.w {
			i := w.p.townOf[row*w.p.w+col]
			u0, v0 := float64(col*pitch+1), float64(row*pitch+1)
			u1, v1 := u0+tileCells, v0+tileCells
			if i >= 0 {
				t := &w.p.towns[i]
				o.way(o.ring(float64(t.x0), float64(t.y0), float64(t.x1), float64(t.y1)), "landuse", "residential")
				if t.core {
					continue
				}
			}
			switch draw := r.IntN(20); {
			case i >= 0:
				// Fields around a village would cover it; its tile stays bare.
			case w.p.works[[2]int{col, row}]:
				o.way(o.ring(u0, v0, u1, v1), "landuse", "industrial", "name", "Musterwerk")
			case draw == 0:
				o.lake(u0+1, v0+1, u1-1, v1-1)
			case draw == 1 && row%blockRows >= 4 && row%blockRows <= 11:
				o.way(o.ring(u0, v0, u1, v1), "landuse", "industrial", "name", "Musterwerk")
			case draw < 9:
				o.way(o.ring(u0, v0, u1, v1), "landuse", "forest")
			case draw < 17:
				o.way(o.ring(u0, v0, u1, v1), "landuse", "farmland")
			default:
				o.way(o.ring(u0, v0, u1, v1), "landuse", "meadow")
			}
		}
	}
	for _, k := range w.q.parks {
		o.way(o.ring(float64(k[0])+0.1, float64(k[1])+0.1, float64(k[2])-0.1, float64(k[3])-0.1), "leisure", "park")
	}
}

// lake writes a multipolygon with an island.
func (o *osmDraft) lake(u0, v0, u1, v1 float64) {
	outer := o.way(o.ring(u0, v0, u1, v1))
	mu, mv := (u0+u1)/2, (v0+v1)/2
	inner := o.way(o.ring(mu-0.6, mv-0.6, mu+0.6, mv+0.6))
	o.relations = append(o.relations, osmRelation{
		members: []pbf.Member{{Kind: pbf.Way, ID: outer, Role: "outer"}, {Kind: pbf.Way, ID: inner, Role: "inner"}},
		tags:    []string{"type", "multipolygon", "natural", "water", "name", "Mustersee"},
	})
}

// barriers writes rivers as lines and water areas, and railways as lines. Motorways are streets already.
func (o *osmDraft) barriers() {
	w := o.w
	for i, b := range w.p.vbar {
		o.barrier(b, w.p.h, func(at, off float64) (float64, float64) { return float64(i)*pitch + 0.5 + off, at })
	}
	for j, b := range w.p.hbar {
		o.barrier(b, w.p.w, func(at, off float64) (float64, float64) { return at, float64(j)*pitch + 0.5 + off })
	}
}

const riverHalfWidth = 0.22 // in cells

func (o *osmDraft) barrier(kind barrier, tiles int, at func(along, off float64) (u, v float64)) {
	if kind != river && kind != rail {
		return
	}
	node := func(along, off float64) int64 {
		x, y := o.w.d.g.at(at(along, off))
		return o.add(x, y)
	}
	var line []int64
	for k := range tiles*3 + 1 {
		line = append(line, node(float64(k)*pitch/3, 0))
	}
	if kind == rail {
		o.way(line, "railway", "rail", "usage", "main", "electrified", "contact_line")
		return
	}
	o.way(line, "waterway", "river", "name", "Musterbach")
	const pieces = 3
	for t := range tiles {
		var ring []int64
		for k := 0; k <= pieces; k++ {
			ring = append(ring, node((float64(t)+float64(k)/pieces)*pitch, -riverHalfWidth))
		}
		for k := pieces; k >= 0; k-- {
			ring = append(ring, node((float64(t)+float64(k)/pieces)*pitch, riverHalfWidth))
		}
		o.way(append(ring, ring[0]), "natural", "water", "water", "river")
	}
}

// bounds is a box around the whole region.
func (w *world) bounds() geo.Box {
	var box geo.Box
	for i, c := range w.outline(0, 0, w.p.w, w.p.h) {
		p := geo.LonLat{Lon: c[0], Lat: c[1]}
		if i == 0 {
			box = geo.Box{MinLon: p.Lon, MinLat: p.Lat, MaxLon: p.Lon, MaxLat: p.Lat}
			continue
		}
		box.MinLon, box.MaxLon = min(box.MinLon, p.Lon), max(box.MaxLon, p.Lon)
		box.MinLat, box.MaxLat = min(box.MinLat, p.Lat), max(box.MaxLat, p.Lat)
	}
	return box.Grow(500)
}

// outline gives a closed ring of [lon, lat] around a rectangle of tiles, counter-clockwise, with a point every
// 300 m so that neighbours share every point of a common border.
func (w *world) outline(col0, row0, col1, row1 int) [][2]float64 {
	var out [][2]float64
	add := func(u, v float64) {
		p := w.d.g.place(u, v)
		out = append(out, [2]float64{round7(p.Lon), round7(p.Lat)})
	}
	u0, v0, u1, v1 := float64(col0)*pitch+0.5, float64(row0)*pitch+0.5, float64(col1)*pitch+0.5, float64(row1)*pitch+0.5
	const step = pitch / 3
	for u := u0; u < u1; u += step {
		add(u, v0)
	}
	for v := v0; v < v1; v += step {
		add(u1, v)
	}
	for u := u1; u > u0; u -= step {
		add(u, v1)
	}
	for v := v1; v > v0; v -= step {
		add(u0, v)
	}
	return append(out, out[0])
}
