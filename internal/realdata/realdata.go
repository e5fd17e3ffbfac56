// Package realdata finds the real data that tests compare with. They are never part of the project.
package realdata

import (
	"os"
	"path/filepath"
)

// T is what Dir needs of a test.
type T interface {
	Helper()
	Skipf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Dir gives the folder of one data set below the folder that GEVOR_DATA names. A relative GEVOR_DATA counts from
// the root of the repository. Without GEVOR_DATA the test is skipped; with it, an absent folder is a failure.
func Dir(t T, name string) string {
	t.Helper()
	base := os.Getenv("GEVOR_DATA")
	if base == "" {
		t.Skipf("real data %q: GEVOR_DATA is not set", name)
		return ""
	}
	if !filepath.IsAbs(base) {
		base = filepath.Join(root(t), base)
	}
	dir := filepath.Join(base, name)
	if st, err := os.Stat(dir); err != nil || !st.IsDir() {
		t.Fatalf("real data %q: GEVOR_DATA is set but %s is not a folder", name, dir)
	}
	return dir
}

func root(t T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatalf("working folder: %v", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatalf("no go.mod above the working folder")
		}
		dir = up
	}
}
