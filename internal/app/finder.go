package app

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"gevor/fault"
	"gevor/geo"
	"gevor/internal/files"
	"gevor/internal/finder"
	"gevor/internal/store"
	"gevor/region"
	"gevor/street"
	"gevor/transit"
	"gevor/travel"
	"gevor/vocabulary"
)

// openFinder makes the search over the directory, with districts and networks of the run that is served.
func openFinder(s *store.Store, voc *vocabulary.Vocabulary, runs *currentRun, state *files.State, log *slog.Logger) (*finder.Finder, error) {
	g := &ground{runs: runs, state: state, log: log}
	return finder.New(finder.Options{Entries: s.Joined(time.Now), Vocabulary: voc, Ground: g.areas, Travel: g.travel, Log: log})
}

// openVocabulary reads the built-in vocabulary and, over it, what the operator wrote into the folder "vocabulary" of the
// state folder.
func openVocabulary(stateDir string) (*vocabulary.Vocabulary, error) {
	own := filepath.Join(stateDir, "vocabulary")
	if _, err := os.Stat(own); errors.Is(err, fs.ErrNotExist) {
		return vocabulary.Load(nil)
	}
	voc, err := vocabulary.Load(os.DirFS(own))
	if err != nil {
		return nil, fault.Wrap(fault.KindOf(err), own, "the vocabulary of this installation cannot be used", "mend the line, or move the folder away to go on with the built-in vocabulary", err)
	}
	return voc, nil
}

// openDirectory fills the directory of a fresh demo and opens the search over it.
func openDirectory(ctx context.Context, s *store.Store, voc *vocabulary.Vocabulary, runs *currentRun, state *files.State, log *slog.Logger) (*finder.Finder, error) {
	if err := fillDemo(ctx, s, voc, runs, time.Now(), log); err != nil {
		return nil, err
	}
	return openFinder(s, voc, runs, state, log)
}

// ground keeps what the finder needs of the served run.
type ground struct {
	runs  *currentRun
	state *files.State
	log   *slog.Logger

	mu       sync.Mutex
	of       *finder.Ground
	networks *networks
	tried    string // snapshot whose networks were opened, or could not be
}

func (g *ground) areas() *finder.Ground {
	run, err := g.runs.Current()
	if err != nil {
		return &finder.Ground{}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.of == nil || g.of.Run != run.Hash {
		g.of = finder.GroundOf(run.Result.Snapshot, run.Hash)
	}
	return g.of
}

// travel gives the networks of the served run; nil where its region has none, or its snapshot is gone.
func (g *ground) travel() finder.Travel {
	run, err := g.runs.Current()
	if err != nil {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if hash := run.Result.Snapshot.Hash; g.tried != hash {
		g.tried, g.networks = hash, nil
		snap, err := openSnapshot(g.state, hash)
		switch {
		case err != nil:
			g.log.Warn("the finder measures beelines: the networks of the region cannot be read", "snapshot", hash, "cause", err)
		case snap.Streets != nil:
			g.networks = &networks{snap: snap}
		}
	}
	if g.networks == nil {
		return nil
	}
	return g.networks
}

// networks answers how long ways take on the networks of a snapshot.
type networks struct {
	snap *region.Snapshot

	mu     sync.Mutex
	places []geo.LonLat // linked last
	linked *street.Points
}

// The journeys that the finder speaks of: a departure between nine and ten on the day of the timetable, the median of
// departures every five minutes, with at most this much walking to a stop and from one.
const (
	rideFrom   = 9 * 3600
	rideWindow = 3600
	rideStep   = 300
	rideWalk   = 20 * 60
	mostSecond = finder.MostMinutes * 60
)

// Name is the snapshot.
func (n *networks) Name() string { return n.snap.Hash }

func (n *networks) link(to []geo.LonLat) *street.Points {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.linked == nil || !slices.Equal(n.places, to) {
		n.places, n.linked = slices.Clone(to), n.snap.Streets.Link(travel.Walk, to, linkWithin)
	}
	return n.linked
}

func minutesOf(s travel.Seconds) uint8 {
	if s > mostSecond {
		return finder.NoWay
	}
	return uint8(math.Ceil(float64(s) / 60))
}

// Walk gives the ways on foot.
func (n *networks) Walk(_ context.Context, from geo.LonLat, to []geo.LonLat) ([]finder.Leg, error) {
	begin := n.snap.Streets.Link(travel.Walk, []geo.LonLat{from}, linkWithin)
	return n.walk(n.snap.Streets.NewSearch(travel.Walk, street.Speed{WalkKmh: n.snap.WalkKmh}), begin, 0, n.link(to)), nil
}

func (n *networks) walk(s *street.Search, begin *street.Points, i int, to *street.Points) []finder.Leg {
	out := make([]finder.Leg, to.Len())
	for k := range out {
		out[k] = finder.Leg{Walk: finder.NoWay, Ride: finder.NotAsked}
	}
	for _, h := range s.Reach(begin, i, to, mostSecond, false, nil) {
		out[h.To].Walk = minutesOf(h.Seconds)
	}
	return out
}

// All gives the ways on foot and by public transport.
func (n *networks) All(ctx context.Context, from, to []geo.LonLat) ([][]finder.Leg, error) {
	if n.snap.Timetable == nil {
		return nil, nil
	}
	begin, end := n.snap.Streets.Link(travel.Walk, from, linkWithin), n.link(to)
	search := n.snap.Streets.NewSearch(travel.Walk, street.Speed{WalkKmh: n.snap.WalkKmh})
	out := make([][]finder.Leg, len(from))
	for i := range out {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		out[i] = n.walk(search, begin, i, end)
		for k := range out[i] {
			out[i][k].Ride = finder.NoWay
		}
	}
	q := transit.Query{
		Departure: rideFrom, Window: rideWindow, Step: rideStep, Percentiles: []int{50}, WalkKmh: n.snap.WalkKmh, MaxWalk: rideWalk, Max: mostSecond, Memory: 64 << 20,
	}
	err := n.snap.Timetable.Rows(ctx, q, begin, end, max(1, runtime.GOMAXPROCS(0)/2), func(r transit.Row) error {
		for k, j := range r.To {
			out[r.From][j].Ride = minutesOf(r.Seconds[0][k])
		}
		return nil
	})
	return out, err
}
