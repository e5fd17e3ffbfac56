package app

import (
	"context"
	"fmt"
	"hash/fnv"
	"time"

	"gevor/authz"
	"gevor/contact"
	"gevor/internal/store"
	"gevor/organisation"
	"gevor/region"
)

// contactWeeks is for how many weeks back a demo region has contacts.
const contactWeeks = 60

// fillContacts gives the helping houses of a demo region a year of contacts that nobody had, as the figures that are left
// of them, and releases them for the totals of the region. The same region always gets the same.
func fillContacts(ctx context.Context, s *store.Store, houses []organisation.Organisation, snap *region.Snapshot, at time.Time) error {
	var districts []string
	for i := range snap.Areas {
		if snap.Areas[i].Kind == region.District {
			districts = append(districts, snap.Areas[i].Key)
		}
	}
	if len(districts) == 0 {
		return nil
	}
	var all []contact.Own
	for i, o := range houses {
		switch o.Kind {
		case "welfare", "counselling", "self-help", "city":
		default:
			continue
		}
		for w := range contactWeeks {
			week := contact.WeekOf(at.AddDate(0, 0, -7*w))
			for n := range 4 + dice(string(week), fmt.Sprint("contacts ", i), 9) {
				all = append(all, contact.Own{Owner: o.ID, Entry: madeUpContact(week, fmt.Sprint(i, " ", n), districts, w)})
			}
		}
		ref := authz.Ref{Kind: authz.ContactFigures, Object: string(o.ID), Purpose: authz.ForTotals}
		counts := authz.Actor{Memberships: []authz.Membership{{Organisation: o.ID, Roles: []authz.Role{authz.Statistician}}}}
		if err := s.Release(ctx, counts, at, ref, authz.Release{Level: authz.AllianceLevel}); err != nil {
			return err
		}
	}
	return s.UnsafeAddContactFigures(ctx, at, contact.Tally(all))
}

// madeUpContact draws a contact. In the last twelve weeks families of one district find no paediatrician more and more
// often: something for the pages to show.
func madeUpContact(week contact.Week, id string, districts []string, ago int) contact.Entry {
	draw := func(what string, n int) int { // by the high bits: the low ones of one question go along with those of another
		h := fnv.New64a()
		h.Write([]byte(what + " " + string(week) + " " + id)) // a hash takes everything
		return int(h.Sum64()>>33) % n
	}
	needs := [...][2]string{
		{"geld", "schulden"},
		{"geld", "buergergeld"},
		{"familie", "kinderbetreuung"},
		{"gesundheit", "arzt-finden"},
		{"ohne-versicherung", "krank-ohne-karte"},
		{"ohne-versicherung", "versichert-werden"},
		{"ankommen", "deutsch-lernen"},
		{"ankommen", "dolmetschen"},
		{"wohnen", "wohnung-suchen"},
		{"gesundheit", "kind-krank"},
		{"seele", "niedergeschlagen"},
	}
	languages := [...]string{"de", "de", "de", "ar", "uk", "tr", "ro", "bg", "pl", "ru"}
	need := needs[draw("need", len(needs))]
	e := contact.Entry{
		Week: week, Kind: contact.Kinds()[draw("kind", 3)], Duration: contact.Durations()[draw("duration", 4)], Language: languages[draw("language", len(languages))],
		Situation: need[0], Needs: []string{need[1]}, District: districts[draw("district", len(districts))], Deeds: []contact.Deed{contact.Deeds()[draw("deed", 6)]},
	}
	if draw("open", 4) == 0 {
		e.Reason = contact.Reasons()[draw("reason", len(contact.Reasons()))]
	}
	if ago < 12 && draw("rise", 3+ago/2) == 0 {
		e.Situation, e.Needs, e.District, e.Reason = "gesundheit", []string{"kind-krank"}, districts[len(districts)/2], contact.Full
	}
	return e
}
