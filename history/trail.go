package history

import "time"

// Trail is what an organisation sees of the record that nobody can change unnoticed: who saw and changed its things.
type Trail struct {
	Lines  []Trace   // the latest first
	Signed time.Time // when the last checkpoint was signed; zero before the first
	Public string    // the key that checks it
	Size   int       // how many lines of the whole record that checkpoint counts
}

// Trace is one line of the record.
type Trace struct {
	Change
	Number int
	// Proof shows, as a line of JSON, that the line stands in the record that the last checkpoint signs; nil where it is
	// younger than that, or where no proofs were asked for.
	Proof []byte
}

// Bundle is the kind of lines that say which scripts the server shipped from then on; the object is their hash.
const Bundle = "bundle"
