package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gevor/atlas"
	"gevor/fault"
	"gevor/internal/cluster"
	"gevor/internal/config"
	"gevor/internal/files"
	"gevor/internal/telemetry"
	"gevor/region"
)

// clusterFlags say where the queue is and how it is spoken to.
type clusterFlags struct {
	urls, tokenFile string
	replicas, shard int
	lease           time.Duration
}

func (f *clusterFlags) add(fl *pflag.FlagSet) {
	fl.StringVar(&f.urls, "cluster", "", "nats://host:port,… of a queue whose workers compute the travel")
	fl.StringVar(&f.tokenFile, "cluster-token-file", "", "file with the token of the queue")
	fl.IntVar(&f.replicas, "cluster-replicas", 1, "copies that the nodes of the queue keep: 1, 3 or 5")
	fl.IntVar(&f.shard, "cluster-shard", 0, "origins that a worker gets at once; 0 chooses; the result does not depend on it")
	fl.DurationVar(&f.lease, "cluster-lease", cluster.DefaultLease, "how long a worker may be silent before its part goes to another")
}

func (f *clusterFlags) link(ctx context.Context) (*cluster.Link, error) {
	token, err := secretOf(f.tokenFile)
	if err != nil {
		return nil, err
	}
	return cluster.Dial(ctx, f.urls, cluster.Options{Token: token, Replicas: f.replicas, Lease: f.lease})
}

// secretOf reads a file that holds one line; no file, no secret.
func secretOf(file string) (string, error) {
	if file == "" {
		return "", nil
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return "", fault.Wrap(fault.Invalid, file, "cannot be read", "name a file that holds the token", err)
	}
	token := strings.TrimSpace(string(raw))
	if token == "" {
		return "", fault.New(fault.Invalid, file, "is empty", "put the token into it")
	}
	return token, nil
}

// spread lets the workers of a cluster compute the travel of an analysis, and others see how far it is.
func (a *analysis) spread(ctx context.Context, snap *region.Snapshot, params *atlas.Params) (end func(), err error) {
	link, err := a.cluster.link(ctx)
	if err != nil {
		return nil, err
	}
	if err := giveSnapshot(ctx, link, a.state, snap.Hash); err != nil {
		return nil, errors.Join(err, link.Close())
	}
	over := link.Over(atlas.Networks(snap, *params), cluster.Job{
		Snapshot: snap.Hash, Version: Version, WalkKmh: params.WalkKmh, BikeKmh: params.BikeKmh, MaxWalk: params.MaxAccessWalk,
	})
	over.Shard = a.cluster.shard
	params.Journeys = over
	here, told := a.report, time.Time{}
	a.report = func(stage string, done, total int64) {
		here(stage, done, total)
		if now := time.Now(); now.Sub(told) > time.Second || done == total {
			told = now
			// A word that is lost is followed by the next one.
			_ = link.Tell(ctx, a.name, cluster.Progress{Stage: stage, Done: done, Total: total, At: now.UTC()})
		}
	}
	return func() {
		a.report = here
		if err := link.Close(); err != nil {
			fmt.Fprintln(a.c.err, message(err))
		}
	}, nil
}

// giveSnapshot puts into the cluster what the travel of a snapshot needs.
func giveSnapshot(ctx context.Context, link *cluster.Link, state *files.State, hash string) error {
	names, err := state.Names(files.Snapshots, hash)
	if err != nil {
		return err
	}
	var wanted []string
	for _, n := range names {
		if n != files.BaseMap {
			wanted = append(wanted, n)
		}
	}
	return link.Give(ctx, hash, os.DirFS(state.Path(files.Snapshots, hash)), wanted)
}

func workerCommand(c console) *cobra.Command {
	var f clusterFlags
	var state string
	var workers, only int
	cmd := &cobra.Command{
		Use:   "worker --cluster URL",
		Short: "Compute travel for analyses on other machines",
		Long: `Takes parts of analyses from the queue of a cluster and answers them until it is told to stop. Snapshots come from the
state folder, or from the cluster, which leaves a copy there. A part is named by its content: a worker that dies loses
nothing but time. Only parts of the same version of this program are taken.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			st, err := files.OpenState(state)
			if err != nil {
				return err
			}
			link, err := f.link(ctx)
			if err != nil {
				return err
			}
			defer link.Close() // what a worker said is acknowledged before it ends
			w := &cluster.Worker{
				Link: link, Version: Version, Only: only, Log: telemetry.NewLog(c.err, "info", "text"),
				Open: func(ctx context.Context, job cluster.Job) (atlas.Journeys, func() error, error) {
					return openJob(ctx, link, st, job, workers)
				},
			}
			fmt.Fprintf(c.err, "waiting for work of version %s\n", Version)
			return w.Run(ctx)
		},
	}
	fl := cmd.Flags()
	f.add(fl)
	fl.StringVar(&state, "state", "var", "folder for snapshots")
	fl.IntVar(&workers, "workers", runtime.GOMAXPROCS(0), "processors to use")
	fl.IntVar(&only, "only", 0, "stop after so many parts; 0 goes on")
	_ = cmd.MarkFlagRequired("cluster") // fails only for a flag that does not exist
	return cmd
}

// openJob opens the snapshot of a job, from this machine or from the cluster.
func openJob(ctx context.Context, link *cluster.Link, state *files.State, job cluster.Job, workers int) (atlas.Journeys, func() error, error) {
	params, err := atlas.Params{Workers: workers, WalkKmh: job.WalkKmh, BikeKmh: job.BikeKmh, MaxAccessWalk: job.MaxWalk}.Filled()
	if err != nil {
		return nil, nil, err
	}
	_, err = state.Open(files.Snapshots, job.Snapshot)
	if k := fault.KindOf(err); err != nil && (k == fault.NotFound || k == fault.Corrupt) {
		_, err = state.Write(files.Snapshots, func(to *files.Folder) error {
			return link.Take(ctx, job.Snapshot, func(name string) (io.WriteCloser, error) { return to.Create(name) })
		}, func(string) string { return job.Snapshot })
	}
	if err != nil {
		return nil, nil, err
	}
	snap, release, err := mapSnapshot(state, job.Snapshot)
	if err != nil {
		return nil, nil, err
	}
	return atlas.Networks(snap, params), release, nil
}

func queueCommand(c console) *cobra.Command {
	var o cluster.NodeOptions
	var tokenFile string
	cmd := &cobra.Command{
		Use:   "queue --listen HOST:PORT",
		Short: "Run a node of the queue that workers share",
		Long: `Runs a node of the queue until it is told to stop. One is enough; three that know each other by --routes and --peer go on
when one of them dies. Any NATS server with JetStream serves as well. Beyond loopback a token is needed, and the network
between the machines should be one that nobody else listens to.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if o.Token, err = secretOf(tokenFile); err != nil {
				return err
			}
			n, err := cluster.Open(o)
			if err != nil {
				return err
			}
			defer n.Close()
			fmt.Fprintf(c.err, "queue at %s\n", n.URL())
			<-cmd.Context().Done()
			return nil
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&o.Listen, "listen", "127.0.0.1:4222", "address for workers and analyses")
	fl.StringVar(&o.Dir, "dir", filepath.Join("var", "queue"), "folder for queue and answers")
	fl.StringVar(&o.Name, "name", "", "name of this node; needed where there are several")
	fl.StringVar(&o.Routes, "routes", "", "address for the other nodes")
	fl.StringArrayVar(&o.Peers, "peer", nil, "routes of another node as `address` host:port; once for each")
	fl.StringVar(&o.Cluster, "cluster-name", "gevor", "name that the nodes share")
	fl.StringVar(&tokenFile, "token-file", "", "file with the token that workers and analyses need")
	fl.BoolVar(&o.Durable, "durable", false, "write to disk before anything is acknowledged: survives power loss, slower")
	return cmd
}

// openQueue opens the queue that the configuration asks this server to hold, and a link to it; nil where it asks for none.
func openQueue(ctx context.Context, conf *config.Config) (*queue, error) {
	if conf.Cluster.Listen == "" {
		return nil, nil
	}
	token, err := secretOf(conf.Cluster.TokenFile)
	if err != nil {
		return nil, err
	}
	node, err := cluster.Open(cluster.NodeOptions{Listen: conf.Cluster.Listen, Dir: filepath.Join(conf.State.Dir, "queue"), Token: token})
	if err != nil {
		return nil, err
	}
	link, err := cluster.Join(ctx, node, cluster.Options{})
	if err != nil {
		node.Close()
		return nil, err
	}
	return &queue{node: node, link: link}, nil
}

// queue is held by a server for workers, and tells pages how far an analysis is.
type queue struct {
	node *cluster.Node
	link *cluster.Link
}

// Close ends the queue; what it acknowledged is on disk.
func (q *queue) Close() error {
	err := q.link.Close()
	q.node.Close()
	return err
}

// Reckoning tells pages how far the analysis of a region is.
func (q *queue) Reckoning(ctx context.Context, region string) (share float64, at time.Time, ok bool, err error) {
	p, ok, err := q.link.Told(ctx, region)
	if !ok || err != nil || p.Total <= 0 {
		return 0, time.Time{}, false, err
	}
	return float64(p.Done) / float64(p.Total), p.At, true, nil
}
