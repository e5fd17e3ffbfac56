package fetch_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gevor/geo"
	"gevor/internal/demo"
	"gevor/internal/fetch"
	"gevor/region"
)

// The publishers of regions/ruhr/sources.toml are played by one local server with small files of the same form: the
// streets and timetables of a demo region, and grids, boundaries and index values made around it. What is fetched by
// the list as it stands must build by the description as it stands.
func TestRuhrIsFetchedAndBuilt(t *testing.T) {
	ctx := context.Background()
	made := filepath.Join(t.TempDir(), "demo")
	if err := demo.Write(ctx, made, demo.Options{Seed: 3, People: 20_000}); err != nil {
		t.Fatal(err)
	}
	read := func(name string) []byte {
		raw, err := os.ReadFile(filepath.Join(made, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	archive := func(names ...string) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for _, name := range names {
			// The real archives hold the same theme for larger cells as well.
			for _, size := range []string{"100m", "1km", "10km"} {
				w, err := z.Create(strings.Replace(filepath.Base(name), "100m", size, 1))
				if err == nil && size == "100m" {
					_, err = w.Write(read(name))
				}
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	d, err := region.ReadDescription(os.DirFS(made))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{
		"www.destatis.de/static/DE/zensus/gitterdaten/Zensus2022_Bevoelkerungszahl.zip": archive("zensus/Zensus2022_Bevoelkerungszahl_100m-Gitter.csv"),
		"www.destatis.de/static/DE/zensus/gitterdaten/Alter_in_10er-Jahresgruppen.zip":  archive("zensus/Zensus2022_Alter_in_10er-Jahresgruppen_100m-Gitter.csv"),
		"www.destatis.de/static/DE/zensus/gitterdaten/Alter_in_5_Altersklassen.zip":     archive("zensus/Zensus2022_Alter_in_5_Altersklassen_100m-Gitter.csv"),
		"download.geofabrik.de/europe/germany/nordrhein-westfalen-latest.osm.pbf":       read("osm/musterrevier.osm.pbf"),
		"download.gtfs.de/germany/nv_free/latest.zip":                                   read("gtfs/musterrevier.zip"),
		"sgx.geodatenzentrum.de/wfs_vg250":                                              []byte(municipalities(d.Bounds)),
		"raw.githubusercontent.com/robert-koch-institut/German_Index_of_Socioeconomic_Deprivation_GISD/refs/heads/main/GISD_Release_aktuell/Bund/GISD_Bund_Kreis.csv": []byte("kreis_id,kreis_name,year,gisd_score,gisd_5,gisd_10,gisd_k\r\n05911,\"Bochum, Stadt\",2020,0.5,4,7,2\r\n05911,\"Bochum, Stadt\",2021,0.6,4,7,2\r\n5913,\"Dortmund, Stadt\",2021,0.7,5,9,3\r\n01001,Flensburg,2021,0.6,4,8,2\r\n"),
	}
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, ok := files[r.Host+r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		http.ServeContent(w, r, "", time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), bytes.NewReader(raw))
	}))
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, // every name leads to the local server
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, server.Listener.Addr().String())
		},
	}}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../../regions/ruhr")); err != nil {
		t.Fatal(err)
	}
	// The demo region lies a little south of the Ruhr: only the bounds are moved to it.
	text, err := os.ReadFile(filepath.Join(dir, region.DescriptionFile))
	if err != nil {
		t.Fatal(err)
	}
	moved := strings.Replace(string(text), "bounds = [6.30, 51.19, 8.05, 51.90]", fmt.Sprintf("bounds = [%f, %f, %f, %f]", d.Bounds.MinLon, d.Bounds.MinLat, d.Bounds.MaxLon, d.Bounds.MaxLat), 1)
	if err := os.WriteFile(filepath.Join(dir, region.DescriptionFile), []byte(moved), 0o644); err != nil {
		t.Fatal(err)
	}
	for i, want := range []fetch.State{fetch.New, fetch.Unchanged} {
		out, err := fetch.Fetch(ctx, dir, fetch.Options{Client: client, Now: func() time.Time { return time.Unix(0, 0) }})
		if err != nil || len(out) != len(files) {
			t.Fatalf("%v %v", out, err)
		}
		for _, o := range out {
			if o.State != want {
				t.Errorf("round %d: %s %s", i, o.To, o.State)
			}
		}
	}
	fsys := os.DirFS(dir)
	if problems := region.Check(fsys); len(problems) > 0 {
		t.Fatal(problems)
	}
	if d, err = region.ReadDescription(fsys); err != nil {
		t.Fatal(err)
	}
	s, err := region.Build(ctx, fsys, d, region.Options{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	var people float64
	for _, p := range s.Cells.Population {
		people += float64(p)
	}
	if len(s.Areas) != 2 || people != 20_000 || s.Streets == nil || s.Timetable == nil || len(s.Offers) == 0 || s.Synthetic {
		t.Errorf("%d areas, %.0f people, %d offers", len(s.Areas), people, len(s.Offers))
	}
	if v := s.Need[0].Value; len(v) != 2 || v[0] != 0.6 || v[1] != 0.7 {
		t.Errorf("need %v", v)
	}
	states := []region.GroupState{region.GroupKnown, region.GroupKnown, region.GroupKnown, region.GroupUnknown, region.GroupUnknown, region.GroupUnknown}
	for i, g := range s.Groups {
		if g.State != states[i] {
			t.Errorf("group %s is %v", g.Key, g.State)
		}
	}
}

// municipalities cuts a box in two, west Bochum, east Dortmund, and adds what the service sends besides: a
// neighbour outside the region and the water of a city.
func municipalities(b geo.Box) string {
	middle := (b.MinLon + b.MaxLon) / 2
	area := func(ars, gen string, gf int, west, east float64) string {
		return fmt.Sprintf(`{"type":"Feature","id":"vg250_gem.%s","geometry":{"type":"MultiPolygon","coordinates":[[[[%f,%f],[%f,%f],[%f,%f],[%f,%f],[%f,%f]]]]},"properties":{"objid":"x","beginn":"2025-01-01","ade":6,"gf":%d,"bsg":1,"ars":"%s","ags":"%s","gen":%q,"bez":"Stadt"}}`,
			ars, west, b.MinLat, east, b.MinLat, east, b.MaxLat, west, b.MaxLat, west, b.MinLat, gf, ars, ars[:5]+ars[9:], gen)
	}
	return `{"type":"FeatureCollection","numberMatched":4,"features":[` + strings.Join([]string{
		area("059110000000", "Bochum", 4, b.MinLon, middle), area("059130000000", "Dortmund", 4, middle, b.MaxLon),
		area("059130000000", "Dortmund", 2, middle, b.MaxLon), area("051240000000", "Wuppertal", 4, b.MinLon, middle),
	}, ",") + `],"crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4326"}}}`
}
