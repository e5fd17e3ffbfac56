package store

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"gevor/authz"
	"gevor/directory"
	"gevor/fault"
)

const partnershipsRead = `SELECT p.service, s.doc, s.owner, p.provider, v.doc, v.owner, p.state, p.asked, p.decided
	FROM partnerships p JOIN services s ON s.id = p.service JOIN providers v ON v.id = p.provider `

func scanPartnership(row scanner) (p directory.Partnership, err error) {
	var service, provider, asked, decided string
	if err := row.Scan(&p.Service, &service, &p.By, &p.Provider, &provider, &p.Owner, &p.State, &asked, &decided); err != nil {
		return p, err
	}
	var offer struct{ Name, Summary directory.Texts }
	if err := json.Unmarshal([]byte(service), &offer); err != nil {
		return p, err
	}
	var who struct{ Name string }
	if err := json.Unmarshal([]byte(provider), &who); err != nil {
		return p, err
	}
	p.Offer, p.Summary, p.Name = offer.Name, offer.Summary, who.Name
	if p.Asked, err = timeOf(asked); err != nil {
		return p, err
	}
	p.Decided, err = timeOf(decided)
	return p, err
}

// Partnerships gives what a house has asked others about its running offers, and what others ask it, the latest first.
func (s *Store) Partnerships(ctx context.Context, actor authz.Actor, house authz.OrganisationID) ([]directory.Partnership, error) {
	if err := s.may(actor, authz.Change, entry(house, authz.Release{})); err != nil {
		return nil, err
	}
	out, err := rowsOf(ctx, s.read, scanPartnership, partnershipsRead+`WHERE (s.owner = $1 OR v.owner = $1) AND s.ended = '' ORDER BY p.asked DESC, p.service, p.provider`, string(house))
	if err != nil {
		return nil, failed(err)
	}
	return out, nil
}

// partnersOf gives the providers that stand under offers with their own consent, by offer; id narrows to one offer where it
// is not empty.
func partnersOf(ctx context.Context, q querier, id directory.ServiceID) (map[directory.ServiceID][]directory.Provider, error) {
	type pair struct {
		of       directory.ServiceID
		provider directory.Provider
	}
	rows, err := rowsOf(ctx, q, func(row scanner) (p pair, err error) {
		var doc string
		if err := row.Scan(&p.of, &doc); err != nil {
			return p, err
		}
		p.provider, err = docOf[directory.Provider](doc)
		return p, err
	}, `SELECT p.service, v.doc FROM partnerships p JOIN providers v ON v.id = p.provider WHERE p.state = 'agreed' AND ($1 = '' OR p.service = $1) ORDER BY p.service, p.provider`, string(id))
	if err != nil {
		return nil, failed(err)
	}
	out := map[directory.ServiceID][]directory.Provider{}
	for _, p := range rows {
		out[p.of] = append(out[p.of], p.provider)
	}
	return out, nil
}

// joins puts the partners under a record.
func joins(r *directory.Record, with []directory.Provider) {
	r.Partners, r.With = nil, with
	for _, p := range with {
		r.Partners = append(r.Partners, p.ID)
	}
}

// mostPartners is how many names a search for partners gives.
const mostPartners = 40

// PossiblePartners gives providers whose name holds some words and that can be asked to join an offer: those of the own
// house, and those that the actor sees under an offer.
func (s *Store) PossiblePartners(ctx context.Context, actor authz.Actor, id directory.ServiceID, words string) ([]directory.Provider, error) {
	rec, err := s.Service(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	if err := s.may(actor, authz.Change, entry(rec.Owner, rec.Released)); err != nil {
		return nil, err
	}
	words, alike := strings.ToLower(strings.TrimSpace(words)), directory.Name(words)
	if words == "" {
		return nil, nil
	}
	called := func(name string) bool {
		return strings.Contains(strings.ToLower(name), words) || alike != "" && strings.Contains(directory.Name(name), alike)
	}
	all, err := rowsOf(ctx, s.read, scanDoc[directory.Provider], `SELECT doc FROM providers ORDER BY id`)
	if err != nil {
		return nil, failed(err)
	}
	var out []directory.Provider
	for _, p := range all {
		if p.ID == rec.Service.Provider || !called(p.Name) {
			continue
		}
		seen, err := s.seesProvider(ctx, s.read, actor, p)
		if err != nil {
			return nil, err
		}
		if seen {
			if out = append(out, p); len(out) == mostPartners {
				break
			}
		}
	}
	slices.SortStableFunc(out, func(a, b directory.Provider) int { return compareText(a.Name, b.Name) })
	return out, nil
}

// seesProvider says whether the actor sees a provider: it is of their house, or stands over an offer that they may see.
func (s *Store) seesProvider(ctx context.Context, q querier, actor authz.Actor, p directory.Provider) (bool, error) {
	if actor.Member(p.Owner) || s.may(actor, authz.Change, entry(p.Owner, authz.Release{})) == nil {
		return true, nil
	}
	docs, err := rowsOf(ctx, q, scanDoc[directory.Service], `SELECT doc FROM services WHERE provider = $1 AND draft = 0 AND ended = '' ORDER BY id`, string(p.ID))
	if err != nil {
		return false, failed(err)
	}
	for i := range docs {
		r, err := releaseOf(ctx, q, authz.Entry, string(docs[i].ID), authz.ForDirectory)
		if err != nil {
			return false, err
		}
		if s.may(actor, authz.View, visibleEntry(&docs[i], r)) == nil {
			return true, nil
		}
	}
	return false, nil
}

// AskPartner asks a provider to stand under an offer of the actor's house. One of the same house agrees at once; one that
// has declined can only come back by itself.
func (s *Store) AskPartner(ctx context.Context, actor authz.Actor, at time.Time, id directory.ServiceID, provider directory.ProviderID) error {
	return s.change(ctx, actor, at, func(t *tx) error {
		x, err := t.service(ctx, id, authz.Change)
		if err != nil {
			return err
		}
		p, err := docByID[directory.Provider](ctx, t, providers, string(provider))
		if err != nil {
			return err
		}
		seen, err := s.seesProvider(ctx, t, actor, p)
		if err != nil {
			return err
		}
		if !seen {
			return absent(authz.Entry)
		}
		if !x.Ended.IsZero() || provider == x.Provider {
			return fault.New(fault.Conflict, "provider", "cannot be a partner of this offer", "choose another one")
		}
		state, verb, decided := directory.Asked, "partner_asked", ""
		if p.Owner == x.Owner {
			state, verb, decided = directory.Consents, "partner_agreed", stamp(t.at)
		}
		known := fault.New(fault.Conflict, "provider", "has been asked already", "wait for the answer; whoever declined can come back by themselves")
		if err := t.one(ctx, known, `INSERT INTO partnerships (service, provider, state, asked, decided) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (service, provider) DO NOTHING`,
			string(id), string(provider), string(state), stamp(t.at), decided); err != nil {
			return err
		}
		return t.partnered(ctx, x, p, verb)
	})
}

// partnered notes in the history of both houses what became of a partnership.
func (t *tx) partnered(ctx context.Context, x directory.Service, p directory.Provider, verb string) error {
	if err := t.record(ctx, authz.Entry, string(x.ID), x.Owner, verb, nil, struct{ Partner string }{p.Name}); err != nil || p.Owner == x.Owner {
		return err
	}
	name, _ := x.Name.In("de")
	return t.record(ctx, authz.Entry, string(p.ID), p.Owner, verb, nil, struct{ Offer string }{name})
}

// AnswerPartner says for the house of a provider whether its name may stand under an offer. It may change its mind at any
// time; from then on the name stands there, or no longer.
func (s *Store) AnswerPartner(ctx context.Context, actor authz.Actor, at time.Time, id directory.ServiceID, provider directory.ProviderID, agrees bool) error {
	return s.change(ctx, actor, at, func(t *tx) error {
		x, p, err := t.asked(ctx, id, provider)
		if err != nil {
			return err
		}
		if err := t.may(authz.Change, entry(p.Owner, authz.Release{})); err != nil {
			return err
		}
		state, verb := directory.Declined, "partner_declined"
		if agrees {
			state, verb = directory.Consents, "partner_agreed"
		}
		if err := t.one(ctx, stale(authz.Entry), `UPDATE partnerships SET state = $3, decided = $4 WHERE service = $1 AND provider = $2 AND state <> $3`, string(id), string(provider), string(state), stamp(t.at)); err != nil {
			return err
		}
		return t.partnered(ctx, x, p, verb)
	})
}

// DropPartner takes a provider from an offer, or takes back the question, for the house that keeps the offer. A refusal
// stays, so that nobody is asked over and over.
func (s *Store) DropPartner(ctx context.Context, actor authz.Actor, at time.Time, id directory.ServiceID, provider directory.ProviderID) error {
	return s.change(ctx, actor, at, func(t *tx) error {
		if _, err := t.service(ctx, id, authz.Change); err != nil {
			return err
		}
		x, p, err := t.asked(ctx, id, provider)
		if err != nil {
			return err
		}
		if err := t.one(ctx, stale(authz.Entry), `DELETE FROM partnerships WHERE service = $1 AND provider = $2 AND state <> 'declined'`, string(id), string(provider)); err != nil {
			return err
		}
		return t.partnered(ctx, x, p, "partner_dropped")
	})
}

// asked gives a service and a provider between which there is a partnership, in whatever state.
func (t *tx) asked(ctx context.Context, id directory.ServiceID, provider directory.ProviderID) (x directory.Service, p directory.Provider, err error) {
	var there int
	if err := t.QueryRowContext(ctx, `SELECT count(*) FROM partnerships WHERE service = $1 AND provider = $2`, string(id), string(provider)).Scan(&there); err != nil {
		return x, p, err
	}
	if there == 0 {
		return x, p, absent(authz.Entry)
	}
	if x, err = docByID[directory.Service](ctx, t, services, string(id)); err != nil {
		return x, p, err
	}
	p, err = docByID[directory.Provider](ctx, t, providers, string(provider))
	return x, p, err
}
