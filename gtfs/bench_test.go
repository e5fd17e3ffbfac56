package gtfs

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"gevor/internal/realdata"
	"gevor/notice"
)

// BenchmarkReadKoeln reads the 691,770 stop times of Cologne's light rail (71 MB of text).
func BenchmarkReadKoeln(b *testing.B) {
	raw, err := os.ReadFile(filepath.Join(realdata.Dir(b, "koeln"), "kvb_koeln_2020_gtfs.zip"))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		var notes notice.List
		feed, err := Read(context.Background(), bytes.NewReader(raw), int64(len(raw)), "kvb.zip", Limits{}, &notes)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(feed.StopTimes)), "stoptimes")
	}
}
