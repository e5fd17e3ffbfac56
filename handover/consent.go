package handover

import (
	"crypto/rand"
	"slices"
	"strings"
	"time"

	"gevor/authz"
	"gevor/form"
)

// Level is what the person wants to be told back to the sender.
type Level string

// The levels.
const (
	Nothing       Level = "nothing"
	StatusOnly    Level = "status"
	StatusAndText Level = "text"
)

// Levels lists all levels, the least first.
func Levels() []Level { return []Level{Nothing, StatusOnly, StatusAndText} }

// Giver is from whom a consent is.
type Giver string

// The givers.
const (
	ByPerson    Giver = "person"
	ByGuardian  Giver = "guardian"  // who has sole custody, or decides alone in this matter
	ByGuardians Giver = "guardians" // both, where both have custody
	ByLegal     Giver = "legal"     // a legal representative
)

// Givers lists all givers.
func Givers() []Giver { return []Giver{ByPerson, ByGuardian, ByGuardians, ByLegal} }

// How says how a consent was given.
type How string

// The ways.
const (
	OnPaper How = "paper"  // signed
	Spoken  How = "spoken" // before a witness, whose name is on the paper that stays with the sender
)

// Hows lists both ways.
func Hows() []How { return []How{OnPaper, Spoken} }

// Category is a kind of what is told about the person.
type Category string

// Categories lists what a consent may cover.
func Categories() []Category {
	return []Category{"contact", "birth", "concern", "health", "insurance", "family", "work", "papers"}
}

// TextVersion is the version of the text of consents: it changes whenever the words do.
const TextVersion = "2026-11"

// LongestConsent is how long a consent may hold: nobody consents for ever.
const LongestConsent = 365 * 24 * time.Hour

// Consent is what a person agreed to: to one receiver, for one purpose, until a day. There is no other kind.
type Consent struct {
	ID         string
	Giver      Giver
	Receiver   authz.OrganisationID
	Categories []Category
	Purpose    string // the code of a need
	Until      time.Time
	Text       string // version of the words
	Language   string // BCP 47, in which they were read
	How        How
	Level      Level
	Given      time.Time // zero while it is being asked for
	Withdrawn  time.Time
}

// Check gives what is wrong with a consent that is being written down, field by field.
func (c Consent) Check(at time.Time) error {
	var f form.Fields
	choose := func(field string, ok bool) {
		if !ok {
			f.Add(field, "choose")
		}
	}
	choose("giver", slices.Contains(Givers(), c.Giver))
	choose("how", slices.Contains(Hows(), c.How))
	choose("level", slices.Contains(Levels(), c.Level))
	choose("categories", len(c.Categories) > 0 && !slices.ContainsFunc(c.Categories, func(x Category) bool { return !slices.Contains(Categories(), x) }))
	f.Line("purpose", c.Purpose, 1, 100)
	f.Line("language", c.Language, 2, 20)
	if !c.Until.After(at) || c.Until.After(at.Add(LongestConsent)) {
		f.Add("until", "within-year")
	}
	return f.Err()
}

// Covers says whether the consent lets this handover be sent, or read, at a time.
func (c Consent) Covers(h Handover, at time.Time) bool {
	return !c.Given.IsZero() && c.Withdrawn.IsZero() && at.Before(c.Until) && c.Receiver == h.Receiver
}

// digits are those of receipt codes, without those that look alike (Crockford's base 32).
const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// CodeLength is how many characters a receipt code has: 80 random bits.
const CodeLength = 16

// NewCode makes a receipt code.
func NewCode() string { return newCode(CodeLength) }

func newCode(length int) string {
	raw := make([]byte, length)
	rand.Read(raw) // never fails
	for i, b := range raw {
		raw[i] = digits[b%32]
	}
	return string(raw)
}

// ReadCode gives a receipt code as people type it: in any case, with spaces and dashes, O for 0 and I or L for 1. ok is
// false where it cannot be one.
func ReadCode(typed string) (code string, ok bool) { return readCode(typed, CodeLength) }

func readCode(typed string, length int) (code string, ok bool) {
	code = strings.NewReplacer(" ", "", "-", "", "–", "", "\u00a0", "", "O", "0", "I", "1", "L", "1", "U", "V").Replace(strings.ToUpper(typed))
	if len(code) != length {
		return "", false
	}
	return code, !strings.ContainsFunc(code, func(r rune) bool { return !strings.ContainsRune(digits, r) })
}

// Spell writes a code in groups of four.
func Spell(code string) string {
	var b strings.Builder
	for i := 0; i < len(code); i += 4 {
		if i > 0 {
			b.WriteByte('-')
		}
		b.WriteString(code[i:min(i+4, len(code))])
	}
	return b.String()
}
