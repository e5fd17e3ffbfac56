package cluster_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/goleak"

	"gevor/atlas"
	"gevor/fault"
	"gevor/geo"
	"gevor/internal/cluster"
	"gevor/travel"
)

func TestMain(m *testing.M) {
	// The client's publisher leaves this one behind now and then when a connection is closed just after it was used.
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/nats-io/nats.go/jetstream.(*jetStream).resetPendingAcksOnReconnect"))
}

// plain is an engine whose answers are a function of the two places alone: a stand-in whose truth is known.
type plain struct {
	calls  atomic.Int64
	broken string    // what it says instead of answering
	hold   chan bool // where set, an answer waits for it
}

func (*plain) Offers(travel.Mode) bool { return true }

func (*plain) Linked(_ travel.Mode, at []geo.LonLat) []bool { return make([]bool, len(at)) }

func (p *plain) Rows(ctx context.Context, leg atlas.Leg, from, to []geo.LonLat, yield func(atlas.Reached) error) error {
	p.calls.Add(1)
	if p.hold != nil {
		select {
		case <-p.hold:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if p.broken != "" {
		return errors.New(p.broken)
	}
	for f, a := range from {
		r := atlas.Reached{From: int32(f), Seconds: make([][]travel.Seconds, max(1, len(leg.Percentiles)))}
		for t, b := range to {
			s := travel.Seconds((int(a.Lon*1000)*31 + int(b.Lat*1000)*17) % 4000)
			if s < 0 || s > leg.Max {
				continue
			}
			r.To = append(r.To, int32(t))
			for i := range r.Seconds {
				v := s + travel.Seconds(60*i)
				if v > leg.Max {
					v = travel.Unreached
				}
				r.Seconds[i] = append(r.Seconds[i], v)
			}
		}
		if int(a.Lon*1000)%7 != 0 { // origins may be left out where they reach nothing
			if err := yield(r); err != nil {
				return err
			}
		}
	}
	return nil
}

func places(n int, seed float64) []geo.LonLat {
	out := make([]geo.LonLat, n)
	for i := range out {
		out[i] = geo.LonLat{Lon: 7 + float64(i)*0.0137 + seed, Lat: 51 + float64(i%91)*0.0071 + seed/3}
	}
	return out
}

var leg = atlas.Leg{Mode: travel.Transit, Departure: 8 * 3600, Window: 3600, Percentiles: []int{25, 50, 90}, Max: 3000}

// told writes an answer down, line by line.
func told(t *testing.T, j atlas.Journeys, leg atlas.Leg, from, to []geo.LonLat) (string, error) {
	t.Helper()
	var b strings.Builder
	err := j.Rows(t.Context(), leg, from, to, func(r atlas.Reached) error {
		fmt.Fprintln(&b, r.From, r.To, r.Seconds)
		return nil
	})
	return b.String(), err
}

func node(t *testing.T) *cluster.Node {
	t.Helper()
	n, err := cluster.Open(cluster.NodeOptions{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Close)
	return n
}

func join(t *testing.T, n *cluster.Node) *cluster.Link {
	t.Helper()
	l, err := cluster.Join(t.Context(), n, cluster.Options{Lease: 2 * time.Second, Patience: 20 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

var job = cluster.Job{Snapshot: "s1", Version: "v1", WalkKmh: 4.5, BikeKmh: 15, MaxWalk: 1200}

// hire starts workers with an engine; stop ends them and waits.
func hire(t *testing.T, n *cluster.Node, version string, engines ...*plain) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for _, e := range engines {
		w := &cluster.Worker{Link: join(t, n), Version: version, Log: slog.New(slog.DiscardHandler), Open: func(context.Context, cluster.Job) (atlas.Journeys, func() error, error) {
			return e, func() error { return nil }, nil
		}}
		all.Go(func() {
			if err := w.Run(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	stop = sync.OnceFunc(func() { cancel(); all.Wait() })
	t.Cleanup(stop)
	return stop
}

func TestManyWorkersSayWhatOneMachineSays(t *testing.T) {
	from, to := places(700, 0), places(90, 0.4)
	want, err := told(t, &plain{}, leg, from, to)
	if err != nil || strings.Count(want, "\n") < 500 {
		t.Fatal(err, strings.Count(want, "\n"))
	}
	for _, workers := range []int{1, 8} {
		n := node(t)
		engines := make([]*plain, workers)
		for i := range engines {
			engines[i] = &plain{}
		}
		hire(t, n, job.Version, engines...)
		j := join(t, n).Over(&plain{}, job)
		j.Shard, j.Window = 32, 5
		got, err := told(t, j, leg, from, to)
		if err != nil || got != want {
			t.Fatalf("%d workers: %v, answers differ: %v", workers, err, got != want)
		}
		if strings.Contains(got, fmt.Sprint(travel.Unreached)) != strings.Contains(want, fmt.Sprint(travel.Unreached)) {
			t.Fatal("the example has no place that is out of reach at one percentile only")
		}
	}
	// The control: another engine on one of the machines shows.
	n := node(t)
	hire(t, n, job.Version, &plain{})
	j := join(t, n).Over(&plain{}, job)
	if got, err := told(t, j, atlas.Leg{Mode: leg.Mode, Percentiles: leg.Percentiles, Max: leg.Max - 60}, from, to); err != nil || got == want {
		t.Fatalf("%v: other answers look the same", err)
	}
}

func TestWhatWasAnsweredBeforeIsNotAskedAgain(t *testing.T) {
	from, to := places(300, 0), places(40, 0.1)
	n := node(t)
	e := &plain{}
	stop := hire(t, n, job.Version, e)
	first := join(t, n).Over(&plain{}, job)
	first.Shard = 30
	want, err := told(t, first, leg, from, to)
	if err != nil {
		t.Fatal(err)
	}
	stop()
	made := e.calls.Load()
	again := join(t, n).Over(&plain{}, job)
	again.Shard = 30
	got, err := told(t, again, leg, from, to)
	if err != nil || got != want || e.calls.Load() != made || made != 10 {
		t.Fatalf("%v; same %v; %d calls, then %d", err, got == want, made, e.calls.Load())
	}
	// The control: another walking speed is another question, and nobody is there to answer it.
	other := job
	other.WalkKmh = 3
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := join(t, n).Over(&plain{}, other).Rows(ctx, leg, from, to, func(atlas.Reached) error { return nil }); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
}

func TestAnotherVersionOfTheProgramTakesNothing(t *testing.T) {
	n := node(t)
	old, now := &plain{}, &plain{}
	hire(t, n, "v0", old)
	hire(t, n, job.Version, now)
	if _, err := told(t, join(t, n).Over(&plain{}, job), leg, places(50, 0), places(5, 0)); err != nil {
		t.Fatal(err)
	}
	if old.calls.Load() != 0 || now.calls.Load() == 0 {
		t.Fatalf("v0 answered %d, v1 %d", old.calls.Load(), now.calls.Load())
	}
}

func TestWhatAWorkerCannotDoIsSaidAndTriedAgainNextTime(t *testing.T) {
	n := node(t)
	e := &plain{broken: "the timetable has no such day"}
	stop := hire(t, n, job.Version, e)
	j := join(t, n).Over(&plain{}, job)
	if _, err := told(t, j, leg, places(9, 0), places(5, 0)); err == nil || !strings.Contains(err.Error(), "no such day") {
		t.Fatal(err)
	}
	stop()
	hire(t, n, job.Version, &plain{})
	got, err := told(t, j, leg, places(9, 0), places(5, 0))
	if err != nil || got == "" {
		t.Fatal(got, err)
	}
}

func TestAWorkerThatStopsLeavesItsShardToAnother(t *testing.T) {
	from, to := places(60, 0), places(20, 0.2)
	n := node(t)
	stuck := &plain{hold: make(chan bool)}
	stop := hire(t, n, job.Version, stuck)
	j := join(t, n).Over(&plain{}, job)
	j.Shard = 20
	type end struct {
		text string
		err  error
	}
	done := make(chan end, 1)
	go func() {
		text, err := told(t, j, leg, from, to)
		done <- end{text, err}
	}()
	for stuck.calls.Load() == 0 {
		time.Sleep(5 * time.Millisecond)
	}
	stop() // in the middle of its shard, without a word
	hire(t, n, job.Version, &plain{})
	got := <-done
	want, err := told(t, &plain{}, leg, from, to)
	if err != nil || got.err != nil || got.text != want {
		t.Fatal(err, got.err, got.text == want)
	}
}

func TestASnapshotTravels(t *testing.T) {
	n := node(t)
	files := fstest.MapFS{"cells.archive": {Data: []byte(strings.Repeat("cells", 90000))}, "snapshot.json": {Data: []byte("{}")}}
	if err := join(t, n).Give(t.Context(), "abc", files, []string{"snapshot.json", "cells.archive"}); err != nil {
		t.Fatal(err)
	}
	got := folder{}
	if err := join(t, n).Take(t.Context(), "abc", got.create); err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || !slices.Equal(*got["cells.archive"], files["cells.archive"].Data) {
		t.Fatal(len(got))
	}
	if err := join(t, n).Take(t.Context(), "abd", got.create); fault.KindOf(err) != fault.NotFound {
		t.Fatal(err)
	}
}

func TestProgressIsSeenByOthers(t *testing.T) {
	n := node(t)
	if _, ok, err := join(t, n).Told(t.Context(), "ruhr"); ok || err != nil {
		t.Fatal(ok, err)
	}
	said := cluster.Progress{Stage: "reach", Done: 3, Total: 9, At: time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC)}
	if err := join(t, n).Tell(t.Context(), "ruhr", said); err != nil {
		t.Fatal(err)
	}
	if got, ok, err := join(t, n).Told(t.Context(), "ruhr"); got != said || !ok || err != nil {
		t.Fatal(got, ok, err)
	}
}

func TestAQueueForStrangersNeedsAToken(t *testing.T) {
	if _, err := cluster.Open(cluster.NodeOptions{Dir: t.TempDir(), Listen: "0.0.0.0:0"}); fault.KindOf(err) != fault.Denied {
		t.Fatal(err)
	}
	n, err := cluster.Open(cluster.NodeOptions{Dir: t.TempDir(), Listen: "127.0.0.1:0", Token: "Reiher"})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	quick := cluster.Options{Patience: 300 * time.Millisecond}
	if _, err := cluster.Dial(t.Context(), n.URL(), quick); err == nil || strings.Contains(err.Error(), "Reiher") {
		t.Fatal(err)
	}
	quick.Token = "Reiher"
	l, err := cluster.Dial(t.Context(), n.URL(), quick)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

// folder keeps what is written into it.
type folder map[string]*[]byte

func (f folder) create(name string) (io.WriteCloser, error) {
	f[name] = new([]byte)
	return writer{f[name]}, nil
}

type writer struct{ to *[]byte }

func (w writer) Write(p []byte) (int, error) {
	*w.to = append(*w.to, p...)
	return len(p), nil
}

func (writer) Close() error { return nil }
