package outbox

import (
	"context"
	"time"
)

// Queue is where messages wait. Several processes may hold the same one.
type Queue interface {
	// UnsafeLease takes up to limit messages of a topic that are due, and with each the rest of its bundle, and keeps
	// other deliverers away from them until a time.
	UnsafeLease(ctx context.Context, topic Topic, at, until time.Time, limit int) ([]Message, error)
	// UnsafeSettle notes what became of a parcel, of all its messages or of none.
	UnsafeSettle(ctx context.Context, parcel []Message, s Settlement) error
	// Told is closed when the next message of the topic is told in this process.
	Told(topic Topic) <-chan struct{}
}

// Settlement is what became of a parcel.
type Settlement struct {
	Outcome Outcome
	At      time.Time
	Due     time.Time // of the next attempt, where Outcome is Waiting
	Note    string
	// Uncounted takes the attempt back: it said nothing about the messages.
	Uncounted bool
}

// Deliverer carries messages out.
type Deliverer interface {
	// Deliver carries out one parcel: messages of one bundle, in the order they were told, or a single one. It may be
	// asked to deliver a parcel again that it has delivered before, with the same keys. It ends within Longest, and
	// soon after ctx is done.
	Deliver(ctx context.Context, parcel []Message) Result
}

// Result is what became of one attempt.
type Result struct {
	// Outcome is Delivered, Refused, or Waiting for another attempt.
	Outcome Outcome
	// Note says why in one word of a closed list, with a code where there is one: "smtp 452", "http 500",
	// "unreachable". It names nobody, because pages show it.
	Note string
	// Down says that the way out itself is closed, so that the attempt says nothing about these messages: it does not
	// count, and the rest waits too.
	Down bool
}

// Clock is the time, and waiting for it.
type Clock interface {
	Now() time.Time
	After(d time.Duration) <-chan time.Time
}

// The measures of Deliver.
const (
	// Lease is how long others stay away from messages that a deliverer has taken, and so how late they go on after
	// it was killed.
	Lease = 5 * time.Minute
	// Longest is how long one delivery may take.
	Longest = time.Minute
	// Poll is how long a message may wait that another process has told, or that falls due later.
	Poll = 20 * time.Second
	// batch is how many messages are leased at once, bundles not counted.
	batch = 20
	// mostDown is the longest pause while the way out is closed.
	mostDown = 15 * time.Minute
)

// Deliver carries out the messages of a topic until ctx is done; then it returns nil after the parcel it is at. It
// returns earlier, with the queue's error, where the queue fails; call it again after a while. Any number of
// processes may deliver the same topic: every message that was told is delivered at least once, or ends with an
// outcome that says so, and whoever gets it twice recognises it by its key (TestNothingToldIsLost; its control
// settles before it delivers).
func Deliver(ctx context.Context, q Queue, topic Topic, d Deliverer, clock Clock) error {
	down := 0 // failures of the way out in a row
	for ctx.Err() == nil {
		told := q.Told(topic) // asked for first, so that nothing told meanwhile is slept through
		at := clock.Now()
		taken, err := q.UnsafeLease(ctx, topic, at, at.Add(Lease), batch)
		if err != nil {
			return unlessDone(ctx, err)
		}
		closed, err := deliverAll(ctx, q, d, clock, at, parcels(taken))
		if err != nil {
			return unlessDone(ctx, err)
		}
		switch {
		case closed:
			down++
			sleep(ctx, clock, min(Backoff(down), mostDown), nil)
		case len(taken) == 0:
			sleep(ctx, clock, Poll, told)
		default:
			down = 0
		}
	}
	return nil
}

// deliverAll delivers parcels one after the other, and says whether it found the way out closed. What it does not come
// to is given back as it was.
func deliverAll(ctx context.Context, q Queue, d Deliverer, clock Clock, leased time.Time, all [][]Message) (closed bool, err error) {
	for i, parcel := range all {
		if now := clock.Now(); ctx.Err() != nil || closed || now.After(leased.Add(Lease-Longest)) {
			return closed, giveBack(ctx, q, now, all[i:])
		}
		r := d.Deliver(ctx, parcel)
		closed = r.Down
		if err := settle(ctx, q, parcel, settlement(parcel, r, clock.Now())); err != nil {
			return closed, err
		}
	}
	return closed, nil
}

// settlement says what an attempt means for a parcel.
func settlement(parcel []Message, r Result, at time.Time) Settlement {
	s := Settlement{Outcome: r.Outcome, At: at, Due: at, Note: r.Note}
	if r.Outcome != Waiting {
		return s
	}
	if r.Down {
		s.Uncounted = true
		return s
	}
	attempts := 0
	for _, m := range parcel {
		attempts = max(attempts, m.Attempts)
	}
	s.Due = at.Add(Backoff(attempts))
	if attempts >= Attempts {
		s.Outcome = GivenUp
	}
	return s
}

func giveBack(ctx context.Context, q Queue, at time.Time, all [][]Message) error {
	for _, parcel := range all {
		if err := settle(ctx, q, parcel, Settlement{At: at, Due: at, Uncounted: true}); err != nil {
			return err
		}
	}
	return nil
}

// settle notes an outcome even where the program is being stopped: what is not noted is done again.
func settle(ctx context.Context, q Queue, parcel []Message, s Settlement) error {
	return q.UnsafeSettle(context.WithoutCancel(ctx), parcel, s)
}

// parcels sorts messages into what is delivered together, in the order of the first message of each.
func parcels(taken []Message) [][]Message {
	var out [][]Message
	at := map[string]int{}
	for _, m := range taken {
		i, there := at[m.Bundle]
		if m.Bundle == "" || !there {
			i = len(out)
			out = append(out, nil)
			at[m.Bundle] = i
		}
		out[i] = append(out[i], m)
	}
	return out
}

func sleep(ctx context.Context, clock Clock, d time.Duration, told <-chan struct{}) {
	select {
	case <-ctx.Done():
	case <-told:
	case <-clock.After(d):
	}
}

func unlessDone(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}
