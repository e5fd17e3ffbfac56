package files_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"gevor/atlas"
	"gevor/fault"
	"gevor/internal/files"
	"gevor/internal/world"
	"gevor/travel"
)

// Travel times read back as they were written; a standard that is not wanted stays unknown, and a flipped byte is
// never served.
func TestApproachesReadBack(t *testing.T) {
	w := world.New(9, 5)
	w.SettleAll(3)
	w.Offer(1, 1, 2)
	w.Offer(7, 3, 1)
	w.Nearest("walk", 1, world.By(travel.Walk, 5), world.By(travel.Bike, 3))
	w.PerThousand("capacity", 2, world.By(travel.Car, 1))
	p, err := atlas.Params{Journeys: w}.Filled()
	if err != nil {
		t.Fatal(err)
	}
	want, err := atlas.Collect(context.Background(), w.Snap, p, nil)
	if err != nil {
		t.Fatal(err)
	}
	state, err := files.OpenState(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	key := files.ApproachesKey("world", "1", p)
	if _, _, err := state.OpenApproaches(key, func(int) bool { return true }); fault.KindOf(err) != fault.NotFound {
		t.Fatalf("before anything is collected: %v", err)
	}
	if err := state.WriteApproaches(key, w.Snap, want); err != nil {
		t.Fatal(err)
	}
	got, release, err := state.OpenApproaches(key, func(int) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\nwant %+v", got, want)
	}
	release()
	one, release, err := state.OpenApproaches(key, func(i int) bool { return i == 1 })
	if err != nil || one.Standards[0].Known || !one.Standards[1].Known {
		t.Errorf("only the second is wanted: %+v, %v", one, err)
	}
	release()

	path := filepath.Join(state.Path(files.Approaches, key), "standard-0.archive")
	sound, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for at := 0; at < len(sound); at += 7 {
		damaged := bytes.Clone(sound)
		damaged[at] ^= 0x10
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		got, release, err := state.OpenApproaches(key, func(int) bool { return true })
		if err != nil {
			refused++
			continue
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("byte %d is flipped and other times are served", at)
		}
		release()
	}
	if refused == 0 {
		t.Error("no flipped byte was noticed")
	}
}
