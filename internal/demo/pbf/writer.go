// Package pbf writes OpenStreetMap data as PBF: zlib blobs of dense nodes, ways and relations, ordered by type and
// then id, as the format description (wiki.openstreetmap.org/wiki/PBF_Format) recommends. writer_test.go reads the
// result back with paulmach/osm.
package pbf

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"io"
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"gevor/fault"
	"gevor/geo"
)

// blockElements is how many elements go into one block, as osmium writes them.
const blockElements = 8000

// Kind is the type of an element.
type Kind uint8

// The kinds, in the order in which they must be written.
const (
	Node Kind = iota
	Way
	Relation
)

// Member is one member of a relation.
type Member struct {
	Kind Kind
	ID   int64
	Role string
}

// Writer writes elements in the order nodes, ways, relations, each kind by ascending id. Tags are key, value, key,
// value. The first error sticks and is returned by Close.
type Writer struct {
	w       io.Writer
	err     error
	kind    Kind
	lastID  int64
	started bool

	table   map[string]uint32
	strings [][]byte
	count   int

	ids, lats, lons, tags []byte // of dense nodes
	id0, lat0, lon0       int64
	tagged                bool
	group                 []byte // of ways and relations
}

// NewWriter writes the header: the bounding box and the program's name.
func NewWriter(w io.Writer, box geo.Box, program string) *Writer {
	p := &Writer{w: w}
	var bb []byte
	for i, deg := range []float64{box.MinLon, box.MaxLon, box.MaxLat, box.MinLat} { // left, right, top, bottom
		bb = protowire.AppendTag(bb, protowire.Number(i+1), protowire.VarintType)
		bb = protowire.AppendVarint(bb, protowire.EncodeZigZag(int64(math.Round(deg*1e9))))
	}
	h := bytesField(nil, 1, bb)
	h = bytesField(h, 4, []byte("OsmSchema-V0.6"))
	h = bytesField(h, 4, []byte("DenseNodes"))
	h = bytesField(h, 5, []byte("Sort.Type_then_ID"))
	h = bytesField(h, 16, []byte(program))
	p.blob("OSMHeader", h)
	p.reset()
	return p
}

func bytesField(b []byte, field protowire.Number, v []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), v)
}

func varint(b []byte, field protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), v)
}

func (p *Writer) reset() {
	p.table, p.strings, p.count = map[string]uint32{}, [][]byte{{}}, 0
	p.ids, p.lats, p.lons, p.tags, p.group = p.ids[:0], p.lats[:0], p.lons[:0], p.tags[:0], p.group[:0]
	p.id0, p.lat0, p.lon0, p.tagged = 0, 0, 0, false
}

func (p *Writer) text(s string) uint64 {
	i, ok := p.table[s]
	if !ok {
		i = uint32(len(p.strings))
		p.table[s] = i
		p.strings = append(p.strings, []byte(s))
	}
	return uint64(i)
}

// begin checks the order and closes a full block.
func (p *Writer) begin(kind Kind, id int64) bool {
	if p.err != nil {
		return false
	}
	if p.started && (kind < p.kind || kind == p.kind && id <= p.lastID) {
		p.err = fault.New(fault.Internal, "", "elements are not ordered by type and id", "")
		return false
	}
	if p.count == blockElements || p.started && kind != p.kind {
		p.flush()
	}
	p.kind, p.lastID, p.started = kind, id, true
	p.count++
	return p.err == nil
}

// Node writes one node. Coordinates are stored in units of 100 nanodegrees.
func (p *Writer) Node(id int64, at geo.LonLat, tags ...string) {
	if !p.begin(Node, id) {
		return
	}
	lat, lon := int64(math.Round(at.Lat*1e7)), int64(math.Round(at.Lon*1e7))
	p.ids = protowire.AppendVarint(p.ids, protowire.EncodeZigZag(id-p.id0))
	p.lats = protowire.AppendVarint(p.lats, protowire.EncodeZigZag(lat-p.lat0))
	p.lons = protowire.AppendVarint(p.lons, protowire.EncodeZigZag(lon-p.lon0))
	p.id0, p.lat0, p.lon0 = id, lat, lon
	for _, t := range tags {
		p.tags = protowire.AppendVarint(p.tags, p.text(t))
		p.tagged = true
	}
	p.tags = protowire.AppendVarint(p.tags, 0)
}

// Way writes one way over nodes.
func (p *Writer) Way(id int64, nodes []int64, tags ...string) {
	if !p.begin(Way, id) {
		return
	}
	b := varint(nil, 1, uint64(id))
	b = p.pairs(b, tags)
	var refs []byte
	last := int64(0)
	for _, n := range nodes {
		refs = protowire.AppendVarint(refs, protowire.EncodeZigZag(n-last))
		last = n
	}
	b = bytesField(b, 8, refs)
	p.group = bytesField(p.group, 3, b)
}

// Relation writes one relation.
func (p *Writer) Relation(id int64, members []Member, tags ...string) {
	if !p.begin(Relation, id) {
		return
	}
	b := varint(nil, 1, uint64(id))
	b = p.pairs(b, tags)
	var roles, ids, kinds []byte
	last := int64(0)
	for _, m := range members {
		roles = protowire.AppendVarint(roles, p.text(m.Role))
		ids = protowire.AppendVarint(ids, protowire.EncodeZigZag(m.ID-last))
		kinds = protowire.AppendVarint(kinds, uint64(m.Kind))
		last = m.ID
	}
	b = bytesField(b, 8, roles)
	b = bytesField(b, 9, ids)
	b = bytesField(b, 10, kinds)
	p.group = bytesField(p.group, 4, b)
}

func (p *Writer) pairs(b []byte, tags []string) []byte {
	if len(tags) == 0 {
		return b
	}
	var keys, values []byte
	for i := 0; i+1 < len(tags); i += 2 {
		keys = protowire.AppendVarint(keys, p.text(tags[i]))
		values = protowire.AppendVarint(values, p.text(tags[i+1]))
	}
	return bytesField(bytesField(b, 2, keys), 3, values)
}

func (p *Writer) flush() {
	if p.count == 0 || p.err != nil {
		return
	}
	var table []byte
	for _, s := range p.strings {
		table = bytesField(table, 1, s)
	}
	group := p.group
	if p.kind == Node {
		dense := bytesField(nil, 1, p.ids)
		dense = bytesField(dense, 8, p.lats)
		dense = bytesField(dense, 9, p.lons)
		if p.tagged {
			dense = bytesField(dense, 10, p.tags)
		}
		group = bytesField(nil, 2, dense)
	}
	block := bytesField(nil, 1, table)
	block = bytesField(block, 2, group)
	p.blob("OSMData", block)
	p.reset()
}

// blob writes one compressed blob behind its header.
func (p *Writer) blob(kind string, raw []byte) {
	if p.err != nil {
		return
	}
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	if _, p.err = z.Write(raw); p.err != nil {
		return
	}
	if p.err = z.Close(); p.err != nil {
		return
	}
	blob := varint(nil, 2, uint64(len(raw)))
	blob = bytesField(blob, 3, packed.Bytes())
	head := bytesField(nil, 1, []byte(kind))
	head = varint(head, 3, uint64(len(blob)))
	out := binary.BigEndian.AppendUint32(nil, uint32(len(head)))
	_, p.err = p.w.Write(append(append(out, head...), blob...))
}

// Close writes what is left. The underlying writer stays open.
func (p *Writer) Close() error {
	p.flush()
	return p.err
}
