package store

import (
	"context"

	"gevor/authz"
)

// AtlasObject gives the served atlas of a region as an object of rights: it belongs to the operator, who releases it.
// An installation without any organisation is one person's workbench: there it is open.
func (s *Store) AtlasObject(ctx context.Context, region string) (authz.Object, error) {
	o := authz.Object{Kind: authz.Atlas}
	operator, err := factOf(ctx, s.read, factOperator)
	if err != nil {
		return o, failed(err)
	}
	if operator == "" {
		o.Released.Level = authz.PublicLevel
		return o, nil
	}
	o.Owner = authz.OrganisationID(operator)
	if o.Released, err = releaseOf(ctx, s.read, authz.Atlas, region, authz.ForAtlas); err != nil {
		return o, failed(err)
	}
	return o, nil
}
