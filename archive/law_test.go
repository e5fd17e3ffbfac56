package archive_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"gevor/archive"
)

func TestAnyArraysReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		numbers := rapid.SliceOfN(rapid.SliceOf(rapid.Int64()), 0, 6).Draw(t, "numbers")
		texts := rapid.SliceOf(rapid.String()).Draw(t, "texts")
		small := rapid.SliceOf(rapid.Uint8()).Draw(t, "small")
		raw := packed(t, func(a *archive.Writer) {
			archive.Put(a, "small", small)
			for i, x := range numbers {
				archive.Put(a, fmt.Sprint(i), x)
			}
			archive.PutText(a, "texts", texts)
		})
		r, err := archive.Open(raw, "x")
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range numbers {
			if got, err := archive.Get[int64](r, fmt.Sprint(i)); err != nil || !slices.Equal(got, want) {
				t.Fatalf("%v, %v; want %v", got, err, want)
			}
		}
		if got, err := archive.GetText(r, "texts"); err != nil || !slices.Equal(got, texts) {
			t.Fatalf("%q, %v; want %q", got, err, texts)
		}
		if got, err := archive.Get[uint8](r, "small"); err != nil || !slices.Equal(got, small) {
			t.Fatalf("%v, %v; want %v", got, err, small)
		}
	})
}
