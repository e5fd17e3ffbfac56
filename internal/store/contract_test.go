package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gevor/atlas"
	"gevor/fault"
	"gevor/internal/sample"
	"gevor/internal/store"
	"gevor/internal/store/postgrestest"
)

var day = time.Date(2026, 5, 12, 8, 30, 0, 0, time.UTC)

// clause is one thing that holds for a store, whatever the engine. open gives the address of an empty database.
type clause struct {
	name string
	test func(t *testing.T, open func(t *testing.T) string)
}

// The contract. Each room has its clauses in its own file.
var contract = slices.Concat(runClauses, houseClauses, signInClauses, directoryClauses, mergeClauses, finderClauses, feedClauses, deliveryClauses, siteClauses, figureClauses, trialClauses, handoverClauses, contactClauses, warningClauses, allianceClauses, meetingClauses, yardstickClauses)

var runClauses = []clause{
	{"a run reads back", runReadsBack},
	{"recording twice changes nothing", recordingTwice},
	{"findings live over runs", findingsOverRuns},
	{"a failed recording leaves nothing", failedRecording},
	{"writers at once", writersAtOnce},
	{"opening again keeps everything", openingAgain},
	{"opening an empty database at once", openingAtOnce},
	{"regions do not mix", regionsApart},
	{"publishing counts once", publishing},
	{"dumps are alike", dumpsAlike},
	{"a state moves there and back", movesThereAndBack},
	{"rehearsals", rehearsals},
	{"newer tables", newerTables},
	{"collisions", collisions},
	{"journals keep up", journalsKeepUp},
}

func TestContractOnSQLite(t *testing.T) {
	for _, c := range contract {
		t.Run(c.name, func(t *testing.T) {
			c.test(t, func(t *testing.T) string { return filepath.Join(t.TempDir(), "a b?c#d.db") })
		})
	}
}

func TestContractOnPostgreSQL(t *testing.T) {
	server := postgrestest.Start(t)
	admin, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	n := 0
	for _, c := range contract {
		t.Run(c.name, func(t *testing.T) {
			c.test(t, func(t *testing.T) string {
				n++
				name := fmt.Sprintf("test_%d", n)
				if _, err := admin.Exec("CREATE DATABASE " + name); err != nil {
					t.Fatal(err)
				}
				u, err := url.Parse(server)
				if err != nil {
					t.Fatal(err)
				}
				u.Path = "/" + name
				return u.String()
			})
		})
	}
}

func opened(t *testing.T, dsn string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func record(t *testing.T, s *store.Store, hash, region string, at time.Time, r *atlas.Result) {
	t.Helper()
	if err := s.RecordRun(t.Context(), hash, region, at, r); err != nil {
		t.Fatal(err)
	}
}

func must[T any](t *testing.T) func(T, error) T {
	return func(x T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
}

func runReadsBack(t *testing.T, open func(*testing.T) string) {
	s, r := opened(t, open(t)), sample.Result(1, 400)
	if _, err := s.Previous(t.Context(), "demo"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("before any run: %v", err)
	}
	record(t, s, "h1", "demo", day, r)
	want := store.Run{Hash: "h1", Region: "demo", Snapshot: r.Snapshot.Hash, RecordedAt: day}
	if got := must[store.Run](t)(s.Previous(t.Context(), "demo")); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	got := must[[]store.Finding](t)(s.Findings(t.Context(), "demo"))
	if len(got) != len(r.Findings) {
		t.Fatalf("%d findings, want %d", len(got), len(r.Findings))
	}
	for i, f := range got {
		// The result orders by score and then by ID as well.
		w := r.Findings[i]
		if f.ID != w.ID || f.Latest.People != w.People || f.Latest.Score != w.Score || f.Latest.Estimated != w.Estimated ||
			f.Latest.Cause != w.Cause.String() || f.FirstRun != "h1" || f.LastRun != "h1" || f.State != store.Present {
			t.Fatalf("finding %d: %+v, want %+v", i, f, w)
		}
		e := must[[]store.Evidence](t)(s.Evidence(t.Context(), "demo", f.ID))
		if len(e) != 1 || e[0].Run != "h1" || e[0].Place != i+1 || e[0].Cells != len(w.Cells) || e[0].Figures != f.Latest {
			t.Fatalf("evidence %+v", e)
		}
	}
	notices := must[[]store.NoticeCount](t)(s.NoticeCounts(t.Context(), "h1"))
	if len(notices) != 2 || notices[1] != (store.NoticeCount{File: "zensus/demo.csv", Rule: "not-a-number", Severity: "reject", Notices: 1}) {
		t.Errorf("notices %+v", notices)
	}
}

func recordingTwice(t *testing.T, open func(*testing.T) string) {
	s, r := opened(t, open(t)), sample.Result(1, 400)
	record(t, s, "h1", "demo", day, r)
	before := must[[]store.Finding](t)(s.Findings(t.Context(), "demo"))
	r.Findings[0].People = 1e9
	record(t, s, "h1", "demo", day.Add(time.Hour), r)
	if after := must[[]store.Finding](t)(s.Findings(t.Context(), "demo")); !slices.Equal(before, after) {
		t.Error("recording a run again changed its findings")
	}
	if runs := must[[]store.Run](t)(s.Runs(t.Context(), "demo")); len(runs) != 1 || runs[0].RecordedAt != day {
		t.Errorf("runs %+v", runs)
	}
}

func findingsOverRuns(t *testing.T, open func(*testing.T) string) {
	s, r := opened(t, open(t)), sample.Result(1, 2500)
	if len(r.Findings) < 4 {
		t.Fatalf("the sample has %d findings", len(r.Findings))
	}
	record(t, s, "h1", "demo", day, r)
	kept, gone, merged := r.Findings[0], r.Findings[1], r.Findings[2]
	kept.People, kept.Succeeds = kept.People*2, []string{merged.ID}
	fresh := r.Findings[3]
	fresh.ID, fresh.Succeeds = "f-new", nil
	second := *r
	second.Findings = []atlas.Finding{kept, fresh}
	record(t, s, "h2", "demo", day.Add(time.Hour), &second)
	by := map[string]store.Finding{}
	for _, f := range must[[]store.Finding](t)(s.Findings(t.Context(), "demo")) {
		by[f.ID] = f
	}
	for _, c := range []struct {
		id          string
		state       store.State
		first, last string
	}{
		{kept.ID, store.Present, "h1", "h2"}, {gone.ID, store.Absent, "h1", "h1"}, {merged.ID, store.Merged, "h1", "h1"}, {"f-new", store.Present, "h2", "h2"},
	} {
		if f := by[c.id]; f.State != c.state || f.FirstRun != c.first || f.LastRun != c.last {
			t.Errorf("%s: %+v, want %v", c.id, f, c)
		}
	}
	if by[kept.ID].Latest.People != kept.People {
		t.Error("the latest figures are those of the last run")
	}
	e := must[[]store.Evidence](t)(s.Evidence(t.Context(), "demo", kept.ID))
	if len(e) != 2 || e[0].Run != "h1" || e[1].People != 2*e[0].People {
		t.Errorf("evidence stays for every run: %+v", e)
	}
	if present := must[[]store.Finding](t)(s.Findings(t.Context(), "demo", store.Present)); len(present) != 2 {
		t.Errorf("%d present findings, want 2", len(present))
	}
	record(t, s, "h3", "demo", day.Add(2*time.Hour), r)
	for _, f := range must[[]store.Finding](t)(s.Findings(t.Context(), "demo", store.Present)) {
		if f.ID == merged.ID && f.LastRun == "h3" {
			return
		}
	}
	t.Error("a finding that comes back is present again")
}

func failedRecording(t *testing.T, open func(*testing.T) string) {
	s, r := opened(t, open(t)), sample.Result(1, 400)
	r.Findings = append(r.Findings, r.Findings[0]) // the same finding twice breaks the key of evidence
	if err := s.RecordRun(t.Context(), "h1", "demo", day, r); err == nil {
		t.Fatal("a result with the same finding twice must be refused")
	}
	if runs := must[[]store.Run](t)(s.Runs(t.Context(), "demo")); len(runs) != 0 {
		t.Errorf("half a run is on record: %+v", runs)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.RecordRun(ctx, "h2", "demo", day, sample.Result(1, 400)); err == nil {
		t.Error("a cancelled recording must fail")
	}
	record(t, s, "h3", "demo", day, sample.Result(1, 400)) // control: a sound one goes through
	if runs := must[[]store.Run](t)(s.Runs(t.Context(), "demo")); len(runs) != 1 {
		t.Errorf("runs %+v", runs)
	}
}

func writersAtOnce(t *testing.T, open func(*testing.T) string) {
	dsn := open(t)
	one, two := opened(t, dsn), opened(t, dsn) // as two processes would
	r := sample.Result(1, 400)
	var wg sync.WaitGroup
	for i := range 24 {
		wg.Go(func() {
			s := one
			if i%2 == 1 {
				s = two
			}
			// Each hash is recorded by several writers.
			if err := s.RecordRun(context.Background(), fmt.Sprint("h", i/4), "demo", day, r); err != nil {
				t.Error(err)
			}
			if _, err := s.Findings(context.Background(), "demo"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if runs := must[[]store.Run](t)(one.Runs(t.Context(), "demo")); len(runs) != 6 {
		t.Errorf("%d runs, want 6", len(runs))
	}
	if e := must[[]store.Evidence](t)(two.Evidence(t.Context(), "demo", r.Findings[0].ID)); len(e) != 6 {
		t.Errorf("%d evidence, want 6", len(e))
	}
}

// Two analyses that start together in a fresh folder both bring the tables up to date.
func openingAtOnce(t *testing.T, open func(t *testing.T) string) {
	for range 5 {
		dsn := open(t)
		errs := make(chan error, 4)
		for range cap(errs) {
			go func() {
				s, err := store.Open(t.Context(), dsn)
				if err == nil {
					err = s.Close()
				}
				errs <- err
			}()
		}
		for range cap(errs) {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
	}
}

func openingAgain(t *testing.T, open func(*testing.T) string) {
	dsn := open(t)
	first, err := store.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	record(t, first, "h1", "demo", day, sample.Result(1, 400))
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if r := must[store.Run](t)(opened(t, dsn).Previous(t.Context(), "demo")); r.Hash != "h1" {
		t.Errorf("%+v", r)
	}
}

func regionsApart(t *testing.T, open func(*testing.T) string) {
	s := opened(t, open(t))
	record(t, s, "h1", "east", day, sample.Result(1, 400))
	record(t, s, "h2", "west", day, sample.Result(1, 400))
	empty := sample.Result(1, 400)
	empty.Findings = nil
	record(t, s, "h3", "west", day, empty)
	if f := must[[]store.Finding](t)(s.Findings(t.Context(), "east", store.Present)); len(f) == 0 {
		t.Error("a run of the west took findings of the east away")
	}
	if f := must[[]store.Finding](t)(s.Findings(t.Context(), "west", store.Present)); len(f) != 0 {
		t.Errorf("%d findings left in the west", len(f))
	}
}

func publishing(t *testing.T, open func(*testing.T) string) {
	s := opened(t, open(t))
	if err := s.Publish(t.Context(), "h1", day); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a run that does not exist: %v", err)
	}
	record(t, s, "h1", "demo", day, sample.Result(1, 400))
	for _, at := range []time.Time{day.Add(time.Hour), day.Add(2 * time.Hour)} {
		if err := s.Publish(t.Context(), "h1", at); err != nil {
			t.Fatal(err)
		}
	}
	if r := must[store.Run](t)(s.Previous(t.Context(), "demo")); r.PublishedAt != day.Add(time.Hour) {
		t.Errorf("published %v", r.PublishedAt)
	}
}

func TestADatabaseThatCannotBeReachedIsSaidWithoutItsPassword(t *testing.T) {
	_, err := store.Open(t.Context(), "postgres://gevor:secret@127.0.0.1:1/x?connect_timeout=1")
	if err == nil {
		t.Fatal("nothing listens there")
	}
	var e *fault.Error
	if !errors.As(err, &e) || strings.Contains(e.Message(), "secret") || !strings.Contains(e.Message(), "127.0.0.1") {
		t.Errorf("message %q", err)
	}
	if _, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "no", "such", "folder", "x.db")); err == nil {
		t.Error("a folder that does not exist")
	}
}

func TestSQLiteKeepsWhatItAcknowledged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	opened(t, path)
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var mode string
	if err := db.QueryRow("PRAGMA journal_mode").Scan(&mode); err != nil || mode != "wal" {
		t.Errorf("journal mode %q, %v", mode, err)
	}
}
