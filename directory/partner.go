package directory

import (
	"time"

	"gevor/authz"
)

// PartnerState is how far two houses are about a joint offer.
type PartnerState string

// The states. A name stands under an offer only while its house agrees.
const (
	Asked    PartnerState = "asked"
	Consents PartnerState = "agreed"
	Declined PartnerState = "declined"
)

// Partnership is a provider that is asked to stand with its name under an offer of another house.
type Partnership struct {
	Service  ServiceID
	Offer    Texts                // name of the service
	Summary  Texts                // of the service
	By       authz.OrganisationID // who keeps the service and asks
	Provider ProviderID
	Name     string               // of the provider
	Owner    authz.OrganisationID // who keeps the provider and answers
	State    PartnerState
	Asked    time.Time
	Decided  time.Time // zero while nobody has answered
}
