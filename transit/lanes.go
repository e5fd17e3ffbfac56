package transit

// Times of up to 16 destinations lie side by side in four words, 15 bits each with a spare bit above, so that
// one subtraction compares four of them.
const (
	lanes = 16
	words = lanes / 4
	// never is a clock value that no journey of a query reaches.
	never = 1<<15 - 1
	// longest is the longest span of a query in seconds: all its times must fit a clock.
	longest = 32_000

	each      uint64 = 0x0001_0001_0001_0001
	spareBits uint64 = each << 15
	allNever  uint64 = each * never
)

type row [words]uint64

func nothing() (r row) {
	for w := range r {
		r[w] = allNever
	}
	return r
}

// atLeast gives, in each lane, ones where a is at least b and zeros elsewhere.
func atLeast(a, b uint64) uint64 {
	t := ((a | spareBits) - b) & spareBits
	return t - t>>15
}

// lower gives the lesser of a and b in each lane.
func lower(a, b uint64) uint64 { return a ^ (a^b)&atLeast(a, b) }

// later adds two times in each lane, never where the sum is too large.
func later(a, b uint64) uint64 {
	s := a + b
	t := s & spareBits
	return (s | (t - t>>15)) &^ spareBits
}

// within gives a where it is at most bound, never elsewhere.
func within(a, bound uint64) uint64 { return a | allNever&^atLeast(bound, a) }

func (r *row) lower(x *row) {
	for w := 0; w < words; w += 4 { // four at a time: the compiler does not unroll
		r[w] = lower(r[w], x[w])
		r[w+1] = lower(r[w+1], x[w+1])
		r[w+2] = lower(r[w+2], x[w+2])
		r[w+3] = lower(r[w+3], x[w+3])
	}
}

func (r *row) reached() bool {
	all := allNever
	for _, w := range r {
		all &= w
	}
	return all != allNever
}

func (r *row) lane(l int) uint16 { return uint16(r[l/4] >> (l % 4 * 16)) }

func (r *row) set(l int, v uint16) {
	shift := l % 4 * 16
	r[l/4] = r[l/4]&^(0xFFFF<<shift) | uint64(v)<<shift
}
