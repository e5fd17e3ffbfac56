package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What a disk has damaged is noticed and made again, never served as if it were sound and never in the way of the next
// analysis.
func TestDamagedStateIsMadeAgain(t *testing.T) {
	region, state := demo(t, 7), t.TempDir()
	must(t, "analyse", "--region", region, "--state", state)
	hash := current(t, state)
	aside := []string{"gevor.db", filepath.Join("runs", hash, "timings.json")}
	whole := tree(t, state, aside...)
	snapshots, err := filepath.Glob(filepath.Join(state, "snapshots", "*"))
	if err != nil || len(snapshots) != 1 {
		t.Fatal(snapshots, err)
	}
	flip := func(file string) func(*testing.T) {
		return func(t *testing.T) {
			raw := []byte(read(t, file))
			raw[len(raw)/2] ^= 0x40
			if err := os.Remove(file); err != nil { // it may be a second name of a file elsewhere
				t.Fatal(err)
			}
			write(t, string(raw), file)
		}
	}
	run := filepath.Join(state, "runs", hash)
	for name, damage := range map[string]func(*testing.T){
		"a file of the run": flip(filepath.Join(run, "findings.json")),
		"a longer file":     func(t *testing.T) { write(t, read(t, run, "notices.json")+"\n", run, "notices.json") },
		"a missing file":    func(t *testing.T) { without("result.archive")(t, run) },
		"the manifest":      flip(filepath.Join(run, "manifest.sha256")),
		"the pointer":       func(t *testing.T) { write(t, "nonsense\n", state, "current") },
		"a pointer astray":  func(t *testing.T) { write(t, strings.Repeat("0", 64)+"\n", state, "current") },
		"the streets":       flip(filepath.Join(snapshots[0], "streets.bin")),
		"the cells":         flip(filepath.Join(snapshots[0], "cells.bin")),
	} {
		t.Run(name, func(t *testing.T) {
			damage(t)
			o := gevor(t, "analyse", "--region", region, "--state", state, "--again")
			if o.code != 0 || !strings.HasPrefix(o.out, "run ") {
				t.Fatalf("exit %d: %s", o.code, o.err)
			}
			sound(t, state)
			if err := os.RemoveAll(filepath.Join(state, "runs")); err != nil { // the next damage begins from the same run
				t.Fatal(err)
			}
			without("current")(t, state)
			must(t, "analyse", "--region", region, "--state", state)
			if names := differ(whole, tree(t, state, aside...)); names != nil {
				t.Errorf("not what it was: %v", names)
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
