package audit_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"gevor/fault"
	"gevor/internal/audit"
)

func lines(n int) [][]byte {
	out := make([][]byte, n)
	for i := range out {
		out[i] = fmt.Appendf(nil, "2026-05-11T09:00:00Z handover h-%d o-west read p", i)
	}
	return out
}

func named(t *testing.T, name string) (secret, public string) {
	t.Helper()
	secret, public, err := audit.Keys(name)
	if err != nil {
		t.Fatal(err)
	}
	return secret, public
}

func sign(t *testing.T, records [][]byte, hour int, secret string) []byte {
	t.Helper()
	c, err := audit.Checkpoint(records, time.Date(2026, 5, 11, hour, 0, 0, 0, time.UTC), secret)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestAProofFitsItsLineAlone proves every line of records of many lengths. No proof fits another line, another number,
// another key, or a path that was changed; unchanged it fits.
func TestAProofFitsItsLineAlone(t *testing.T) {
	secret, public := named(t, "gevor")
	_, stranger := named(t, "gevor")
	rng := rand.New(rand.NewPCG(1, 2))
	proven, refused := 0, 0
	for _, n := range []int{1, 2, 3, 7, 8, 64, 100} {
		records := lines(n + 3) // three are younger than the checkpoint
		c := sign(t, records[:n], 9, secret)
		numbers := make([]int, n)
		for i := range numbers {
			numbers[i] = i
		}
		proofs, err := audit.Prove(records, numbers, c, public)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range proofs {
			if err := p.Check(public); err != nil {
				t.Errorf("%d of %d: %v", p.Number, n, err)
			}
			proven++
			wrong := []audit.Proof{p, p, p}
			wrong[0].Line += "x"
			wrong[1].Number = n
			if wrong[2].Path = slices.Clone(p.Path); len(p.Path) > 0 {
				wrong[2].Path = wrong[2].Path[1:]
			} else {
				wrong[2].Path = []string{"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}
			}
			if n > 1 {
				other := p
				other.Number = (p.Number + 1 + rng.IntN(n-1)) % n
				wrong = append(wrong, other)
			}
			for _, w := range wrong {
				if w.Check(public) == nil {
					t.Errorf("a changed proof of %d of %d fits: %+v", p.Number, n, w)
				}
				refused++
			}
			if p.Check(stranger) == nil {
				t.Error("a proof fits under a stranger's key")
			}
		}
		if _, err := audit.Prove(records, []int{n}, c, public); fault.KindOf(err) != fault.Invalid {
			t.Errorf("a younger line: %v", err)
		}
	}
	t.Logf("figure: %d proofs fit, %d changed ones do not", proven, refused)
}

// TestMembersSignWhatOnlyGrew lets members sign checkpoints in turn. A record that was changed before the last one they
// signed gets no signature; the control is the same record unchanged.
func TestMembersSignWhatOnlyGrew(t *testing.T) {
	secret, public := named(t, "gevor")
	east, eastKey := named(t, "ost")
	west, westKey := named(t, "west")
	records := lines(40)
	first := sign(t, records[:17], 9, secret)
	signed, err := audit.Cosign(first, nil, nil, public, east)
	if err != nil {
		t.Fatal(err)
	}
	if signed, err = audit.Cosign(signed, nil, nil, public, west); err != nil {
		t.Fatal(err)
	}
	names, err := audit.Cosigners(signed, public, []string{eastKey, westKey})
	if slices.Sort(names); err != nil || !slices.Equal(names, []string{"ost", "west"}) {
		t.Errorf("signed by %v: %v", names, err)
	}
	if names, err := audit.Cosigners(first, public, []string{eastKey}); err != nil || len(names) != 0 {
		t.Errorf("before anybody signed: %v, %v", names, err)
	}
	second := sign(t, records, 12, secret)
	grown, err := audit.Grown(records, first, second, public)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := audit.Cosign(second, signed, grown, public, east); err != nil { // control
		t.Errorf("what only grew: %v", err)
	}
	found := 0
	for i := range 17 {
		forged := lines(40)
		forged[i] = []byte("changed")
		c := sign(t, forged, 12, secret)
		again := sign(t, forged[:17], 9, secret)
		proof, err := audit.Grown(forged, again, c, public)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := audit.Cosign(c, signed, proof, public, east); fault.KindOf(err) != fault.Corrupt {
			t.Errorf("a change of record %d is signed: %v", i, err)
			continue
		}
		found++
	}
	if _, err := audit.Cosign(first, second, nil, public, east); fault.KindOf(err) != fault.Corrupt {
		t.Errorf("a record that shrank: %v", err)
	}
	t.Logf("figure: %d of 17 forged records get no member's signature", found)
}
