package osm

import (
	"context"
	"slices"
	"strings"

	"gevor/geo"
)

// nodeFind is what one block of nodes gives.
type nodeFind struct {
	read   int64
	at     []foundNode
	tagged []TaggedNode
	pois   []rawPOI
	places []rawPlace
	flaws  []flaw
}

type foundNode struct {
	index int32
	at    geo.LonLat
}

func (rd *reading) scanNodes(ctx context.Context) error {
	rd.collectNeeded()
	rd.at = make([]geo.LonLat, len(rd.ids))
	rd.present = make([]bool, len(rd.ids))
	err := eachBlock(ctx, rd.source, rd.withNodes, rd.decodeNodes, func(index int, f nodeFind) error {
		rd.progress("osm nodes", int64(index+1), int64(len(rd.blocks)))
		for _, x := range f.flaws {
			rd.reject(x.record, x.field, x.value, x.rule, x.advice)
		}
		twice := map[int32]bool{}
		for _, n := range f.at {
			if rd.present[n.index] {
				rd.reject(nodeName(rd.ids[n.index]), "id", "", "node-given-twice", "the first one counts; create the extract again")
				twice[n.index] = true
				continue
			}
			rd.present[n.index], rd.at[n.index] = true, n.at
		}
		for _, t := range f.tagged {
			if !twice[t.Node] {
				rd.tagged = append(rd.tagged, t)
			}
		}
		rd.pois = append(rd.pois, f.pois...)
		rd.places = append(rd.places, f.places...)
		return rd.count(f.read)
	})
	slices.SortStableFunc(rd.tagged, func(a, b TaggedNode) int { return int(a.Node) - int(b.Node) })
	rd.tagged = slices.CompactFunc(rd.tagged, func(a, b TaggedNode) bool { return a.Node == b.Node })
	return err
}

// collectNeeded lists the ids of all nodes that kept ways refer to.
func (rd *reading) collectNeeded() {
	rd.ids = make([]int64, 0, rd.kept)
	for _, ways := range [][]rawWay{rd.ways, rd.extra} {
		for i := range ways {
			rd.ids = append(rd.ids, ways[i].refs...)
		}
	}
	slices.Sort(rd.ids)
	rd.ids = slices.Compact(rd.ids)
}

// cursor finds ids in an ascending list, fastest when asked in ascending order as files mostly are.
type cursor struct {
	ids []int64
	at  int
}

// find gives the index of an id, -1 where it is not in the list.
func (c *cursor) find(id int64) int {
	for step := 1; ; step *= 2 {
		// Gallop forward from where the last search ended; c.ids[:c.at] is known to be smaller only when ascending.
		if c.at > 0 && c.ids[c.at-1] >= id {
			i, ok := slices.BinarySearch(c.ids[:c.at], id)
			c.at = i
			if ok {
				return i
			}
			return -1
		}
		hi := min(c.at+step, len(c.ids))
		if hi == len(c.ids) || c.ids[hi-1] >= id {
			i, ok := slices.BinarySearch(c.ids[c.at:hi], id)
			c.at += i
			if ok {
				return c.at
			}
			return -1
		}
		c.at = hi
	}
}

func (rd *reading) decodeNodes(b *block) (nodeFind, error) {
	var f nodeFind
	c := cursor{ids: rd.ids}
	err := b.nodes(rd.limits, func(id int64, at geo.LonLat) {
		f.read++
		if !at.Valid() {
			f.flaws = append(f.flaws, flaw{nodeName(id), "coordinates", "", "coordinate-out-of-range", "longitude lies within ±180 and latitude within ±90 degrees; correct the source"})
			return
		}
		index := c.find(id)
		if index >= 0 {
			f.at = append(f.at, foundNode{int32(index), at})
		}
		if len(b.pairs) == 0 {
			return
		}
		marks := b.marks()
		if index >= 0 && marks&marksPassage != 0 {
			f.tagged = append(f.tagged, TaggedNode{int32(index), b.tags(keepOnNode)})
		}
		if marks&marksPOI != 0 {
			f.pois = append(f.pois, rawPOI{'n', id, at, b.tags(keepOnPOI)})
		}
		if marks&marksShape != 0 {
			if class, name := b.value("place"), b.value("name"); name != "" && isPlace(class) {
				f.places = append(f.places, rawPlace{id, at, class, name})
			}
		}
	})
	return f, err
}

// splitValues splits a semicolon list.
func splitValues(s string) []string {
	parts := strings.Split(s, ";")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}
