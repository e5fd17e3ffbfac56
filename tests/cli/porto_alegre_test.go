package cli

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"gevor/geo"
	"gevor/internal/realdata"
)

const portoAlegre = "../../regions/porto-alegre"

// table reads a CSV as rows by the value of one column.
func table(t *testing.T, text, key string) map[string]map[string]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(rows) < 2 {
		t.Fatalf("%v in %.200s", err, text)
	}
	out := map[string]map[string]string{}
	for _, r := range rows[1:] {
		row := map[string]string{}
		for i, name := range rows[0] {
			row[name] = r[i]
		}
		out[row[key]] = row
	}
	return out
}

func float(t *testing.T, s string) float64 {
	t.Helper()
	x, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// fromMarket gives travel times from the public market to all points of interest.
func fromMarket(t *testing.T, data string, more ...string) (points, times map[string]map[string]string) {
	t.Helper()
	poi := filepath.Join(data, "poa_points_of_interest.csv")
	points = table(t, read(t, poi), "id")
	market := points["public_market"]
	from := filepath.Join(t.TempDir(), "market.csv")
	write(t, "id,lon,lat\npublic_market,"+market["lon"]+","+market["lat"]+"\n", from)
	out := must(t, append([]string{"matrix", "--region", portoAlegre, "--data", data, "--from", from, "--to", poi, "--walk-speed", "3.6"}, more...)...)
	return points, table(t, out, "to")
}

// Median minutes over departures from 14:00 to 14:09 on a Monday, as R5 computes them from the same files (r5r's
// travel_time_matrix with the same departure, window and walking speed).
func TestTransitAgreesWithR5InPortoAlegre(t *testing.T) {
	_, got := fromMarket(t, realdata.Dir(t, "porto-alegre"), "--mode", "transit", "--departure", "2019-05-13T14:00", "--window", "10m", "--percentiles", "50")
	for _, want := range []struct {
		to      string
		minutes int
	}{
		{"bus_central_station", 13},
		{"gasometer_museum", 12},
		{"santa_casa_hospital", 13},
		{"townhall", 3},
		{"piratini_palace", 14},
		{"metropolitan_cathedral", 15},
		{"farroupilha_park", 18},
		{"moinhos_de_vento_hospital", 20},
		{"farrapos_station", 20},
	} {
		minutes, err := strconv.Atoi(got[want.to]["p50"])
		if err != nil {
			t.Fatalf("%s: %v", want.to, got[want.to])
		}
		t.Logf("figure: public_market to %-26s %2d minutes, R5 %2d, difference %+d", want.to, minutes, want.minutes, minutes-want.minutes)
		if minutes < want.minutes-2 || minutes > want.minutes+2 {
			t.Errorf("%s: %d minutes, R5 has %d", want.to, minutes, want.minutes)
		}
	}
}

// On foot nobody is faster than the straight line, nor takes much more than twice its time in a city centre; and the
// bus never loses against walking, which is always allowed.
func TestWalkingInPortoAlegre(t *testing.T) {
	data := realdata.Dir(t, "porto-alegre")
	points, walked := fromMarket(t, data, "--mode", "walk", "--max", "3h")
	_, rode := fromMarket(t, data, "--mode", "transit", "--departure", "2019-05-13T14:00", "--window", "10m", "--percentiles", "50", "--max", "3h", "--max-walk", "3h")
	if len(walked) != len(points) || len(points) < 10 {
		t.Fatalf("%d times to %d points", len(walked), len(points))
	}
	at := func(p map[string]string) geo.LonLat {
		return geo.LonLat{Lon: float(t, p["lon"]), Lat: float(t, p["lat"])}
	}
	market := at(points["public_market"])
	for id, row := range walked {
		seconds := float(t, row["seconds"])
		straight := float64(geo.Distance(market, at(points[id]))) // at 1 m/s, seconds
		if seconds < math.Floor(straight) || seconds > 2.2*straight+60 {
			t.Errorf("%s: %.0f s on foot for %.0f m as the crow flies", id, seconds, straight)
		}
		if minutes := float(t, rode[id]["p50"]); minutes > math.Floor(seconds/60) {
			t.Errorf("%s: %.0f minutes by transit, %.0f s on foot", id, minutes, seconds)
		}
	}
}

// The whole city, from its files to findings.
func TestAnalysisOfPortoAlegre(t *testing.T) {
	data, state := realdata.Dir(t, "porto-alegre"), t.TempDir()
	out := must(t, "analyse", "--region", portoAlegre, "--data", data, "--state", state)
	hash := sound(t, state)
	for key, s := range standardsOf(t, state) {
		if !s.Known || *s.People < 700_000 || *s.Missing <= 0 || *s.Missing > *s.People/2 || s.Findings == 0 {
			t.Errorf("%s: %+v", key, s)
		}
		t.Logf("figure: %s: %.0f of %.0f people miss it, %d findings", key, *s.Missing, *s.People, s.Findings)
	}
	noticesOf(t, state).counted(t, "")
	var findings []struct {
		Standard string
		Lon, Lat float64
		People   float64
	}
	if err := json.Unmarshal([]byte(read(t, runFolder(t, state), "findings.json")), &findings); err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		if f.People < 30 || f.Lon < -51.30 || f.Lon > -51.09 || f.Lat < -30.16 || f.Lat > -29.95 {
			t.Errorf("%+v", f)
		}
	}
	if len(findings) < 5 || !strings.HasPrefix(out, "run "+hash) {
		t.Errorf("%d findings: %s", len(findings), out)
	}
}
