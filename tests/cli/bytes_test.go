package cli

import (
	"path/filepath"
	"slices"
	"testing"
)

// The same region gives the same bytes: with one processor and two, whatever the Go runtime may use, in whatever folders.
// Only timings.json, which lies outside the manifest, may differ.
func TestSameInputsGiveTheSameBytes(t *testing.T) {
	region := demo(t, drawn(t))
	first := t.TempDir()
	must(t, "analyse", "--region", region, "--state", first, "--workers", "1")
	run, snapshots := tree(t, runFolder(t, first), "timings.json"), tree(t, filepath.Join(first, "snapshots"))
	if len(run) < 30 || run["manifest.sha256"] == "" || len(snapshots) < 5 {
		t.Fatalf("%d files of a run, %d of a snapshot", len(run), len(snapshots))
	}
	for name, again := range map[string]struct {
		region, workers, processors string
	}{
		"two workers":      {region, "2", "2"},
		"five on one":      {region, "5", "1"},
		"in other folders": {copied(t, region), "2", "2"},
	} {
		t.Run(name, func(t *testing.T) {
			state := t.TempDir()
			cmd := command(t, "analyse", "--region", again.region, "--state", state, "--workers", again.workers)
			cmd.Env = append(cmd.Environ(), "GOMAXPROCS="+again.processors)
			if o := finish(t, cmd); o.code != 0 {
				t.Fatal(o.err)
			}
			if current(t, state) != current(t, first) {
				t.Errorf("run %s, not %s", current(t, state), current(t, first))
			}
			if names := differ(run, tree(t, runFolder(t, state), "timings.json")); names != nil {
				t.Errorf("files of the run differ: %v", names)
			}
			if names := differ(snapshots, tree(t, filepath.Join(state, "snapshots"))); names != nil {
				t.Errorf("files of the snapshot differ: %v", names)
			}
		})
	}
}

// Any change of an input, however small, gives another run; without one the run is not even computed again.
func TestAChangedInputGivesAnotherRun(t *testing.T) {
	region := demo(t, 7)
	state := t.TempDir()
	analyse := func() string {
		must(t, "analyse", "--region", region, "--state", state, "--previous", "none")
		return current(t, state)
	}
	seen := []string{analyse()}
	for name, change := range map[string]damage{
		"more people":       rows(population, func(i int, f []string) []string { f[3] += []string{"0", ""}[min(i, 1)]; return f }),
		"another minute":    changed(description, "minutes = 15", "minutes = 16"),
		"a word in a label": changed(description, "Pharmacy within", "A pharmacy within"),
		"an offer less":     rows(counselling, func(i int, f []string) []string { return f[:max(1, len(f)*min(i, 1))] }),
		"a timetable without a table": repacked(timetable, func(name string, content []byte) []byte {
			if name == "transfers.txt" {
				return nil
			}
			return content
		}),
	} {
		change(t, region)
		hash := analyse()
		if slices.Contains(seen, hash) {
			t.Errorf("%s: the same run as before", name)
		}
		seen = append(seen, hash)
	}
	if o := gevor(t, "analyse", "--region", region, "--state", state); o.code != 0 || o.err != "nothing has changed since run "+seen[len(seen)-1][:12]+"\n" {
		t.Errorf("nothing changed: exit %d: %s", o.code, o.err)
	}
	if again := must(t, "analyse", "--region", region, "--state", state, "--previous", "none"); again == "" || current(t, state) != seen[len(seen)-1] {
		t.Errorf("computed again: %s", current(t, state))
	}
}
