package store

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"gevor/atlas"
	"gevor/authz"
	"gevor/directory"
	"gevor/fault"
	"gevor/form"
)

// usualRate is how many false alarms a month a region bears where nobody chose otherwise.
const usualRate = 1.0

var warningObject = authz.Object{Kind: authz.Warning}

// WarningRate gives how many false alarms a month a region bears.
func (s *Store) WarningRate(ctx context.Context, region string) (float64, error) {
	w, err := watched(ctx, s.read, region)
	return w.Rate, err
}

// WarningDay gives the day of the last report of a region; zero where there was none.
func (s *Store) WarningDay(ctx context.Context, region string) (time.Time, error) {
	w, err := watched(ctx, s.read, region)
	return w.At, err
}

func watched(ctx context.Context, q querier, region string) (w atlas.Watched, err error) {
	w.Rate = usualRate
	list, err := rowsOf(ctx, q, func(row scanner) (w atlas.Watched, err error) {
		var at, panels string
		if err := row.Scan(&w.Rate, &at, &panels); err != nil {
			return w, err
		}
		if err := json.Unmarshal([]byte(panels), &w.Reports); err != nil {
			return w, fault.Wrap(fault.Corrupt, "early warning", "cannot be read", "restore the database", err)
		}
		w.At, err = timeOf(at)
		return w, err
	}, `SELECT rate, reported, panels FROM warning_watches WHERE region = $1`, region)
	if err != nil {
		return w, failed(err)
	}
	if len(list) == 1 {
		w = list[0]
	}
	return w, nil
}

// SetWarningRate chooses how many false alarms a month a region bears, from the next report on: above 0, at most 20.
func (s *Store) SetWarningRate(ctx context.Context, actor authz.Actor, at time.Time, region string, rate float64) error {
	return s.change(ctx, actor, at, func(t *tx) error {
		if err := t.may(authz.Change, warningObject); err != nil {
			return err
		}
		if !(rate >= 0.05 && rate <= 20) {
			var f form.Fields
			f.Add("rate", "range")
			return f.Err()
		}
		was, err := watched(ctx, t.Tx, region)
		if err != nil {
			return err
		}
		if _, err := t.ExecContext(ctx, `INSERT INTO warning_watches (region, rate) VALUES ($1, $2) ON CONFLICT (region) DO UPDATE SET rate = excluded.rate`, region, rate); err != nil {
			return err
		}
		type chosen struct{ Rate float64 }
		return t.record(ctx, authz.Warning, region, "", "rate", chosen{was.Rate}, chosen{rate})
	})
}

const warningColumns = `id, gap, level, area, group_key, problem, since, seen, signals`

func scanWarning(row scanner) (k atlas.KeptWarning, err error) {
	var since, seen, signals string
	if err := row.Scan(&k.ID, &k.Gap, &k.Level, &k.Area, &k.Subject.Group, &k.Subject.Problem, &since, &seen, &signals); err != nil {
		return k, err
	}
	if err := json.Unmarshal([]byte(signals), &k.Signals); err != nil {
		return k, fault.Wrap(fault.Corrupt, "warning "+k.ID, "cannot be read", "restore the database", err)
	}
	var err2 error
	k.Since, err = timeOf(since)
	k.Seen, err2 = timeOf(seen)
	return k, errors.Join(err, err2)
}

// PreviousWarnings gives what identity needs of all warnings a region ever had, in order of ID.
func (s *Store) PreviousWarnings(ctx context.Context, region string) ([]atlas.PreviousWarning, error) {
	list, err := rowsOf(ctx, s.read, scanWarning, `SELECT `+warningColumns+` FROM warnings WHERE region = $1 ORDER BY id`, region)
	if err != nil {
		return nil, failed(err)
	}
	out := make([]atlas.PreviousWarning, len(list))
	for i, k := range list {
		out[i] = atlas.PreviousWarning{ID: k.ID, Level: k.Level, Area: k.Area, Subject: k.Subject, Since: k.Since}
	}
	return out, nil
}

// UnsafeRecordWarnings keeps a report of a region: its warnings, each with the signals of this time as evidence. A report
// that is on record already, or older than the last one, is Conflict. Only the watch calls it: nothing is decided.
func (s *Store) UnsafeRecordWarnings(ctx context.Context, region string, at time.Time, panels []atlas.Panels, list []atlas.Warning) error {
	return s.change(ctx, authz.Public(), at, func(t *tx) error {
		raw, err := json.Marshal(panels)
		if err != nil {
			return err
		}
		if err := t.one(ctx, fault.New(fault.Conflict, "early warning", "a report of this day or a later one is on record", "give newer data"),
			`INSERT INTO warning_watches (region, rate, reported, panels) VALUES ($1, $2, $3, $4)
			ON CONFLICT (region) DO UPDATE SET reported = excluded.reported, panels = excluded.panels WHERE warning_watches.reported < excluded.reported`,
			region, usualRate, stamp(at), string(raw)); err != nil {
			return err
		}
		for i := range list {
			w := &list[i]
			signals, err := json.Marshal(w.Signals)
			if err != nil {
				return err
			}
			if _, err := t.ExecContext(ctx, `INSERT INTO warnings (region, id, gap, level, area, group_key, problem, since, seen, signals) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
				ON CONFLICT (region, id) DO UPDATE SET gap = excluded.gap, since = excluded.since, seen = excluded.seen, signals = excluded.signals`,
				region, w.ID, w.Gap, string(w.Level), w.Area, w.Subject.Group, w.Subject.Problem, stamp(w.Since), stamp(at), string(signals)); err != nil {
				return err
			}
			if _, err := t.ExecContext(ctx, `INSERT INTO warning_evidence (region, warning, at, signals) VALUES ($1, $2, $3, $4)`, region, w.ID, stamp(at), string(signals)); err != nil {
				return err
			}
		}
		return nil
	})
}

// Warnings gives the warnings of a region, what needs an answer first, and what the last report was set to.
func (s *Store) Warnings(ctx context.Context, actor authz.Actor, region string) ([]atlas.KeptWarning, atlas.Watched, error) {
	if err := s.may(actor, authz.View, warningObject); err != nil {
		return nil, atlas.Watched{}, err
	}
	w, err := watched(ctx, s.read, region)
	if err != nil {
		return nil, w, err
	}
	list, err := rowsOf(ctx, s.read, scanWarning, `SELECT `+warningColumns+` FROM warnings WHERE region = $1 ORDER BY id`, region)
	if err != nil {
		return nil, w, failed(err)
	}
	answers, err := s.warningAnswers(ctx, region)
	if err != nil {
		return nil, w, err
	}
	for i := range list {
		list[i].Answers = answers[list[i].ID]
	}
	atlas.SortWarnings(list, w.At)
	return list, w, nil
}

// warningAnswers gives the answers of a region by warning, latest first.
func (s *Store) warningAnswers(ctx context.Context, region string) (map[string][]atlas.Answer, error) {
	type row struct {
		warning string
		atlas.Answer
	}
	all, err := rowsOf(ctx, s.read, func(r scanner) (x row, err error) {
		var made string
		if err := r.Scan(&x.warning, &x.ID, &x.Owner, &x.Name, &x.Kind, &x.Reason, &x.Service, &made, &x.Strength, &x.Sources); err != nil {
			return x, err
		}
		x.Made, err = timeOf(made)
		return x, err
	}, `SELECT a.warning, a.id, a.owner, o.name, a.kind, a.reason, a.service, a.made, a.strength, a.sources
		FROM warning_answers a JOIN organisations o ON o.id = a.owner WHERE a.region = $1 ORDER BY a.made DESC, a.id`, region)
	if err != nil {
		return nil, failed(err)
	}
	out := map[string][]atlas.Answer{}
	for _, x := range all {
		out[x.warning] = append(out[x.warning], x.Answer)
	}
	return out, nil
}

// Warning gives one warning with all its reports. id may also be that of the gap it speaks of.
func (s *Store) Warning(ctx context.Context, actor authz.Actor, region, id string) (atlas.KeptWarning, atlas.Watched, error) {
	list, w, err := s.Warnings(ctx, actor, region)
	if err != nil {
		return atlas.KeptWarning{}, w, err
	}
	at := slices.IndexFunc(list, func(k atlas.KeptWarning) bool { return k.ID == id })
	if at < 0 {
		at = slices.IndexFunc(list, func(k atlas.KeptWarning) bool { return k.Gap == id })
	}
	if at < 0 {
		return atlas.KeptWarning{}, w, absent(authz.Warning)
	}
	k := list[at]
	k.History, err = rowsOf(ctx, s.read, func(row scanner) (x atlas.Told, err error) {
		var day, signals string
		if err := row.Scan(&day, &signals); err != nil {
			return x, err
		}
		if err := json.Unmarshal([]byte(signals), &x.Signals); err != nil {
			return x, fault.Wrap(fault.Corrupt, "warning "+k.ID, "cannot be read", "restore the database", err)
		}
		x.At, err = timeOf(day)
		return x, err
	}, `SELECT at, signals FROM warning_evidence WHERE region = $1 AND warning = $2 ORDER BY at`, region, k.ID)
	if err != nil {
		return k, w, failed(err)
	}
	return k, w, nil
}

// AnswerWarning keeps what an organisation says of a warning. Whoever answers belongs to it. To contradict and to name an
// offer need words; an offer of the directory that is named becomes a suggestion to whoever keeps it.
func (s *Store) AnswerWarning(ctx context.Context, actor authz.Actor, at time.Time, region, id string, a atlas.Answer) error {
	if err := s.may(actor, authz.Create, warningObject); err != nil {
		return err
	}
	var f form.Fields
	if !slices.Contains(atlas.AnswerKinds(), a.Kind) {
		f.Add("kind", "choose")
	}
	least := 0
	if a.Kind == atlas.Contradicts || a.Kind == atlas.OfferExists {
		least = 3
	}
	a.Reason = f.Line("reason", a.Reason, least, 500)
	if !actor.Member(a.Owner) {
		f.Add("org", "choose")
	}
	if err := f.Err(); err != nil {
		return err
	}
	k, _, err := s.Warning(ctx, actor, region, id)
	if err != nil {
		return err
	}
	if a.Kind != atlas.OfferExists {
		a.Service = ""
	}
	z, sources := k.Strength()
	return s.change(ctx, actor, at, func(t *tx) error {
		if a.Service != "" {
			rec, err := t.service(ctx, directory.ServiceID(a.Service), authz.View)
			if err != nil {
				f.Add("service", "unknown")
				return f.Err()
			}
			a.Service = string(rec.ID)
			if _, err := t.ExecContext(ctx, `INSERT INTO suggestions (id, service, field, proposed, made) VALUES ($1, $2, $3, $4, $5)`,
				newID("g"), a.Service, "something-else", a.Reason+" ("+k.ID+")", t.at.UTC().Truncate(24*time.Hour).Format(timeForm)); err != nil {
				return err
			}
		}
		answer := newID("w")
		if _, err := t.ExecContext(ctx, `INSERT INTO warning_answers (id, region, warning, owner, kind, reason, service, made, strength, sources) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			answer, region, k.ID, string(a.Owner), string(a.Kind), a.Reason, a.Service, stamp(t.at), z, sources); err != nil {
			return err
		}
		type said struct{ Kind, Reason string }
		return t.record(ctx, authz.Warning, k.ID, a.Owner, "answered", nil, said{string(a.Kind), a.Reason})
	})
}
