package osm

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"gevor/notice"
)

func readFile(t testing.TB, path string) (*Extract, *notice.List) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	var notes notice.List
	x, err := Read(context.Background(), f, st.Size(), "osm/"+filepath.Base(path), Limits{}, &notes, nil)
	if err != nil {
		t.Fatal(err)
	}
	return x, &notes
}
