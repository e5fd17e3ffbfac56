// Package street holds the immutable networks for walking, walking without steps, cycling and driving.
//
// # Purpose
//
// Build turns an osm.Extract into flat arrays once; after that any number of goroutines read them, each with a
// Search of its own. Points are linked to the nearest usable edge, not node, with the exact position on it.
//
// # Invariants
//
//   - Geometry is cut into edges at every node where ways meet, at barriers and at the nodes of turn
//     restrictions. All modes share the edges; each mode has its own costs, vertices and plain directed graph.
//   - A cost is counted in units: millimetres for Walk and WalkNoSteps, so that any walking speed scales exactly;
//     milliseconds at BikeKmh for Bike; milliseconds for Car. None marks a direction that is closed.
//   - A node with a barrier that a mode cannot pass is a vertex of its own for every edge that ends there.
//   - A junction with turn restrictions for cars is split into one vertex for every way in and every way out,
//     joined by the turns that are allowed at no cost, so that search and contraction see a plain graph.
//   - The same Extract and Options give the same bytes for any number of workers.
//
// Tests: law_test.go (small towns with known answers), oracle_test.go (plain Dijkstra over an adjacency of its
// own, edge by edge with turn restrictions for cars, on real cities).
package street

import (
	"math"

	"gevor/contraction"
	"gevor/travel"
)

// None marks a closed direction, an unlinked point, an unreached vertex.
const None = math.MaxUint32

// Speeds at which costs are stored and that a zero Speed means.
const (
	DefaultWalkKmh = 4.5
	DefaultBikeKmh = 15.0
)

// modes is the number of street modes: Walk, WalkNoSteps, Bike and Car, as numbered in package travel.
const modes = 4

// Network is the street network of one region in all street modes. It is immutable.
type Network struct {
	edgeFirst []uint32 // edges+1; corners of edge e are edgeFirst[e] … edgeFirst[e+1]-1
	lon, lat  []int32  // corners in 1e-7 degrees
	lengthMM  []uint32 // of each edge
	linkable  []uint8  // bit m set where points of mode m may link to the edge
	grid      grid
	layers    [modes]layer
}

// layer is the network of one mode.
type layer struct {
	forward  []uint32 // units of each edge from its first corner to its last; None where closed
	backward []uint32 // the other way; the same slice as forward where both directions always cost the same
	ends     []uint32 // vertices of each edge, see ends4
	ends4    bool     // true: tail and head of forward, tail and head of backward; false: first and last corner
	graph    graph
	reversed graph

	hierarchy *contraction.Hierarchy // nil unless Prepare made one
}

// graph is a directed graph in compressed rows.
type graph struct {
	first  []uint32 // vertices+1
	head   []uint32
	weight []uint32 // units
}

func (g *graph) vertices() int { return len(g.first) - 1 }

// arc gives tail, head and cost of one direction of an edge.
func (l *layer) arc(edge uint32, back bool) (tail, head, units uint32) {
	if l.ends4 {
		e := l.ends[4*edge : 4*edge+4]
		if back {
			return e[2], e[3], l.backward[edge]
		}
		return e[0], e[1], l.forward[edge]
	}
	if back {
		return l.ends[2*edge+1], l.ends[2*edge], l.backward[edge]
	}
	return l.ends[2*edge], l.ends[2*edge+1], l.forward[edge]
}

// Speed says how fast people move. Zero fields mean the defaults. BikeKmh scales all of cycling, also where a
// bicycle is pushed. Cars keep the speeds of the roads; the way from a point to its edge is walked in every mode.
type Speed struct {
	WalkKmh float64
	BikeKmh float64
}

// milliseconds gives what one unit of a mode and one millimetre beside the network take.
func (s Speed) milliseconds(mode travel.Mode) (unit, besideMM float64) {
	walk, bike := s.WalkKmh, s.BikeKmh
	if !(walk > 0) {
		walk = DefaultWalkKmh
	}
	if !(bike > 0) {
		bike = DefaultBikeKmh
	}
	besideMM = 3.6 / walk
	switch mode {
	case travel.Walk, travel.WalkNoSteps:
		return besideMM, besideMM
	case travel.Bike:
		return DefaultBikeKmh / bike, besideMM
	default:
		return 1, besideMM
	}
}

// secondsOf rounds milliseconds up to whole seconds; a hair is taken off so that exact seconds stay themselves.
func secondsOf(ms float64) travel.Seconds {
	s := math.Ceil(ms/1000 - 1e-9)
	if s >= float64(travel.Unreached) {
		return travel.Unreached
	}
	return travel.Seconds(s)
}

// Edges gives the number of edges that the modes share.
func (n *Network) Edges() int { return len(n.lengthMM) }

// Vertices gives the number of vertices of one mode's graph, arcs the number of its arcs.
func (n *Network) Vertices(mode travel.Mode) (vertices, arcs int) {
	if int(mode) >= modes {
		return 0, 0
	}
	g := &n.layers[mode].graph
	return g.vertices(), len(g.head)
}
