package webtest

import (
	"context"

	"gevor/alliance"
	"gevor/authz"
)

// declare gives the town a charter in two versions and the west's signature under the second. The east has not signed.
func (h *Houses) declare(ctx context.Context, office authz.Actor) error {
	c := alliance.Charter{
		Title: "Charta der Zusammenarbeit", Body: "Wir arbeiten **freiwillig** zusammen.", Adopted: Day().AddDate(-2, 0, 0),
		Principles: []alliance.Principle{{Title: "Kein Fischen in fremden Töpfen!", Text: "Jede Organisation gibt aus dem eigenen Topf."}, {Title: "Lösungen vor Ort"}},
	}
	for range 2 {
		version, err := h.AdoptCharter(ctx, office, Day(), c)
		if err != nil {
			return err
		}
		c.Version, c.Body = version, c.Body+" Auch über Stadtgrenzen hinweg."
	}
	admin, _, err := h.UnsafeActor(ctx, Person(West, authz.OrganisationAdmin))
	if err != nil {
		return err
	}
	_, err = h.Sign(ctx, admin, Day(), alliance.Signature{Organisation: West, Version: 2, Signatory: "N.N., Leitung", Authority: "Beschluss des Rates", Signed: Day(), ReplyDays: 5, Back: "status"})
	return err
}
