package tiles

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sort"

	"github.com/paulmach/orb/encoding/mvt"
)

// reader is a small PMTiles v3 reader written from the specification, sharing nothing with the writer. It is
// strict: what the specification demands and a lenient reader would pass over is an error.
type reader struct {
	raw []byte
	h   struct {
		rootAt, rootLen, metaAt, metaLen, leafAt, leafLen, dataAt, dataLen, addressed, entries, contents uint64
		clustered, internal, tile, kind, minZoom, maxZoom                                                byte
	}
}

func open(raw []byte) (*reader, error) {
	r := &reader{raw: raw}
	if len(raw) < 127 || string(raw[:7]) != "PMTiles" || raw[7] != 3 {
		return nil, errors.New("no PMTiles v3")
	}
	for i, p := range []*uint64{&r.h.rootAt, &r.h.rootLen, &r.h.metaAt, &r.h.metaLen, &r.h.leafAt, &r.h.leafLen, &r.h.dataAt, &r.h.dataLen, &r.h.addressed, &r.h.entries, &r.h.contents} {
		*p = binary.LittleEndian.Uint64(raw[8+8*i:])
	}
	for i, p := range []*byte{&r.h.clustered, &r.h.internal, &r.h.tile, &r.h.kind, &r.h.minZoom, &r.h.maxZoom} {
		*p = raw[96+i]
	}
	if r.h.clustered != 1 || r.h.internal != 2 || r.h.tile != 2 || r.h.kind != 1 {
		return nil, fmt.Errorf("clustered %d, compression %d and %d, kind %d", r.h.clustered, r.h.internal, r.h.tile, r.h.kind)
	}
	if r.h.rootAt != 127 || r.h.rootAt+r.h.rootLen > 16384 {
		return nil, errors.New("the root directory lies outside the first 16 KiB")
	}
	if r.h.dataAt+r.h.dataLen != uint64(len(raw)) {
		return nil, fmt.Errorf("data end at %d of %d", r.h.dataAt+r.h.dataLen, len(raw))
	}
	return r, nil
}

func gunzip(raw []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

type line struct{ id, run, length, offset uint64 }

func (r *reader) directory(at, length uint64) ([]line, error) {
	raw, err := gunzip(r.raw[at : at+length])
	if err != nil {
		return nil, err
	}
	b := bytes.NewReader(raw)
	next := func() uint64 {
		v, e := binary.ReadUvarint(b)
		err = errors.Join(err, e)
		return v
	}
	lines := make([]line, next())
	if len(lines) == 0 {
		return nil, errors.New("empty directory")
	}
	var id uint64
	for i := range lines {
		id += next()
		lines[i].id = id
	}
	for i := range lines {
		lines[i].run = next()
	}
	for i := range lines {
		if lines[i].length = next(); lines[i].length == 0 {
			return nil, errors.New("an entry without length")
		}
	}
	for i := range lines {
		v := next()
		switch {
		case v == 0 && i > 0:
			lines[i].offset = lines[i-1].offset + lines[i-1].length
		case v == 0:
			return nil, errors.New("the first offset cannot follow another")
		default:
			lines[i].offset = v - 1
		}
	}
	if b.Len() != 0 {
		return nil, errors.New("bytes left in a directory")
	}
	return lines, err
}

// get gives the bytes of a tile, nil where there is none.
func (r *reader) get(id uint64) ([]byte, error) {
	at, length := r.h.rootAt, r.h.rootLen
	for range 4 {
		lines, err := r.directory(at, length)
		if err != nil {
			return nil, err
		}
		i := sort.Search(len(lines), func(i int) bool { return lines[i].id > id }) - 1
		if i < 0 {
			return nil, nil
		}
		l := lines[i]
		if l.run == 0 {
			at, length = r.h.leafAt+l.offset, l.length
			continue
		}
		if id >= l.id+l.run {
			return nil, nil
		}
		return r.raw[r.h.dataAt+l.offset : r.h.dataAt+l.offset+l.length], nil
	}
	return nil, errors.New("directories nest too deep")
}

// all gives every entry of all directories in order.
func (r *reader) all() ([]line, error) {
	root, err := r.directory(r.h.rootAt, r.h.rootLen)
	if err != nil {
		return nil, err
	}
	var out []line
	for _, l := range root {
		if l.run > 0 {
			out = append(out, l)
			continue
		}
		leaf, err := r.directory(r.h.leafAt+l.offset, l.length)
		if err != nil {
			return nil, err
		}
		out = append(out, leaf...)
	}
	return out, nil
}

// layers decodes a tile.
func (r *reader) layers(z uint8, x, y uint32) (map[string]*mvt.Layer, error) {
	raw, err := r.get(tileID(z, x, y))
	if err != nil || raw == nil {
		return nil, err
	}
	ls, err := mvt.UnmarshalGzipped(raw)
	if err != nil {
		return nil, err
	}
	out := map[string]*mvt.Layer{}
	for _, l := range ls {
		if l.Version != 2 || l.Extent != extent {
			return nil, fmt.Errorf("layer %s has version %d, extent %d", l.Name, l.Version, l.Extent)
		}
		out[l.Name] = l
	}
	return out, nil
}
