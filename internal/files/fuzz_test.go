package files

import (
	"bytes"
	"testing"
)

// A manifest either reads as what writes the same bytes again, or is refused.
func FuzzManifest(f *testing.F) {
	f.Add([]byte(manifestHead))
	f.Add(writeManifest(map[string]sum{"run.json": {12, hashOf(nil)}, "layers/x.csv": {0, hashOf([]byte("x"))}}))
	f.Add([]byte(manifestHead + "# 1 bytes\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		sums, err := readManifest(raw)
		if err != nil {
			return
		}
		again, err := readManifest(writeManifest(sums))
		if err != nil || len(again) != len(sums) {
			t.Fatalf("%q: %v", raw, err)
		}
		if !bytes.Equal(writeManifest(again), writeManifest(sums)) {
			t.Fatalf("%q reads differently twice", raw)
		}
	})
}
