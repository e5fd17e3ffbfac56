package store

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"gevor/authz"
	"gevor/directory"
	"gevor/fault"
)

const sharedColumns = `kind, object, purpose, owner, level, named, since, COALESCE(withdrawn, ''), version`

func scanShared(row scanner) (s authz.Shared, err error) {
	var level, named, since, withdrawn string
	if err := row.Scan(&s.Kind, &s.Object, &s.Purpose, &s.Owner, &level, &named, &since, &withdrawn, &s.Version); err != nil {
		return s, err
	}
	s.Release = releaseFrom(level, named)
	if s.Since, err = timeOf(since); err != nil {
		return s, err
	}
	s.Withdrawn, err = timeOf(withdrawn)
	return s, err
}

func releaseFrom(level, named string) authz.Release {
	var r authz.Release
	r.Level, _ = authz.LevelOf(level) // what cannot be read is private
	for _, o := range strings.Fields(named) {
		r.Named = append(r.Named, authz.OrganisationID(o))
	}
	return r
}

func namedText(named []authz.OrganisationID) string {
	words := make([]string, len(named))
	for i, o := range named {
		words[i] = string(o)
	}
	slices.Sort(words)
	return strings.Join(slices.Compact(words), " ")
}

// releaseOf gives how far one thing is released; private where nobody released it.
func releaseOf(ctx context.Context, q querier, k authz.Kind, object, purpose string) (authz.Release, error) {
	s, err := found(q.QueryRowContext(ctx, `SELECT `+sharedColumns+` FROM releases WHERE kind = $1 AND object = $2 AND purpose = $3`, string(k), object, purpose), scanShared, errPrivate)
	if errors.Is(err, errPrivate) {
		return authz.Release{}, nil
	}
	return s.Release, err
}

var errPrivate = errors.New("not released")

// releasesFor gives the releases of all things of a kind for a purpose, by thing.
func releasesFor(ctx context.Context, q querier, k authz.Kind, purpose string) (map[string]authz.Release, error) {
	shared, err := rowsOf(ctx, q, scanShared, `SELECT `+sharedColumns+` FROM releases WHERE kind = $1 AND purpose = $2`, string(k), purpose)
	out := make(map[string]authz.Release, len(shared))
	for _, s := range shared {
		out[s.Object] = s.Release
	}
	return out, err
}

// Releases gives what of an organisation is released, or once was, by kind, thing and purpose.
func (s *Store) Releases(ctx context.Context, actor authz.Actor, owner authz.OrganisationID) ([]authz.Shared, error) {
	if err := s.may(actor, authz.View, authz.Object{Kind: authz.Releases, Owner: owner}); err != nil {
		return nil, err
	}
	shared, err := rowsOf(ctx, s.read, scanShared, `SELECT `+sharedColumns+` FROM releases WHERE owner = $1 ORDER BY kind, object, purpose`, string(owner))
	if err != nil {
		return nil, failed(err)
	}
	return shared, nil
}

// Release sets how far a thing of an organisation is released for a purpose. Wider and narrower are the same call;
// narrowing counts at once, everywhere, and outlives any backup. Invalid where Named names nobody or somebody unknown.
func (s *Store) Release(ctx context.Context, actor authz.Actor, at time.Time, ref authz.Ref, wanted authz.Release) error {
	return s.change(ctx, actor, at, func(t *tx) error {
		owner, err := t.ownerOf(ctx, ref)
		if err != nil {
			return err
		}
		is, err := releaseOf(ctx, t, ref.Kind, ref.Object, ref.Purpose)
		if err != nil {
			return err
		}
		if err := t.may(authz.Share, authz.Object{Kind: ref.Kind, Owner: owner, Released: is}); err != nil {
			return err
		}
		return t.release(ctx, ref, owner, wanted)
	})
}

// ownerOf gives the organisation that owns a thing. Every kind that can be released has a line here.
func (t *tx) ownerOf(ctx context.Context, ref authz.Ref) (authz.OrganisationID, error) {
	switch ref.Kind {
	case authz.Organisation:
		o, err := organisationByID(ctx, t, authz.OrganisationID(ref.Object))
		return o.ID, err
	case authz.Atlas:
		operator, err := factOf(ctx, t, factOperator)
		if err == nil && operator == "" {
			err = absent(authz.Atlas)
		}
		return authz.OrganisationID(operator), err
	case authz.Entry:
		x, err := docByID[directory.Service](ctx, t, services, ref.Object)
		return x.Owner, err
	case authz.ContactFigures: // those of a house bear its name
		o, err := organisationByID(ctx, t, authz.OrganisationID(ref.Object))
		return o.ID, err
	case authz.Trial:
		x, err := trialByID(ctx, t, ref.Object)
		return x.Owner, err
	case authz.Commitment:
		x, err := commitmentByID(ctx, t, ref.Object)
		return x.Owner, err
	case authz.Figures:
		x, err := found(t.QueryRowContext(ctx, `SELECT `+datasetColumns+` WHERE d.id = $1`, ref.Object), scanListed, absent(authz.Figures))
		return authz.OrganisationID(x.Owner), err
	default:
		return "", absent(ref.Kind)
	}
}

func (t *tx) release(ctx context.Context, ref authz.Ref, owner authz.OrganisationID, wanted authz.Release) error {
	if wanted.Level != authz.Named {
		wanted.Named = nil
	} else if len(wanted.Named) == 0 {
		return fault.New(fault.Invalid, "named", "no organisation is named", "name at least one, or choose another level")
	}
	for _, o := range wanted.Named {
		if _, err := organisationByID(ctx, t, o); err != nil {
			return fault.New(fault.Invalid, "named", "one of the organisations does not exist", "choose from the list")
		}
	}
	if ref.Kind == authz.Figures && wanted.Level == authz.PublicLevel {
		if err := t.shownFrom(ctx, ref.Object); err != nil {
			return err
		}
	}
	old, err := found(t.QueryRowContext(ctx, `SELECT `+sharedColumns+` FROM releases WHERE kind = $1 AND object = $2 AND purpose = $3`, string(ref.Kind), ref.Object, ref.Purpose), scanShared, errPrivate)
	if err != nil && !errors.Is(err, errPrivate) {
		return err
	}
	if err == nil && same(old.Release, wanted) || err != nil && wanted.Level == authz.Private {
		return nil
	}
	narrows := err == nil && narrower(wanted, old.Release)
	withdrawn := ""
	if narrows {
		withdrawn = stamp(t.at)
	}
	if _, err := t.ExecContext(ctx, `INSERT INTO releases (kind, object, purpose, owner, level, named, since, withdrawn) VALUES ($1, $2, $3, $4, $5, $6, $7, NULLIF($8, ''))
		ON CONFLICT (kind, object, purpose) DO UPDATE SET owner = excluded.owner, level = excluded.level, named = excluded.named, since = excluded.since,
			withdrawn = COALESCE(excluded.withdrawn, releases.withdrawn), version = releases.version + 1`,
		string(ref.Kind), ref.Object, ref.Purpose, string(owner), wanted.Level.String(), namedText(wanted.Named), stamp(t.at), withdrawn); err != nil {
		return err
	}
	verb := "released"
	if narrows {
		verb = "withdrawn"
		detail, err := json.Marshal(remaining{wanted.Level.String(), namedText(wanted.Named)})
		if err != nil {
			return err
		}
		if err := t.erase(ctx, erasedRelease, strings.Join([]string{string(ref.Kind), ref.Object, ref.Purpose}, " "), string(detail)); err != nil {
			return err
		}
	}
	return t.record(ctx, ref.Kind, ref.Object, owner, verb, visible{ref.Purpose, old.Release.Level.String(), old.Release.Named}, visible{ref.Purpose, wanted.Level.String(), wanted.Named})
}

// visible is a release as the history keeps it.
type visible struct {
	Purpose, Level string
	Named          []authz.OrganisationID
}

// remaining is what is left of a release after it was narrowed.
type remaining struct{ Level, Named string }

func same(a, b authz.Release) bool {
	return a.Level == b.Level && namedText(a.Named) == namedText(b.Named)
}

// narrower says whether a shows the thing to fewer than b in any respect.
func narrower(a, b authz.Release) bool {
	if a.Level != b.Level {
		return a.Level < b.Level
	}
	return slices.ContainsFunc(b.Named, func(o authz.OrganisationID) bool { return !slices.Contains(a.Named, o) })
}

// withdrawEverything narrows every release of an organisation to nothing.
func (t *tx) withdrawEverything(ctx context.Context, owner authz.OrganisationID) error {
	shared, err := rowsOf(ctx, t, scanShared, `SELECT `+sharedColumns+` FROM releases WHERE owner = $1 AND level <> 'private' ORDER BY kind, object, purpose`, string(owner))
	if err != nil {
		return err
	}
	for _, s := range shared {
		if err := t.release(ctx, s.Ref, owner, authz.Release{}); err != nil {
			return err
		}
	}
	return nil
}
