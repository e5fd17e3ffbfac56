package app

import (
	"context"
	"fmt"
	"hash/fnv"
	"log/slog"
	"slices"
	"strings"
	"time"

	"gevor/authz"
	"gevor/directory"
	"gevor/intake"
	"gevor/internal/store"
	"gevor/organisation"
	"gevor/region"
	"gevor/vocabulary"
)

// fillDemo gives a demo region's offers to its houses as entries of the directory, with details that are made up. It does
// nothing for a real region, for a database that was not made for a demo, and where the directory holds anything.
func fillDemo(ctx context.Context, s *store.Store, voc *vocabulary.Vocabulary, runs *currentRun, at time.Time, log *slog.Logger) error {
	if !runs.invented() {
		return nil
	}
	seats, err := s.UnsafeSeats(ctx)
	if err != nil || len(seats) == 0 {
		return err
	}
	if n, err := s.EntryRevision(ctx); err != nil || n > 0 {
		return err
	}
	run, err := runs.Current()
	if err != nil {
		return err
	}
	houses, err := s.Organisations(ctx, authz.Actor{Memberships: []authz.Membership{{Roles: []authz.Role{authz.SystemAdmin}}}})
	if err != nil || len(houses) == 0 {
		return err
	}
	began, snap := time.Now(), run.Result.Snapshot
	byOwner := map[authz.OrganisationID][][]directory.Imported{} // of an owner: public, for the alliance, private
	inventor := inventor{snap: snap, words: intake.NewWords(voc), at: at, houses: houses}
	for i := range snap.Offers {
		owner, level, x := inventor.entry(&snap.Offers[i])
		if byOwner[owner] == nil {
			byOwner[owner] = make([][]directory.Imported, 3)
		}
		byOwner[owner][level] = append(byOwner[owner][level], x)
	}
	for _, o := range houses {
		for level, list := range byOwner[o.ID] {
			release := authz.Release{Level: [...]authz.Level{authz.PublicLevel, authz.AllianceLevel, authz.Private}[level]}
			if _, err := s.ImportEntries(ctx, keeper(o.ID), at, o.ID, "demo", release, list, nil); err != nil {
				return err
			}
		}
	}
	if err := fillContacts(ctx, s, houses, snap, at); err != nil {
		return err
	}
	if err := fillAlliance(ctx, s, houses, run, at); err != nil {
		return err
	}
	log.Info("the directory of the demo is filled", "services", len(snap.Offers), "seconds", int(time.Since(began).Seconds()))
	return nil
}

// inventor makes up what a demo region's offers do not say. The same offer always gets the same details.
type inventor struct {
	snap   *region.Snapshot
	words  *intake.Words
	at     time.Time
	houses []organisation.Organisation
}

// dice gives a number below n for one question about one offer.
func dice(id, question string, n int) int {
	h := fnv.New64a()
	h.Write([]byte(id + "\x00" + question)) // a hash takes everything
	return int(h.Sum64() % uint64(n))
}

func (v *inventor) entry(o *region.Offer) (authz.OrganisationID, int, directory.Imported) {
	category := v.snap.Categories[o.Categories[len(o.Categories)-1]]
	for _, i := range o.Categories { // the narrowest: the one that none of the others stands on
		if !slices.ContainsFunc(o.Categories, func(k int32) bool { return v.snap.Categories[k].Parent == v.snap.Categories[i].Key }) {
			category = v.snap.Categories[i]
		}
	}
	city := ""
	if o.Municipality >= 0 {
		city = v.snap.Areas[o.Municipality].Name
	}
	medical := category.Parent == "medizin"
	x := directory.Imported{Source: o.ID, ProviderName: "of " + o.ID, Provider: directory.Provider{Name: "Musterträger " + o.Name}}
	x.Places = []directory.ImportedPlace{{Source: o.ID, Location: directory.Location{
		Street: fmt.Sprintf("Beispielweg %d", 1+dice(o.ID, "street", 180)), City: city, At: &o.At,
		StepFree: [...]directory.Three{directory.Unknown, directory.Yes, directory.No}[o.StepFree],
	}}}
	x.Service = directory.Service{
		Name: directory.Texts{"de": o.Name, "en": fmt.Sprintf("%s %s (synthetic)", category.Label.In("en"), city)},
		Summary: directory.Texts{
			"de": fmt.Sprintf("%s in %s. Ein erfundenes Angebot der Modellregion.", category.Label.In("de"), city),
			"en": fmt.Sprintf("%s in %s. An invented offer of the demo region.", category.Label.In("en"), city),
		},
		Kinds: v.kinds(category), Places: []directory.Place{{Location: "given later", Hours: v.hours(o.ID, category.Key), Contacts: []directory.Contact{{Name: "Anmeldung", Phone: v.phone(o.ID)}}}},
		Languages: v.languages(o.ID), Area: directory.Area{Reach: directory.Regionwide}, Cost: directory.Free, Risk: directory.Advising,
		Insurance: directory.Insurances(), Access: []directory.Access{directory.Appointment}, Capacity: v.capacity(o.ID),
	}
	s := &x.Service
	if medical {
		s.Cost, s.Risk, s.Insurance = directory.Copayment, directory.Steady, []directory.Insurance{directory.Statutory, directory.Private}
		if dice(o.ID, "insurance", 6) == 0 {
			s.Insurance = directory.Insurances()
		}
		if dice(o.ID, "insurance", 6) == 1 {
			s.Insurance = nil
		}
	}
	switch category.Key {
	case "kinderarzt":
		s.For.MaxAge = 17
	case "notfallpraxis", "apotheke":
		s.Access, s.Risk = []directory.Access{directory.WalkIn}, directory.Acute
	case "hebamme":
		s.Access = []directory.Access{directory.Outreach, directory.Phone}
	}
	if dice(o.ID, "access", 3) == 0 {
		s.Access = append(s.Access, directory.WalkIn)
	}
	if len(o.ServiceAreas) > 0 {
		s.Area = directory.Area{Reach: directory.Municipality}
		for _, a := range o.ServiceAreas {
			s.Area.Keys = append(s.Area.Keys, v.snap.Areas[a].Key)
		}
	}
	if day, err := time.Parse(time.DateOnly, o.ConfirmedOn); err == nil {
		// The region has a day of its own; what was confirmed so many days before it, was so many days ago.
		if ago := v.snap.Date.Sub(day); ago >= 0 {
			x.Assured = []directory.Confirmation{{Field: directory.Whole, How: directory.Hows()[dice(o.ID, "how", 4)], At: v.at.Add(-ago).Truncate(24 * time.Hour)}}
		}
	}
	level := 0
	switch dice(o.ID, "release", 40) {
	case 0:
		level = 1
	case 1:
		level = 2
	}
	return v.owner(o.ID, medical), level, x
}

// owner gives medical offers to the network of practices and the others to the other houses in turn.
func (v *inventor) owner(id string, medical bool) authz.OrganisationID {
	var may []authz.OrganisationID
	for _, o := range v.houses {
		if (string(o.Kind) == "practice-network") == medical && string(o.Kind) != "office" {
			may = append(may, o.ID)
		}
	}
	if len(may) == 0 {
		return v.houses[0].ID
	}
	return may[dice(id, "owner", len(may))]
}

func (v *inventor) kinds(c region.Category) []string {
	if out := v.words.Find(c.Key, c.Label.In("de"), c.Label.In("en")); len(out) > 0 {
		return out[:1]
	}
	if out := v.words.Find(strings.Fields(c.Label.In("de"))...); len(out) > 0 {
		return out[:1]
	}
	return []string{c.Key}
}

func (v *inventor) hours(id, category string) directory.Hours {
	h := directory.Hours{Holidays: directory.HolidaysClosed}
	if category == "notfallpraxis" {
		return directory.Hours{Always: true, Holidays: directory.HolidaysOpen}
	}
	switch dice(id, "hours", 8) {
	case 0:
		return directory.Hours{} // nobody said
	case 1:
		h.Holidays = directory.HolidaysUnknown
	}
	begin := 8*60 + 30*dice(id, "begin", 4)
	for day := time.Monday; day <= time.Friday; day++ {
		if dice(id, "free day", 5) == int(day)-1 && category != "apotheke" {
			continue
		}
		h.Slots = append(h.Slots, directory.Slot{Day: day, From: begin, To: begin + 4*60})
		if category == "apotheke" || day == time.Monday || day == time.Thursday {
			h.Slots = append(h.Slots, directory.Slot{Day: day, From: 14 * 60, To: 18 * 60})
		}
	}
	return h
}

func (v *inventor) languages(id string) []directory.Language {
	out := []directory.Language{{Tag: "de"}}
	for _, l := range []struct {
		tag string
		in  int // one of so many speaks it
	}{{"en", 2}, {"tr", 4}, {"ar", 6}, {"uk", 8}, {"ru", 6}, {"pl", 9}, {"ro", 10}, {"bg", 12}, {"fa", 14}, {"kmr", 15}} {
		if dice(id, "language "+l.tag, l.in) != 0 {
			continue
		}
		spoken := directory.Language{Tag: l.tag, How: "staff"}
		if dice(id, "hours "+l.tag, 3) == 0 {
			spoken.Hours, spoken.How = []directory.Slot{{Day: time.Weekday(1 + dice(id, "day "+l.tag, 5)), From: 9 * 60, To: 12 * 60}}, "interpreter"
		}
		out = append(out, spoken)
	}
	return out
}

// phone gives a number of the range that the Federal Network Agency keeps free for films and the like: it rings nowhere.
func (v *inventor) phone(id string) string {
	return fmt.Sprintf("+492214710%03d", dice(id, "phone", 1000))
}

func (v *inventor) capacity(id string) directory.Capacity {
	on := v.at.AddDate(0, 0, -dice(id, "counted", 45))
	switch dice(id, "room", 5) {
	case 0:
		return directory.Capacity{Room: directory.RoomFree, On: on}
	case 1:
		return directory.Capacity{Room: directory.RoomWaiting, Weeks: 1 + dice(id, "weeks", 12), On: on}
	case 2:
		return directory.Capacity{Room: directory.RoomClosed, On: on}
	}
	return directory.Capacity{}
}
