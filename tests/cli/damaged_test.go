package cli

import (
	"path/filepath"
	"strings"
	"testing"
)

// What a disk has damaged is noticed and made again as it was, and never in the way of the analysis that mends it.
func TestDamagedStateIsMadeAgain(t *testing.T) {
	region, good := demo(t, 7), t.TempDir()
	must(t, "analyse", "--region", region, "--state", good)
	hash := current(t, good)
	run := filepath.Join("runs", hash)
	snapshots, err := filepath.Glob(filepath.Join(good, "snapshots", "*"))
	if err != nil || len(snapshots) != 1 {
		t.Fatal(snapshots, err)
	}
	snapshot := filepath.Join("snapshots", filepath.Base(snapshots[0]))
	flip := func(file string) damage {
		return func(t *testing.T, dir string) {
			raw := []byte(read(t, dir, file))
			raw[len(raw)/2] ^= 0x40
			write(t, string(raw), dir, file)
		}
	}
	for _, c := range []struct {
		name   string
		damage damage
		told   bool // the last run was to lend its names
	}{
		{"a file of the run", flip(filepath.Join(run, "findings.json")), true},
		{"a longer file", changed(filepath.Join(run, "notices.json"), "}", "} "), true},
		{"a missing file", without(filepath.Join(run, "result.archive")), true},
		{"the manifest", flip(filepath.Join(run, "manifest.sha256")), true},
		{"the pointer", holding("current", "nonsense\n"), true},
		{"a pointer astray", holding("current", strings.Repeat("0", 64)+"\n"), true},
		{"the streets", flip(filepath.Join(snapshot, "streets.bin")), false},
		{"the cells", flip(filepath.Join(snapshot, "cells.bin")), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			state := copied(t, good)
			c.damage(t, state)
			o := gevor(t, "analyse", "--region", region, "--state", state, "--again")
			if o.code != 0 || !strings.HasPrefix(o.out, "run ") {
				t.Fatalf("exit %d: %s", o.code, o.err)
			}
			if told := strings.Contains(o.err, "the last run cannot be read, so findings are named anew: "); told != c.told {
				t.Errorf("told is %v: %s", told, o.err)
			}
			now := sound(t, state)
			if names := differ(tree(t, filepath.Join(good, snapshot)), tree(t, filepath.Join(state, snapshot))); names != nil {
				t.Errorf("the snapshot is not what it was: %v", names)
			}
			if !c.told {
				return // the run names the one before it, so it is another
			}
			if names := differ(tree(t, filepath.Join(good, run), "timings.json"), tree(t, filepath.Join(state, run), "timings.json")); now != hash || names != nil {
				t.Errorf("the run is not what it was: %s %v", now, names)
			}
		})
	}
}

// A server goes on serving the run it has when the next one cannot be read.
func TestTheServerKeepsTheLastGoodRun(t *testing.T) {
	region, state := demo(t, 7), t.TempDir()
	must(t, "analyse", "--region", region, "--state", state)
	address := serve(t, state)
	before := page(t, address)
	write(t, strings.Repeat("0", 64)+"\n", state, "current")
	if page(t, address) != before {
		t.Error("another page")
	}
}
