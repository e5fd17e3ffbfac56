package archive_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"gevor/archive"
	"gevor/fault"
)

type seconds int32

func packed(t interface{ Fatal(...any) }, put func(a *archive.Writer)) []byte {
	var b bytes.Buffer
	a := archive.NewWriter(&b)
	put(a)
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	return aligned(b.Bytes())
}

// aligned copies bytes to where an archive may lie.
func aligned(raw []byte) []byte {
	words := make([]uint64, len(raw)/8+1)
	out := unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), len(raw))
	copy(out, raw)
	return out
}

func TestArraysReadBackAndPointIntoTheFile(t *testing.T) {
	raw := packed(t, func(a *archive.Writer) {
		archive.Put(a, "bytes", []uint8{1, 2, 3})
		archive.Put(a, "seconds", []seconds{-5, 0, 1 << 30})
		archive.Put(a, "none", []float64(nil))
		archive.Put(a, "degrees", []float64{7.1, -0.5})
		archive.PutText(a, "names", []string{"", "Köln", "a\x00b"})
	})
	r, err := archive.Open(raw, "x.bin")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := archive.Get[seconds](r, "seconds"); err != nil || !slices.Equal(got, []seconds{-5, 0, 1 << 30}) {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := archive.Get[float64](r, "none"); err != nil || len(got) != 0 {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := archive.GetText(r, "names"); err != nil || !slices.Equal(got, []string{"", "Köln", "a\x00b"}) {
		t.Errorf("%q, %v", got, err)
	}
	degrees, err := archive.Get[float64](r, "degrees")
	if err != nil || !slices.Equal(degrees, []float64{7.1, -0.5}) {
		t.Fatalf("%v, %v", degrees, err)
	}
	at := uintptr(unsafe.Pointer(&degrees[0])) - uintptr(unsafe.Pointer(&raw[0]))
	if at >= uintptr(len(raw)) || at%64 != 0 {
		t.Errorf("the array lies at %d, not aligned inside the file", at)
	}
}

func TestWrongQuestionsAreAnsweredWithCorrupt(t *testing.T) {
	r, err := archive.Open(packed(t, func(a *archive.Writer) { archive.Put(a, "n", []int32{1, 2}) }), "x.bin")
	if err != nil {
		t.Fatal(err)
	}
	_, missing := archive.Get[int32](r, "m")
	_, other := archive.Get[int64](r, "n")
	_, text := archive.GetText(r, "n")
	for what, err := range map[string]error{"missing": missing, "other size": other, "no text": text} {
		if fault.KindOf(err) != fault.Corrupt || !strings.Contains(err.Error(), "x.bin") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestANameTwiceAndABrokenDiskAreErrors(t *testing.T) {
	a := archive.NewWriter(&bytes.Buffer{})
	archive.Put(a, "n", []int32{1})
	archive.Put(a, "n", []int32{2})
	if a.Close() == nil {
		t.Error("a name twice must fail")
	}
	write := func(limit int) error {
		a := archive.NewWriter(&full{limit})
		archive.Put(a, "n", []int32{1, 2, 3})
		return a.Close()
	}
	size := len(packed(t, func(a *archive.Writer) { archive.Put(a, "n", []int32{1, 2, 3}) }))
	for limit := range size {
		if err := write(limit); !errors.Is(err, errFull) {
			t.Fatalf("disk of %d bytes: %v", limit, err)
		}
	}
	if err := write(size); err != nil {
		t.Errorf("control: a disk of %d bytes suffices, got %v", size, err)
	}
}

var errFull = errors.New("no space left")

// full takes so many bytes and no more.
type full struct{ left int }

func (f *full) Write(p []byte) (int, error) {
	if len(p) > f.left {
		n := f.left
		f.left = 0
		return n, errFull
	}
	f.left -= len(p)
	return len(p), nil
}

// Every single flipped bit and every cut is found, at the latest when its section is taken. Padding between
// sections holds nothing and is not checked.
func TestEveryDamageIsFound(t *testing.T) {
	raw := packed(t, func(a *archive.Writer) {
		archive.Put(a, "n", make([]int32, 16)) // 64 bytes: no padding behind it
		archive.Put(a, "x", []float64{1, 2, 3, 4, 5, 6, 7, 8})
	})
	read := func(raw []byte) error {
		r, err := archive.Open(aligned(raw), "x.bin")
		if err != nil {
			return err
		}
		_, err1 := archive.Get[int32](r, "n")
		_, err2 := archive.Get[float64](r, "x")
		return errors.Join(err1, err2)
	}
	if err := read(raw); err != nil {
		t.Fatalf("control: %v", err)
	}
	padding := func(i int) bool { return i >= 8 && i < 64 }
	for i := range raw {
		for bit := range 8 {
			bad := bytes.Clone(raw)
			bad[i] ^= 1 << bit
			if err := read(bad); (err == nil) != padding(i) || (err != nil && fault.KindOf(firstOf(err)) != fault.Corrupt) {
				t.Fatalf("bit %d of byte %d: %v", bit, i, err)
			}
		}
		if err := read(raw[:i]); fault.KindOf(err) != fault.Corrupt {
			t.Fatalf("cut after %d bytes: %v", i, err)
		}
	}
}

func firstOf(err error) error {
	var f *fault.Error
	if errors.As(err, &f) {
		return f
	}
	return err
}

func TestTheSameArraysGiveTheSameBytes(t *testing.T) {
	write := func() []byte {
		return packed(t, func(a *archive.Writer) {
			for i := range 20 {
				archive.Put(a, fmt.Sprint("n", i), []int32{int32(i)})
			}
		})
	}
	if !bytes.Equal(write(), write()) {
		t.Error("two writes differ")
	}
}
