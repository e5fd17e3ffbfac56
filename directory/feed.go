package directory

import "time"

// Touched says when something of the directory was changed last: a service, a provider or a location, by its name. The
// release of a service and a confirmation count as changes.
type Touched struct {
	ID string
	At time.Time
}

// Gone is a service that everybody could see and that is no longer public. Nothing of what it held is in it.
type Gone struct {
	ID ServiceID
	At time.Time // when it ceased to be public
}
