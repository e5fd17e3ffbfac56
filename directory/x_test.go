package directory_test

import (
	"testing"
	"time"

	"gevor/directory"
	"gevor/form"
	"gevor/geo"
)

func berlin(t *testing.T) directory.Calendar {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return directory.Calendar{Zone: zone, Holiday: directory.NRWHoliday}
}

func at(t *testing.T, s string) time.Time {
	t.Helper()
	x, err := time.ParseInLocation("2006-01-02 15:04", s, berlin(t).Zone)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// TestHolidays holds the rule against the printed calendar of North Rhine-Westphalia.
func TestHolidays(t *testing.T) {
	for year, days := range map[int][]string{
		2024: {"01-01", "03-29", "04-01", "05-01", "05-09", "05-20", "05-30", "10-03", "11-01", "12-25", "12-26"},
		2025: {"01-01", "04-18", "04-21", "05-01", "05-29", "06-09", "06-19", "10-03", "11-01", "12-25", "12-26"},
		2026: {"01-01", "04-03", "04-06", "05-01", "05-14", "05-25", "06-04", "10-03", "11-01", "12-25", "12-26"},
		2038: {"01-01", "04-23", "04-26", "05-01", "06-03", "06-14", "06-24", "10-03", "11-01", "12-25", "12-26"},
	} {
		want := map[string]bool{}
		for _, d := range days {
			want[d] = true
		}
		for d := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC); d.Year() == year; d = d.AddDate(0, 0, 1) {
			if got := directory.NRWHoliday(d); got != want[d.Format("01-02")] {
				t.Errorf("%s: %v", d.Format(time.DateOnly), got)
			}
		}
	}
}

func TestOpenClosedAndUnknownAreThreeThings(t *testing.T) {
	c := berlin(t)
	week := []directory.Slot{
		{Day: time.Monday, From: 9 * 60, To: 12 * 60},
		{Day: time.Thursday, From: 14 * 60, To: 18 * 60},
		{Day: time.Friday, From: 22 * 60, To: 26 * 60},
		{Day: time.Tuesday, From: 9 * 60, To: 10 * 60, Weeks: directory.OnlyWeek(1) | directory.OnlyWeek(3)},
	}
	usual := directory.Hours{Slots: week}
	closed := directory.Hours{Slots: week, Holidays: directory.HolidaysClosed}
	open := directory.Hours{Slots: week, Holidays: directory.HolidaysOpen}
	summer := directory.Hours{Slots: week, Exceptions: []directory.Exception{{From: at(t, "2026-07-06 00:00"), To: at(t, "2026-07-17 00:00")}}}
	for name, x := range map[string]struct {
		h    directory.Hours
		when string
		want directory.Three
	}{
		"in a slot":                       {usual, "2026-05-11 09:00", directory.Yes},
		"at the end of a slot":            {usual, "2026-05-11 12:00", directory.No},
		"past midnight":                   {usual, "2026-05-16 01:30", directory.Yes},
		"too late past midnight":          {usual, "2026-05-16 02:00", directory.No},
		"first Tuesday":                   {usual, "2026-05-05 09:30", directory.Yes},
		"second Tuesday":                  {usual, "2026-05-12 09:30", directory.No},
		"third Tuesday":                   {usual, "2026-05-19 09:30", directory.Yes},
		"nobody said anything":            {directory.Hours{}, "2026-05-11 09:00", directory.Unknown},
		"always":                          {directory.Hours{Always: true}, "2026-12-25 03:00", directory.Yes},
		"Ascension, nobody said":          {usual, "2026-05-14 15:00", directory.Unknown},
		"Ascension outside the slots":     {usual, "2026-05-14 09:00", directory.No},
		"Ascension, closed":               {closed, "2026-05-14 15:00", directory.No},
		"Ascension, as usual":             {open, "2026-05-14 15:00", directory.Yes},
		"in the summer break":             {summer, "2026-07-06 10:00", directory.No},
		"last day of the summer break":    {summer, "2026-07-16 15:00", directory.No},
		"after the summer break":          {summer, "2026-07-20 10:00", directory.Yes},
		"before it holds":                 {directory.Hours{Slots: week, From: at(t, "2026-06-01 00:00")}, "2026-05-11 10:00", directory.No},
		"the hour that the clock repeats": {directory.Hours{Slots: []directory.Slot{{Day: time.Sunday, From: 2 * 60, To: 3 * 60}}}, "2026-10-25 02:30", directory.Yes},
	} {
		if got := x.h.OpenAt(at(t, x.when), c); got != x.want {
			t.Errorf("%s: %v, want %v", name, got, x.want)
		}
	}
	// A server in another zone gives the same answer.
	if got := usual.OpenAt(at(t, "2026-05-11 09:30").UTC(), c); got != directory.Yes {
		t.Errorf("asked in UTC: %v", got)
	}
	if got := usual.NextOpen(at(t, "2026-05-11 12:30"), c, 14); !got.Equal(at(t, "2026-05-15 22:00")) {
		t.Errorf("next open %v", got) // Thursday is Ascension, of which nobody said anything
	}
	if got := closed.NextOpen(at(t, "2026-05-11 08:00"), c, 14); !got.Equal(at(t, "2026-05-11 09:00")) {
		t.Errorf("next open %v", got)
	}
	if got := (directory.Hours{}).NextOpen(at(t, "2026-05-11 08:00"), c, 14); !got.IsZero() {
		t.Errorf("nobody said, but %v", got)
	}
}

func TestAConfirmationIsBelievedForItsTime(t *testing.T) {
	now := at(t, "2026-05-12 10:00")
	s := directory.Service{ID: "s", Risk: directory.Advising}
	if trust := s.TrustAt("phone", nil, now); !trust.Expired || !trust.Confirmed.IsZero() {
		t.Errorf("never confirmed: %+v", trust)
	}
	said := []directory.Confirmation{
		{Service: "s", How: directory.ByPhone, At: now.AddDate(0, 0, -89)},
		{Service: "s", Field: "hours", How: directory.ByVisit, At: now.AddDate(0, 0, -1)},
		{Service: "other", How: directory.ByFeed, At: now},
		{Service: "s", How: directory.ByFeed, At: now.AddDate(0, 0, 1)},
	}
	if trust := s.TrustAt("phone", said, now); trust.Expired || trust.How != directory.ByPhone {
		t.Errorf("%+v", trust)
	}
	if trust := s.TrustAt("phone", said[:3], now.AddDate(0, 0, 1)); !trust.Expired {
		t.Errorf("after 90 days: %+v", trust)
	}
	if trust := s.TrustAt("hours", said, now); trust.How != directory.ByVisit || trust.Expired {
		t.Errorf("%+v", trust)
	}
	for risk, days := range map[directory.Risk]int{directory.Acute: 30, directory.Advising: 90, directory.Steady: 180} {
		if got := risk.Days(); got != days {
			t.Errorf("%q is believed %v days", risk, got)
		}
	}
}

func TestRemindersComeInTheirTime(t *testing.T) {
	until := at(t, "2026-05-12 10:00")
	for days, want := range map[int]directory.Reminder{-15: "", -14: directory.Early, -1: directory.Early, 0: directory.Due, 20: directory.Due, 21: directory.Late, 400: directory.Late} {
		if got := directory.ReminderAt(until, until.Add(time.Duration(days)*24*time.Hour)); got != want {
			t.Errorf("%d days: %q, want %q", days, got, want)
		}
	}
	if directory.OnCallSheet(until, until.Add(27*24*time.Hour)) || !directory.OnCallSheet(until, until.Add(28*24*time.Hour)) {
		t.Error("the call sheet")
	}
}

func TestPhoneNumbers(t *testing.T) {
	for in, want := range map[string]string{
		"0234 123-456": "+49234123456", "+49 (0)234 123456": "+49234123456", "0049 234 123456": "+49234123456", "112": "112", "116 117": "116117", "115": "115",
		"0800 111 0 111": "+498001110111", "+90 212 5555555": "+902125555555",
	} {
		if got, ok := directory.PhoneNumber(in); !ok || got != want {
			t.Errorf("%q becomes %q, %v; want %q", in, got, ok, want)
		}
	}
	for _, bad := range []string{"", "123456", "0", "+49", "0234", "++49234123456", "+0234567890", "call us", "01234567890123456789"} {
		if got, ok := directory.PhoneNumber(bad); ok {
			t.Errorf("%q becomes %q", bad, got)
		}
	}
}

// TestBadRecordsAreNamedFieldByField is a list of what people and feeds really send.
func TestBadRecordsAreNamedFieldByField(t *testing.T) {
	now := at(t, "2026-05-12 10:00")
	good := directory.Service{
		ID: "s", Name: directory.Texts{"de": "Schuldnerberatung"}, Kinds: []string{"schuldnerberatung"},
		Places: []directory.Place{{Location: "l", Hours: directory.Hours{Slots: []directory.Slot{{Day: time.Monday, From: 540, To: 720}}}}},
	}
	rules := directory.Rules{Kind: func(k string) bool { return k == "schuldnerberatung" }}
	if _, err := good.Check(rules, now); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		spoil func(*directory.Service)
		want  form.Field
	}{
		"no name":              {func(s *directory.Service) { s.Name = nil }, form.Field{Name: "name", Reason: "empty"}},
		"placeholder":          {func(s *directory.Service) { s.Summary = directory.Texts{"de": "Lorem ipsum dolor"} }, form.Field{Name: "summary", Reason: "placeholder"}},
		"unknown kind":         {func(s *directory.Service) { s.Kinds = []string{"zauberei"} }, form.Field{Name: "kinds", Reason: "unknown"}},
		"no kind":              {func(s *directory.Service) { s.Kinds = nil }, form.Field{Name: "kinds", Reason: "choose"}},
		"25:99":                {func(s *directory.Service) { s.Places[0].Hours.Slots[0].From = 25*60 + 99 }, form.Field{Name: "place_1", Reason: "hours"}},
		"ends before it opens": {func(s *directory.Service) { s.Places[0].Hours.Slots[0].To = 500 }, form.Field{Name: "place_1", Reason: "hours"}},
		"no such language":     {func(s *directory.Service) { s.Languages = []directory.Language{{Tag: "qqq-xx-!!"}} }, form.Field{Name: "languages", Reason: "language"}},
		"language of a text":   {func(s *directory.Service) { s.Name["deutsch!"] = "x" }, form.Field{Name: "name", Reason: "language"}},
		"no area code":         {func(s *directory.Service) { s.Places[0].Contacts = []directory.Contact{{Phone: "123456"}} }, form.Field{Name: "place_1", Reason: "phone"}},
		"ages crossed":         {func(s *directory.Service) { s.For.MinAge, s.For.MaxAge = 18, 6 }, form.Field{Name: "age", Reason: "range"}},
		"a link that runs":     {func(s *directory.Service) { s.Website = "javascript:alert(1)" }, form.Field{Name: "website", Reason: "url"}},
		"a radius of nothing":  {func(s *directory.Service) { s.Area = directory.Area{Reach: directory.Radius} }, form.Field{Name: "area", Reason: "range"}},
		"counted tomorrow":     {func(s *directory.Service) { s.Capacity.On = now.AddDate(0, 1, 0) }, form.Field{Name: "capacity", Reason: "date_future"}},
		"unknown insurance":    {func(s *directory.Service) { s.Insurance = []directory.Insurance{"gold"} }, form.Field{Name: "insurance", Reason: "unknown"}},
	} {
		s := good
		s.Name = directory.Texts{"de": "Schuldnerberatung"}
		s.Places = []directory.Place{{Location: "l", Hours: directory.Hours{Slots: []directory.Slot{{Day: time.Monday, From: 540, To: 720}}}}}
		c.spoil(&s)
		_, err := s.Check(rules, now)
		got := form.Of(err)
		if len(got) != 1 || got[0] != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	for name, c := range map[string]struct {
		l    directory.Location
		want form.Field
	}{
		"swapped coordinates": {directory.Location{At: &geo.LonLat{Lon: 51.4, Lat: 7.2}}, form.Field{Name: "at", Reason: "swapped"}},
		"in the sea":          {directory.Location{At: &geo.LonLat{Lon: 0, Lat: 0}}, form.Field{Name: "at", Reason: "outside"}},
		"postcode":            {directory.Location{Street: "Weg 1", City: "Ort", Postcode: "4478"}, form.Field{Name: "postcode", Reason: "postcode"}},
		"half an address":     {directory.Location{Street: "Weg 1"}, form.Field{Name: "street", Reason: "address"}},
	} {
		_, err := c.l.Check(directory.Rules{})
		if got := form.Of(err); len(got) != 1 || got[0] != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestLanguagesAreFoundByTheirBase(t *testing.T) {
	c := berlin(t)
	s := directory.Service{Languages: []directory.Language{{Tag: "ar"}, {Tag: "uk", Hours: []directory.Slot{{Day: time.Monday, From: 540, To: 600}}}}}
	p := &directory.Place{}
	for _, x := range []struct {
		tag, when string
		want      directory.Three
	}{
		{"ar-SY", "", directory.Yes},
		{"tr", "", directory.No},
		{"uk", "", directory.Yes},
		{"uk", "2026-05-11 09:30", directory.Yes},
		{"uk", "2026-05-12 09:30", directory.No},
		{"uk", "2026-05-25 09:30", directory.Unknown}, // Whit Monday
	} {
		var when time.Time
		if x.when != "" {
			when = at(t, x.when)
		}
		if got := s.SpokenBy(x.tag, p, when, c); got != x.want {
			t.Errorf("%s at %q: %v, want %v", x.tag, x.when, got, x.want)
		}
	}
	if (&directory.Service{}).SpokenBy("ar", p, time.Time{}, c) != directory.Unknown {
		t.Error("where nobody said which languages, that is unknown")
	}
}

// Each field may be confirmed by itself and expires by what a wrong one costs; all of them together are the whole.
func TestFieldsAreConfirmedOneByOne(t *testing.T) {
	now := at(t, "2026-05-12 10:00")
	s := directory.Service{ID: "s"}
	whole := []directory.Confirmation{{Service: "s", How: directory.ByMail, At: now.AddDate(0, 0, -100)}}
	if s.TrustAt(directory.Whole, whole, now).Expired || s.TrustAt("languages", whole, now).Expired {
		t.Error("after 100 days of 180 the record has expired")
	}
	for _, f := range []string{"contacts", "hours"} {
		if !s.TrustAt(f, whole, now).Expired { // believed 90 days
			t.Errorf("after 100 days %s are still believed", f)
		}
	}
	one := append(whole, directory.Confirmation{Service: "s", Field: "contacts", How: directory.ByPhone, At: now.AddDate(0, 0, -2)})
	if trust := s.TrustAt("contacts", one, now); trust.Expired || trust.How != directory.ByPhone {
		t.Errorf("the number was just confirmed: %+v", trust)
	}
	if trust := s.TrustAt(directory.Whole, one, now); trust.How != directory.ByMail {
		t.Errorf("one field confirmed the whole: %+v", trust)
	}
	var each []directory.Confirmation
	for i, f := range directory.Checked() {
		each = append(each, directory.Confirmation{Service: "s", Field: f, How: directory.ByPhone, At: now.AddDate(0, 0, -i)})
	}
	if trust := s.TrustAt(directory.Whole, each, now); !trust.Confirmed.Equal(now.AddDate(0, 0, 1-len(each))) {
		t.Errorf("all fields one by one: %+v", trust)
	}
	if trust := s.TrustAt(directory.Whole, each[1:], now); !trust.Confirmed.IsZero() {
		t.Errorf("all but one: %+v", trust)
	}
	acute := directory.Service{ID: "s", Risk: directory.Acute}
	if !acute.TrustAt("contacts", one[:1], now).Expired || acute.Days("hours") != 30 {
		t.Error("the number of an emergency is believed for longer than the emergency")
	}
}
