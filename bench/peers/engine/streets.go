package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"

	"gevor/archive"
	"gevor/contraction"
	"gevor/geo"
	"gevor/osm"
	"gevor/street"
	"gevor/travel"
)

// far is a bound that no journey within a region reaches.
const far = 12 * 3600

// streetTasks builds the networks of an extract, writes places and the graph of its roads for the others, and gives
// what can be asked: contract (that graph), nodes (a matrix between its nodes), car and walk (matrices between places).
func streetTasks(pbf, dir string, tiles, origins, targets, workers int) (tasks, map[string]any, error) {
	ctx := context.Background()
	f, err := os.Open(pbf)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	x, err := osm.Read(ctx, f, st.Size(), filepath.Base(pbf), osm.Limits{}, nil, nil)
	if err != nil {
		return nil, nil, err
	}
	net, err := street.Build(ctx, x, street.Options{})
	if err != nil {
		return nil, nil, err
	}
	r := rand.New(rand.NewPCG(8, 8))
	roads, err := roadsOf(net)
	if err != nil {
		return nil, nil, err
	}
	roads = roads.tiled(tiles, r)
	if err := roads.put(dir); err != nil {
		return nil, nil, err
	}
	from, to := roads.draw(origins, r), roads.draw(targets, r)
	if err := put(dir, "from.u32", from); err != nil {
		return nil, nil, err
	}
	if err := put(dir, "to.u32", to); err != nil {
		return nil, nil, err
	}
	var h *contraction.Hierarchy
	known := tasks{
		"contract": func() (func() error, error) {
			h, err = contraction.Contract(ctx, roads.Graph, contraction.Options{Workers: workers})
			return nil, err
		},
		"nodes": func() (func() error, error) {
			sweep := h.Restrict(to, true).NewSweep()
			all := make([]uint32, 0, len(from)*len(to))
			out := make([]uint32, contraction.Lanes*len(to))
			for at := 0; at < len(from); at += contraction.Lanes {
				batch := from[at:min(at+contraction.Lanes, len(from))]
				sources := make([][]contraction.Seed, len(batch))
				for i, v := range batch {
					sources[i] = []contraction.Seed{{Node: v}}
				}
				sweep.Run(sources, out)
				for lane := range batch {
					for t := range to {
						all = append(all, out[t*contraction.Lanes+lane])
					}
				}
			}
			return func() error { return put(dir, "nodes.u32", all) }, nil
		},
	}
	if tiles == 1 {
		if err := net.Prepare(ctx, []travel.Mode{travel.Car, travel.Walk}, street.Options{}); err != nil {
			return nil, nil, err
		}
		a, b := roads.places(from), roads.places(to)
		for _, m := range []travel.Mode{travel.Car, travel.Walk} {
			p, q := net.Link(m, a, 0), net.Link(m, b, 0)
			known[m.String()] = func() (func() error, error) {
				all := make([]int32, len(a)*len(b))
				for i := range all {
					all[i] = -1
				}
				err := net.Rows(ctx, m, street.Speed{}, p, q, far, workers, func(row travel.Row) error {
					for k, t := range row.To {
						all[int(row.From)*len(b)+int(t)] = int32(row.Seconds[k])
					}
					return nil
				})
				return func() error { return put(dir, m.String()+".i32", all) }, err
			}
		}
	}
	return known, map[string]any{"nodes": roads.Nodes(), "arcs": len(roads.Head), "origins": len(from), "targets": len(to)}, nil
}

// roads is the graph of the roads for cars, as others are given it: nodes in Hilbert order, milliseconds.
type roads struct {
	contraction.Graph
	at []geo.LonLat
}

// roadsOf takes the graph out of a network by way of its archive, whose names are part of what is kept on disk.
func roadsOf(net *street.Network) (*roads, error) {
	var raw bytes.Buffer
	w := archive.NewWriter(&raw)
	if err := net.Save(w); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	a, err := archive.Open(raw.Bytes(), "network")
	if err != nil {
		return nil, err
	}
	get := func(name string) (xs []uint32) {
		if err == nil {
			xs, err = archive.Get[uint32](a, name)
		}
		return xs
	}
	g := &roads{Graph: contraction.Graph{FirstOut: get("street/car/first"), Head: get("street/car/head"), Weight: get("street/car/weight")}}
	ends, corner := get("street/car/ends"), get("street/edgeFirst")
	if err != nil {
		return nil, err
	}
	lon, err := archive.Get[int32](a, "street/lon")
	if err != nil {
		return nil, err
	}
	lat, err := archive.Get[int32](a, "street/lat")
	if err != nil {
		return nil, err
	}
	g.at = make([]geo.LonLat, g.Nodes())
	each := len(ends) / (len(corner) - 1) // two ends of an edge, or tail and head of both its directions
	for k, v := range ends {
		if v == street.None {
			continue
		}
		e, last := k/each, k%each == 1 || k%each == 2
		c := corner[e]
		if last {
			c = corner[e+1] - 1
		}
		g.at[v] = geo.LonLat{Lon: float64(lon[c]) / 1e7, Lat: float64(lat[c]) / 1e7}
	}
	return g, nil
}

// seam is how many roads join two copies that lie beside each other.
const seam = 50

// tiled gives k × k copies, neighbours joined by roads of one minute between nodes drawn at random.
func (g *roads) tiled(k int, r *rand.Rand) *roads {
	if k < 2 {
		return g
	}
	n := g.Nodes()
	joins := map[uint32][]uint32{}
	join := func(a, b int) {
		for range seam {
			v, w := uint32(a*n+r.IntN(n)), uint32(b*n+r.IntN(n))
			joins[v], joins[w] = append(joins[v], w), append(joins[w], v)
		}
	}
	for row := range k {
		for column := range k {
			at := row*k + column
			if column+1 < k {
				join(at, at+1)
			}
			if row+1 < k {
				join(at, at+k)
			}
		}
	}
	out := &roads{Graph: contraction.Graph{FirstOut: []uint32{0}}}
	for tile := range k * k {
		for v := range n {
			for i := g.FirstOut[v]; i < g.FirstOut[v+1]; i++ {
				out.Head, out.Weight = append(out.Head, uint32(tile*n)+g.Head[i]), append(out.Weight, g.Weight[i])
			}
			for _, w := range joins[uint32(tile*n+v)] {
				out.Head, out.Weight = append(out.Head, w), append(out.Weight, 60_000)
			}
			out.FirstOut = append(out.FirstOut, uint32(len(out.Head)))
			out.at = append(out.at, geo.LonLat{Lon: g.at[v].Lon + float64(tile%k), Lat: g.at[v].Lat + float64(tile/k)})
		}
	}
	return out
}

// draw gives about as many nodes at random, in ascending order as neighbours along a curve are. Nodes that only turns
// lead through have no place of their own and are left out.
func (g *roads) draw(count int, r *rand.Rand) []uint32 {
	var out []uint32
	for v, at := range g.at {
		if at != (geo.LonLat{}) && r.IntN(len(g.at)) < count {
			out = append(out, uint32(v))
		}
	}
	return out
}

func (g *roads) places(nodes []uint32) []geo.LonLat {
	out := make([]geo.LonLat, len(nodes))
	for i, v := range nodes {
		out[i] = g.at[v]
	}
	return out
}

func (g *roads) put(dir string) error {
	lon, lat := make([]float32, len(g.at)), make([]float32, len(g.at))
	for i, p := range g.at {
		lon[i], lat[i] = float32(p.Lon), float32(p.Lat)
	}
	for name, xs := range map[string][]uint32{"first.u32": g.FirstOut, "head.u32": g.Head, "weight.u32": g.Weight} {
		if err := put(dir, name, xs); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if err := put(dir, "lon.f32", lon); err != nil {
		return err
	}
	return put(dir, "lat.f32", lat)
}
