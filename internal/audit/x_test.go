package audit_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"gevor/fault"
	"gevor/internal/audit"
)

var day = time.Date(2026, 5, 12, 8, 30, 0, 0, time.UTC)

func grown(n int) [][]byte {
	out := make([][]byte, n)
	for i := range out {
		out[i] = []byte(fmt.Sprintf("2026-05-12 handover h-%d sent %d", i/3, i))
	}
	return out
}

func keys(t *testing.T) (secret, public string) {
	t.Helper()
	secret, public, err := audit.Keys("gevor.example")
	if err != nil {
		t.Fatal(err)
	}
	return secret, public
}

// signed gives checkpoints of records at some lengths.
func signed(t *testing.T, records [][]byte, secret string, lengths ...int) []byte {
	t.Helper()
	var out []byte
	for i, n := range lengths {
		c, err := audit.Checkpoint(records[:n], day.AddDate(0, 0, i), secret)
		if err != nil {
			t.Fatal(err)
		}
		out = audit.Join(out, c)
	}
	return out
}

// TestEveryTamperingIsFound changes a record of 200 lines at random, a thousand times. The control is the record as it
// was, and one that only grew.
func TestEveryTamperingIsFound(t *testing.T) {
	secret, public := keys(t)
	records := grown(200)
	checkpoints := signed(t, records, secret, 0, 1, 77, 128, 200)
	dice := rand.New(rand.NewPCG(11, 22))
	kinds := map[string]int{}
	for range 1000 {
		bad := slices.Clone(records)
		kind := []string{"edited", "deleted", "moved", "truncated", "inserted"}[dice.IntN(5)]
		at := dice.IntN(len(bad))
		switch kind {
		case "edited":
			bad[at] = bytes.Clone(bad[at])
			bad[at][dice.IntN(len(bad[at]))] ^= byte(1 + dice.IntN(255))
		case "deleted":
			bad = slices.Delete(bad, at, at+1)
		case "moved":
			to := (at + 1 + dice.IntN(len(bad)-1)) % len(bad)
			bad[at], bad[to] = bad[to], bad[at]
		case "truncated":
			bad = bad[:at]
		case "inserted":
			bad = slices.Insert(bad, at, []byte("2026-05-12 handover h-0 read 0"))
		}
		if _, err := audit.Verify(bad, checkpoints, public); fault.KindOf(err) != fault.Corrupt {
			t.Fatalf("%s at %d: %v", kind, at, err)
		}
		kinds[kind]++
	}
	t.Logf("figure: 1,000 tamperings of a record (%v): all found", kinds)
	for _, good := range [][][]byte{records, append(slices.Clone(records), []byte("one more"))} {
		r, err := audit.Verify(good, checkpoints, public)
		if err != nil || r.Covered != 200 || r.Checkpoints != 5 || r.Records != len(good) || !r.Last.Equal(day.AddDate(0, 0, 4)) {
			t.Errorf("control: %+v, %v", r, err)
		}
	}
}

func TestCheckpointsAreHeldToTheirKeyAndOrder(t *testing.T) {
	secret, public := keys(t)
	_, other := keys(t)
	records := grown(10)
	good := signed(t, records, secret, 4, 10)
	for what, c := range map[string]struct {
		checkpoints []byte
		public      string
		want        fault.Kind
	}{
		"another key":     {good, other, fault.Corrupt},
		"going back":      {signed(t, records, secret, 10, 4), public, fault.Corrupt},
		"a flipped byte":  {bytes.Replace(good, []byte("\n10\n"), []byte("\n9\n"), 1), public, fault.Corrupt},
		"none":            {nil, public, fault.NotFound},
		"no key":          {good, "nothing", fault.Invalid},
		"a torn last one": {good[:len(good)-20], public, fault.Corrupt},
	} {
		if _, err := audit.Verify(records, c.checkpoints, c.public); fault.KindOf(err) != c.want {
			t.Errorf("%s: %v", what, err)
		}
	}
	if r, err := audit.Verify(nil, nil, public); err != nil || r.Records != 0 {
		t.Errorf("an empty record: %+v, %v", r, err)
	}
}

func FuzzVerify(f *testing.F) {
	secret, public, err := audit.Keys("gevor.example")
	if err != nil {
		f.Fatal(err)
	}
	records := grown(3)
	c, err := audit.Checkpoint(records, day, secret)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(audit.Join(nil, c))
	f.Add([]byte("gevor audit\n-1\n\n\n=\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if r, err := audit.Verify(grown(2), raw, public); err == nil && r.Checkpoints > 0 {
			t.Errorf("something else is a checkpoint of another record: %q", raw)
		}
	})
}
