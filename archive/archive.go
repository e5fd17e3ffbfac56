// Package archive keeps named arrays of fixed-size numbers in one sealed file.
//
// Networks, hierarchies and timetables are immutable flat arrays. An archive writes them once, in a given
// order, each aligned to 64 bytes and followed at the end by an index with a checksum of every section. Reading
// gives slices that point straight into the file's bytes, so opening costs no copy.
//
// Format: magic "gevorar1"; sections; index (count, then for each: name length, name, element size, offset,
// length in bytes, CRC-32C); trailer: offset of the index, CRC-32C of the index, magic. All integers are little
// endian; big-endian machines are not supported and Open says so.
package archive

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"unsafe"

	"gevor/fault"
)

// Number is what an array may hold: fixed-size numbers, and structs made of nothing else without padding.
type Number interface {
	~int8 | ~uint8 | ~int16 | ~uint16 | ~int32 | ~uint32 | ~int64 | ~uint64 | ~float32 | ~float64
}

const (
	magic   = "gevorar1"
	align   = 64
	trailer = 8 + 4 + 8
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

type section struct {
	name   string
	size   uint32
	offset uint64
	bytes  uint64
	crc    uint32
}

// Writer writes one archive. Errors stick: check the one that Close returns.
type Writer struct {
	w        io.Writer
	at       uint64
	sections []section
	err      error
}

// NewWriter starts an archive on w.
func NewWriter(w io.Writer) *Writer {
	a := &Writer{w: w}
	a.write([]byte(magic))
	return a
}

func (a *Writer) write(p []byte) {
	if a.err != nil {
		return
	}
	n, err := a.w.Write(p)
	a.at += uint64(n)
	a.err = err
}

// Put writes one array under a name that is unique in the archive.
func Put[T Number](a *Writer, name string, xs []T) {
	for _, s := range a.sections {
		if s.name == name {
			a.err = fault.New(fault.Internal, name, "array written twice", "")
			return
		}
	}
	if pad := (align - a.at%align) % align; pad > 0 {
		a.write(make([]byte, pad))
	}
	var zero T
	raw := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(xs))), len(xs)*int(unsafe.Sizeof(zero)))
	a.sections = append(a.sections, section{name, uint32(unsafe.Sizeof(zero)), a.at, uint64(len(raw)), crc32.Checksum(raw, castagnoli)})
	a.write(raw)
}

// PutText writes a list of strings: their bytes under name and their ends under name + "#".
func PutText(a *Writer, name string, xs []string) {
	var b bytes.Buffer
	ends := make([]uint64, len(xs))
	for i, x := range xs {
		b.WriteString(x)
		ends[i] = uint64(b.Len())
	}
	Put(a, name, b.Bytes())
	Put(a, name+"#", ends)
}

// Close writes index and trailer. It does not close the underlying writer.
func (a *Writer) Close() error {
	var b bytes.Buffer
	le := binary.LittleEndian
	put := func(v any) { _ = binary.Write(&b, le, v) } // a bytes.Buffer never fails
	put(uint32(len(a.sections)))
	for _, s := range a.sections {
		put(uint32(len(s.name)))
		b.WriteString(s.name)
		put(s.size)
		put(s.offset)
		put(s.bytes)
		put(s.crc)
	}
	at := a.at
	crc := crc32.Checksum(b.Bytes(), castagnoli)
	put(at)
	put(crc)
	b.WriteString(magic)
	a.write(b.Bytes())
	return a.err
}

// Reader gives the arrays of one archive.
type Reader struct {
	raw      []byte
	place    string
	sections map[string]section
}

// Open reads the index of an archive held in raw (typically memory-mapped) and checks it; sections are checked
// when they are first taken. raw must stay unchanged and be aligned to 8 bytes. place names the file in errors.
func Open(raw []byte, place string) (*Reader, error) {
	bad := func(what string) error {
		return fault.New(fault.Corrupt, place, what, "build the snapshot again")
	}
	if x := uint16(1); *(*byte)(unsafe.Pointer(&x)) != 1 {
		return nil, fault.New(fault.Internal, place, "this processor is big-endian, which archives do not support", "")
	}
	n := len(raw)
	if n < len(magic)+trailer || string(raw[:8]) != magic || string(raw[n-8:]) != magic {
		return nil, bad("not a complete archive")
	}
	le := binary.LittleEndian
	at := le.Uint64(raw[n-trailer:])
	if at < 8 || at > uint64(n-trailer) {
		return nil, bad("index lies outside the archive")
	}
	index := raw[at : n-trailer]
	if crc32.Checksum(index, castagnoli) != le.Uint32(raw[n-12:]) {
		return nil, bad("index does not match its checksum")
	}
	r := &Reader{raw: raw, place: place, sections: map[string]section{}}
	if len(index) < 4 {
		return nil, bad("index is cut off")
	}
	count := le.Uint32(index)
	index = index[4:]
	for range count {
		if len(index) < 4 || uint64(len(index)) < 4+uint64(le.Uint32(index))+24 {
			return nil, bad("index is cut off")
		}
		l := le.Uint32(index)
		name := string(index[4 : 4+l])
		f := index[4+l:]
		s := section{name, le.Uint32(f), le.Uint64(f[4:]), le.Uint64(f[12:]), le.Uint32(f[20:])}
		if s.offset%align != 0 || s.offset > at || s.bytes > at-s.offset {
			return nil, bad(fmt.Sprintf("section %q lies outside the archive", name))
		}
		r.sections[name] = s
		index = f[24:]
	}
	return r, nil
}

// Get gives the array of a name, checked against its checksum and element size. The slice points into the
// archive and must not be changed.
func Get[T Number](r *Reader, name string) ([]T, error) {
	s, ok := r.sections[name]
	if !ok {
		return nil, fault.New(fault.Corrupt, r.place, fmt.Sprintf("section %q is missing", name), "build the snapshot again")
	}
	var zero T
	if s.size != uint32(unsafe.Sizeof(zero)) || s.bytes%uint64(s.size) != 0 {
		return nil, fault.New(fault.Corrupt, r.place, fmt.Sprintf("section %q holds another kind of number", name), "build the snapshot again")
	}
	raw := r.raw[s.offset : s.offset+s.bytes]
	if crc32.Checksum(raw, castagnoli) != s.crc {
		return nil, fault.New(fault.Corrupt, r.place, fmt.Sprintf("section %q does not match its checksum", name), "build the snapshot again")
	}
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(raw))), len(raw)/int(s.size)), nil
}

// GetText gives a list written by PutText, as copies.
func GetText(r *Reader, name string) ([]string, error) {
	raw, err := Get[byte](r, name)
	if err != nil {
		return nil, err
	}
	ends, err := Get[uint64](r, name+"#")
	if err != nil {
		return nil, err
	}
	out := make([]string, len(ends))
	var from uint64
	for i, to := range ends {
		if to < from || to > uint64(len(raw)) {
			return nil, fault.New(fault.Corrupt, r.place, fmt.Sprintf("section %q has a broken end", name), "build the snapshot again")
		}
		out[i] = string(raw[from:to])
		from = to
	}
	return out, nil
}
