package tiles

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"slices"

	"gevor/fault"
	"gevor/geo"
)

// tile is one finished tile: gzip data under its id.
type tile struct {
	id   uint64
	data []byte
}

// tileID numbers tiles as PMTiles does: all tiles of lower zooms first, then along the Hilbert curve of the zoom
// (specification v3, section 4.1.1).
func tileID(z uint8, x, y uint32) uint64 {
	var id uint64
	for k := range z {
		id += 1 << (2 * k)
	}
	for s := uint32(1) << z >> 1; s > 0; s >>= 1 {
		var rx, ry uint32
		if x&s > 0 {
			rx = 1
		}
		if y&s > 0 {
			ry = 1
		}
		id += uint64(s) * uint64(s) * uint64((3*rx)^ry)
		if ry == 0 {
			if rx == 1 {
				x, y = s-1-(x&(s-1)), s-1-(y&(s-1))
			}
			x, y = y, x
		}
		x, y = x&(s-1), y&(s-1)
	}
	return id
}

// entry is one line of a directory.
type entry struct {
	id, offset uint64
	length     uint32
	run        uint32 // tiles in a row with this content; 0 leads to a leaf directory
}

const (
	headerBytes = 127
	// rootBytes is how much of the file a reader fetches first: header and root directory must fit.
	rootBytes = 16384
)

// header is what the writer needs to know beside the tiles.
type header struct {
	minZoom, maxZoom uint8
	bounds           geo.Box
	metadata         []byte // JSON
}

// writePMTiles writes a PMTiles v3 archive (https://github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md):
// clustered, directories and tiles in gzip, equal tiles once. Tiles may come in any order, each id once.
func writePMTiles(w io.Writer, h header, tiles []tile) error {
	slices.SortFunc(tiles, func(a, b tile) int { return cmp.Compare(a.id, b.id) })
	entries, contents, dataBytes := index(tiles)
	root, leaves, err := directories(entries)
	if err != nil {
		return err
	}
	metadata, err := packed(h.metadata)
	if err != nil {
		return err
	}
	head := make([]byte, 0, headerBytes)
	head = append(head, "PMTiles"...)
	head = append(head, 3)
	at := uint64(headerBytes)
	for _, n := range []uint64{uint64(len(root)), uint64(len(metadata)), uint64(len(leaves)), dataBytes} {
		head = binary.LittleEndian.AppendUint64(head, at)
		head = binary.LittleEndian.AppendUint64(head, n)
		at += n
	}
	for _, n := range []uint64{uint64(len(tiles)), uint64(len(entries)), uint64(len(contents))} {
		head = binary.LittleEndian.AppendUint64(head, n)
	}
	const gzipped, vector = 2, 1
	head = append(head, 1, gzipped, gzipped, vector, h.minZoom, h.maxZoom)
	b := h.bounds
	for _, x := range []float64{b.MinLon, b.MinLat, b.MaxLon, b.MaxLat} {
		head = e7(head, x)
	}
	head = append(head, h.minZoom)
	head = e7(e7(head, (b.MinLon+b.MaxLon)/2), (b.MinLat+b.MaxLat)/2)
	for _, part := range [][]byte{head, root, metadata, leaves} {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	for _, data := range contents {
		if _, err := w.Write(data); err != nil {
			return err
		}
	}
	return nil
}

func e7(b []byte, degrees float64) []byte {
	return binary.LittleEndian.AppendUint32(b, uint32(int32(degrees*1e7)))
}

// index lays out the contents, each once, in the order of first use, and joins rows of equal tiles to runs.
func index(tiles []tile) (entries []entry, contents [][]byte, size uint64) {
	at := map[[sha256.Size]byte]uint64{}
	for _, t := range tiles {
		sum := sha256.Sum256(t.data)
		offset, known := at[sum]
		if !known {
			offset = size
			at[sum] = offset
			contents = append(contents, t.data)
			size += uint64(len(t.data))
		}
		if n := len(entries); n > 0 {
			last := &entries[n-1]
			if last.offset == offset && last.id+uint64(last.run) == t.id {
				last.run++
				continue
			}
		}
		entries = append(entries, entry{t.id, offset, uint32(len(t.data)), 1})
	}
	return entries, contents, size
}

// directories gives root and leaves. As long as everything fits into the root there are no leaves; otherwise leaves
// grow until the root that lists them fits.
func directories(entries []entry) (root, leaves []byte, err error) {
	root, err = directory(entries)
	if err != nil || len(root) <= rootBytes-headerBytes {
		return root, nil, err
	}
	for size := 4096; size <= len(entries)*2; size *= 2 {
		leaves = leaves[:0]
		var top []entry
		for from := 0; from < len(entries); from += size {
			leaf, err := directory(entries[from:min(from+size, len(entries))])
			if err != nil {
				return nil, nil, err
			}
			top = append(top, entry{entries[from].id, uint64(len(leaves)), uint32(len(leaf)), 0})
			leaves = append(leaves, leaf...)
		}
		root, err = directory(top)
		if err != nil || len(root) <= rootBytes-headerBytes {
			return root, leaves, err
		}
	}
	return nil, nil, fault.New(fault.TooLarge, "map tiles", "the directory of tiles does not fit", "")
}

// directory writes entries column by column: differences of ids, runs, lengths, offsets (0 = right after the one
// before).
func directory(entries []entry) ([]byte, error) {
	raw := binary.AppendUvarint(nil, uint64(len(entries)))
	var last uint64
	for _, e := range entries {
		raw = binary.AppendUvarint(raw, e.id-last)
		last = e.id
	}
	for _, e := range entries {
		raw = binary.AppendUvarint(raw, uint64(e.run))
	}
	for _, e := range entries {
		raw = binary.AppendUvarint(raw, uint64(e.length))
	}
	for i, e := range entries {
		if i > 0 && e.offset == entries[i-1].offset+uint64(entries[i-1].length) {
			raw = binary.AppendUvarint(raw, 0)
		} else {
			raw = binary.AppendUvarint(raw, e.offset+1)
		}
	}
	return packed(raw)
}

// packed compresses without name and time, so the same bytes give the same bytes.
func packed(raw []byte) ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.DefaultCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(raw); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
