package powercut

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// What readers see is what a plain file would hold. A cut without chance leaves what was last synced; one with chance
// leaves every sector as some moment since then had it, never anything else.
func TestACutLeavesSectorsOfSomeMomentSinceTheLastSync(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := New()
		f := &file{named: true}
		d.files["x"] = f
		var plain []byte
		moments := [][]byte{nil} // all states since the last sync, that one included
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			switch at := rapid.Int64Range(0, 4*sector).Draw(t, "at"); rapid.IntRange(0, 5).Draw(t, "kind") {
			case 0:
				if d.sync(f, false) != fine {
					t.Fatal("a sync fails that nobody planned")
				}
				moments = moments[:0]
			case 1:
				d.truncate(f, at)
				plain = append(plain, make([]byte, max(0, at-int64(len(plain))))...)[:at]
			default:
				b := rapid.SliceOfN(rapid.ByteRange(1, 255), 1, 3*sector).Draw(t, "bytes")
				if d.write(f, at, b) != fine {
					t.Fatal("a write fails that nobody planned")
				}
				plain = append(plain, make([]byte, max(0, at+int64(len(b))-int64(len(plain))))...)
				copy(plain[at:], b)
			}
			if !bytes.Equal(f.seen, plain) {
				t.Fatal("readers see something else than a plain file holds")
			}
			moments = append(moments, bytes.Clone(plain))
		}
		if !bytes.Equal(f.left(nil), moments[0]) {
			t.Fatal("a cut keeps something else than what was synced")
		}
		left := f.left(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)))
		lengths := map[int]bool{}
		for _, m := range moments {
			lengths[len(m)] = true
		}
		if !lengths[len(left)] {
			t.Fatalf("a file of %d bytes, which it never had", len(left))
		}
		for s := 0; s < len(left); s += sector {
			got, found := left[s:min(s+sector, len(left))], false
			for _, m := range moments {
				was := make([]byte, len(got)) // beyond its end a file holds zeros
				if s < len(m) {
					copy(was, m[s:])
				}
				found = found || bytes.Equal(got, was)
			}
			if !found {
				t.Fatalf("sector %d is as it never was", s/sector)
			}
		}
	})
}
