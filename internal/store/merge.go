package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"gevor/authz"
	"gevor/directory"
	"gevor/fault"
)

const matchColumns = `first, second, band, score, reasons, found, state, until, decided, decided_by`

func scanMatch(row scanner) (m directory.Match, err error) {
	var band, reasons, found, until, decided string
	if err := row.Scan(&m.A, &m.B, &band, &m.Score, &reasons, &found, &m.Verdict, &until, &decided, &m.DecidedBy); err != nil {
		return m, err
	}
	for _, b := range []directory.Band{directory.Ask, directory.Same} {
		if band == b.String() {
			m.Band = b
		}
	}
	m.Reasons = strings.Fields(reasons)
	if m.Found, err = timeOf(found); err != nil {
		return m, err
	}
	if m.Until, err = timeOf(until); err != nil {
		return m, err
	}
	m.Decided, err = timeOf(decided)
	return m, err
}

// UnsafeFindDuplicates looks through the whole directory for pairs that may be one offer and keeps them for their owners.
// Pairs that are no longer alike are dropped where nobody has decided about them. It gives how many wait for a decision.
func (s *Store) UnsafeFindDuplicates(ctx context.Context, at time.Time) (open int, err error) {
	all, err := s.records(ctx, "", time.Time{}, func(*directory.Service, authz.Release) bool { return true })
	if err != nil {
		return 0, err
	}
	pairs := directory.Duplicates(all)
	err = s.change(ctx, authz.Public(), at, func(t *tx) error {
		open = 0
		known, err := rowsOf(ctx, t, scanMatch, `SELECT `+matchColumns+` FROM duplicates`)
		if err != nil {
			return err
		}
		type key [2]directory.ServiceID
		old := make(map[key]directory.Match, len(known))
		for _, m := range known {
			old[key{m.A, m.B}] = m
		}
		for _, p := range pairs {
			m, there := old[key{p.A, p.B}]
			delete(old, key{p.A, p.B})
			if !there || m.Verdict == directory.Open {
				open++
			}
			if there && m.Band == p.Band && m.Score == p.Score {
				continue
			}
			if _, err := t.ExecContext(ctx, `INSERT INTO duplicates (first, second, band, score, reasons, found) VALUES ($1, $2, $3, $4, $5, $6)
				ON CONFLICT (first, second) DO UPDATE SET band = excluded.band, score = excluded.score, reasons = excluded.reasons`,
				string(p.A), string(p.B), p.Band.String(), p.Score, strings.Join(p.Reasons, " "), stamp(t.at)); err != nil {
				return err
			}
		}
		for _, m := range old {
			if m.Verdict != directory.Open && m.Verdict != directory.Later {
				continue
			}
			if _, err := t.ExecContext(ctx, `DELETE FROM duplicates WHERE first = $1 AND second = $2`, string(m.A), string(m.B)); err != nil {
				return err
			}
		}
		return nil
	})
	return open, err
}

func duplicate(house authz.OrganisationID) authz.Object {
	return authz.Object{Kind: authz.Duplicate, Owner: house}
}

// Duplicates gives the pairs that touch a house's records and whose both records the actor may see, the likeliest first;
// decided tells whether those about which somebody has decided are wanted, or the others.
func (s *Store) Duplicates(ctx context.Context, actor authz.Actor, house authz.OrganisationID, at time.Time, decided bool) ([]directory.Match, error) {
	if err := s.may(actor, authz.View, duplicate(house)); err != nil {
		return nil, err
	}
	rows, err := rowsOf(ctx, s.read, scanMatch, `SELECT `+matchColumns+` FROM duplicates d WHERE EXISTS (SELECT 1 FROM services s WHERE s.owner = $1 AND (s.id = d.first OR s.id = d.second))
		ORDER BY band DESC, score DESC, first, second`, string(house))
	if err != nil {
		return nil, failed(err)
	}
	var out []directory.Match
	for _, m := range rows {
		settled := m.Verdict == directory.OneOffer || m.Verdict == directory.SeparateOnes
		if settled != decided || m.Verdict == directory.Later && at.Before(m.Until) {
			continue
		}
		shown, err := s.bothOf(ctx, actor, &m)
		if err != nil {
			return nil, err
		}
		if shown && (settled || m.First.Ended.IsZero() && m.Second.Ended.IsZero() && !m.First.Draft && !m.Second.Draft) {
			out = append(out, m)
		}
	}
	return out, nil
}

// bothOf reads both records of a pair; it is not shown where the actor may not see one of them.
func (s *Store) bothOf(ctx context.Context, actor authz.Actor, m *directory.Match) (shown bool, err error) {
	if m.First, err = s.Service(ctx, actor, m.A); err == nil {
		m.Second, err = s.Service(ctx, actor, m.B)
	}
	if k := fault.KindOf(err); err != nil && (k == fault.NotFound || k == fault.Denied) {
		return false, nil
	}
	return err == nil, err
}

// Duplicate gives one pair as a house works on it. Absent where no record of it belongs to the house, or the actor may not
// see both.
func (s *Store) Duplicate(ctx context.Context, actor authz.Actor, house authz.OrganisationID, a, b directory.ServiceID, at time.Time) (directory.Case, error) {
	c := directory.Case{House: house}
	if err := s.may(actor, authz.View, duplicate(house)); err != nil {
		return c, err
	}
	p := directory.PairOf(a, b)
	m, err := found(s.read.QueryRowContext(ctx, `SELECT `+matchColumns+` FROM duplicates WHERE first = $1 AND second = $2`, string(p.A), string(p.B)), scanMatch, absent(authz.Duplicate))
	if err != nil {
		return c, err
	}
	shown, err := s.bothOf(ctx, actor, &m)
	if err != nil {
		return c, err
	}
	if !shown || m.First.Owner != house && m.Second.Owner != house {
		return c, absent(authz.Duplicate)
	}
	c.Match = m
	of := []directory.Record{m.First, m.Second}
	if m.Verdict == directory.OneOffer {
		if of, err = s.groupOf(ctx, actor, m.First); err != nil {
			return c, err
		}
	}
	c.Joined = directory.Join(of, at)
	if c.Answers, err = s.answers(ctx, house, m.A, m.B); err != nil {
		return c, err
	}
	c.Proposals = map[directory.ServiceID][]directory.Proposal{}
	if m.Verdict != directory.OneOffer {
		return c, nil
	}
	for _, r := range []directory.Record{m.First, m.Second} {
		if r.Owner == house {
			c.Proposals[r.ID] = slices.DeleteFunc(c.Joined.Proposals(r.ID), func(p directory.Proposal) bool { return declined(c.Answers, r.ID, p) })
		}
	}
	return c, nil
}

// declined says whether the owner said no to just this value, and has not taken that back.
func declined(answers []directory.Answer, id directory.ServiceID, p directory.Proposal) bool {
	return slices.ContainsFunc(answers, func(a directory.Answer) bool {
		return a.Service == id && a.Field == p.Field && !a.Accepted && a.TakenBack.IsZero() && sameJSON([]byte(a.Proposed), p.Would)
	})
}

// DecideDuplicate notes what a house that owns one of two records says about them: OneOffer joins them for readers,
// SeparateOnes keeps them apart, Later asks again after directory.LaterDays, Open takes back what was decided. Neither
// record changes; but with Open, fields of the house's own records that it accepted because of this pair get their old
// value again, where nobody has written them since. What one owner keeps apart, the other one cannot join.
func (s *Store) DecideDuplicate(ctx context.Context, actor authz.Actor, at time.Time, house authz.OrganisationID, a, b directory.ServiceID, says directory.Verdict) error {
	if !slices.Contains([]directory.Verdict{directory.Open, directory.Later, directory.OneOffer, directory.SeparateOnes}, says) {
		return fault.New(fault.Invalid, "answer", "is none of the buttons", "use one of the buttons")
	}
	c, err := s.Duplicate(ctx, actor, house, a, b, at)
	if err != nil {
		return err
	}
	do := authz.Change
	if says == directory.Open {
		do = authz.Undo
	}
	if err := s.change(ctx, actor, at, func(t *tx) error {
		if err := t.may(do, duplicate(house)); err != nil {
			return err
		}
		m, err := found(t.QueryRowContext(ctx, `SELECT `+matchColumns+` FROM duplicates WHERE first = $1 AND second = $2`, string(c.A), string(c.B)), scanMatch, absent(authz.Duplicate))
		if err != nil {
			return err
		}
		m.First, m.Second = c.First, c.Second
		if m.Verdict == says {
			return nil
		}
		if err := t.mayTurn(ctx, m, house, says); err != nil {
			return err
		}
		until := ""
		if says == directory.Later {
			until = stamp(at.AddDate(0, 0, directory.LaterDays))
		}
		if _, err := t.ExecContext(ctx, `UPDATE duplicates SET state = $3, until = $4, decided = $5, decided_by = $6 WHERE first = $1 AND second = $2`,
			string(m.A), string(m.B), string(says), until, stamp(at), string(house)); err != nil {
			return err
		}
		return t.tellApart(ctx, m, house, says)
	}); err != nil {
		return err
	}
	if says != directory.Open {
		return nil
	}
	for _, x := range c.Answers {
		if because := x.From == c.A || x.From == c.B; because && x.Accepted && x.TakenBack.IsZero() {
			if err := s.TakeBack(ctx, actor, at, house, x.Service, x.Field, x.At); err != nil && fault.KindOf(err) != fault.Stale {
				return err
			}
		}
	}
	return nil
}

// mayTurn says whether a house may turn what was decided into something else.
func (t *tx) mayTurn(ctx context.Context, m directory.Match, house authz.OrganisationID, says directory.Verdict) error {
	if m.Verdict == directory.SeparateOnes && m.DecidedBy != house && (m.DecidedBy == m.First.Owner || m.DecidedBy == m.Second.Owner) {
		return fault.New(fault.Conflict, "duplicate", "the other organisation says that these are different offers", "speak with them; only they can take that back")
	}
	if says != directory.OneOffer {
		return nil
	}
	same, err := samePairs(ctx, t)
	if err != nil {
		return err
	}
	apart, err := rowsOf(ctx, t, scanMatch, `SELECT `+matchColumns+` FROM duplicates WHERE state = 'different'`)
	if err != nil {
		return err
	}
	for _, g := range directory.Groups(append(same, m.Pair)) {
		for _, p := range apart {
			if p.A != m.A || p.B != m.B {
				if slices.Contains(g, p.A) && slices.Contains(g, p.B) {
					return fault.New(fault.Conflict, "duplicate", "two of the offers that this would join were called different", "take that back first, or keep these apart")
				}
			}
		}
	}
	return nil
}

// tellApart writes what was decided into the history of both owners. It names the other record only by its name in the
// directory.
func (t *tx) tellApart(ctx context.Context, m directory.Match, house authz.OrganisationID, says directory.Verdict) error {
	verb := map[directory.Verdict]string{directory.OneOffer: "joined_view", directory.SeparateOnes: "kept_apart", directory.Later: "put_off", directory.Open: "decision_undone"}[says]
	type decision struct{ With, Owner, Verdict, By string }
	for _, side := range [][2]directory.Record{{m.First, m.Second}, {m.Second, m.First}} {
		if says == directory.Later && side[0].Owner != house {
			continue
		}
		before := decision{string(side[1].ID), string(side[1].Owner), string(m.Verdict), string(m.DecidedBy)}
		after := before
		after.Verdict, after.By = string(says), string(house)
		if err := t.record(ctx, authz.Entry, string(side[0].ID), side[0].Owner, verb, before, after); err != nil {
			return err
		}
	}
	return nil
}

// samePairs gives the pairs that were called one offer.
func samePairs(ctx context.Context, q querier) ([]directory.Pair, error) {
	return rowsOf(ctx, q, func(row scanner) (p directory.Pair, err error) { return p, row.Scan(&p.A, &p.B) }, `SELECT first, second FROM duplicates WHERE state = 'same' ORDER BY first, second`)
}
