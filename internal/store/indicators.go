package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gevor/authz"
	"gevor/fault"
	"gevor/indicator"
)

// figuresRef names a dataset as a thing that is released.
func figuresRef(id string) authz.Ref {
	return authz.Ref{Kind: authz.Figures, Object: id, Purpose: authz.ForAtlas}
}

const datasetFields = `d.id, d.owner, o.name, r.number, r.at, r.checksum, r.head, r.shown`

const datasetColumns = datasetFields + `
	FROM datasets d JOIN organisations o ON o.id = d.owner JOIN dataset_releases r ON r.dataset = d.id AND r.number = d.newest`

func scanListed(row scanner) (x indicator.Listed, err error) {
	var at, head, shown string
	if err := row.Scan(&x.Dataset.ID, &x.Owner, &x.House, &x.Number, &at, &x.Checksum, &head, &shown); err != nil {
		return x, err
	}
	if shown != "" {
		if x.Shown, err = timeOf(shown); err != nil {
			return x, err
		}
	}
	if x.At, err = timeOf(at); err != nil {
		return x, err
	}
	return x, json.Unmarshal([]byte(head), &x.Dataset)
}

// Datasets lists the datasets that the actor may see, in the order of their catalogues.
func (s *Store) Datasets(ctx context.Context, actor authz.Actor) ([]indicator.Listed, error) {
	return s.datasets(ctx, func(x *indicator.Listed, r authz.Release) bool {
		o := authz.Object{Kind: authz.Figures, Owner: authz.OrganisationID(x.Owner), Released: r}
		x.Mine, x.Member = s.may(actor, authz.Change, o) == nil, actor.Member(o.Owner)
		return s.may(actor, authz.View, o) == nil
	})
}

// datasets lists those that visible lets through.
func (s *Store) datasets(ctx context.Context, visible func(*indicator.Listed, authz.Release) bool) ([]indicator.Listed, error) {
	rows, err := rowsOf(ctx, s.read, scanListed, `SELECT `+datasetColumns+` ORDER BY d.place, d.id`)
	if err != nil {
		return nil, failed(err)
	}
	released, err := releasesFor(ctx, s.read, authz.Figures, authz.ForAtlas)
	if err != nil {
		return nil, failed(err)
	}
	var out []indicator.Listed
	for _, x := range rows {
		r := released[x.Dataset.ID]
		if visible(&x, r) {
			x.Level, x.Public = r.Level.String(), r.Level == authz.PublicLevel
			if !x.Member { // whose profile is private is not named by its figures
				x.House = ""
			}
			out = append(out, x)
		}
	}
	return out, nil
}

// UnsafeDatasets lists every dataset, for commands of the operator.
func (s *Store) UnsafeDatasets(ctx context.Context) ([]indicator.Listed, error) {
	return s.datasets(ctx, func(x *indicator.Listed, _ authz.Release) bool { x.Member = true; return true })
}

// listed gives one dataset that the actor may do this to.
func (s *Store) listed(ctx context.Context, q querier, actor authz.Actor, do authz.Action, id string) (indicator.Listed, error) {
	x, err := found(q.QueryRowContext(ctx, `SELECT `+datasetColumns+` WHERE d.id = $1`, id), scanListed, absent(authz.Figures))
	if err != nil {
		return x, err
	}
	r, err := releaseOf(ctx, q, authz.Figures, id, authz.ForAtlas)
	if err != nil {
		return x, failed(err)
	}
	x.Level, x.Public = r.Level.String(), r.Level == authz.PublicLevel
	return x, s.may(actor, do, authz.Object{Kind: authz.Figures, Owner: authz.OrganisationID(x.Owner), Released: r})
}

// Publication gives the newest published table of a dataset. NotFound for what the actor may not see; Corrupt where the
// bytes are not those that were published.
func (s *Store) Publication(ctx context.Context, actor authz.Actor, id string) (*indicator.Publication, indicator.Listed, error) {
	x, err := s.listed(ctx, s.read, actor, authz.View, id)
	if err != nil {
		return nil, x, err
	}
	all, err := publications(ctx, s.read, id, x.Number)
	if err != nil {
		return nil, x, err
	}
	x.Mine = s.may(actor, authz.Change, authz.Object{Kind: authz.Figures, Owner: authz.OrganisationID(x.Owner)}) == nil
	if x.Member = actor.Member(authz.OrganisationID(x.Owner)); !x.Member {
		x.House = ""
	}
	return all[0], x, nil
}

// PublicationAt gives the release of a dataset that was public last at a time. NotFound where the actor may not see the dataset
// now, as what was withdrawn is not shown as of earlier either, and where no release was public by then.
func (s *Store) PublicationAt(ctx context.Context, actor authz.Actor, id string, at time.Time) (*indicator.Publication, indicator.Listed, error) {
	if _, err := s.listed(ctx, s.read, actor, authz.View, id); err != nil {
		return nil, indicator.Listed{}, err
	}
	x, err := found(s.read.QueryRowContext(ctx, `SELECT `+datasetFields+` FROM datasets d JOIN organisations o ON o.id = d.owner JOIN dataset_releases r ON r.dataset = d.id
		WHERE d.id = $1 AND r.shown <> '' AND r.shown <= $2 ORDER BY r.number DESC LIMIT 1`, id, stamp(at)), scanListed, absent(authz.Figures))
	if err != nil {
		return nil, x, err
	}
	x.House = ""
	all, err := publications(ctx, s.read, id, x.Number)
	if err != nil {
		return nil, x, err
	}
	return all[0], x, nil
}

// shownFrom notes since when the newest release of a dataset is public.
func (t *tx) shownFrom(ctx context.Context, id string) error {
	_, err := t.ExecContext(ctx, `UPDATE dataset_releases SET shown = $1 WHERE dataset = $2 AND shown = '' AND number = (SELECT newest FROM datasets WHERE id = $2)`, stamp(t.at), id)
	return err
}

// publications gives the tables of a dataset from a release on, oldest first.
func publications(ctx context.Context, q querier, id string, from int) ([]*indicator.Publication, error) {
	out, err := rowsOf(ctx, q, func(row scanner) (*indicator.Publication, error) {
		var checksum, body string
		if err := row.Scan(&checksum, &body); err != nil {
			return nil, err
		}
		if checksumOf(body) != checksum {
			return nil, fault.New(fault.Corrupt, "dataset "+id, "the published table does not match its checksum", "restore the last backup")
		}
		p := &indicator.Publication{}
		return p, json.Unmarshal([]byte(body), p)
	}, `SELECT checksum, body FROM dataset_releases WHERE dataset = $1 AND number >= $2 ORDER BY number`, id, from)
	if err == nil && len(out) == 0 {
		err = absent(authz.Figures)
	}
	if f := (*fault.Error)(nil); err != nil && !errors.As(err, &f) {
		err = failed(err)
	}
	return out, err
}

func checksumOf(body string) string {
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}

// EarlierPublications gives everything that was ever published of a dataset, oldest first, for the gate: withdrawn or not,
// readers may remember it. None where there is no such dataset. Only those who may change the figures may ask.
func (s *Store) EarlierPublications(ctx context.Context, actor authz.Actor, id string) ([]*indicator.Publication, error) {
	_, err := s.listed(ctx, s.read, actor, authz.Change, id)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return publications(ctx, s.read, id, 0)
}

// DatasetPreview gives what the owner was told when the newest release was made: which figures the rules hid and why.
func (s *Store) DatasetPreview(ctx context.Context, actor authz.Actor, id string) (indicator.Preview, indicator.Listed, error) {
	var p indicator.Preview
	x, err := s.listed(ctx, s.read, actor, authz.Change, id)
	if err != nil {
		return p, x, err
	}
	var raw string
	if err := s.read.QueryRowContext(ctx, `SELECT preview FROM dataset_releases WHERE dataset = $1 AND number = $2`, id, x.Number).Scan(&raw); err != nil {
		return p, x, failed(err)
	}
	return p, x, json.Unmarshal([]byte(raw), &p)
}

// PublishDataset keeps a table that has passed the gate as the next release of its dataset, and sets who sees it. The same table
// as the newest release is no new one. place orders datasets. The dataset is created where it is new; one of another
// organisation looks absent. base is the release the gate looked at last: Stale where another has been made since.
func (s *Store) PublishDataset(ctx context.Context, actor authz.Actor, at time.Time, owner authz.OrganisationID, place, base int, pub *indicator.Publication, preview *indicator.Preview, wanted authz.Release) (number int, err error) {
	body, err := json.Marshal(pub)
	if err != nil {
		return 0, err
	}
	head, err := json.Marshal(pub.Dataset)
	if err != nil {
		return 0, err
	}
	told, err := json.Marshal(preview)
	if err != nil {
		return 0, err
	}
	id := pub.Dataset.ID
	err = s.change(ctx, actor, at, func(t *tx) error {
		if err := t.may(authz.Create, authz.Object{Kind: authz.Figures, Owner: owner}); err != nil {
			return err
		}
		x, err := found(t.QueryRowContext(ctx, `SELECT `+datasetColumns+` WHERE d.id = $1`, id), scanListed, absent(authz.Figures))
		fresh := fault.KindOf(err) == fault.NotFound && err != nil
		switch {
		case err != nil && !fresh:
			return err
		case !fresh && authz.OrganisationID(x.Owner) != owner:
			return fault.New(fault.Conflict, "dataset "+id, "belongs to another organisation", "choose another id in the catalogue")
		case x.Number != base:
			return stale(authz.Figures)
		}
		number = x.Number
		if fresh || x.Checksum != checksumOf(string(body)) {
			number++
			if _, err := t.ExecContext(ctx, `INSERT INTO datasets (id, owner, newest, place) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO UPDATE SET newest = excluded.newest, place = excluded.place`, id, string(owner), number, place); err != nil {
				return err
			}
			if _, err := t.ExecContext(ctx, `INSERT INTO dataset_releases (dataset, number, at, checksum, head, body, preview) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
				id, number, stamp(t.at), checksumOf(string(body)), string(head), string(body), string(told)); err != nil {
				return err
			}
			was, is := any(nil), figuresNote{number, len(pub.Areas), len(pub.Periods), checksumOf(string(body))}
			verb := "created"
			if !fresh {
				was, verb = figuresNote{Release: x.Number, Checksum: x.Checksum}, "changed"
			}
			if err := t.record(ctx, authz.Figures, id, owner, verb, was, is); err != nil {
				return err
			}
		}
		return t.release(ctx, figuresRef(id), owner, wanted)
	})
	return number, err
}

// figuresNote is a release of a dataset as the history keeps it.
type figuresNote struct {
	Release, Areas, Periods int
	Checksum                string
}

// UnsafeHouseNamed gives the organisation of a name; empty asks for the one that runs the installation. For commands of
// the operator.
func (s *Store) UnsafeHouseNamed(ctx context.Context, name string) (authz.OrganisationID, error) {
	if name == "" {
		id, err := factOf(ctx, s.read, factOperator)
		return authz.OrganisationID(id), err
	}
	var id string
	err := s.read.QueryRowContext(ctx, `SELECT COALESCE(MIN(id), '') FROM organisations WHERE name = $1 AND closed = 0`, name).Scan(&id)
	if err != nil {
		return "", failed(err)
	}
	return authz.OrganisationID(cmp.Or(id, "")), notNamed(id, name)
}

func notNamed(id, name string) error {
	if id != "" {
		return nil
	}
	return fault.New(fault.NotFound, fmt.Sprintf("organisation %q", name), "does not exist", "add it with gevor organisation create, or name another with --owner")
}
