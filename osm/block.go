package osm

import (
	"errors"
	"fmt"
	"math"

	"gevor/geo"
)

// block is one unpacked group of nodes, ways or relations with its table of strings.
type block struct {
	strings   [][]byte
	use       []keyUse // what each string is good for as a key
	text      []string // copies of strings, made when first needed
	groups    [][]byte
	step      int64 // nanodegrees of one coordinate unit
	latOffset int64
	lonOffset int64
	pairs     []uint32 // key, value, key, value … of the object at hand
	refs      []int64
}

var errBlock = errors.New("malformed field")

// parse reads table, offsets and groups of a primitive block; raw must stay unchanged while b is used.
func (b *block) parse(raw []byte) error {
	b.strings, b.use, b.text, b.groups = b.strings[:0], b.use[:0], b.text[:0], b.groups[:0]
	b.step, b.latOffset, b.lonOffset = 100, 0, 0
	w := wire{b: raw}
	for w.more() {
		switch num, typ := w.field(); num {
		case 1:
			table := wire{b: w.bytes(typ)}
			for table.more() {
				if num, typ := table.field(); num == 1 {
					s := table.bytes(typ)
					b.strings = append(b.strings, s)
				} else {
					table.skip(typ)
				}
			}
			w.bad = w.bad || table.bad
		case 2:
			b.groups = append(b.groups, w.bytes(typ))
		case 17:
			b.step = int64(int32(w.number(typ)))
		case 19:
			b.latOffset = int64(w.number(typ))
		case 20:
			b.lonOffset = int64(w.number(typ))
		default:
			w.skip(typ)
		}
	}
	if w.bad {
		return errBlock
	}
	for _, s := range b.strings {
		b.use = append(b.use, useOf(s))
		b.text = append(b.text, "")
	}
	return nil
}

// string gives a copy of one string of the table. Indexes are checked where pairs and roles are read.
func (b *block) string(i uint32) string {
	if b.text[i] == "" && len(b.strings[i]) > 0 {
		b.text[i] = string(b.strings[i])
	}
	return b.text[i]
}

// place turns raw units into degrees. Places that do not fit give an invalid LonLat.
func (b *block) place(lon, lat int64) geo.LonLat {
	const most = math.MaxInt32 // units that any granularity in use needs for 180 degrees
	if lon > most || lon < -most || lat > most || lat < -most {
		return geo.LonLat{Lon: math.NaN(), Lat: math.NaN()}
	}
	return geo.LonLat{
		Lon: 1e-9 * float64(b.lonOffset+b.step*lon),
		Lat: 1e-9 * float64(b.latOffset+b.step*lat),
	}
}

// tagPairs reads the parallel key and value lists of plain objects into b.pairs.
func (b *block) tagPairs(keys, values []byte, limits *Limits) error {
	b.pairs = b.pairs[:0]
	k, v := wire{b: keys}, wire{b: values}
	for k.more() && v.more() {
		if err := b.addPair(k.uvarint(), v.uvarint(), limits); err != nil {
			return err
		}
	}
	if k.bad || v.bad || k.more() || v.more() {
		return errBlock
	}
	return nil
}

func (b *block) addPair(k, v uint64, limits *Limits) error {
	if n := uint64(len(b.strings)); k >= n || v >= n {
		return fmt.Errorf("string %d or %d lies outside the table of %d", k, v, n)
	}
	if len(b.pairs) >= 2*limits.Tags {
		return fmt.Errorf("an object has more than %d tags", limits.Tags)
	}
	b.pairs = append(b.pairs, uint32(k), uint32(v))
	return nil
}

// each hands the objects of one field number of all groups to f: 1 plain nodes, 2 dense nodes, 3 ways, 4 relations.
func (b *block) each(field int, f func(raw []byte) error) error {
	for _, g := range b.groups {
		w := wire{b: g}
		for w.more() {
			num, typ := w.field()
			if num != field {
				w.skip(typ)
				continue
			}
			raw := w.bytes(typ)
			if w.bad {
				break
			}
			if err := f(raw); err != nil {
				return err
			}
		}
		if w.bad {
			return errBlock
		}
	}
	return nil
}

// nodes hands every node to f with its tags in b.pairs.
func (b *block) nodes(limits *Limits, f func(id int64, at geo.LonLat)) error {
	if err := b.each(1, func(raw []byte) error { return b.plainNode(raw, limits, f) }); err != nil {
		return err
	}
	return b.each(2, func(raw []byte) error { return b.denseNodes(raw, limits, f) })
}

func (b *block) plainNode(raw []byte, limits *Limits, f func(id int64, at geo.LonLat)) error {
	var keys, values []byte
	var id, lat, lon int64
	w := wire{b: raw}
	for w.more() {
		num, typ := w.field()
		switch num {
		case 1, 8, 9:
			if typ != wireVarint {
				return errBlock
			}
			v := w.svarint()
			switch num {
			case 1:
				id = v
			case 8:
				lat = v
			case 9:
				lon = v
			}
		case 2:
			keys = w.bytes(typ)
		case 3:
			values = w.bytes(typ)
		default:
			w.skip(typ)
		}
	}
	if w.bad {
		return errBlock
	}
	if err := b.tagPairs(keys, values, limits); err != nil {
		return err
	}
	f(id, b.place(lon, lat))
	return nil
}

func (b *block) denseNodes(raw []byte, limits *Limits, f func(id int64, at geo.LonLat)) error {
	var ids, lats, lons, tags wire
	w := wire{b: raw}
	for w.more() {
		switch num, typ := w.field(); num {
		case 1:
			ids.b = w.bytes(typ)
		case 8:
			lats.b = w.bytes(typ)
		case 9:
			lons.b = w.bytes(typ)
		case 10:
			tags.b = w.bytes(typ)
		default:
			w.skip(typ)
		}
	}
	if w.bad {
		return errBlock
	}
	var id, lat, lon int64
	tagged := tags.more()
	for ids.more() {
		id += ids.svarint()
		lat += lats.svarint()
		lon += lons.svarint()
		b.pairs = b.pairs[:0]
		for tagged {
			k := tags.uvarint()
			if k == 0 {
				break
			}
			if err := b.addPair(k, tags.uvarint(), limits); err != nil {
				return err
			}
		}
		if ids.bad || lats.bad || lons.bad || tags.bad {
			return errBlock
		}
		f(id, b.place(lon, lat))
	}
	if lats.more() || lons.more() || tags.more() {
		return errBlock
	}
	return nil
}

// ways hands every way to f with its tags in b.pairs and its nodes in b.refs. Ways with more nodes than the limit
// come with tooLong set and without nodes.
func (b *block) ways(limits *Limits, f func(id int64, tooLong bool)) error {
	return b.each(3, func(raw []byte) error {
		var keys, values, refs []byte
		var id int64
		w := wire{b: raw}
		for w.more() {
			switch num, typ := w.field(); num {
			case 1:
				id = int64(w.number(typ))
			case 2:
				keys = w.bytes(typ)
			case 3:
				values = w.bytes(typ)
			case 8:
				refs = w.bytes(typ)
			default:
				w.skip(typ)
			}
		}
		if w.bad {
			return errBlock
		}
		if err := b.tagPairs(keys, values, limits); err != nil {
			return err
		}
		b.refs = b.refs[:0]
		r := wire{b: refs}
		var ref int64
		for r.more() {
			ref += r.svarint()
			if len(b.refs) >= limits.WayNodes {
				b.refs = b.refs[:0]
				f(id, true)
				return nil
			}
			b.refs = append(b.refs, ref)
		}
		if r.bad {
			return errBlock
		}
		f(id, false)
		return nil
	})
}

// member is one part of a relation.
type member struct {
	kind byte // 'n', 'w' or 'r'
	ref  int64
	role string
}

// relations hands every relation to f with its tags in b.pairs; members reads them on demand.
func (b *block) relations(limits *Limits, f func(id int64, members func() ([]member, error)) error) error {
	return b.each(4, func(raw []byte) error {
		var keys, values, roles, refs, kinds []byte
		var id int64
		w := wire{b: raw}
		for w.more() {
			switch num, typ := w.field(); num {
			case 1:
				id = int64(w.number(typ))
			case 2:
				keys = w.bytes(typ)
			case 3:
				values = w.bytes(typ)
			case 8:
				roles = w.bytes(typ)
			case 9:
				refs = w.bytes(typ)
			case 10:
				kinds = w.bytes(typ)
			default:
				w.skip(typ)
			}
		}
		if w.bad {
			return errBlock
		}
		if err := b.tagPairs(keys, values, limits); err != nil {
			return err
		}
		return f(id, func() ([]member, error) { return b.members(roles, refs, kinds, limits) })
	})
}

func (b *block) members(roles, refs, kinds []byte, limits *Limits) ([]member, error) {
	var out []member
	r, m, k := wire{b: roles}, wire{b: refs}, wire{b: kinds}
	var ref int64
	for m.more() {
		role, kind := r.uvarint(), k.uvarint()
		ref += m.svarint()
		if r.bad || m.bad || k.bad || role >= uint64(len(b.strings)) || kind > 2 {
			return nil, errBlock
		}
		if len(out) >= limits.Members {
			return nil, fmt.Errorf("a relation has more than %d members", limits.Members)
		}
		out = append(out, member{"nwr"[kind], ref, b.string(uint32(role))})
	}
	return out, nil
}
