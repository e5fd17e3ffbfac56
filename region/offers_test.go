package region

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"testing/fstest"

	"gevor/geo"
	"gevor/osm"
)

// withOffers builds the tiny region with other offers.
func withOffers(t *testing.T, spec string, files map[string]string) *Snapshot {
	t.Helper()
	fsys := tiny()
	from := strings.Index(tinyDescription, "[[offers]]")
	to := strings.Index(tinyDescription, "[[group]]")
	fsys[DescriptionFile] = &fstest.MapFile{Data: []byte(tinyDescription[:from] + spec + tinyDescription[to:])}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return buildTiny(t, fsys)
}

func TestServicesBecomeOffers(t *testing.T) {
	p := geo.Cell{SizeM: 100, East: tinyEast, North: tinyNorth}.Centre()
	place := fmt.Sprintf(`"latitude":%f,"longitude":%f`, p.Lat, p.Lon)
	swapped := fmt.Sprintf(`"latitude":%f,"longitude":%f`, p.Lon, p.Lat)
	term := func(code string) string { return `"attributes":[{"taxonomy_term":{"code":"` + code + `"}}]` }
	s := withOffers(t, "[[offers]]\nfile = \"h.json\"\nformat = \"hsds\"\nsource = \"all\"\nmap = { paediatrics = \"kinderarzt\" }\n", map[string]string{"h.json": `[
{"id":"a","name":"A","status":"active","assured_date":"2026-01-02",` + term("paediatrics") + `,"capacities":[{"maximum":6}],
 "service_areas":[{"extent":"01","extent_type":"area-keys"}],
 "service_at_locations":[{"id":"x","location":{` + place + `,"accessibility":[{"description":"step-free"}]}},{"id":"y","location":{` + place + `},"capacities":[{"maximum":2}]}]},
{"id":"b","name":"B","languages":[{"code":"tr-TR"},{"name":"Arabisch"},{"code":"de"},{"code":"qq-nothing-like-it"}],` + term("arzt") + `,"service_at_locations":[{"location":{` + place + `}}]},
{"id":"closed","status":"inactive",` + term("arzt") + `,"service_at_locations":[{"location":{` + place + `}}]},
{"id":"nowhere",` + term("arzt") + `},
{"id":"virtual",` + term("arzt") + `,"service_at_locations":[{"location":{"location_type":"virtual"}}]},
{"id":"swapped",` + term("arzt") + `,"service_at_locations":[{"location":{` + swapped + `}}]},
{"id":"unknown",` + term("sauna") + `,"service_at_locations":[{"location":{` + place + `}}]}]`})
	var ids []string
	for _, o := range s.Offers {
		ids = append(ids, o.ID)
	}
	if strings.Join(ids, " ") != "a/x a/y b" {
		t.Fatalf("offers %v, notices %s", ids, rules(s.Notices, "h.json"))
	}
	// Six places of the service as a whole are three at each of its two addresses, unless an address has its own.
	// Tags lose their country, names become tags, what is neither is left out; who says nothing is known to give none.
	if got := strings.Join(s.Offers[2].Languages, " "); got != "ar de tr" || s.Offers[0].Languages != nil {
		t.Errorf("languages %q and %v", got, s.Offers[0].Languages)
	}
	x, y := s.Offers[0], s.Offers[1]
	if x.Capacity != 3 || y.Capacity != 2 || !math.IsNaN(s.Offers[2].Capacity) || x.StepFree != Yes || y.StepFree != Unknown || x.Record != "a" ||
		x.ConfirmedOn != "2026-01-02" || len(x.ServiceAreas) != 1 || s.Areas[x.ServiceAreas[0]].Key != "01" || len(x.Categories) != 2 {
		t.Errorf("%+v\n%+v", x, y)
	}
	if got := rules(s.Notices, "h.json"); got != "unknown-language offer-not-active no-place no-coordinate coordinates-swapped unknown-category" {
		t.Errorf("notices %s", got)
	}
	for _, c := range s.Counts {
		if c.File == "h.json" && (c.Used != 3 || c.Rejected != 5) {
			t.Errorf("%+v", c)
		}
	}
}

func TestFilesWithoutIDs(t *testing.T) {
	p := geo.Cell{SizeM: 100, East: tinyEast, North: tinyNorth}.Centre()
	e, n := geo.ToUTM32(p)
	s := withOffers(t, "[[offers]]\nfile = \"p.csv\"\nformat = \"csv\"\nsource = \"all\"\ncategory = \"arzt\"\nwhere = { art = \"Praxis\" }\n[offers.columns]\nid = \"nr\"\neast = \"rechts\"\nnorth = \"hoch\"\ncrs = \"EPSG:25832\"\n",
		map[string]string{"p.csv": fmt.Sprintf("nr;art;rechts;hoch\n1;Praxis;%.0f;%.0f\n2;Kiosk;%.0f;%.0f\n3;Praxis;%.0f;%.0f\n;Praxis;%.0f;%.0f\n", e, n, e, n, n, e, e, n)})
	if len(s.Offers) != 1 || geo.Distance(s.Offers[0].At, p) > 1 {
		t.Errorf("%+v", s.Offers)
	}
	if got := rules(s.Notices, "p.csv"); got != "not-selected coordinates-swapped no-id" {
		t.Errorf("notices %s", got)
	}
}

func TestTagRules(t *testing.T) {
	general := tagRule{key: "healthcare", value: "doctor", category: "arzt"}
	child := tagRule{key: "healthcare", value: "doctor", key2: "healthcare:speciality", value2: "paediatrics", category: "kinderarzt"}
	tags := func(pairs ...string) osm.Tags {
		var out osm.Tags
		for i := 0; i < len(pairs); i += 2 {
			out = append(out, osm.Tag{Key: pairs[i], Value: pairs[i+1]})
		}
		return out
	}
	for _, c := range []struct {
		tags osm.Tags
		want string
	}{
		{tags("healthcare", "doctor"), "arzt"},
		{tags("healthcare", "doctor", "healthcare:speciality", "general"), "arzt"},
		{tags("healthcare", "doctor", "healthcare:speciality", "allergology; paediatrics"), "kinderarzt"},
		{tags("healthcare", "dentist;doctor"), "arzt"},
		{tags("amenity", "doctors"), ""},
	} {
		if got := strings.Join(categoriesOfTags([]tagRule{general, child}, c.tags), " "); got != c.want {
			t.Errorf("%v: %q, want %q", c.tags, got, c.want)
		}
	}
}
