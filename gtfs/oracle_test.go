package gtfs

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gevor/internal/realdata"
	"gevor/notice"
)

// TestRealFeeds: every line of every member that is read, counted apart with a line scanner, is accounted for,
// and what is known of the feeds comes out. (None of them has line breaks inside quotes.)
func TestRealFeeds(t *testing.T) {
	for _, c := range []struct {
		dir, file        string
		stops, stopTimes int
		rules            []string // all that may be said
	}{
		{"porto-alegre", "poa_eptc.zip", 3986, 130019, []string{"member-ignored", "times-interpolated"}},
		{"porto-alegre", "poa_trensurb.zip", 24, 14855, []string{"member-ignored"}},
		{"koeln", "kvb_koeln_2020_gtfs.zip", 282, 691770, []string{"member-ignored", "text-encoding-suspicious"}},
	} {
		raw, err := os.ReadFile(filepath.Join(realdata.Dir(t, c.dir), c.file))
		if err != nil {
			t.Fatal(err)
		}
		var notes notice.List
		f, err := Read(context.Background(), bytes.NewReader(raw), int64(len(raw)), c.file, Limits{}, &notes)
		if err != nil {
			t.Fatal(err)
		}
		if len(f.Stops) != c.stops || len(f.StopTimes) != c.stopTimes {
			t.Errorf("%s: %d stops, %d stop times", c.file, len(f.Stops), len(f.StopTimes))
		}
		if f.Agencies[0].Name == "" {
			t.Errorf("%s: the agency has no name", c.file)
		}
		for _, n := range notes.Notices() {
			if !strings.Contains(strings.Join(c.rules, " "), n.Rule) {
				t.Errorf("%s: %+v", c.file, n)
			}
		}
		lines := linesOf(t, raw)
		for _, n := range notes.Counts() {
			_, member, _ := strings.Cut(n.File, "!")
			if n.Read != n.Used+n.Rejected || n.Read != lines[member]-1 {
				t.Errorf("%+v, but %d lines", n, lines[member])
			}
		}
	}
}

// linesOf counts the lines of every member that are not empty.
func linesOf(t *testing.T, raw []byte) map[string]int64 {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string]int64{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b := bufio.NewReader(r)
		for {
			s, err := b.ReadString('\n')
			if strings.TrimSpace(s) != "" {
				lines[f.Name]++
			}
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return lines
}
