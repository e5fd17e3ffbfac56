package street

import (
	"cmp"
	"fmt"
	"slices"

	"gevor/notice"
	"gevor/osm"
)

// turn joins the vertex of a way into a junction with that of a way out of it.
type turn struct{ in, out uint32 }

// direction is one open direction of an edge at a junction.
type direction struct {
	edge uint32
	back bool
}

func (d direction) slot(out bool) uint32 {
	s := 4 * d.edge
	if d.back {
		s += 2
	}
	if !out {
		s++
	}
	return s // tail of the direction when it leads out of the junction, head when it leads in
}

// expandTurns splits every junction with turn restrictions into a vertex for each way in and each way out and
// lists the turns that stay allowed. The vertex of the junction itself stays unused. vertices counts before and
// after.
//
// A restriction counts where exactly the edges that touch its node make it unambiguous: an only_ turn whose way
// out is closed to cars or does not touch the node is left out with a notice, or it would close the junction.
func (b *building) expandTurns(l *layer, vertices int) ([]turn, int) {
	wide := make([]uint32, 4*len(b.pieces))
	for e := range b.pieces {
		u, v := l.ends[2*e], l.ends[2*e+1]
		copy(wide[4*e:], []uint32{u, v, v, u})
	}
	l.ends, l.ends4 = wide, true

	at := map[uint32]bool{} // ranks of junctions with restrictions
	for _, r := range b.x.Restrictions {
		if rank := b.rank[r.Via]; rank >= 0 && b.blocked[r.Via]&carBit == 0 {
			at[uint32(rank)] = true
		}
	}
	in, out := map[uint32][]direction{}, map[uint32][]direction{}
	for e := range b.pieces {
		for end := range 2 {
			rank := b.pieceEnds[2*e+end]
			if !at[rank] {
				continue
			}
			// Forward leaves from end 0 and arrives at end 1; backward the other way round.
			if l.forward[e] != None {
				if end == 0 {
					out[rank] = append(out[rank], direction{uint32(e), false})
				} else {
					in[rank] = append(in[rank], direction{uint32(e), false})
				}
			}
			if l.backward[e] != None {
				if end == 1 {
					out[rank] = append(out[rank], direction{uint32(e), true})
				} else {
					in[rank] = append(in[rank], direction{uint32(e), true})
				}
			}
		}
	}
	var turns []turn
	rules := slices.Clone(b.x.Restrictions)
	slices.SortStableFunc(rules, func(p, q osm.Restriction) int { return cmp.Compare(b.rank[p.Via], b.rank[q.Via]) })
	for from := 0; from < len(rules); {
		to := from + 1
		for to < len(rules) && rules[to].Via == rules[from].Via {
			to++
		}
		rank := b.rank[rules[from].Via]
		if rank >= 0 && at[uint32(rank)] {
			turns, vertices = b.expandJunction(l, rules[from:to], in[uint32(rank)], out[uint32(rank)], turns, vertices)
		}
		from = to
	}
	return turns, vertices
}

const carBit = 1 << 3

// expandJunction splits one junction.
func (b *building) expandJunction(l *layer, rules []osm.Restriction, in, out []direction, turns []turn, vertices int) ([]turn, int) {
	way := func(d direction) int64 { return b.x.Ways[b.pieces[d.edge].way].ID }
	touches := func(ds []direction, id int64) bool {
		return slices.ContainsFunc(ds, func(d direction) bool { return way(d) == id })
	}
	valid := rules[:0:0]
	for _, r := range rules {
		if !touches(in, r.From) || !touches(out, r.To) {
			b.o.Notices.Add(notice.Notice{
				Severity: notice.Info, File: b.o.File, Record: fmt.Sprintf("relation %d", r.ID), Field: "members", Rule: "restriction-without-effect",
				Advice: "cars can take no such turn anyway, or the ways do not meet at its node; correct it in OpenStreetMap if the turn exists",
			})
			continue
		}
		valid = append(valid, r)
	}
	if len(valid) == 0 {
		return turns, vertices
	}
	outVertex := make([]uint32, len(out))
	for k, d := range out {
		outVertex[k] = uint32(vertices)
		vertices++
		l.ends[d.slot(true)] = outVertex[k]
	}
	for _, d := range in {
		vertex := uint32(vertices)
		vertices++
		l.ends[d.slot(false)] = vertex
		for k, o := range out {
			if turnAllowed(valid, way(d), way(o), o.edge == d.edge && o.back != d.back) {
				turns = append(turns, turn{vertex, outVertex[k]})
			}
		}
	}
	return turns, vertices
}

// turnAllowed judges one turn. Where any only_ restriction starts from the way in, exactly their ways out are
// allowed, less what a no_ restriction forbids; uTurn tells turning back on the same edge, which an only_
// restriction onto the same way would not mean.
func turnAllowed(rules []osm.Restriction, from, to int64, uTurn bool) bool {
	onlySome, only := false, false
	for _, r := range rules {
		if r.From != from {
			continue
		}
		switch {
		case r.Only:
			onlySome = true
			only = only || r.To == to && (!uTurn || r.From == r.To)
		case r.To == to && (r.From != r.To || uTurn):
			return false
		}
	}
	return !onlySome || only
}
