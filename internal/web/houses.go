package web

import (
	"context"
	"time"

	"gevor/authz"
	"gevor/history"
	"gevor/organisation"
	"gevor/outbox"
)

// Houses is what the pages ask of organisations, the people in them and their rights. Every method decides for the
// actor; what the actor may not know of is fault.NotFound.
type Houses interface {
	Rights
	Organisation(ctx context.Context, actor authz.Actor, id authz.OrganisationID) (organisation.Organisation, error)
	Organisations(ctx context.Context, actor authz.Actor) ([]organisation.Organisation, error)
	CreateOrganisation(ctx context.Context, actor authz.Actor, at time.Time, o organisation.Organisation) (authz.OrganisationID, error)
	ChangeOrganisation(ctx context.Context, actor authz.Actor, at time.Time, o organisation.Organisation) error
	CloseOrganisation(ctx context.Context, actor authz.Actor, at time.Time, id authz.OrganisationID) error
	SetAlliance(ctx context.Context, actor authz.Actor, at time.Time, id authz.OrganisationID, alliance bool) error
	Members(ctx context.Context, actor authz.Actor, id authz.OrganisationID) ([]organisation.Member, error)
	SetRoles(ctx context.Context, actor authz.Actor, at time.Time, id authz.OrganisationID, who authz.PersonID, version int, roles []authz.Role) error
	Invitations(ctx context.Context, actor authz.Actor, id authz.OrganisationID) ([]organisation.Invitation, error)
	Invite(ctx context.Context, actor authz.Actor, at time.Time, i organisation.Invitation) (id, secret string, err error)
	WithdrawInvitation(ctx context.Context, actor authz.Actor, at time.Time, id string) error
	Releases(ctx context.Context, actor authz.Actor, owner authz.OrganisationID) ([]authz.Shared, error)
	Release(ctx context.Context, actor authz.Actor, at time.Time, ref authz.Ref, wanted authz.Release) error
	History(ctx context.Context, actor authz.Actor, owner authz.OrganisationID, kind authz.Kind, object string, below int64, limit int) ([]history.Change, error)
	Undo(ctx context.Context, actor authz.Actor, at time.Time, sequence int64) error
	Outbox(ctx context.Context, actor authz.Actor, owner authz.OrganisationID, limit int) ([]outbox.Sending, error)
}

func houseRoutes() []Route { return nil }
