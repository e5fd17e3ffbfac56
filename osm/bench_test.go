package osm

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"gevor/internal/realdata"
)

func BenchmarkReadPorto(b *testing.B) {
	raw, err := os.ReadFile(filepath.Join(realdata.Dir(b, "porto"), "porto_portugal.osm.pbf"))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		if _, err := Read(context.Background(), bytes.NewReader(raw), int64(len(raw)), "porto", Limits{}, nil, nil); err != nil {
			b.Fatal(err)
		}
	}
}
