package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"gevor/atlas"
	"gevor/fault"
	"gevor/geo"
)

// Worker takes shards from the queue and answers them.
type Worker struct {
	Link    *Link
	Version string // of the program; shards of another version are left alone
	// Open gives the networks of a job's snapshot; close lets go of them. The worker keeps the last one open.
	Open func(ctx context.Context, job Job) (networks atlas.Journeys, close func() error, err error)
	Log  *slog.Logger
	// Only stops after so many shards; 0 goes on until the context ends.
	Only int

	job    Job
	now    atlas.Journeys
	close  func() error
	name   string // of the list of places that is held
	places []geo.LonLat
}

// fatalTries is how many workers a shard may bring down before it is called unanswerable.
const fatalTries = 5

// Run works until the context ends. A cluster that is away is waited for.
func (w *Worker) Run(ctx context.Context) (err error) {
	defer func() {
		if w.close != nil {
			err = errors.Join(err, w.close())
		}
	}()
	for done := 0; ctx.Err() == nil && (w.Only == 0 || done < w.Only); {
		consumer, err := w.consumer(ctx)
		if err != nil {
			return w.ended(ctx, err)
		}
		wait, cancel := context.WithTimeout(ctx, waitForWork)
		batch, err := consumer.Fetch(1, jetstream.FetchContext(wait))
		if err != nil {
			cancel()
			w.Log.Warn("the queue was asked in vain", "error", err)
			pause(ctx, time.Second)
			continue
		}
		for m := range batch.Messages() {
			if err := w.take(ctx, m); err != nil {
				cancel()
				return w.ended(ctx, err)
			}
			done++
		}
		cancel()
	}
	return nil
}

const waitForWork = 3 * time.Second

// ended makes of an end that was asked for no error.
func (w *Worker) ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// consumer gives the queue of this version; every worker of it shares one.
func (w *Worker) consumer(ctx context.Context) (c jetstream.Consumer, err error) {
	subject := subjectOf(w.Version)
	err = w.Link.again(ctx, func(ctx context.Context) error {
		c, err = w.Link.js.CreateOrUpdateConsumer(ctx, queueStream, jetstream.ConsumerConfig{
			Durable: "workers-" + subject[len(queueSubjects):], FilterSubject: subject, AckPolicy: jetstream.AckExplicitPolicy,
			AckWait: w.Link.options.Lease, MaxAckPending: -1, InactiveThreshold: w.Link.options.Keep,
		})
		return err
	})
	return c, err
}

// take answers one shard. Its lease is renewed while it is computed; a worker that dies lets it go to another.
func (w *Worker) take(ctx context.Context, m jetstream.Msg) error {
	name := hashOf(m.Data())
	there, err := w.Link.has(ctx, w.Link.answers, name)
	if err != nil {
		return err
	}
	if !there {
		stop := w.renew(m)
		raw, err := w.answer(ctx, m)
		stop()
		if err != nil {
			return err
		}
		if err := w.Link.write(ctx, w.Link.answers, name, raw); err != nil {
			return err
		}
	}
	if err := w.Link.conn.Publish(doneSubjects+name, nil); err != nil {
		w.Log.Warn("that a shard is done could not be told", "error", err) // who waits looks by himself too
	}
	ctx, cancel := context.WithTimeout(ctx, callWithin)
	defer cancel()
	if err := m.DoubleAck(ctx); err != nil {
		w.Log.Warn("a shard that is done may be given out again", "error", err) // it is found done then
	}
	return nil
}

// renew says until stop is called that the worker lives.
func (w *Worker) renew(m jetstream.Msg) (stop func()) {
	end := make(chan struct{})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(w.Link.options.Lease / 3)
		defer tick.Stop()
		for {
			select {
			case <-end:
				return
			case <-tick.C:
				if err := m.InProgress(); err != nil {
					w.Log.Warn("a lease could not be renewed", "error", err)
				}
			}
		}
	}()
	return func() { close(end); <-ended }
}

// answer computes a shard. What cannot be computed is an answer too: whoever waits must learn of it.
func (w *Worker) answer(ctx context.Context, m jetstream.Msg) ([]byte, error) {
	if meta, err := m.Metadata(); err == nil && meta.NumDelivered > fatalTries {
		return failure(fmt.Errorf("%d workers took it and none came back", meta.NumDelivered-1)), nil
	}
	begin := time.Now()
	out, origins, err := w.compute(ctx, m.Data())
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil && fault.KindOf(err) == fault.Busy:
		return nil, err
	case err != nil:
		w.Log.Error("a shard cannot be computed", "error", err)
		return failure(err), nil
	}
	w.Log.Info("shard", "origins", origins, "bytes", len(out), "ms", time.Since(begin).Milliseconds())
	return out, nil
}

func failure(err error) []byte { return append([]byte{answerFailure}, err.Error()...) }

func (w *Worker) compute(ctx context.Context, raw []byte) (out []byte, origins int, err error) {
	s, err := decodeShard(raw)
	if err != nil {
		return nil, 0, err
	}
	from, err := unpack(s.From)
	if err != nil {
		return nil, 0, err
	}
	if err := w.prepare(ctx, s); err != nil {
		return nil, 0, err
	}
	rows := newRowWriter()
	err = w.now.Rows(ctx, s.Leg, from, w.places, rows.put)
	return rows.raw, len(from), err
}

// prepare opens the snapshot and reads the places of a shard, unless those of the last one serve.
func (w *Worker) prepare(ctx context.Context, s *shard) error {
	if w.now == nil || w.job != s.Job {
		if w.close != nil {
			if err := w.close(); err != nil {
				return err
			}
			w.now, w.close = nil, nil
		}
		now, closing, err := w.Open(ctx, s.Job)
		if err != nil {
			return err
		}
		w.job, w.now, w.close = s.Job, now, closing
	}
	if w.name == s.Places {
		return nil
	}
	raw, err := w.Link.read(ctx, w.Link.things, s.Places)
	if absent(err) {
		return fault.New(fault.Busy, s.Places, "the places of a shard are not there yet", "")
	}
	if err != nil {
		return err
	}
	places, err := unpack(raw)
	if err != nil {
		return err
	}
	w.name, w.places = s.Places, places
	return nil
}
