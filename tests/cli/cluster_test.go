//go:build unix

package cli

import (
	"bytes"
	"context"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// crew is three nodes of a queue and three workers, each a process of its own on loopback.
type crew struct {
	t       *testing.T
	dir     string
	clients []string // addresses of the nodes
	routes  []string
	mu      sync.Mutex
	running map[string]*exec.Cmd
	logs    map[string]*bytes.Buffer
	killed  map[string]int // by what was killed
}

// free gives an address on loopback that nobody listens to.
func free(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func newCrew(t *testing.T) *crew {
	t.Helper()
	c := &crew{t: t, dir: t.TempDir(), running: map[string]*exec.Cmd{}, logs: map[string]*bytes.Buffer{}, killed: map[string]int{}}
	write(t, "Reiher am Kanal\n", c.dir, "token")
	for range 3 {
		c.clients, c.routes = append(c.clients, free(t)), append(c.routes, free(t))
	}
	t.Cleanup(func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, cmd := range c.running {
			_ = cmd.Process.Kill() // it may have ended
			_ = cmd.Wait()
		}
		if t.Failed() {
			for name, log := range c.logs {
				t.Logf("%s:\n%s", name, log.String())
			}
		}
	})
	for i := range 3 {
		c.start("node-" + strconv.Itoa(i))
	}
	for i := range 3 {
		c.start("worker-" + strconv.Itoa(i))
	}
	return c
}

func (c *crew) urls() string { return "nats://" + strings.Join(c.clients, ",nats://") }

// flags are how work finds the queue.
func (c *crew) flags() []string {
	return []string{"--cluster", c.urls(), "--cluster-token-file", filepath.Join(c.dir, "token"), "--cluster-replicas", "3", "--cluster-lease", "2s"}
}

func (c *crew) start(name string) {
	kind, number, _ := strings.Cut(name, "-")
	i, err := strconv.Atoi(number)
	if err != nil {
		c.t.Error(err)
		return
	}
	var args []string
	if kind == "node" {
		args = []string{"queue", "--name", name, "--listen", c.clients[i], "--routes", c.routes[i], "--dir", filepath.Join(c.dir, name), "--token-file", filepath.Join(c.dir, "token")}
		for j, r := range c.routes {
			if j != i {
				args = append(args, "--peer", r)
			}
		}
	} else {
		args = append([]string{"worker", "--state", filepath.Join(c.dir, name), "--workers", "1"}, c.flags()...)
	}
	cmd := exec.CommandContext(context.Background(), "gevor", args...)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.logs[name] == nil {
		c.logs[name] = &bytes.Buffer{}
	}
	cmd.Stderr = c.logs[name]
	if err := cmd.Start(); err != nil {
		c.t.Error(err)
		return
	}
	c.running[name] = cmd
}

// kill ends a process without a word and starts it again.
func (c *crew) kill(name string, away time.Duration) {
	c.mu.Lock()
	cmd := c.running[name]
	c.mu.Unlock()
	if err := cmd.Process.Kill(); err != nil {
		c.t.Errorf("%s had ended by itself: %v\n%s", name, err, c.logs[name])
		return
	}
	_ = cmd.Wait() // it was killed
	kind, _, _ := strings.Cut(name, "-")
	c.killed[kind]++
	time.Sleep(away)
	c.start(name)
}

// disturb kills workers and now and then a node until the context ends. Nodes get the time to agree on who leads: a queue
// that never agrees loses nothing, but nobody gets anything done either.
func (c *crew) disturb(ctx context.Context, r *rand.Rand) {
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Duration(500+r.IntN(1000)) * time.Millisecond):
		}
		if n%12 == 2 {
			c.kill("node-"+strconv.Itoa(r.IntN(3)), time.Duration(r.IntN(1500))*time.Millisecond)
		} else {
			c.kill("worker-"+strconv.Itoa(r.IntN(3)), 0)
		}
	}
}

// An analysis on three workers and three nodes of a queue, each of which is killed again and again, and which is itself
// killed twice, gives the bytes that it gives on one machine.
func TestAClusterThatIsKilledGivesTheSameBytes(t *testing.T) {
	region := demo(t, drawn(t))
	alone, spread := t.TempDir(), t.TempDir()
	must(t, "analyse", "--region", region, "--state", alone)
	c := newCrew(t)
	seed := drawn(t)
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	ctx, stop := context.WithCancel(t.Context())
	var trouble sync.WaitGroup
	trouble.Go(func() { c.disturb(ctx, r) })
	defer trouble.Wait()
	defer stop()
	args := append([]string{"analyse", "--region", region, "--state", spread, "--cluster-shard", "64"}, c.flags()...)
	for range 2 {
		cmd := command(t, args...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(1500+seed%2000) * time.Millisecond)
		if cmd.Process.Kill() == nil {
			c.killed["analysis"]++
		}
		_ = cmd.Wait() // it was killed
	}
	began := time.Now()
	if o := gevor(t, args...); o.code != 0 {
		t.Fatalf("exit %d\n%s", o.code, o.err)
	}
	took := time.Since(began)
	stop()
	trouble.Wait()
	one, many := current(t, alone), current(t, spread)
	if one != many {
		t.Fatalf("run %s alone, %s on the cluster", one, many)
	}
	want, got := tree(t, filepath.Join(alone, "runs", one)), tree(t, filepath.Join(spread, "runs", many))
	for name, raw := range want {
		if name != "timings.json" && !bytes.Equal([]byte(got[name]), []byte(raw)) {
			t.Errorf("%s has other bytes", name)
		}
	}
	var shards int
	for _, log := range c.logs {
		shards += strings.Count(log.String(), "msg=shard")
	}
	if c.killed["worker"] == 0 || c.killed["analysis"] != 2 || shards < 10 {
		t.Errorf("%v were killed, %d shards computed: too quiet to show anything", c.killed, shards)
	}
	t.Logf("figure: the last of three tries took %.1f s; killed %v; %d shards computed", took.Seconds(), c.killed, shards)
	if len(got) == 0 || len(os.Getenv("PATH")) == 0 {
		t.Error("nothing was compared")
	}
}

// The control: bytes of a run that is not the same differ, and an analysis without workers does not end by itself.
func TestAClusterWithoutWorkersWaits(t *testing.T) {
	dir := t.TempDir()
	at := free(t)
	node := command(t, "queue", "--listen", at, "--dir", filepath.Join(dir, "queue"))
	if err := node.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = node.Process.Kill() // the test is over
		_ = node.Wait()
	}()
	region := demo(t, 3)
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, "gevor", "analyse", "--region", region, "--state", filepath.Join(dir, "state"), "--cluster", "nats://"+at)
	if o := finish(t, cmd); o.code == 0 || ctx.Err() == nil {
		t.Fatalf("exit %d without anybody who computes\n%s", o.code, o.err)
	}
	if _, err := os.Stat(filepath.Join(dir, "state", "current")); err == nil {
		t.Fatal("a run is served that nobody computed")
	}
}
