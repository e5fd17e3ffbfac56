package store_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gevor/handover"
	"gevor/internal/shares"
	"gevor/internal/store"
)

// TestDestroyedContentLeavesTheFile looks for the bytes of a sealed box in the database's file and its log: they are
// there until the content is destroyed, and after upkeep they are not. The control writes nothing over what is removed.
func TestDestroyedContentLeavesTheFile(t *testing.T) {
	for _, c := range []struct {
		name, settings string
		left           bool
	}{{"as it is", "", false}, {"control: nothing is written over", "_pragma=secure_delete(off)", true}} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			at := filepath.Join(dir, "town.db")
			w := newSealing(t, at, shares.In(filepath.Join(dir, shares.FolderName)), store.WithSettings(c.settings))
			w.bothKeys()
			const sent = 12 // what is written next may lie on freed pages of some
			var boxes strings.Builder
			for range sent {
				n := w.draft(handover.StatusOnly)
				w.sent(n)
				boxes.WriteString(must[handover.File](t)(w.Handover(t.Context(), w.nora, w.east, n.ID)).Boxes[0].Box)
			}
			box := boxes.String()
			heard := func() bool {
				both := must[[]byte](t)(os.ReadFile(at))
				log, err := os.ReadFile(at + "-wal")
				if err != nil && !os.IsNotExist(err) {
					t.Fatal(err)
				}
				both = append(both, log...)
				for i := 100; i+60 < len(box); i += 200 {
					if bytes.Contains(both, []byte(box[i:i+60])) {
						return true
					}
				}
				return false
			}
			if !heard() {
				t.Fatal("the content is not found where it must be: the look afterwards would say nothing")
			}
			if got := must[int](t)(w.UnsafeSweepHandovers(t.Context(), day.AddDate(1, 0, 0), handover.Keep)); got != sent {
				t.Fatalf("%d contents were destroyed, want %d", got, sent)
			}
			if got := heard(); got != c.left {
				t.Errorf("bytes of the content in the file or its log: %v, want %v", got, c.left)
			}
		})
	}
}
