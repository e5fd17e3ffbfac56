package osm

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"math"
)

// pbf writes small PBF files for tests, independent of the reader: protocol-buffer fields by hand.
type pbf struct {
	out bytes.Buffer
	raw bool // store blocks uncompressed
}

type msg struct{ b []byte }

func (m *msg) uvarint(v uint64)       { m.b = binary.AppendUvarint(m.b, v) }
func (m *msg) svarint(v int64)        { m.b = binary.AppendVarint(m.b, v) } // zig-zag, as protobuf's sint64
func (m *msg) number(f int, v uint64) { m.uvarint(uint64(f) << 3); m.uvarint(v) }
func (m *msg) bytes(f int, v []byte) {
	m.uvarint(uint64(f)<<3 | 2)
	m.uvarint(uint64(len(v)))
	m.b = append(m.b, v...)
}

func (p *pbf) blob(kind string, content []byte) {
	var body msg
	if p.raw {
		body.bytes(1, content)
	} else {
		var z bytes.Buffer
		w := zlib.NewWriter(&z)
		if _, err := w.Write(content); err != nil {
			panic(err)
		}
		if err := w.Close(); err != nil {
			panic(err)
		}
		body.number(2, uint64(len(content)))
		body.bytes(3, z.Bytes())
	}
	p.blobOf(kind, body.b)
}

func (p *pbf) blobOf(kind string, body []byte) {
	var head msg
	head.bytes(1, []byte(kind))
	head.number(3, uint64(len(body)))
	p.out.Write(binary.BigEndian.AppendUint32(nil, uint32(len(head.b))))
	p.out.Write(head.b)
	p.out.Write(body)
}

func (p *pbf) header(features ...string) *pbf {
	var m msg
	for _, f := range features {
		m.bytes(4, []byte(f))
	}
	p.blob("OSMHeader", m.b)
	return p
}

// group collects the objects of one block.
type group struct {
	table  []string
	nodes  []testNode
	plain  bool
	ways   []testWay
	rels   []testRelation
	info   bool // add metadata
	offset int64
	step   int64
}

type testNode struct {
	id       int64
	lon, lat float64
	tags     []string // key, value, key, value …
}

type testWay struct {
	id   int64
	refs []int64
	tags []string
}

type testRelation struct {
	id      int64
	members []member
	tags    []string
}

func (g *group) str(s string) uint64 {
	if g.table == nil {
		g.table = []string{""}
	}
	for i, x := range g.table {
		if x == s && i > 0 {
			return uint64(i)
		}
	}
	g.table = append(g.table, s)
	return uint64(len(g.table) - 1)
}

func (g *group) units(degrees float64) int64 {
	return int64(math.Round((degrees*1e9 - float64(g.offset)) / float64(g.step)))
}

func (g *group) tagFields(m *msg, tags []string) {
	var keys, values msg
	for i := 0; i < len(tags); i += 2 {
		keys.uvarint(g.str(tags[i]))
		values.uvarint(g.str(tags[i+1]))
	}
	if len(tags) > 0 {
		m.bytes(2, keys.b)
		m.bytes(3, values.b)
	}
	if g.info {
		var i msg
		i.number(1, 7)               // version
		i.number(5, g.str("mapper")) // user
		m.bytes(4, i.b)
	}
}

func (g *group) dense() []byte {
	var ids, lats, lons, tags, versions msg
	var id, lat, lon int64
	for _, n := range g.nodes {
		x, y := g.units(n.lon), g.units(n.lat)
		ids.svarint(n.id - id)
		lats.svarint(y - lat)
		lons.svarint(x - lon)
		versions.uvarint(1)
		id, lat, lon = n.id, y, x
		for _, t := range n.tags {
			tags.uvarint(g.str(t))
		}
		tags.uvarint(0)
	}
	var m msg
	m.bytes(1, ids.b)
	if g.info {
		var i msg
		i.bytes(1, versions.b)
		m.bytes(5, i.b)
	}
	m.bytes(8, lats.b)
	m.bytes(9, lons.b)
	if len(tags.b) > len(g.nodes) {
		m.bytes(10, tags.b)
	}
	return m.b
}

func (p *pbf) data(g group) *pbf {
	if g.step == 0 {
		g.step = 100
	}
	var objects msg
	if len(g.nodes) > 0 && !g.plain {
		objects.bytes(2, g.dense())
	}
	for _, n := range g.nodes {
		if g.plain {
			var m msg
			m.uvarint(1 << 3)
			m.svarint(n.id)
			g.tagFields(&m, n.tags)
			m.uvarint(8 << 3)
			m.svarint(g.units(n.lat))
			m.uvarint(9 << 3)
			m.svarint(g.units(n.lon))
			objects.bytes(1, m.b)
		}
	}
	for _, w := range g.ways {
		var m, refs msg
		m.number(1, uint64(w.id))
		g.tagFields(&m, w.tags)
		var last int64
		for _, r := range w.refs {
			refs.svarint(r - last)
			last = r
		}
		m.bytes(8, refs.b)
		objects.bytes(3, m.b)
	}
	for _, r := range g.rels {
		var m, roles, refs, kinds msg
		m.number(1, uint64(r.id))
		g.tagFields(&m, r.tags)
		var last int64
		for _, x := range r.members {
			roles.uvarint(g.str(x.role))
			refs.svarint(x.ref - last)
			last = x.ref
			kinds.uvarint(uint64(bytes.IndexByte([]byte("nwr"), x.kind)))
		}
		m.bytes(8, roles.b)
		m.bytes(9, refs.b)
		m.bytes(10, kinds.b)
		objects.bytes(4, m.b)
	}
	var table, block msg
	if g.table == nil {
		g.table = []string{""}
	}
	for _, s := range g.table {
		table.bytes(1, []byte(s))
	}
	block.bytes(1, table.b)
	block.bytes(2, objects.b)
	block.number(17, uint64(g.step))
	block.number(19, uint64(g.offset))
	block.number(20, uint64(g.offset))
	p.blob("OSMData", block.b)
	return p
}
