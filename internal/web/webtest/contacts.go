package webtest

import (
	"context"
	"strings"

	"gevor/authz"
	"gevor/contact"
)

// talks notes contacts of every house, in the running month and the last whole quarter.
func (h *Houses) talks(ctx context.Context) error {
	for i, o := range []authz.OrganisationID{East, West, South} {
		who, _, err := h.UnsafeActor(ctx, Person(o, authz.Navigator))
		if err != nil {
			return err
		}
		for n := range 4 {
			e := contact.Entry{
				Key: strings.Repeat("a", 24) + string("abc"[i]) + string("abcd"[n]), Week: contact.WeekOf(Day()), Kind: contact.Short, Duration: contact.UpTo5, Language: "ar",
				Situation: "geld", Needs: []string{"schulden"}, District: District(), Deeds: []contact.Deed{contact.Informed}, Reason: contact.Full,
			}
			if n%2 == 1 {
				e.Week, e.Reason = contact.WeekOf(Day().AddDate(0, -3, 0)), contact.NoLanguage
			}
			if _, err := h.RecordContact(ctx, who, Day(), o, e); err != nil {
				return err
			}
		}
		figures, _, err := h.UnsafeActor(ctx, Person(o, authz.Statistician))
		if err != nil {
			return err
		}
		ref := authz.Ref{Kind: authz.ContactFigures, Object: string(o), Purpose: authz.ForTotals}
		if err := h.Release(ctx, figures, Day(), ref, authz.Release{Level: authz.AllianceLevel}); err != nil {
			return err
		}
	}
	return nil
}
