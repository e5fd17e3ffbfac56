package tiles

import (
	"context"
	"errors"
	"math"
	"runtime"
	"slices"
	"sync"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/clip"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/simplify"

	"gevor/travel"
)

const (
	extent = 4096
	buffer = 64 // units around a tile that are drawn too, so that lines and edges do not end at its border
)

// feature is one object on its way into tiles. Geometry is in Web Mercator with the world as the unit square, y
// southwards.
type feature struct {
	layer            int
	minZoom, maxZoom uint8
	id               uint64 // 0 = none
	geometry         orb.Geometry
	box              orb.Bound
	// minUnits is the size in tile units below which the object is left out: length of a line's box, edge of an
	// area of the same size. 0 keeps everything.
	minUnits   float64
	exact      bool // do not simplify: neighbours must keep their common edges
	properties func(zoom uint8) geojson.Properties
}

// pyramid cuts features into tiles from the top down: a tile hands each child what lies in it, so a feature is
// clipped only along its own edge, and what lies wholly inside is passed on as it is.
type pyramid struct {
	layers           []string
	minZoom, maxZoom uint8
	progress         travel.Progress
	stage            string

	mu    sync.Mutex
	tiles []tile
	done  int64
	err   error
}

// piece is a feature with the part of its geometry that lies near a tile.
type piece struct {
	*feature
	part orb.Geometry
	box  orb.Bound
}

// splitZoom is where the work is shared out to goroutines.
const splitZoom = 9

func (p *pyramid) build(ctx context.Context, features []feature, workers int) ([]tile, error) {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	all := make([]piece, len(features))
	for i := range features {
		f := &features[i]
		f.box = f.geometry.Bound()
		all[i] = piece{f, f.geometry, f.box}
	}
	type task struct {
		z      uint8
		x, y   uint32
		pieces []piece
	}
	tasks := make(chan task)
	var wg sync.WaitGroup
	for range workers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for t := range tasks {
				p.descend(ctx, t.z, t.x, t.y, t.pieces, nil)
			}
		}()
	}
	p.descend(ctx, 0, 0, 0, all, func(z uint8, x, y uint32, pieces []piece) {
		tasks <- task{z, x, y, pieces}
	})
	close(tasks)
	wg.Wait()
	return p.tiles, errors.Join(p.err, ctx.Err())
}

// descend makes a tile and those below it. Where share is given, subtrees from splitZoom on are handed to it.
func (p *pyramid) descend(ctx context.Context, z uint8, x, y uint32, pieces []piece, share func(z uint8, x, y uint32, pieces []piece)) {
	if len(pieces) == 0 || ctx.Err() != nil {
		return
	}
	if share != nil && z == splitZoom {
		share(z, x, y, pieces)
		return
	}
	if z >= p.minZoom {
		p.emit(z, x, y, pieces)
	}
	if z >= p.maxZoom {
		return
	}
	for _, c := range [4][2]uint32{{0, 0}, {1, 0}, {0, 1}, {1, 1}} {
		cx, cy := 2*x+c[0], 2*y+c[1]
		p.descend(ctx, z+1, cx, cy, within(pieces, tileBound(z+1, cx, cy), z+1), share)
	}
}

// tileBound is the square of a tile with its buffer, in world units.
func tileBound(z uint8, x, y uint32) orb.Bound {
	n := float64(uint64(1) << z)
	pad := float64(buffer) / extent / n
	return orb.Bound{
		Min: orb.Point{float64(x)/n - pad, float64(y)/n - pad},
		Max: orb.Point{float64(x+1)/n + pad, float64(y+1)/n + pad},
	}
}

func within(pieces []piece, b orb.Bound, z uint8) []piece {
	var out []piece
	for i := range pieces {
		p := &pieces[i]
		if p.maxZoom < z || !p.box.Intersects(b) {
			continue
		}
		if b.Contains(p.box.Min) && b.Contains(p.box.Max) {
			out = append(out, *p)
			continue
		}
		part := clip.Geometry(b, orb.Clone(p.part))
		if part == nil {
			continue
		}
		out = append(out, piece{p.feature, part, part.Bound()})
	}
	return out
}

func (p *pyramid) emit(z uint8, x, y uint32, pieces []piece) {
	layers := make([][]*geojson.Feature, len(p.layers))
	n := float64(uint64(1) << z)
	for i := range pieces {
		f := pieces[i].feature
		if z < f.minZoom || z > f.maxZoom {
			continue
		}
		g := toTile(pieces[i].part, n, float64(x), float64(y))
		if f.minUnits > 0 && tooSmall(g, f.minUnits) {
			continue
		}
		tolerance := 2.0
		if z == p.maxZoom {
			tolerance = 1
		}
		if f.exact {
			tolerance = 0
		}
		g = tidy(g, tolerance)
		if g == nil {
			continue
		}
		out := &geojson.Feature{Geometry: g, Properties: f.properties(z)}
		if f.id > 0 {
			out.ID = f.id
		}
		layers[f.layer] = append(layers[f.layer], out)
	}
	var ready mvt.Layers
	for i, fs := range layers {
		if len(fs) > 0 {
			ready = append(ready, &mvt.Layer{Name: p.layers[i], Version: 2, Extent: extent, Features: fs})
		}
	}
	if len(ready) == 0 {
		return
	}
	raw, err := mvt.Marshal(ready)
	if err == nil {
		raw, err = packed(raw)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil {
		p.err = errors.Join(p.err, err)
		return
	}
	p.tiles = append(p.tiles, tile{tileID(z, x, y), raw})
	p.done++
	p.progress.Report(p.stage, p.done, 0)
}

// toTile gives the geometry in whole units of one tile.
func toTile(g orb.Geometry, n, x, y float64) orb.Geometry {
	return each(g, func(at orb.Point) orb.Point {
		return orb.Point{math.Round((at[0]*n - x) * extent), math.Round((at[1]*n - y) * extent)}
	})
}

// each maps every point of a geometry into a new one.
func each(g orb.Geometry, f func(orb.Point) orb.Point) orb.Geometry {
	line := func(l []orb.Point) []orb.Point {
		out := make([]orb.Point, len(l))
		for i := range l {
			out[i] = f(l[i])
		}
		return out
	}
	polygon := func(p orb.Polygon) orb.Polygon {
		out := make(orb.Polygon, len(p))
		for i := range p {
			out[i] = line(p[i])
		}
		return out
	}
	switch g := g.(type) {
	case orb.Point:
		return f(g)
	case orb.LineString:
		return orb.LineString(line(g))
	case orb.MultiLineString:
		out := make(orb.MultiLineString, len(g))
		for i := range g {
			out[i] = line(g[i])
		}
		return out
	case orb.Polygon:
		return polygon(g)
	case orb.MultiPolygon:
		out := make(orb.MultiPolygon, len(g))
		for i := range g {
			out[i] = polygon(g[i])
		}
		return out
	}
	return nil
}

func tooSmall(g orb.Geometry, units float64) bool {
	b := g.Bound()
	w, h := b.Max[0]-b.Min[0], b.Max[1]-b.Min[1]
	if _, point := g.(orb.Point); point {
		return false
	}
	switch g.(type) {
	case orb.Polygon, orb.MultiPolygon:
		return w*h < units*units
	}
	return math.Max(w, h) < units
}

// tidy simplifies a geometry in tile units and makes it valid for a vector tile: no repeated points, no empty
// parts, exterior rings with positive area in a y-down system, holes with negative (specification 2.1, section
// 4.3.4.4). It gives nil where nothing is left.
func tidy(g orb.Geometry, tolerance float64) orb.Geometry {
	switch g := g.(type) {
	case orb.Point:
		return g
	case orb.LineString:
		if l := tidyLine(g, tolerance); l != nil {
			return l
		}
	case orb.MultiLineString:
		out := g[:0]
		for _, l := range g {
			if l := tidyLine(l, tolerance); l != nil {
				out = append(out, l)
			}
		}
		if len(out) > 0 {
			return out
		}
	case orb.Polygon:
		if p := tidyPolygon(g, tolerance); p != nil {
			return p
		}
	case orb.MultiPolygon:
		out := g[:0]
		for _, p := range g {
			if p := tidyPolygon(p, tolerance); p != nil {
				out = append(out, p)
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}

func tidyLine(l orb.LineString, tolerance float64) orb.LineString {
	l = slices.Compact(l)
	if tolerance > 0 && len(l) > 2 {
		l = simplify.DouglasPeucker(tolerance).LineString(l)
	}
	if len(l) < 2 {
		return nil
	}
	return l
}

func tidyPolygon(p orb.Polygon, tolerance float64) orb.Polygon {
	out := p[:0]
	for i, r := range p {
		r = slices.Compact(r)
		if tolerance > 0 && len(r) > 5 {
			r = simplify.DouglasPeucker(tolerance).Ring(r)
		}
		area := area2(r)
		if len(r) < 4 || area == 0 {
			if i == 0 {
				return nil
			}
			continue
		}
		if (area > 0) != (i == 0) {
			r.Reverse()
		}
		out = append(out, r)
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// area2 is twice the area by the surveyor's formula, positive for a ring that turns clockwise on the screen.
func area2(r orb.Ring) float64 {
	var a float64
	for i := 1; i < len(r); i++ {
		a += r[i-1][0]*r[i][1] - r[i][0]*r[i-1][1]
	}
	return a
}

// world is the Web Mercator place of a point in degrees, the world being the unit square, y southwards.
func world(p orb.Point) orb.Point {
	lat := math.Max(-85.05112877980659, math.Min(85.05112877980659, p[1]))
	sin := math.Sin(lat * math.Pi / 180)
	return orb.Point{p[0]/360 + 0.5, 0.5 - math.Log((1+sin)/(1-sin))/(4*math.Pi)}
}
