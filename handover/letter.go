package handover

import (
	"strings"

	"gevor/form"
)

// Letter is a handover to an organisation without an account: no content, only the envelope. A mail says that something
// waits; somebody says the code and the rest on the telephone.
type Letter struct {
	// Phone is where the sender can be called.
	Phone string
	// Mail says what became of the mail, as an outcome of the outbox: empty while it waits, "delivered" where a mail
	// server took it, "refused" or "given-up" where none did.
	Mail string
}

// LetterLength is how many characters the code of a letter has: 40 random bits, for MostMisses tries.
const (
	LetterLength = 8
	MostMisses   = 10
)

// NewLetterCode makes the code of a letter.
func NewLetterCode() string { return newCode(LetterLength) }

// ReadLetterCode gives the code of a letter as people type it, like ReadCode.
func ReadLetterCode(typed string) (code string, ok bool) { return readCode(typed, LetterLength) }

// Check gives what is wrong with a letter that is being written.
func (l Letter) Check() error {
	var f form.Fields
	f.Line("phone", l.Phone, 4, 40)
	if strings.Trim(l.Phone, "0123456789 +/()-") != "" {
		f.Add("phone", "phone")
	}
	return f.Err()
}

// LetterVerbs are what somebody without an account can do: nothing but answer.
func LetterVerbs() []Verb { return []Verb{Accept, Reject} }
