package outbox_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"gevor/fault"
	"gevor/outbox"
)

// 30 s doubled ten times is 8 h 31 min 30 s, then seven times eight hours: the last of eighteen attempts comes after
// 64.5 hours.
func TestBackoffAddsUp(t *testing.T) {
	var sum time.Duration
	for n := 1; n < outbox.Attempts; n++ {
		if outbox.Backoff(n+1) < outbox.Backoff(n) || outbox.Backoff(n) > outbox.MostBackoff {
			t.Errorf("after attempt %d: %v", n, outbox.Backoff(n))
		}
		sum += outbox.Backoff(n)
	}
	if sum != 64*time.Hour+31*time.Minute+30*time.Second {
		t.Errorf("given up after %v", sum)
	}
}

// A relay that is away for a week: nothing is given up, nothing counts, and it is asked at most every 15 minutes.
func TestAClosedWayOutGivesNothingUp(t *testing.T) {
	w := newWorld()
	for range 45 { // more than one lease holds
		w.tell("k"+time.Duration(len(w.open)).String(), "", 0)
	}
	tries := 0
	w.fails = func([]outbox.Message, int) outbox.Result {
		if w.now.Before(day.AddDate(0, 0, 7)) {
			tries++
			return outbox.Result{Note: "unreachable", Down: true}
		}
		return outbox.Result{Outcome: outbox.Delivered}
	}
	w.run(t)
	for key, o := range w.outcomes {
		if o != outbox.Delivered {
			t.Errorf("%s: %q", key, o)
		}
	}
	if len(w.outcomes) != 45 || tries > 7*24*4+10 {
		t.Errorf("%d ended, %d tries in a week", len(w.outcomes), tries)
	}
}

// A full mailbox: tried eighteen times, then given up and said so; a neighbour is not held up.
func TestAFullMailboxIsGivenUpAtLast(t *testing.T) {
	w := newWorld()
	w.tell("full", "", 0)
	w.tell("fine", "", 0)
	tries := 0
	w.fails = func(parcel []outbox.Message, _ int) outbox.Result {
		if parcel[0].Key == "full" {
			tries++
			return outbox.Result{Note: "smtp 452"}
		}
		return outbox.Result{Outcome: outbox.Delivered}
	}
	w.run(t)
	if w.outcomes["full"] != outbox.GivenUp || tries != outbox.Attempts || w.outcomes["fine"] != outbox.Delivered {
		t.Errorf("%v after %d tries", w.outcomes, tries)
	}
}

// A clock that is set back by a day in the middle: leases and waits are longer than they should be, nothing is lost.
func TestAClockSetBack(t *testing.T) {
	w := newWorld()
	w.tell("k0", "", 0)
	w.tell("k1", "", 0)
	first := true
	w.fails = func([]outbox.Message, int) outbox.Result {
		if first {
			first = false
			w.now = w.now.AddDate(0, 0, -1)
			return outbox.Result{Note: "smtp 421"}
		}
		return outbox.Result{Outcome: outbox.Delivered}
	}
	w.run(t)
	if lost := w.lost(2); len(lost) > 0 {
		t.Error(lost)
	}
}

// steady is a queue that is always empty, or always fails.
type steady struct {
	told chan struct{}
	err  error
	asks chan struct{}
}

func (s *steady) UnsafeLease(context.Context, outbox.Topic, time.Time, time.Time, int) ([]outbox.Message, error) {
	s.asks <- struct{}{}
	return nil, s.err
}

func (s *steady) UnsafeSettle(context.Context, []outbox.Message, outbox.Settlement) error { return nil }

func (s *steady) Told(outbox.Topic) <-chan struct{} { return s.told }

// still is a clock on which no time passes.
type still struct{}

func (still) Now() time.Time                       { return day }
func (still) After(time.Duration) <-chan time.Time { return nil }

func TestDeliverWakesOnWhatIsToldAndStopsWhenAsked(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	q := &steady{told: make(chan struct{}), asks: make(chan struct{})}
	ended := make(chan error)
	go func() { ended <- outbox.Deliver(ctx, q, outbox.Mail, nil, still{}) }()
	<-q.asks
	select {
	case <-q.asks:
		t.Fatal("asked again though nothing was told and no time has passed")
	default:
	}
	close(q.told)
	<-q.asks
	<-q.asks // a closed channel stays closed here: it would ask for ever
	cancel()
	for {
		select {
		case <-q.asks:
			continue
		case err := <-ended:
			if err != nil {
				t.Error(err)
			}
		}
		break
	}
}

func TestDeliverGivesTheErrorOfTheQueue(t *testing.T) {
	q := &steady{err: errors.New("no disk"), asks: make(chan struct{}, 1)}
	if err := outbox.Deliver(t.Context(), q, outbox.Mail, nil, still{}); !errors.Is(err, q.err) {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := outbox.Deliver(ctx, q, outbox.Mail, nil, still{}); err != nil {
		t.Errorf("after it was told to stop: %v", err)
	}
}

func TestAddressesOfEndpoints(t *testing.T) {
	for _, good := range []string{"https://hooks.example.org/a?b=c", "https://hooks.example.org:443/"} {
		if got, err := outbox.CheckAddress(" " + good + " "); err != nil || got != good {
			t.Errorf("%q: %q, %v", good, got, err)
		}
	}
	for _, bad := range []string{"", "hooks.example.org", "http://hooks.example.org/", "https://hooks.example.org:8443/", "https://u:p@hooks.example.org/", "https:///x", "https:opaque", "https://a b.example/", "https://hooks.example.org/#x", "file:///etc/passwd"} {
		if _, err := outbox.CheckAddress(bad); fault.KindOf(err) != fault.Invalid || err == nil {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
