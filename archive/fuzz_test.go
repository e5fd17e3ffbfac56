package archive_test

import (
	"encoding/binary"
	"hash/crc32"
	"testing"

	"gevor/archive"
)

// Any bytes are opened or refused, never read outside themselves. The checksum of the index is mended first, or no
// mutation would get past it.
func FuzzOpen(f *testing.F) {
	f.Add([]byte{})
	f.Add(packed(f, func(a *archive.Writer) {
		archive.Put(a, "n", []int32{1, 2, 3})
		archive.PutText(a, "t", []string{"a", "b"})
	}))
	f.Fuzz(func(t *testing.T, raw []byte) {
		raw = aligned(raw)
		if n := len(raw); n >= 28 {
			at := binary.LittleEndian.Uint64(raw[n-20:])
			if at <= uint64(n-20) {
				sum := crc32.Checksum(raw[at:n-20], crc32.MakeTable(crc32.Castagnoli))
				binary.LittleEndian.PutUint32(raw[n-12:], sum)
			}
		}
		r, err := archive.Open(raw, "x")
		if err != nil {
			return
		}
		for _, name := range []string{"n", "t", "t#", ""} {
			if xs, err := archive.Get[int32](r, name); err == nil && len(xs)*4 > len(raw) {
				t.Fatal("an array longer than the file")
			}
			_, _ = archive.GetText(r, name)
		}
	})
}
