package region

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"
	"testing/fstest"

	"gevor/fault"
	"gevor/notice"
)

func TestTinyRegion(t *testing.T) {
	s := buildTiny(t, tiny())
	if len(s.Areas) != 3 || s.Areas[0].Name != "Winzig" || s.Areas[1].Parent != 0 || s.Areas[2].Name != "Ost" {
		t.Fatalf("areas %v", s.Areas)
	}
	// Cells are ordered by id, and ids of one row by their easting.
	c := &s.Cells
	if c.Len() != 5 || c.ID[0] != cellID(0, 0) || c.ID[4] != cellID(8, 0) {
		t.Fatalf("cells %v", c.ID)
	}
	wantPeople, wantFlag := []float32{100, 50, 200, 0, 0}, []ValueFlag{Known, Known, Known, Zero, Suppressed}
	wantDistrict := []int32{1, 1, 2, 2, 2}
	for i := range wantPeople {
		if c.Population[i] != wantPeople[i] || c.Flag[i] != wantFlag[i] || c.District[i] != wantDistrict[i] || c.Municipality[i] != 0 {
			t.Errorf("cell %d: %v %v in %d, %d", i, c.Population[i], c.Flag[i], c.Municipality[i], c.District[i])
		}
	}
	children := s.Groups[1]
	for i, want := range []ValueFlag{Known, Zero, Suppressed, Missing, Missing} {
		if children.Flag[i] != want {
			t.Errorf("children in cell %d: %v, want %v", i, children.Flag[i], want)
		}
	}
	if children.People[0] != 12 || children.State != GroupKnown || children.Method != MethodGrid {
		t.Errorf("children %+v", children)
	}
	// 30 single parents in the west are spread over 100 and 50 people: 20 and 10. In the east their number is kept
	// secret, so no cell there may have one, not even zero; the flag of a suppressed cell stays its own.
	parents := s.Groups[2]
	if parents.State != GroupEstimated || parents.People[0] != 20 || parents.People[1] != 10 || parents.RelError <= 0 {
		t.Errorf("single parents %+v", parents)
	}
	for i, want := range []ValueFlag{Estimated, Estimated, Suppressed, Suppressed, Suppressed} {
		if parents.Flag[i] != want {
			t.Errorf("single parents in cell %d: %v, want %v", i, parents.Flag[i], want)
		}
	}
	if g := s.Groups[3]; g.State != GroupUnknown || g.People != nil || g.Flag != nil {
		t.Errorf("a group without data has people: %+v", g)
	}
	if v := s.Need[0].Value; !math.IsNaN(v[0]) || v[1] != 12.5 || v[2] != 0 {
		t.Errorf("need %v", v)
	}
}

func TestTinyOffers(t *testing.T) {
	s := buildTiny(t, tiny())
	if len(s.Offers) != 2 {
		t.Fatalf("offers %+v", s.Offers)
	}
	doctor, child := s.Offers[0], s.Offers[1]
	if doctor.ID != "A1" || doctor.Name != `Praxis "Süd"` || !math.IsNaN(doctor.Capacity) || doctor.ConfirmEvery != 365 ||
		len(doctor.ServiceAreas) != 1 || doctor.ServiceAreas[0] != 2 || doctor.StepFree != No || doctor.Municipality != 0 {
		t.Errorf("doctor %+v", doctor)
	}
	// A paediatrician counts as a doctor as well, and the shorter period of confirmation holds.
	if child.ID != "K1" || child.Capacity != 1.5 || child.ConfirmedOn != "2026-03-12" || child.ConfirmEvery != 180 ||
		len(child.Categories) != 2 || child.ServiceAreas != nil || child.StepFree != Yes {
		t.Errorf("paediatrician %+v", child)
	}
	if got := rules(s.Notices, "practices.csv"); got != "duplicate-id coordinates-swapped outside-region unknown-category unknown-service-area" {
		t.Errorf("notices: %s", got)
	}
	if got := rules(s.Notices, "people.csv") + "|" + rules(s.Notices, "age.csv") + "|" + rules(s.Notices, "towns.geojson"); got != "|cell-without-population|not-valid-at-date" {
		t.Errorf("notices: %s", got)
	}
	for _, c := range s.Counts {
		if c.Read != c.Used+c.Rejected || c.Read == 0 {
			t.Errorf("counts %+v", c)
		}
	}
}

// A build that fails still says what it read: the caller's list has the rows that were rejected.
func TestNoticesOutliveAFailedBuild(t *testing.T) {
	fsys := withText(strings.Replace(tinyDescription, "[7.1, 51.4, 7.3, 51.5]", "[51.4, 7.1, 51.5, 7.3]", 1))
	d, err := ReadDescription(fsys)
	if err != nil {
		t.Fatal(err)
	}
	notes := &notice.List{}
	if _, err := Build(context.Background(), fsys, d, Options{Notices: notes}); fault.KindOf(err) != fault.Invalid {
		t.Fatalf("%v", err)
	}
	if got := rules(notes.Notices(), "people.csv"); !strings.Contains(got, "coordinates-swapped") {
		t.Errorf("notices %q", got)
	}
}

// A group whose every number is suppressed is unknown, not empty; one number that may be shown makes it known.
func TestASuppressedGroupIsUnknown(t *testing.T) {
	for last, want := range map[string]GroupState{"*": GroupUnknown, "12": GroupKnown} {
		fsys := tiny()
		fsys["age.csv"] = &fstest.MapFile{Data: []byte("GITTER_ID_100m;x_mp_100m;y_mp_100m;Insgesamt;Unter10\n" +
			fmt.Sprintf("%s;%d;%d;100;*\n", cellID(0, 0), tinyEast+50, tinyNorth+50) +
			fmt.Sprintf("%s;%d;%d;50;%s\n", cellID(1, 0), tinyEast+150, tinyNorth+50, last))}
		s := buildTiny(t, fsys)
		if g := s.Groups[1]; g.State != want || (g.People == nil) != (want == GroupUnknown) {
			t.Errorf("%q: %+v", last, g)
		}
		if told := strings.Contains(rules(s.Notices, "age.csv"), "group-unknown"); told != (want == GroupUnknown) {
			t.Errorf("%q: notices %v", last, rules(s.Notices, "age.csv"))
		}
	}
}

// Zones are kept apart from municipalities and districts, so that nothing that counts by district sees them, and survive
// saving.
func TestZonesAreKeptApart(t *testing.T) {
	files := tiny()
	files["plz.geojson"] = &fstest.MapFile{Data: []byte(collection(feature(`"plz":"99002"`, block(0, 0, 4, 4)), feature(`"plz":"99001"`, block(4, 0, 9, 4))))}
	text := string(files["region.toml"].Data)
	files["region.toml"] = &fstest.MapFile{Data: []byte(strings.Replace(text, "[[boundaries]]", "[[boundaries]]\nfile = \"plz.geojson\"\nkind = \"postcode\"\nkey = \"plz\"\nsource = \"all\"\n[[boundaries]]", 1))}
	s := buildTiny(t, files)
	if len(s.Areas) != 3 || len(s.Zones) != 2 || s.Zones[0].Key != "99001" || s.Zones[0].Kind != Postcode || s.Zones[0].Parent != -1 {
		t.Fatalf("areas %v, zones %v", s.Areas, s.Zones)
	}
	again, err := Load(saveAll(t, s).open)
	if err != nil || !same(s, again) {
		t.Errorf("after saving: %v, zones %v", err, again.Zones)
	}
}
