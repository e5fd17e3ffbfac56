package app

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"gevor/fault"
	"gevor/internal/backup"
	"gevor/internal/config"
	"gevor/internal/files"
	"gevor/internal/imports"
	"gevor/internal/telemetry"
	"gevor/internal/web"
)

func serveCommand(c console) *cobra.Command {
	var file, state, listen string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the pages of the current run",
		Long: `Serves until it is told to stop. What is set in the configuration (see gevor config example) or in the environment
holds; --state and --listen win over both. Certificates are read again when their files change or at SIGHUP.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			conf, err := configuration(file)
			if err != nil {
				return err
			}
			if cmd.Flags().Changed("state") {
				conf.State.Dir = state
			}
			if cmd.Flags().Changed("listen") {
				conf.Server.Listen = listen
			}
			return serve(cmd.Context(), c, conf)
		},
	}
	fl := cmd.Flags()
	configFlag(fl, &file)
	fl.StringVar(&state, "state", "var", "folder that gevor analyse wrote")
	fl.StringVar(&listen, "listen", "localhost:8080", "address to listen on")
	return cmd
}

func serve(ctx context.Context, c console, conf *config.Config) (err error) {
	if err := backup.Unfinished(conf.State.Dir); err != nil {
		return err
	}
	log := telemetry.NewLog(c.err, conf.Logging.Level, conf.Logging.Format)
	health := telemetry.NewHealth(log)
	state, err := files.OpenState(conf.State.Dir)
	if err != nil {
		return err
	}
	health.Add("state", func(context.Context) error { return readable(state) })
	houses, err := openHouses(ctx, conf)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, houses.Close()) }()
	health.Add("database", func(ctx context.Context) error {
		_, err := houses.UnsafeSeats(ctx)
		return err
	})
	end, err := follow(ctx, conf, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, end()) }() // before the store is closed
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-houses.Stopped():
			cancel(errStopped)
		case <-ctx.Done():
		}
	}()
	queue, err := openQueue(ctx, conf)
	if err != nil {
		return err
	}
	var reckoning web.Reckoning
	if queue != nil {
		defer func() { err = errors.Join(err, queue.Close()) }()
		log.Info("workers may join", "cluster", queue.node.URL())
		reckoning = queue
	}
	runs := &currentRun{state: state}
	if err := seedDemo(ctx, houses, runs, time.Now()); err != nil {
		return err
	}
	voc, err := openVocabulary(conf.State.Dir)
	if err != nil {
		return err
	}
	search, err := openDirectory(ctx, houses, voc, runs, state, log)
	if err != nil {
		return err
	}
	defer search.Start(ctx)()
	doors, err := openDoors(conf, houses, runs, log)
	if err != nil {
		return err
	}
	ways, err := openDeliveries(ctx, conf, houses, runs.invented(), log)
	if err != nil {
		return err
	}
	open, err := openInterfaces(conf, houses, voc, log)
	if err != nil {
		return err
	}
	if err := noteBundle(ctx, houses, time.Now()); err != nil {
		return err
	}
	contacts, err := contactLog(conf)
	if err != nil {
		return err
	}
	handler, err := web.New(web.Config{
		Contacts: houses, ContactLog: contacts, Reckoning: reckoning,
		Runs: runs, Houses: houses, Doors: doors, SignIn: doors, Accounts: houses, Log: log, Version: Version, PublicURL: conf.Server.PublicURL,
		Operator: web.Operator{Name: conf.Site.Operator, Address: conf.Site.Address, Phone: conf.Site.Phone, Email: conf.Site.Email},
		Trials:   newTrials(state, log), KeptTrials: houses, Webhooks: houses, Hosts: ways.guard, Letters: ways.letters, Finder: search, Offers: houses.Joined(time.Now), Duplicates: houses, Handovers: houses, Trails: trails{houses, conf.State.Dir}, Partners: houses, Imports: imports.New(houses, voc), Texts: houses, Interfaces: open, Feedback: houses, Warnings: houses, Alliance: houses, Figures: houses, PastRuns: runs, Entries: houses, Vocabulary: voc,
	})
	if err != nil {
		return err
	}
	defer ways.start(ctx)()
	kept := make(chan struct{})
	go func() { defer close(kept); upkeep(ctx, houses, voc, runs, ways.folder, conf, log) }()
	defer func() { cancel(nil); <-kept }()
	err = (&server{Config: conf, console: c, log: log, health: health}).run(ctx, handler)
	if cause := context.Cause(ctx); errors.Is(cause, errStopped) {
		return errors.Join(cause, err)
	}
	return err
}

// errStopped ends a server whose disk did not keep a write: going on would acknowledge what may be lost.
var errStopped = fault.New(fault.Internal, "database", "the disk did not keep a write, so the server stopped", "check the disk, then start it again")

// readable reports whether the state can be read. Before the first analysis there is nothing to read, which is sound.
func readable(state *files.State) error {
	_, err := state.Current()
	if fault.KindOf(err) == fault.NotFound {
		return nil
	}
	return err
}

// currentRun reads the pointer at every request and keeps the run it names open. A new run is served from the
// request after it became current; one that cannot be read leaves the last good one in place.
type currentRun struct {
	state *files.State
	mu    sync.Mutex
	run   *web.Run
	past  *web.Run
}

// Current gives the run the pointer names now.
func (c *currentRun) Current() (*web.Run, error) {
	hash, err := c.state.Current()
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.run != nil && c.run.Hash == hash {
		return c.run, nil
	}
	r, err := c.state.OpenRun(hash)
	if err != nil {
		if c.run != nil {
			return c.run, nil
		}
		return nil, err
	}
	c.run = served(r)
	return c.run, nil
}

func served(r *files.Run) *web.Run {
	return &web.Run{Hash: r.Hash, Region: r.Record.Region.Key, Program: r.Record.Version, Result: r.Result, Files: r.Files}
}

// Past opens a run that is served no more and keeps the last one asked for.
func (c *currentRun) Past(hash string) (*web.Run, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.past != nil && c.past.Hash == hash {
		return c.past, nil
	}
	r, err := c.state.OpenRun(hash)
	if err != nil {
		return nil, err
	}
	c.past = served(r)
	return c.past, nil
}
