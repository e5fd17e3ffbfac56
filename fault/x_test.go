package fault_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"gevor/fault"
)

func TestTheMessageIsForPeopleAndTheErrorForTheLog(t *testing.T) {
	cause := errors.New("disk on fire")
	for _, c := range []struct {
		err            *fault.Error
		message, error string
	}{
		{fault.New(fault.Invalid, "region.toml:7", "unknown mode \"fly\"", "use walk"), `region.toml:7: unknown mode "fly"; use walk`, `region.toml:7: unknown mode "fly"; use walk`},
		{fault.New(fault.NotFound, "", "no run yet", ""), "no run yet", "no run yet"},
		{fault.Wrap(fault.Corrupt, "x.bin", "is damaged", "", cause), "x.bin: is damaged", "x.bin: is damaged (disk on fire)"},
	} {
		if got := c.err.Message(); got != c.message {
			t.Errorf("message %q, want %q", got, c.message)
		}
		if got := c.err.Error(); got != c.error {
			t.Errorf("error %q, want %q", got, c.error)
		}
	}
	if strings.Contains(fault.Wrap(fault.Internal, "", "broke", "", cause).Message(), "fire") {
		t.Error("a message must not hold the cause")
	}
}

func TestTheOutermostFaultGivesTheKind(t *testing.T) {
	inner := fault.Wrap(fault.NotFound, "", "gone", "", io.ErrUnexpectedEOF)
	for _, c := range []struct {
		err  error
		want fault.Kind
	}{
		{nil, fault.Internal},
		{io.EOF, fault.Internal},
		{inner, fault.NotFound},
		{fmt.Errorf("while reading: %w", inner), fault.NotFound},
		{fault.Wrap(fault.Corrupt, "", "bad", "", inner), fault.Corrupt},
		{errors.Join(io.EOF, inner), fault.NotFound},
	} {
		if got := fault.KindOf(c.err); got != c.want {
			t.Errorf("%v is %v, want %v", c.err, got, c.want)
		}
	}
	if !errors.Is(fmt.Errorf("x: %w", inner), io.ErrUnexpectedEOF) {
		t.Error("the cause can be found")
	}
}

func TestEveryKindHasANameAndAForgottenOneIsOurs(t *testing.T) {
	seen := map[string]bool{}
	for k := fault.Internal; k <= fault.Corrupt; k++ {
		if seen[k.String()] {
			t.Errorf("kind %d is called %q like another", k, k)
		}
		seen[k.String()] = true
	}
	if fault.Kind(200).String() != "internal" || (&fault.Error{}).Kind != fault.Internal {
		t.Error("an unknown or forgotten kind is a defect of ours")
	}
}
