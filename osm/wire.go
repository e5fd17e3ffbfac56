package osm

// wire reads protocol-buffer fields from a byte slice. A malformed or cut field sets bad and empties it, so loops
// end by themselves and callers ask once.
type wire struct {
	b   []byte
	bad bool
}

// Wire types of the protocol-buffer encoding.
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
	wireFixed32 = 5
)

func (w *wire) fail() {
	w.b, w.bad = nil, true
}

func (w *wire) more() bool { return len(w.b) > 0 }

func (w *wire) uvarint() uint64 {
	if len(w.b) > 0 && w.b[0] < 0x80 {
		x := uint64(w.b[0])
		w.b = w.b[1:]
		return x
	}
	var x uint64
	for i, c := range w.b {
		if i == 10 {
			break
		}
		x |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			w.b = w.b[i+1:]
			return x
		}
	}
	w.fail()
	return 0
}

// svarint reads a zig-zag encoded number.
func (w *wire) svarint() int64 {
	u := w.uvarint()
	return int64(u>>1) ^ -int64(u&1)
}

// field gives number and wire type of the next field.
func (w *wire) field() (number, kind int) {
	t := w.uvarint()
	if t>>3 == 0 || t>>3 > 1<<29 {
		w.fail()
		return 0, 0
	}
	return int(t >> 3), int(t & 7)
}

// bytes gives a length-delimited field; kind is checked so that callers need not.
func (w *wire) bytes(kind int) []byte {
	if kind != wireBytes {
		w.fail()
		return nil
	}
	n := w.uvarint()
	if n > uint64(len(w.b)) {
		w.fail()
		return nil
	}
	out := w.b[:n]
	w.b = w.b[n:]
	return out
}

// number gives a varint field; kind is checked.
func (w *wire) number(kind int) uint64 {
	if kind != wireVarint {
		w.fail()
		return 0
	}
	return w.uvarint()
}

func (w *wire) skip(kind int) {
	switch kind {
	case wireVarint:
		w.uvarint()
	case wireFixed64:
		w.drop(8)
	case wireBytes:
		w.bytes(kind)
	case wireFixed32:
		w.drop(4)
	default:
		w.fail()
	}
}

func (w *wire) drop(n int) {
	if len(w.b) < n {
		w.fail()
		return
	}
	w.b = w.b[n:]
}
