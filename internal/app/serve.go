package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"gevor/fault"
	"gevor/internal/files"
	"gevor/internal/web"
)

func serveCommand(c console) *cobra.Command {
	var state, listen string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the pages of the current run",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return serve(cmd.Context(), c, state, listen)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&state, "state", "var", "folder that gevor analyse wrote")
	fl.StringVar(&listen, "listen", "localhost:8080", "address to listen on")
	return cmd
}

// shutdownGrace is how long requests under way may take once the program is told to stop.
const shutdownGrace = 10 * time.Second

func serve(ctx context.Context, c console, dir, listen string) error {
	state, err := files.OpenState(dir)
	if err != nil {
		return err
	}
	handler, err := web.New(web.Config{Runs: &currentRun{state: state}, Log: slog.New(slog.NewTextHandler(c.err, nil)), Version: Version})
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return fault.Wrap(fault.Invalid, listen, "cannot be listened on", "choose another address with --listen", err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, WriteTimeout: 5 * time.Minute, IdleTimeout: 2 * time.Minute}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	fmt.Fprintf(c.err, "gevor serves http://%s\n", l.Addr())
	if host, port, err := net.SplitHostPort(listen); err == nil && host == "localhost" {
		fmt.Fprintf(c.err, "open http://localhost:%s\n", port)
	}
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownGrace)
	defer cancel()
	if err := server.Shutdown(stop); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fault.Wrap(fault.Internal, listen, "the server did not stop in time", "", err)
	}
	return nil
}

// currentRun reads the pointer at every request and keeps the run it names open. A new run is served from the
// request after it became current; one that cannot be read leaves the last good one in place.
type currentRun struct {
	state *files.State
	mu    sync.Mutex
	run   *web.Run
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
	c.run = &web.Run{Hash: r.Hash, Region: r.Record.Region.Key, Program: r.Record.Version, Result: r.Result, Files: r.Files}
	return c.run, nil
}
