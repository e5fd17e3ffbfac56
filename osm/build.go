package osm

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"gevor/geo"
	"gevor/notice"
)

// build turns what the passes found into an Extract.
func (rd *reading) build() *Extract {
	x := &Extract{}
	renumber := make([]int32, len(rd.ids))
	for i, ok := range rd.present {
		renumber[i] = -1
		if ok {
			renumber[i] = int32(len(x.Nodes))
			x.Nodes = append(x.Nodes, Node{rd.ids[i], rd.at[i]})
		}
	}
	for _, t := range rd.tagged {
		if n := renumber[t.Node]; n >= 0 {
			x.Tagged = append(x.Tagged, TaggedNode{n, t.Tags})
		}
	}
	rd.tagged, rd.at, rd.present, rd.ids = nil, nil, nil, nil

	rd.pedestrianAreas()
	order := make([]int32, len(rd.ways))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return cmp.Compare(rd.ways[a].id, rd.ways[b].id) })
	for _, i := range order {
		rd.addWay(x, &rd.ways[i])
	}
	slices.SortFunc(rd.extra, func(a, b rawWay) int { return cmp.Compare(a.id, b.id) })
	for i := range rd.extra {
		if rd.extra[i].isWay {
			rd.addStreet(x, &rd.extra[i], rd.parts(x, &rd.extra[i]))
		}
	}
	slices.SortStableFunc(x.Ways, func(a, b Way) int { return cmp.Compare(a.ID, b.ID) })

	slices.SortStableFunc(rd.relations, func(a, b rawRelation) int { return cmp.Compare(a.id, b.id) })
	for i := range rd.relations {
		r := &rd.relations[i]
		switch {
		case i > 0 && rd.relations[i-1].id == r.id:
			rd.reject(relationName(r.id), "id", "", "relation-given-twice", "the first one counts; create the extract again")
		case r.turn != "":
			rd.addRestriction(x, r)
		default:
			rd.addArea(x, r)
		}
	}
	rd.addPOIs(x)
	slices.SortFunc(rd.places, func(a, b rawPlace) int { return cmp.Compare(a.id, b.id) })
	for _, p := range rd.places {
		x.shapes = append(x.shapes, shape{kind: Place, class: p.class, name: p.name, at: p.at})
	}
	return x
}

// nodeIndex finds a node by its id among those in order, -1 where absent.
func (x *Extract) nodeIndex(id int64) int32 {
	i, ok := slices.BinarySearchFunc(x.Nodes, id, func(n Node, id int64) int { return cmp.Compare(n.ID, id) })
	if !ok {
		return -1
	}
	return int32(i)
}

// pedestrianAreas hands the tags of walkable multipolygons to those of their outlines that are no ways themselves.
func (rd *reading) pedestrianAreas() {
	for i := range rd.relations {
		r := &rd.relations[i]
		if r.turn != "" || !r.way.isWay {
			continue
		}
		for _, m := range r.members {
			if m.kind != 'w' {
				continue
			}
			if w := rd.way(m.ref); w != nil && !w.isWay {
				w.isWay, w.street = true, r.way.street
			}
		}
	}
}

func (rd *reading) way(id int64) *rawWay {
	if i, ok := rd.byID[id]; ok {
		return &rd.ways[i]
	}
	if i, ok := rd.extraByID[id]; ok {
		return &rd.extra[i]
	}
	return nil
}

// parts gives the runs of at least two nodes that are in the file; neighbours that are the same node count once.
func (rd *reading) parts(x *Extract, w *rawWay) [][]int32 {
	var out [][]int32
	run := make([]int32, 0, len(w.refs))
	flush := func() {
		if len(run) >= 2 {
			out = append(out, run)
			run = make([]int32, 0, len(w.refs))
		}
		run = run[:0]
	}
	for _, ref := range w.refs {
		n := x.nodeIndex(ref)
		if n < 0 {
			flush()
			continue
		}
		if len(run) == 0 || run[len(run)-1] != n {
			run = append(run, n)
		}
	}
	flush()
	return out
}

func (rd *reading) addWay(x *Extract, w *rawWay) {
	parts := rd.parts(x, w)
	if len(parts) == 0 {
		rd.reject(wayName(w.id), "nodes", "", "way-without-nodes", "fewer than two of its nodes are in the file; create the extract with complete ways")
		return
	}
	whole := len(parts) == 1 && w.whole(x, parts[0])
	if !whole {
		rd.note(notice.Info, wayName(w.id), "nodes", "", "way-with-missing-nodes", "the parts whose nodes are in the file are used; create the extract with complete ways")
	}
	closed := whole && len(parts[0]) >= 4 && parts[0][0] == parts[0][len(parts[0])-1]
	if w.isWay {
		rd.addStreet(x, w, parts)
	}
	if w.isPOI {
		at := mean(x.points(parts[0]))
		if closed {
			_, at = centroid(x.points(parts[0]))
		}
		rd.pois = append(rd.pois, rawPOI{'w', w.id, at, w.poi})
	}
	switch {
	case w.kind == "":
	case w.area && closed:
		x.shapes = append(x.shapes, shape{kind: w.kind, class: w.class, name: w.name, areas: [][][]int32{{parts[0]}}})
	case !w.area:
		x.shapes = append(x.shapes, shape{kind: w.kind, class: w.class, name: w.name, lines: parts})
	}
}

// whole says whether a run holds every node of the way, repeated neighbours aside.
func (w *rawWay) whole(x *Extract, run []int32) bool {
	k := 0
	for i, ref := range w.refs {
		if i > 0 && ref == w.refs[i-1] {
			continue
		}
		if k >= len(run) || x.Nodes[run[k]].ID != ref {
			return false
		}
		k++
	}
	return k == len(run)
}

func (rd *reading) addStreet(x *Extract, w *rawWay, parts [][]int32) {
	for _, p := range parts {
		x.Ways = append(x.Ways, Way{w.id, p, w.street})
	}
}

func (x *Extract) points(nodes []int32) []geo.LonLat {
	out := make([]geo.LonLat, len(nodes))
	for i, n := range nodes {
		out[i] = x.Nodes[n].At
	}
	return out
}

// addRestriction checks a turn restriction and adds one entry for each pair of from and to.
func (rd *reading) addRestriction(x *Extract, r *rawRelation) {
	refuse := func(field, value, rule, advice string) {
		rd.reject(relationName(r.id), field, value, rule, advice)
	}
	only := strings.HasPrefix(r.turn, "only_")
	if !only && !strings.HasPrefix(r.turn, "no_") {
		refuse("restriction", r.turn, "restriction-unknown", "use a value that starts with no_ or only_")
		return
	}
	var from, to []int64
	via := int32(-1)
	vias := 0
	for _, m := range r.members {
		switch {
		case m.role == "from" && m.kind == 'w':
			from = append(from, m.ref)
		case m.role == "to" && m.kind == 'w':
			to = append(to, m.ref)
		case m.role == "via" && m.kind == 'n':
			vias++
			via = x.nodeIndex(m.ref)
		case m.role == "via":
			refuse("via", "", "restriction-via-way", "turns over a way are not modelled and are allowed")
			return
		}
	}
	known := func(ids []int64) bool {
		for _, id := range ids {
			if !x.hasWay(id) {
				return false
			}
		}
		return len(ids) > 0
	}
	switch {
	case vias != 1 || len(from) == 0 || len(to) == 0:
		refuse("members", "", "restriction-incomplete", "a restriction needs from, one via node and to; correct it in OpenStreetMap")
	case via < 0 || !known(from) || !known(to):
		refuse("members", "", "restriction-refers-to-nothing", "its ways or its node are not in the file; near the border of an extract this is normal")
	default:
		for _, f := range from {
			for _, t := range to {
				x.Restrictions = append(x.Restrictions, Restriction{r.id, f, via, t, only})
			}
		}
	}
}

func (x *Extract) hasWay(id int64) bool {
	_, ok := slices.BinarySearchFunc(x.Ways, id, func(w Way, id int64) int { return cmp.Compare(w.ID, id) })
	return ok
}

// addArea joins the members of a multipolygon to rings and gives its shape and its place.
func (rd *reading) addArea(x *Extract, r *rawRelation) {
	var outerWays, innerWays [][]int64
	missing := 0
	for _, m := range r.members {
		if m.kind != 'w' {
			continue
		}
		w := rd.way(m.ref)
		switch {
		case w == nil:
			missing++
		case m.role == "inner":
			innerWays = append(innerWays, w.refs)
		default:
			outerWays = append(outerWays, w.refs)
		}
	}
	outer, open := rd.rings(x, outerWays)
	inner, openInner := rd.rings(x, innerWays)
	if len(outer) == 0 {
		rd.reject(relationName(r.id), "members", "", "area-without-outline", "its outline is not whole in the file; create the extract with complete relations")
		return
	}
	if missing+open+openInner > 0 {
		rd.note(notice.Info, relationName(r.id), "members", strconv.Itoa(missing), "area-with-missing-parts", "the closed parts are used; create the extract with complete relations")
	}
	if r.way.isPOI {
		rd.pois = append(rd.pois, rawPOI{'r', r.id, x.centre(outer), r.way.poi})
	}
	if r.way.kind == "" || !r.way.area {
		return
	}
	areas := make([][][]int32, len(outer))
	corners := make([][]geo.LonLat, len(outer))
	for i, o := range outer {
		areas[i] = [][]int32{o}
		corners[i] = x.points(o)
	}
	for _, hole := range inner {
		for i := range outer {
			if inside(x.Nodes[hole[0]].At, corners[i]) {
				areas[i] = append(areas[i], hole)
				break
			}
		}
	}
	x.shapes = append(x.shapes, shape{kind: r.way.kind, class: r.way.class, name: r.way.name, areas: areas})
}

// rings joins ways to closed rings of nodes that are all in the file.
func (rd *reading) rings(x *Extract, ways [][]int64) (out [][]int32, open int) {
	rings, open := assemble(ways)
next:
	for _, ring := range rings {
		nodes := make([]int32, 0, len(ring))
		for _, id := range ring {
			n := x.nodeIndex(id)
			if n < 0 {
				open++
				continue next
			}
			nodes = append(nodes, n)
		}
		out = append(out, nodes)
	}
	return out, open
}

// centre gives the common centre of mass of rings.
func (x *Extract) centre(rings [][]int32) geo.LonLat {
	var total float64
	var at geo.LonLat
	for _, r := range rings {
		area, c := centroid(x.points(r))
		area = math.Abs(area)
		total += area
		at.Lon += area * c.Lon
		at.Lat += area * c.Lat
	}
	if total == 0 {
		return mean(x.points(rings[0]))
	}
	return geo.LonLat{Lon: at.Lon / total, Lat: at.Lat / total}
}

func (rd *reading) addPOIs(x *Extract) {
	rank := func(kind byte) int { return strings.IndexByte("nwr", kind) }
	slices.SortStableFunc(rd.pois, func(a, b rawPOI) int {
		return cmp.Or(cmp.Compare(rank(a.kind), rank(b.kind)), cmp.Compare(a.id, b.id))
	})
	prefix := map[byte]string{'n': "node/", 'w': "way/", 'r': "relation/"}
	for i, p := range rd.pois {
		if i > 0 && rd.pois[i-1].kind == p.kind && rd.pois[i-1].id == p.id {
			continue
		}
		x.POIs = append(x.POIs, POI{prefix[p.kind] + strconv.FormatInt(p.id, 10), p.at, p.tags})
	}
}
