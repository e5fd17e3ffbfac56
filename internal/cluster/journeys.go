package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"

	"gevor/atlas"
	"gevor/geo"
)

// Journeys answers questions of travel by the workers of a cluster. What needs no travel is answered here.
type Journeys struct {
	atlas.Journeys // of the snapshot, on this machine
	link           *Link
	job            Job
	// Window is how many shards are asked for ahead of the one that is read; 0 means 64.
	Window int
	// Shard is how many origins a shard has; 0 chooses. It never changes an answer.
	Shard int
}

// Over spreads the travel of a snapshot: here answers what is asked of its networks on this machine, job names it.
func (l *Link) Over(here atlas.Journeys, job Job) *Journeys {
	return &Journeys{Journeys: here, link: l, job: job}
}

// shardOrigins is the size of a shard. What a worker prepares for the places it keeps, but every shard sweeps a timetable
// anew from each of its places, so few large ones cost less; smaller ones would spread more evenly over many workers.
const shardOrigins = 8192

func (j *Journeys) size() int {
	if j.Shard > 0 {
		return j.Shard
	}
	return shardOrigins
}

// Rows asks the workers and hands the answers over in ascending order of origins, as the engines of one machine do.
func (j *Journeys) Rows(ctx context.Context, leg atlas.Leg, from, to []geo.LonLat, yield func(atlas.Reached) error) error {
	if len(from) == 0 || len(to) == 0 {
		return nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	places := pack(to)
	name := "places-" + hashOf(places)
	if err := j.link.once(ctx, j.link.things, name, places); err != nil {
		return err
	}
	a := &asking{Journeys: j, leg: leg, from: from, places: name, size: j.size(), call: nuid.Next(), heard: map[string]bool{}, ring: make(chan struct{}, 1)}
	sub, err := j.link.conn.Subscribe(doneSubjects+">", func(m *nats.Msg) { a.hear(m.Subject[len(doneSubjects):]) })
	if err != nil {
		return err
	}
	defer func() { _ = sub.Unsubscribe() }() // the connection may be gone, and the subscription with it
	n := (len(from) + a.size - 1) / a.size
	a.names = make([]string, n)
	window := max(1, j.Window)
	if j.Window == 0 {
		window = 64
	}
	asked := 0
	percentiles := max(1, len(leg.Percentiles))
	for i := range n {
		for ; asked < min(n, i+window); asked++ {
			if err := a.ask(ctx, asked, 0); err != nil {
				return err
			}
		}
		raw, err := a.answer(ctx, i)
		if err != nil {
			return err
		}
		base := i * a.size
		rows := rowReader{raw: raw, percentiles: percentiles, origins: int64(min(a.size, len(from)-base)), place: int64(len(to))}
		if err := rows.each(int32(base), yield); err != nil {
			return errors.Join(err, a.forgetFailure(ctx, i, raw))
		}
	}
	return nil
}

// asking is one call of Rows under way.
type asking struct {
	*Journeys
	leg    atlas.Leg
	from   []geo.LonLat
	places string
	size   int
	call   string   // sets what this call puts into the queue apart from what another one did
	names  []string // of the answers, as far as they were asked for

	mu    sync.Mutex
	heard map[string]bool // answers that were said to be there
	ring  chan struct{}   // rung when heard grows
}

func (a *asking) hear(name string) {
	a.mu.Lock()
	a.heard[name] = true
	a.mu.Unlock()
	select {
	case a.ring <- struct{}{}:
	default:
	}
}

func (a *asking) told(name string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.heard[name]
}

func (a *asking) encode(i int) (raw []byte, name string, err error) {
	s := shard{Job: a.job, Leg: a.leg, Places: a.places, From: pack(a.from[i*a.size : min(len(a.from), (i+1)*a.size)])}
	return s.encode()
}

// ask puts a shard into the queue unless its answer is there. The queue drops what it gets twice in one try, because
// its acknowledgement was lost; a later try counts anew, so a shard that was lost is asked for again.
func (a *asking) ask(ctx context.Context, i, try int) error {
	raw, name, err := a.encode(i)
	if err != nil {
		return err
	}
	a.names[i] = name
	there, err := a.link.has(ctx, a.link.answers, name)
	if err != nil || there {
		if there {
			a.hear(name)
		}
		return err
	}
	id := a.call + "/" + name + "/" + strconv.Itoa(try)
	return a.link.again(ctx, func(ctx context.Context) error {
		_, err := a.link.js.Publish(ctx, subjectOf(a.job.Version), raw, jetstream.WithMsgID(id))
		return err
	})
}

// Waiting for an answer: how often its store is looked at without being told, and after how long it is asked for again.
const (
	lookEvery = 2 * time.Second
	askAgain  = time.Minute
)

// answer waits for one shard and reads it. Word of an answer may get lost with a node, so the store is looked at too.
func (a *asking) answer(ctx context.Context, i int) ([]byte, error) {
	name := a.names[i]
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	patience := max(askAgain, 2*a.link.options.Lease)
	again := time.Now().Add(patience)
	for try := 1; ; {
		if a.told(name) {
			raw, err := a.link.read(ctx, a.link.answers, name)
			if !absent(err) {
				a.mu.Lock()
				delete(a.heard, name)
				a.mu.Unlock()
				return raw, err
			}
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-a.ring:
		case <-look.C:
			if there, err := a.link.has(ctx, a.link.answers, name); err != nil {
				return nil, err
			} else if there {
				a.hear(name)
			}
		}
		if time.Now().After(again) {
			if err := a.ask(ctx, i, try); err != nil {
				return nil, err
			}
			try++
			patience *= 2
			again = time.Now().Add(patience)
		}
	}
}

// forgetFailure removes what a worker could not do, so that the next run tries it again.
func (a *asking) forgetFailure(ctx context.Context, i int, raw []byte) error {
	if len(raw) == 0 || raw[0] != answerFailure {
		return nil
	}
	return a.link.again(ctx, func(ctx context.Context) error { return a.link.answers.Delete(ctx, a.names[i]) })
}

// once stores an object that is not there yet.
func (l *Link) once(ctx context.Context, in jetstream.ObjectStore, name string, raw []byte) error {
	if there, err := l.has(ctx, in, name); err != nil || there {
		return err
	}
	return l.write(ctx, in, name, raw)
}

// Progress of one analysis, as others see it.
type Progress struct {
	Stage       string
	Done, Total int64
	At          time.Time
}

// Tell lets everybody on the cluster see how far the analysis of a region is. What cannot be told is left out: the
// next word replaces it.
func (l *Link) Tell(ctx context.Context, region string, p Progress) error {
	raw, err := json.Marshal(p)
	if err != nil {
		return err
	}
	_, err = l.progress.Put(ctx, hashOf([]byte(region)), raw)
	return err
}

// Told gives what was last said of a region; ok is false where nothing was.
func (l *Link) Told(ctx context.Context, region string) (p Progress, ok bool, err error) {
	e, err := l.progress.Get(ctx, hashOf([]byte(region)))
	if absent(err) {
		return Progress{}, false, nil
	}
	if err != nil {
		return Progress{}, false, err
	}
	return p, true, json.Unmarshal(e.Value(), &p)
}
