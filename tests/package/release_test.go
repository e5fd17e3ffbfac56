//go:build chroot

package installation

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The releases that are built: one that runs somewhere, and its successor.
const (
	older = "0.0.9"
	newer = "0.1.0"
	epoch = "SOURCE_DATE_EPOCH=1763884800"
)

// commit says which sources are built; GEVOR_COMMIT names others than the last ones.
func commit() string {
	if c := os.Getenv("GEVOR_COMMIT"); c != "" {
		return c
	}
	return "HEAD"
}

// sources lays the files of a commit into a folder.
func sources(t *testing.T, dir string) string {
	t.Helper()
	run(t, "", nil, "mkdir", "-p", dir)
	run(t, root, nil, "sh", "-c", "git archive "+commit()+" | tar -x -C "+dir)
	return dir
}

// release builds in a folder of sources and gives the folder with what goes out.
func release(t *testing.T, dir, version string, env ...string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "dist")
	run(t, dir, append(env, "VERSION="+version, epoch), "scripts/release", out)
	return out
}

// files are the bytes of a folder of releases by name.
func files(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, e := range entries {
		raw, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		out[e.Name()] = raw
	}
	return out
}

// Twice the same bytes: in folders of different depth, with caches, time zones, languages and umasks of their own.
func TestTwoBuildsOfOneCommitAreTheSame(t *testing.T) {
	one := files(t, release(t, sources(t, filepath.Join(t.TempDir(), "a")), newer, "TZ=Pacific/Auckland", "LC_ALL=C.UTF-8"))
	two := files(t, release(t, sources(t, filepath.Join(t.TempDir(), "b", "somewhere", "else")), newer,
		"TZ=America/Bogota", "GOCACHE="+filepath.Join(t.TempDir(), "cache"), "GOFLAGS=-buildvcs=true", "HOSTNAME=other"))
	size := 0
	for name, raw := range one {
		if !bytes.Equal(raw, two[name]) {
			t.Errorf("%s differs", name)
		}
		size += len(raw)
	}
	for _, want := range []string{"_amd64.deb", "_arm64.deb", "-linux-amd64", "-linux-arm64", ".cdx.json", "THIRD-PARTY-LICENCES", "SHA256SUMS"} {
		found := false
		for name := range one {
			found = found || strings.HasSuffix(name, want)
		}
		if !found {
			t.Errorf("there is no %s", want)
		}
	}
	if len(one) != 7 || len(two) != 7 {
		t.Errorf("%d and %d files", len(one), len(two))
	}
	t.Logf("figure: files of a release, the same in two builds: %d, bytes: %d", len(one), size)
	// The control: another version is other bytes, so the comparison sees differences.
	other := files(t, release(t, sources(t, filepath.Join(t.TempDir(), "c")), older, "ARCHES=amd64"))
	if bytes.Equal(one["gevor-"+newer+"-linux-amd64"], other["gevor-"+older+"-linux-amd64"]) {
		t.Error("the control is the same")
	}
	// What stands in the sums is what lies there, and no path of this machine went in.
	for line := range strings.Lines(string(one["SHA256SUMS"])) {
		if _, there := one[strings.TrimSpace(line[66:])]; !there {
			t.Errorf("the sums name %q", line)
		}
	}
	for name, raw := range one {
		if bytes.Contains(raw, []byte(os.TempDir()+"/Test")) {
			t.Errorf("%s names a folder of this machine", name)
		}
	}
}
