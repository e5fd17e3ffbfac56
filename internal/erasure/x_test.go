package erasure_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"gevor/fault"
	"gevor/internal/erasure"
)

var day = time.Date(2026, 5, 12, 8, 30, 0, 123456789, time.UTC)

func example(n int) (out []erasure.Record) {
	for i := range n {
		out = append(out, erasure.Record{Sequence: int64(i + 1), At: day, Kind: "person", Ref: fmt.Sprint("p-", i), Detail: "ä\n\"x\""})
	}
	return out
}

func written(t *testing.T, records ...erasure.Record) (string, *erasure.File) {
	t.Helper()
	path := filepath.Join(t.TempDir(), erasure.FileName)
	f := erasure.InFile(path)
	for _, r := range records {
		if err := f.Append(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	return path, f
}

func same(a, b []erasure.Record) bool {
	return slices.EqualFunc(a, b, func(x, y erasure.Record) bool { return x.Same(y) })
}

func TestWhatIsWrittenReadsBack(t *testing.T) {
	path, f := written(t, example(3)...)
	if got, err := f.Records(t.Context()); err != nil || !same(got, example(3)) {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := erasure.InFile(filepath.Join(t.TempDir(), "none")).Records(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("no journal: %v, %v", got, err)
	}
	text, err := os.ReadFile(path)
	if err != nil || strings.Count(string(text), "\n") != 3 {
		t.Errorf("%s, %v", text, err)
	}
}

// A line that was cut off at any byte while it was written does not count, and the next record takes its place.
func TestATornLastLineIsMended(t *testing.T) {
	path, _ := written(t, example(3)...)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	start := strings.LastIndexByte(string(text[:len(text)-1]), '\n') + 1
	for cut := start; cut < len(text); cut++ {
		for _, torn := range []string{string(text[:cut]), string(text[:cut]) + strings.Repeat("\x00", len(text)-cut-1) + "\n"} {
			if torn == string(text) {
				continue
			}
			if err := os.WriteFile(path, []byte(torn), 0o600); err != nil {
				t.Fatal(err)
			}
			f := erasure.InFile(path)
			if got, err := f.Records(t.Context()); err != nil || !same(got, example(2)) {
				t.Fatalf("cut at %d: %+v, %v", cut, got, err)
			}
			if err := f.Append(t.Context(), example(3)[2]); err != nil {
				t.Fatal(err)
			}
			if got, err := os.ReadFile(path); err != nil || string(got) != string(text) {
				t.Fatalf("cut at %d: %q, %v", cut, got, err)
			}
		}
	}
}

// Several users of one journal, each with a view of its own, leave one whole journal.
func TestWritersAtOnceLeaveOneJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), erasure.FileName)
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			f := erasure.InFile(path)
			for i := range 10 {
				if err := f.Append(t.Context(), erasure.Record{Sequence: int64(10*w + i + 1), At: day, Kind: "person", Ref: "p"}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if got, err := erasure.InFile(path).Records(t.Context()); err != nil || len(got) != 40 {
		t.Errorf("%d records, %v", len(got), err)
	}
}

// Every flipped bit is found with the number of its line; so are lines that are missing, moved or doubled.
func TestDamageIsFoundWithItsLine(t *testing.T) {
	text, _, err := erasure.Write(erasure.Start, example(4)...)
	if err != nil {
		t.Fatal(err)
	}
	found := func(damaged string, line int) bool {
		_, _, _, err := erasure.Read("j", []byte(damaged))
		return fault.KindOf(err) == fault.Corrupt && strings.HasPrefix(err.Error(), fmt.Sprintf("j:%d: ", line))
	}
	for i := range text {
		for bit := range 8 {
			damaged := []byte(string(text))
			damaged[i] ^= 1 << bit
			line := 1 + strings.Count(string(text[:i]), "\n")
			if i == len(text)-1 || damaged[i] == 0 && line == 4 {
				continue // looks like a last line that was cut off
			}
			if !found(string(damaged), line) {
				t.Fatalf("bit %d of byte %d in line %d is not found", bit, i, line)
			}
		}
	}
	l := strings.SplitAfter(string(text), "\n")
	for damaged, line := range map[string]int{l[1] + l[2]: 1, l[0] + l[2] + l[3]: 2, l[0] + l[2] + l[1]: 2, l[0] + l[0] + l[1]: 2, l[0] + "\n" + l[1]: 2} {
		if !found(damaged, line) {
			t.Errorf("%.80q: not found in line %d", damaged, line)
		}
	}
}

func TestAnyRecordReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records := rapid.SliceOf(rapid.Custom(func(t *rapid.T) erasure.Record {
			return erasure.Record{
				Sequence: rapid.Int64Min(1).Draw(t, "sequence"), At: time.UnixMicro(rapid.Int64Range(0, 4e15).Draw(t, "at")).UTC(),
				Kind: rapid.String().Draw(t, "kind"), Ref: rapid.String().Draw(t, "ref"), Detail: rapid.String().Draw(t, "detail"),
			}
		})).Draw(t, "records")
		text, last, err := erasure.Write(erasure.Start, records...)
		if err != nil {
			t.Fatal(err)
		}
		got, end, sound, err := erasure.Read("j", text)
		if err != nil || end != last || sound != len(text) || !same(got, records) {
			t.Fatalf("%+v, %v", got, err)
		}
	})
}

// Whatever lies there, reading ends with records or a fault, and what was read is what was counted as sound.
func FuzzRead(f *testing.F) {
	text, _, err := erasure.Write(erasure.Start, example(2)...)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add(text[:len(text)-5])
	f.Add([]byte("\n\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		records, last, sound, err := erasure.Read("j", raw)
		if err != nil {
			return
		}
		again, end, all, err := erasure.Read("j", raw[:sound])
		if err != nil || end != last || all != sound || !same(again, records) {
			t.Errorf("%v", err)
		}
	})
}
