// Package form tidies what people type and says, field by field, what cannot be taken as it is. Reasons are keys of the
// catalogue ("field.<reason>"), so that the same word stands on a page, in an answer of the API and in a test.
package form

import (
	"errors"
	"net/mail"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"gevor/fault"
)

// maxEmail is the longest address that SMTP carries, in bytes (RFC 5321, 4.5.3.1.3).
const maxEmail = 254

// Fields collects what is wrong with a form, field by field.
type Fields struct{ wrong []Field }

// Field is one field with the reason it was refused: a key of the catalogue under "field.".
type Field struct{ Name, Reason string }

// Invalid is the cause of a fault about fields.
type Invalid struct{ Fields []Field }

// Error lists the fields.
func (i *Invalid) Error() string {
	var b strings.Builder
	for k, f := range i.Fields {
		if k > 0 {
			b.WriteString(", ")
		}
		b.WriteString(f.Name + ": " + f.Reason)
	}
	return b.String()
}

// Add notes that a field is wrong.
func (f *Fields) Add(field, reason string) { f.wrong = append(f.wrong, Field{field, reason}) }

// Err gives all notes as one fault of kind Invalid with an *Invalid as cause, nil where there are none.
func (f *Fields) Err() error {
	if len(f.wrong) == 0 {
		return nil
	}
	e := &Invalid{f.wrong}
	return fault.Wrap(fault.Invalid, "form", "some fields cannot be taken as they are", e.Error(), e)
}

// Line tidies one line of text: composed form, single spaces, no control characters; it notes a text that is empty,
// shorter than least or longer than most characters.
func (f *Fields) Line(field, s string, least, most int) string {
	s = norm.NFC.String(strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " "))
	f.length(field, utf8.RuneCountInString(s), least, most)
	return s
}

// Text tidies text of several lines: composed form, plain line ends, no control characters, nothing blank around it; it
// notes a text that is empty, shorter than least or longer than most characters.
func (f *Fields) Text(field, s string, least, most int) string {
	s = norm.NFC.String(strings.ToValidUTF8(s, ""))
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s)
	s = strings.Map(func(r rune) rune {
		if r < 0x20 && r != '\n' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, s)
	s = strings.Trim(s, " \t\n")
	f.length(field, utf8.RuneCountInString(s), least, most)
	return s
}

func (f *Fields) length(field string, n, least, most int) {
	switch {
	case n == 0 && least > 0:
		f.Add(field, "empty")
	case n < least:
		f.Add(field, "short")
	case n > most:
		f.Add(field, "long")
	}
}

// Email tidies an address and notes one that no mail reaches.
func (f *Fields) Email(field, s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		f.Add(field, "empty")
		return s
	}
	a, err := mail.ParseAddress(s)
	_, host, _ := strings.Cut(s, "@")
	if err != nil || a.Address != s || len(s) > maxEmail || strings.ContainsAny(s, "\r\n,;<>\"") || !strings.Contains(strings.Trim(host, "."), ".") && host != "localhost" {
		f.Add(field, "email")
	}
	return s
}

// Of gives the fields that an error speaks of, nil where it speaks of none.
func Of(err error) []Field {
	if e, ok := errors.AsType[*Invalid](err); ok {
		return e.Fields
	}
	return nil
}
