package account

import (
	_ "embed"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// The length of a password in characters. There are no rules of composition: they make passwords shorter and easier
// to guess (NIST SP 800-63B-4, 3.1.1.2). The upper end only keeps anybody from sending a book.
const (
	LeastPassword = 12
	MostPassword  = 256
)

//go:embed bad-passwords.txt
var badPasswords string

// TidyPassword gives a password in the form in which it is hashed: composed, so that the same keys on another keyboard
// give the same bytes (RFC 8265, OpaqueString).
func TidyPassword(s string) string {
	s = norm.NFC.String(s)
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Zs, r) {
			return ' '
		}
		return r
	}, s)
}

// CheckPassword gives the reason why a password cannot be taken, a key of the catalogue under "field.", and "" where it
// can. About are words that anybody would try first: name, address, name of the installation.
func CheckPassword(s string, about ...string) (reason string) {
	s = TidyPassword(s)
	switch n := utf8.RuneCountInString(s); {
	case n == 0:
		return "empty"
	case n < LeastPassword:
		return "password-short"
	case n > MostPassword:
		return "long"
	}
	if tooPlain(s) {
		return "password-plain"
	}
	plain := letters(s)
	base := strings.TrimRight(plain, "0123456789")
	for bad := range strings.FieldsSeq(badPasswords) {
		if plain == bad || base == bad || base == bad+bad {
			return "password-known"
		}
	}
	for _, a := range about {
		for _, word := range strings.FieldsFunc(strings.ToLower(a), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			// What is left when a word that anybody knows is taken out must still be a password's worth of guessing.
			if len(word) >= 4 && strings.Contains(plain, word) && utf8.RuneCountInString(strings.ReplaceAll(plain, word, "")) < LeastPassword/2 {
				return "password-own"
			}
		}
	}
	return ""
}

// letters is a password as lists of bad ones hold it: small, and without what people put between letters to satisfy
// rules of composition.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// tooPlain says whether a password is a single character, a run of the keyboard or a short piece again and again.
func tooPlain(s string) bool {
	low := strings.ToLower(s)
	for size := 1; size <= len(low)/2; size++ {
		if size <= 4 && strings.Repeat(low[:size], len(low)/size+1)[:len(low)] == low {
			return true
		}
	}
	for _, row := range []string{"12345678901234567890", "09876543210987654321", "abcdefghijklmnopqrstuvwxyz", "qwertzuiopü", "qwertyuiop", "asdfghjklöä", "yxcvbnm", "zxcvbnm"} {
		low = strings.ReplaceAll(low, row, "")
		for size := min(len(low), len(row)); size >= 4; size-- {
			for from := 0; from+size <= len(row); from++ {
				low = strings.ReplaceAll(low, row[from:from+size], "")
			}
		}
	}
	return utf8.RuneCountInString(low) < LeastPassword/3
}
