package osm

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"

	"gevor/fault"
)

// Sizes the PBF format itself sets as the most a file may use.
const (
	maxHeaderBytes = 64 << 10
	maxBlobBytes   = 32 << 20
)

const downloadAgain = "download or create the extract again; osmium fileinfo -e shows whether a file is whole"

// source is a PBF file with the places of its data blocks.
type source struct {
	at     io.ReaderAt
	file   string
	blocks []span
}

type span struct {
	offset int64
	bytes  int32
}

// open finds the blocks of a file and checks its header. A reader that is also an io.ReaderAt is read in place
// from offset 0; any other is held in memory, compressed as it is.
func open(r io.Reader, size int64, file string, limits Limits) (*source, error) {
	at, ok := r.(io.ReaderAt)
	if !ok {
		raw, err := io.ReadAll(io.LimitReader(r, limits.Bytes+1))
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, file, "the file cannot be read", "check that it is readable and whole", err)
		}
		at, size = bytes.NewReader(raw), int64(len(raw))
	}
	if size > limits.Bytes {
		return nil, fault.New(fault.TooLarge, file, fmt.Sprintf("the file is larger than the limit of %d bytes", limits.Bytes), "cut it to the region with osmium extract")
	}
	s := &source{at: at, file: file}
	var offset int64
	for first := true; offset < size; first = false {
		kind, body, err := s.header(offset, size, first)
		if err != nil {
			return nil, err
		}
		switch kind {
		case "OSMHeader":
			if err := s.checkHeader(body); err != nil {
				return nil, err
			}
		case "OSMData":
			if len(s.blocks) >= limits.Blocks {
				return nil, fault.New(fault.TooLarge, file, fmt.Sprintf("more than %d blocks", limits.Blocks), "cut the file to the region with osmium extract")
			}
			s.blocks = append(s.blocks, body)
		}
		offset = body.offset + int64(body.bytes)
	}
	if offset == 0 {
		return nil, fault.New(fault.Invalid, file, "the file is empty", downloadAgain)
	}
	return s, nil
}

// header reads the blob header at an offset and gives the blob's kind and place.
func (s *source) header(offset, size int64, first bool) (string, span, error) {
	notPBF := func() error {
		return fault.New(fault.Invalid, s.file, "this is not an OSM PBF file", "use an extract that ends in .osm.pbf; convert other formats with osmium cat -o region.osm.pbf")
	}
	cut := func() error {
		if first {
			return notPBF()
		}
		return fault.New(fault.Invalid, s.file, fmt.Sprintf("the file is cut off in the block at byte %d of %d", offset, size), downloadAgain)
	}
	broken := func() error {
		if first {
			return notPBF()
		}
		return fault.New(fault.Invalid, s.file, fmt.Sprintf("the block header at byte %d is broken", offset), downloadAgain)
	}
	var four [4]byte
	if size-offset < 4 {
		return "", span{}, cut()
	}
	if err := s.read(four[:], offset); err != nil {
		return "", span{}, err
	}
	n := int64(binary.BigEndian.Uint32(four[:]))
	if n == 0 || n > maxHeaderBytes {
		return "", span{}, broken()
	}
	if size-offset-4 < n {
		return "", span{}, cut()
	}
	raw := make([]byte, n)
	if err := s.read(raw, offset+4); err != nil {
		return "", span{}, err
	}
	var kind string
	var bodyBytes uint64
	w := wire{b: raw}
	for w.more() {
		switch num, typ := w.field(); num {
		case 1:
			kind = string(w.bytes(typ))
		case 3:
			bodyBytes = w.number(typ)
		default:
			w.skip(typ)
		}
	}
	if w.bad || kind == "" || (first && kind != "OSMHeader") || bodyBytes > maxBlobBytes {
		return "", span{}, broken()
	}
	body := span{offset + 4 + n, int32(bodyBytes)}
	if size-body.offset < int64(body.bytes) {
		return "", span{}, fault.New(fault.Invalid, s.file, fmt.Sprintf("the file is cut off in the block at byte %d of %d", offset, size), downloadAgain)
	}
	return kind, body, nil
}

func (s *source) read(p []byte, offset int64) error {
	n, err := s.at.ReadAt(p, offset)
	if n == len(p) {
		return nil
	}
	return fault.Wrap(fault.Invalid, s.file, fmt.Sprintf("the file cannot be read at byte %d", offset), "check that it is readable and whole", err)
}

func (s *source) checkHeader(at span) error {
	raw, err := new(inflater).block(s, at)
	if err != nil {
		return err
	}
	w := wire{b: raw}
	for w.more() {
		num, typ := w.field()
		if num != 4 {
			w.skip(typ)
			continue
		}
		switch feature := string(w.bytes(typ)); feature {
		case "OsmSchema-V0.6", "DenseNodes", "":
		case "HistoricalInformation":
			return fault.New(fault.Invalid, s.file, "the file holds the history of objects", "reduce it to one day with osmium time-filter")
		default:
			return fault.New(fault.Invalid, s.file, "the file requires the feature \""+feature+"\", which this reader does not know", "write it anew with osmium cat -o region.osm.pbf")
		}
	}
	if w.bad {
		return s.broken(at, errors.New("header block"))
	}
	return nil
}

func (s *source) broken(at span, cause error) error {
	return fault.Wrap(fault.Invalid, s.file, fmt.Sprintf("the block at byte %d is broken", at.offset), downloadAgain, cause)
}

// inflater reads and unpacks blobs into buffers of its own; one per goroutine.
type inflater struct {
	packed, plain []byte
	zip           io.ReadCloser
}

// block gives the unpacked bytes of a blob, valid until the next call.
func (f *inflater) block(s *source, at span) ([]byte, error) {
	if cap(f.packed) < int(at.bytes) {
		f.packed = make([]byte, at.bytes)
	}
	f.packed = f.packed[:at.bytes]
	if err := s.read(f.packed, at.offset); err != nil {
		return nil, err
	}
	var raw, packed []byte
	var rawSize uint64
	var other bool
	w := wire{b: f.packed}
	for w.more() {
		switch num, typ := w.field(); num {
		case 1:
			raw = w.bytes(typ)
		case 2:
			rawSize = w.number(typ)
		case 3:
			packed = w.bytes(typ)
		case 4, 5, 6, 7:
			other = true
			w.skip(typ)
		default:
			w.skip(typ)
		}
	}
	switch {
	case w.bad:
		return nil, s.broken(at, errors.New("blob fields"))
	case raw != nil:
		return raw, nil
	case packed == nil && other:
		return nil, fault.New(fault.Invalid, s.file, "the file uses a compression other than zlib", "write it anew with osmium cat -o region.osm.pbf")
	case rawSize > maxBlobBytes:
		return nil, s.broken(at, fmt.Errorf("block of %d bytes", rawSize))
	}
	if err := f.inflate(packed, int(rawSize)); err != nil {
		return nil, s.broken(at, err)
	}
	return f.plain, nil
}

// inflate unpacks to exactly size bytes; a stream that holds more or less is broken.
func (f *inflater) inflate(packed []byte, size int) error {
	var err error
	if f.zip == nil {
		f.zip, err = zlib.NewReader(bytes.NewReader(packed))
	} else {
		err = f.zip.(zlib.Resetter).Reset(bytes.NewReader(packed), nil)
	}
	if err != nil {
		f.zip = nil
		return err
	}
	// Grow with what really arrives: a tiny blob that promises much costs nothing.
	f.plain = f.plain[:0]
	for len(f.plain) < size {
		if len(f.plain) == cap(f.plain) {
			grown := make([]byte, len(f.plain), min(size, max(1<<16, 2*cap(f.plain))))
			copy(grown, f.plain)
			f.plain = grown
		}
		n, err := f.zip.Read(f.plain[len(f.plain):min(size, cap(f.plain))])
		f.plain = f.plain[:len(f.plain)+n]
		if err == io.EOF && len(f.plain) == size {
			return nil
		}
		if err == io.EOF {
			return io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
	}
	var one [1]byte
	if n, err := io.ReadFull(f.zip, one[:]); n != 0 {
		return errors.New("block is longer than it says")
	} else if err != io.EOF {
		return err
	}
	return nil
}

// eachBlock decodes the chosen blocks on all processors and hands the results to merge in the order of the file,
// from one goroutine, so that the outcome does not depend on how work was shared.
func eachBlock[R any](ctx context.Context, s *source, chosen []int, decode func(b *block) (R, error), merge func(index int, r R) error) error {
	type done struct {
		r   R
		err error
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	workers := min(runtime.GOMAXPROCS(0), max(1, len(chosen)))
	slots := make([]chan done, len(chosen))
	for i := range slots {
		slots[i] = make(chan done, 1)
	}
	ahead := make(chan struct{}, 4*workers) // how far decoding may run before merging
	next := make(chan int)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer stop()
	wg.Go(func() {
		defer close(next)
		for i := range chosen {
			select {
			case ahead <- struct{}{}:
			case <-ctx.Done():
				return
			}
			select {
			case next <- i:
			case <-ctx.Done():
				return
			}
		}
	})
	for range workers {
		wg.Go(func() {
			var f inflater
			var b block
			for i := range next {
				var d done
				raw, err := f.block(s, s.blocks[chosen[i]])
				if err == nil {
					err = b.parse(raw)
					if err == nil {
						d.r, err = decode(&b)
					}
					if err != nil && fault.KindOf(err) == fault.Internal {
						err = s.broken(s.blocks[chosen[i]], err)
					}
				}
				d.err = err
				slots[i] <- d
			}
		})
	}
	for i := range chosen {
		select {
		case d := <-slots[i]:
			<-ahead
			if d.err != nil {
				return d.err
			}
			if err := merge(chosen[i], d.r); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
