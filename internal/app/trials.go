package app

import (
	"context"
	"log/slog"
	"math"
	"runtime"
	"sync"

	"gevor/atlas"
	"gevor/fault"
	"gevor/internal/files"
	"gevor/internal/web"
	"gevor/siting"
)

// Bounds of what a page may ask for, so that nobody waits long for anybody else.
const (
	trialCandidates = 100
	trialNodes      = 500
	trialsWaiting   = 8
)

// trials reckons what-ifs for the pages: one at a time, on the run that is served.
type trials struct {
	state   *files.State
	log     *slog.Logger
	turn    chan struct{} // held by whoever reckons
	waiting chan struct{} // held by everybody who reckons or waits

	mu         sync.Mutex
	tried      *tried
	networks   *atlas.Result // of tried, opened when the first new place is asked about
	collecting string        // hash of the run whose travel times are being collected
	refused    map[string]error
}

func newTrials(state *files.State, log *slog.Logger) *trials {
	return &trials{state: state, log: log, turn: make(chan struct{}, 1), waiting: make(chan struct{}, trialsWaiting), refused: map[string]error{}}
}

// enter waits for the turn. Busy where too many wait already.
func (t *trials) enter(ctx context.Context) (leave func(), err error) {
	select {
	case t.waiting <- struct{}{}:
	default:
		return nil, fault.New(fault.Busy, "what-if", "many are trying something out just now", "try again in a minute")
	}
	select {
	case t.turn <- struct{}{}:
		return func() { <-t.turn; <-t.waiting }, nil
	case <-ctx.Done():
		<-t.waiting
		return nil, ctx.Err()
	}
}

// on gives the run with what a what-if on it needs. Hold the turn.
func (t *trials) on(hash string) (*tried, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.tried != nil && t.tried.run.Hash == hash {
		return t.tried, nil
	}
	x, err := openTried(t.state.Dir(), hash, runtime.GOMAXPROCS(0))
	if err != nil {
		return nil, err
	}
	t.tried, t.networks = x, nil
	return x, nil
}

// ways gives the result of a run over its streets and its timetable. Hold the turn.
func (t *trials) ways(x *tried) (*atlas.Result, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.networks == nil {
		r, err := x.networks()
		if err != nil {
			return nil, err
		}
		t.networks = r
	}
	return t.networks, nil
}

// Try says what a scenario changes. web.ErrCollecting while travel times are being collected, which the first question
// about a run begins.
func (t *trials) Try(ctx context.Context, run *web.Run, s atlas.Scenario) ([]atlas.Effect, error) {
	leave, err := t.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	x, err := t.on(run.Hash)
	if err != nil {
		return nil, err
	}
	base := x.run.Result
	key := files.ApproachesKey(x.run.Record.Snapshot, Version, x.params)
	known, release, err := x.state.OpenApproaches(key, s.Concerns(base.Snapshot))
	if k := fault.KindOf(err); k == fault.NotFound || k == fault.Corrupt {
		return nil, t.collect(x, key)
	}
	if err != nil {
		return nil, err
	}
	defer release()
	if base, err = x.coarsened(ctx, known, s.Concerns(base.Snapshot)); err != nil {
		return nil, err
	}
	if s.NeedsWays(base.Snapshot) {
		ways, err := t.ways(x)
		if err != nil {
			return nil, err
		}
		base = overWays(base, ways)
	}
	return atlas.WhatIf(ctx, base, known, x.params, s, nil)
}

// collect begins to collect the travel times of a run in the background, once, and says that they are not there yet. It
// outlives the request: what it finds is kept for all that follow.
func (t *trials) collect(x *tried, key string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.refused[x.run.Hash]; err != nil {
		return err
	}
	if t.collecting != x.run.Hash {
		t.collecting = x.run.Hash
		go func() {
			err := t.keep(x, key)
			t.mu.Lock()
			defer t.mu.Unlock()
			if t.collecting = ""; err != nil {
				t.refused[x.run.Hash] = err
				t.log.Error("travel times for what-ifs were not collected", "run", x.run.Hash, "error", err)
			}
		}()
	}
	return fault.Wrap(fault.Busy, "what-if", "the travel times of this run are being collected", "look again in a minute", web.ErrCollecting)
}

func (t *trials) keep(x *tried, key string) error {
	r, err := x.networks()
	if err != nil {
		return err
	}
	p := x.params
	p.Workers = max(1, p.Workers/2) // readers go first
	a, err := atlas.Collect(context.Background(), r.Snapshot, p, nil)
	if err != nil {
		return err
	}
	return x.state.WriteApproaches(key, r.Snapshot, a)
}

// Choose sites new places for one question on a run, by every objective.
func (t *trials) Choose(ctx context.Context, run *web.Run, question atlas.Question, wish atlas.Wish) (*web.Sites, error) {
	leave, err := t.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	x, err := t.on(run.Hash)
	if err != nil {
		return nil, err
	}
	ways, err := t.ways(x)
	if err != nil {
		return nil, err
	}
	question.Most = trialCandidates
	p, err := atlas.Prospects(ctx, atlas.Coarsen(ways.Snapshot), x.params, question, nil)
	if err != nil {
		return nil, err
	}
	choices, err := atlas.Choices(p, wish, atlas.Objectives(), siting.Effort{Nodes: trialNodes})
	if err != nil {
		return nil, err
	}
	for i := range choices {
		if math.IsNaN(choices[i].MeanShare) {
			choices[i].MeanShare = 0
		}
	}
	return &web.Sites{At: p.At, Choices: choices, Spoken: p.Spoken}, nil
}
