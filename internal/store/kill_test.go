//go:build unix

package store_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gevor/internal/store"
)

// childEnv makes the test's binary a process that writes to a database until it is killed: "PATH ROUND write",
// "… early" acknowledges before it writes, "… migrate" only opens the database, "… hand" acts on handovers as a plan says.
const childEnv = "GEVOR_STORE_CHILD"

func TestMain(m *testing.M) {
	if job := os.Getenv(childEnv); job != "" {
		if err := child(job); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(3)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func child(job string) error {
	ctx := context.Background()
	part := strings.SplitN(job, " ", 3)
	how, round, path := part[0], part[1], part[2]
	if how == "migrate" {
		fmt.Println("opening")
	}
	if how == "hand" {
		return handChild(ctx, path)
	}
	s, err := store.Open(ctx, path, store.WithSettings(shortLog))
	if err != nil {
		return err
	}
	if how == "migrate" {
		fmt.Println("open")
		return s.Close()
	}
	for i := 0; ; i++ {
		name := fmt.Sprintf("%s-%d", round, i)
		if how == "early" {
			fmt.Println(name)
		}
		if err := put(ctx, s, name); err != nil {
			return err
		}
		if how == "write" {
			fmt.Println(name)
		}
	}
}

// start runs the test's binary as a child.
func start(t *testing.T, job string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), childEnv+"="+job)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewScanner(out)
}

// killedWriter lets a child write, kills it after some acknowledgements and gives all it acknowledged. What it said
// before it died still lies in the pipe.
func killedWriter(t *testing.T, job string, after int) (acknowledged []string) {
	t.Helper()
	cmd, out := start(t, job)
	for out.Scan() {
		acknowledged = append(acknowledged, out.Text())
		if len(acknowledged) == after {
			_ = cmd.Process.Kill() // it writes for ever, so it is still there
		}
	}
	if err := cmd.Wait(); err == nil {
		t.Fatal("the child has ended by itself")
	}
	return acknowledged
}

// What a process acknowledged before kill -9 is there afterwards. The control acknowledges before it writes.
func TestNothingAcknowledgedIsLostToKills(t *testing.T) {
	seed := rand.Uint64()
	for _, c := range []struct {
		how   string
		kills int
	}{{"write", often(t, "GEVOR_KILLS", 200)}, {"early", 20}} {
		rng := rand.New(rand.NewPCG(seed, 3))
		path := filepath.Join(t.TempDir(), "state.db")
		written, missing := 0, 0
		for round := range c.kills {
			done := killedWriter(t, fmt.Sprintf("%s %d %s", c.how, round, path), 1+rng.IntN(12))
			s, err := store.Open(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			missing += lost(done, rows(t, s))
			if err := s.Within(t.Context(), func(tx *sql.Tx) error { _, err := tx.Exec(`DELETE FROM installation`); return err }); err != nil {
				t.Fatal(err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			written += len(done)
		}
		t.Logf("figure: seed %d, %s: %d kills, %d writes acknowledged, %d lost", seed, map[string]string{"write": "store", "early": "control that acknowledges early"}[c.how], c.kills, written, missing)
		if (c.how == "write") != (missing == 0) {
			t.Errorf("%s: %d of %d acknowledged writes lost", c.how, missing, written)
		}
	}
}

// A process killed while it migrates leaves the old tables or the new ones. Kills come at any moment from before the
// first step to after the last.
func TestAKilledMigrationLeavesOldOrNew(t *testing.T) {
	old, fresh := 0, 0
	rng := rand.New(rand.NewPCG(rand.Uint64(), 4))
	var needs time.Duration
	for i := range 25 {
		path := filepath.Join(t.TempDir(), "state.db")
		firstVersion(t, "file:"+path)
		cmd, out := start(t, "migrate 0 "+path)
		out.Scan()
		began := time.Now()
		at := time.Minute // the first one shows how long it takes
		if i > 0 {
			at = time.Duration(rng.Int64N(int64(needs)))
		}
		timer := time.AfterFunc(at, func() { _ = cmd.Process.Kill() }) // it may have ended
		for out.Scan() {
		}
		_ = cmd.Wait() // killed or not
		timer.Stop()
		if i == 0 {
			needs = time.Since(began)
		}
		db, err := sql.Open("sqlite", "file:"+path)
		if err != nil {
			t.Fatal(err)
		}
		var version int
		if err := db.QueryRow(`SELECT MAX(version_id) FROM goose_db_version`).Scan(&version); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if version == 1 {
			old++
		} else {
			fresh++
		}
		s := opened(t, path)
		if err := s.Integrity(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("figure: 24 kills while migrating: %d old, %d new (one of them not killed), all whole", old, fresh)
	if old == 0 || fresh == 0 {
		t.Error("no kill came before the end, or none after")
	}
}
