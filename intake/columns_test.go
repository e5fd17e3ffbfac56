package intake_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"gevor/directory"
	"gevor/intake"
	"gevor/notice"
)

func TestWaysInAndRoom(t *testing.T) {
	for _, c := range []struct {
		access, room, on string
		ways             []directory.Access
		capacity         directory.Capacity
		wrong            string
	}{
		{"offen, Termin", "Warteliste 6 Wochen", "2026-05-01", []directory.Access{directory.WalkIn, directory.Appointment}, directory.Capacity{Room: directory.RoomWaiting, Weeks: 6, On: day("2026-05-01")}, ""},
		{"telefonisch; online", "Aufnahmestopp", "", []directory.Access{directory.Phone, directory.Online}, directory.Capacity{Room: directory.RoomClosed, On: day("2026-04-30")}, ""},
		{"referral", "Wartezeit ca. 3 Monate", "", []directory.Access{directory.Referral}, directory.Capacity{Room: directory.RoomWaiting, Weeks: 13, On: day("2026-04-30")}, ""},
		{"durchs Fenster", "frei", "", nil, directory.Capacity{Room: directory.RoomFree, On: day("2026-04-30")}, "access"},
		{"", "vielleicht", "", nil, directory.Capacity{}, "capacity"},
		{"", "frei", "morgen", nil, directory.Capacity{}, "capacity_on"},
	} {
		w, o := ready(t)
		m, err := intake.ReadMapping("m.toml", strings.Replace(mapping, "[columns]", "[columns]\naccess = \"Zugang\"\ncapacity = \"Plätze\"\ncapacity_on = \"Plätze am\"", 1))
		if err != nil {
			t.Fatal(err)
		}
		quoted := `"` + c.access + `"`
		out, err := intake.CSV(strings.NewReader(strings.TrimSpace(header)+";Zugang;Plätze;Plätze am\n"+good+";"+quoted+";"+c.room+";"+c.on+"\n"), m, w, o)
		if err != nil || len(out) != 1 || !slices.Equal(out[0].Service.Access, c.ways) || out[0].Service.Capacity != c.capacity {
			t.Errorf("%+v: %+v %v", c, out, err)
		}
		if said := o.Notes.Notices(); (c.wrong == "") != (len(said) == 0) || c.wrong != "" && !slices.ContainsFunc(said, func(n notice.Notice) bool { return n.Field == c.wrong }) {
			t.Errorf("%+v: %+v", c, said)
		}
	}
}

func day(s string) time.Time {
	at, _ := time.Parse(time.DateOnly, s) // the tests write them
	return at
}
