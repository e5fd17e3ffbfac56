package street

import (
	"fmt"
	"slices"

	"gevor/archive"
	"gevor/contraction"
	"gevor/fault"
	"gevor/travel"
)

// Save writes the network into an archive under names that start with "street/". What can be derived quickly,
// such as reversed graphs, is not stored.
func (n *Network) Save(a *archive.Writer) error {
	archive.Put(a, "street/edgeFirst", n.edgeFirst)
	archive.Put(a, "street/lon", n.lon)
	archive.Put(a, "street/lat", n.lat)
	archive.Put(a, "street/lengthMM", n.lengthMM)
	archive.Put(a, "street/linkable", n.linkable)
	g := &n.grid
	archive.Put(a, "street/grid/shape", []int32{g.minLon, g.minLat, g.cellLon, g.cellLat, g.columns, g.rows})
	archive.Put(a, "street/grid/first", g.first)
	archive.Put(a, "street/grid/corner", g.corner)
	archive.Put(a, "street/grid/edge", g.edge)
	for m := range n.layers {
		l := &n.layers[m]
		at := layerName(m)
		archive.Put(a, at+"forward", l.forward)
		if l.sameCosts() {
			archive.Put(a, at+"backward", []uint32{})
		} else {
			archive.Put(a, at+"backward", l.backward)
		}
		archive.Put(a, at+"ends", l.ends)
		archive.Put(a, at+"first", l.graph.first)
		archive.Put(a, at+"head", l.graph.head)
		archive.Put(a, at+"weight", l.graph.weight)
		prepared := []uint8{0}
		if l.hierarchy != nil {
			prepared[0] = 1
			l.hierarchy.Save(a, at+"hierarchy/")
		}
		archive.Put(a, at+"prepared", prepared)
	}
	return nil
}

func layerName(m int) string { return "street/" + travel.Mode(m).String() + "/" }

// sameCosts says whether both directions share one array.
func (l *layer) sameCosts() bool {
	return len(l.forward) == len(l.backward) && (len(l.forward) == 0 || &l.forward[0] == &l.backward[0])
}

// Load reads what Save wrote. The network points into the archive's bytes, which must stay as they are. Indexes
// are checked, so that an archive that was forged rather than damaged cannot lead outside the arrays.
func Load(r *archive.Reader) (*Network, error) {
	n := &Network{}
	var err error
	n.edgeFirst = get[uint32](r, "street/edgeFirst", &err)
	n.lon = get[int32](r, "street/lon", &err)
	n.lat = get[int32](r, "street/lat", &err)
	n.lengthMM = get[uint32](r, "street/lengthMM", &err)
	n.linkable = get[uint8](r, "street/linkable", &err)
	shape := get[int32](r, "street/grid/shape", &err)
	n.grid.first = get[uint32](r, "street/grid/first", &err)
	n.grid.corner = get[uint32](r, "street/grid/corner", &err)
	n.grid.edge = get[uint32](r, "street/grid/edge", &err)
	for m := range n.layers {
		l := &n.layers[m]
		at := layerName(m)
		l.forward = get[uint32](r, at+"forward", &err)
		l.backward = get[uint32](r, at+"backward", &err)
		l.ends = get[uint32](r, at+"ends", &err)
		l.graph.first = get[uint32](r, at+"first", &err)
		l.graph.head = get[uint32](r, at+"head", &err)
		l.graph.weight = get[uint32](r, at+"weight", &err)
		if len(l.backward) == 0 {
			l.backward = l.forward
		}
		l.ends4 = len(l.ends) == 4*len(l.forward) && len(l.ends) > 0
	}
	if err != nil {
		return nil, err
	}
	if len(shape) == 6 {
		g := &n.grid
		g.minLon, g.minLat, g.cellLon, g.cellLat, g.columns, g.rows = shape[0], shape[1], shape[2], shape[3], shape[4], shape[5]
	}
	if what := n.broken(); what != "" {
		return nil, fault.New(fault.Corrupt, "", "the street network is inconsistent: "+what, "build the snapshot again")
	}
	for m := range n.layers {
		l := &n.layers[m]
		l.finish()
		prepared, err := archive.Get[uint8](r, layerName(m)+"prepared")
		if err != nil {
			return nil, err
		}
		if len(prepared) != 1 || prepared[0] == 0 {
			continue
		}
		if l.hierarchy, err = contraction.Load(r, layerName(m)+"hierarchy/"); err != nil {
			return nil, err
		}
		if l.hierarchy.Nodes() != l.graph.vertices() {
			return nil, fault.New(fault.Corrupt, "", "the hierarchy belongs to another street network", "build the snapshot again")
		}
	}
	return n, nil
}

// get takes an array unless an error happened before.
func get[T archive.Number](r *archive.Reader, name string, err *error) []T {
	if *err != nil {
		return nil
	}
	xs, e := archive.Get[T](r, name)
	*err = e
	return xs
}

// broken names what does not fit together, empty where everything does.
func (n *Network) broken() string {
	edges := len(n.lengthMM)
	corners := uint32(len(n.lon))
	g := &n.grid
	switch {
	case edges == 0 || len(n.linkable) != edges || len(n.lat) != len(n.lon):
		return "edges"
	case !ascending(n.edgeFirst, edges, corners):
		return "corners of edges"
	case slices.Contains(n.lengthMM, 0):
		return "lengths of edges"
	case g.cellLon <= 0 || g.cellLat <= 0 || g.columns <= 0 || g.rows <= 0 || int64(g.columns)*int64(g.rows) > maxCells:
		return "grid"
	case !ascending(g.first, int(g.columns)*int(g.rows), uint32(len(g.corner))) || len(g.edge) != len(g.corner):
		return "cells of the grid"
	case !below(g.edge, uint32(edges)) || !below(g.corner, corners-1):
		return "segments of the grid"
	}
	for m := range n.layers {
		l := &n.layers[m]
		vertices := l.graph.vertices()
		arcs := len(l.graph.head)
		switch {
		case len(l.forward) != edges || len(l.backward) != edges || len(l.ends) != 2*edges && len(l.ends) != 4*edges:
			return fmt.Sprintf("edges of %v", travel.Mode(m))
		case vertices < 0 || len(l.graph.weight) != arcs || !ascending(l.graph.first, vertices, uint32(arcs)) || !below(l.graph.head, uint32(vertices)):
			return fmt.Sprintf("graph of %v", travel.Mode(m))
		}
		for e := range uint32(edges) {
			for _, back := range []bool{false, true} {
				if tail, head, w := l.arc(e, back); w != None && (tail >= uint32(vertices) || head >= uint32(vertices)) {
					return fmt.Sprintf("ends of edges of %v", travel.Mode(m))
				}
			}
		}
	}
	return ""
}

// ascending says whether xs holds count+1 numbers from 0 to last that never fall.
func ascending(xs []uint32, count int, last uint32) bool {
	if len(xs) != count+1 || xs[0] != 0 || xs[count] != last {
		return false
	}
	for i := range count {
		if xs[i] > xs[i+1] {
			return false
		}
	}
	return true
}

func below(xs []uint32, bound uint32) bool {
	for _, x := range xs {
		if x >= bound {
			return false
		}
	}
	return true
}
