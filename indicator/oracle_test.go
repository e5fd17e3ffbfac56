package indicator_test

import (
	"math"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"gevor/indicator"
	"gevor/internal/realdata"
	"gevor/notice"
)

const gisd = `version = 1
[[dataset]]
id = "gisd"
title = { de = "Sozioökonomische Deprivation (GISD)", en = "Socioeconomic deprivation (GISD)" }
unit = { de = "Punktwert 0 bis 1", en = "score from 0 to 1" }
topic = "deprivation"
level = "county"
direction = "less"
compare = true
source = "German Index of Socioeconomic Deprivation, Release 2025 v1"
publisher = "Robert Koch-Institut"
licence = "CC BY 4.0"
reference_date = "2021-12-31"
owner = "RKI"
rules = "none"
file = "gisd_ruhr_kreise.csv"
area = "kreis_id"
period = "year"
value = "gisd_score"
decimals = 3
`

// The file of the RKI loads as it is: 15 districts of the Ruhr, 24 years, no line rejected. Duisburg in 1998 has 0.80337,
// as the first line of the file says.
func TestGISDLoadsAsItIs(t *testing.T) {
	dir := realdata.Dir(t, "gisd")
	raw, err := os.ReadFile(filepath.Join(dir, "gisd_ruhr_kreise.csv"))
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{"catalogue.toml": {Data: []byte(gisd)}, "gisd_ruhr_kreise.csv": {Data: raw}}
	c, err := indicator.ReadCatalogue(files)
	if err != nil {
		t.Fatal(err)
	}
	var areas []indicator.Area
	for _, key := range []string{"05112", "05113", "05114", "05117", "05119", "05124", "05170", "05512", "05513", "05562", "05911", "05913", "05914", "05915", "05916", "05954", "05978"} {
		areas = append(areas, indicator.Area{Key: key, Name: key, Level: indicator.Counties})
	}
	notes := &notice.List{}
	tables, err := indicator.Read(files, c, indicator.NewGround(areas), notes)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range notes.Counts() {
		if n.Rejected > 0 {
			t.Errorf("%s: %d of %d lines rejected: %s", n.File, n.Rejected, n.Read, said(notes))
		}
	}
	pub, _, err := indicator.Protect(&tables[0], indicator.NewGround(areas), indicator.GateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	at, _ := indicator.ParsePeriod("1998")
	if got := pub.Point("05112", at).Value; math.Abs(got.Number-0.80337) > 1e-12 || !pub.Dataset.Compare {
		t.Errorf("Duisburg 1998: %+v", got)
	}
	t.Logf("figure: GISD: %d districts, %d years, %d figures", len(pub.Areas), len(pub.Periods), len(tables[0].Figures))
	if len(pub.Areas) != 15 || len(pub.Periods) != 24 {
		t.Errorf("%d districts, %d years", len(pub.Areas), len(pub.Periods))
	}
}
