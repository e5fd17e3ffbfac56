package find

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// token is one word of a text in normal form.
type token struct {
	word string // folded
	raw  string // as it stands in the text
	line int    // which line of the text
}

const maxTokenRunes = 48

// fold brings one word to the form that all comparisons use: compatibility forms undone, small letters, ß as ss,
// accents and points off (ä, ae and a are one, likewise o and u, since all three are typed), Turkish dotless i as
// i, Arabic letter variants as one, vowel signs and joiners gone, Eastern digits as ASCII.
func fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range norm.NFKD.String(s) {
		if unicode.Is(unicode.Mn, r) || r == 'ـ' || r == '\u200c' || r == '\u200d' || r == '\u00ad' || apostrophe(r) {
			continue
		}
		r = unicode.ToLower(r)
		switch r {
		case 'ß':
			b.WriteString("ss")
			continue
		case 'æ':
			b.WriteString("ae")
			continue
		case 'œ':
			b.WriteString("oe")
			continue
		case 'ø':
			r = 'o'
		case 'ı':
			r = 'i'
		case 'ł':
			r = 'l'
		case 'đ', 'ð':
			r = 'd'
		default:
			r = foldEastern(r)
		}
		if r != 0 {
			b.WriteRune(r)
		}
	}
	return digraphs(b.String())
}

func apostrophe(r rune) bool {
	return r == '\'' || r == '’' || r == 'ʼ' || r == '‘' || r == '`' || r == '´' || r == 'ʿ' || r == 'ʾ'
}

// foldEastern joins letters that are typed for one another in Arabic, Persian, Kurdish and Cyrillic texts.
func foldEastern(r rune) rune {
	switch r {
	case 'أ', 'إ', 'آ', 'ٱ':
		return 'ا'
	case 'ى', 'ئ', 'ی', 'ێ', 'ې':
		return 'ي'
	case 'ؤ', 'ۆ', 'ۇ':
		return 'و'
	case 'ة', 'ھ', 'ە', 'ہ', 'ۀ':
		return 'ه'
	case 'ک':
		return 'ك'
	case 'ڵ':
		return 'ل'
	case 'ڕ':
		return 'ر'
	case 'ء':
		return 0
	case 'ґ':
		return 'г'
	case 'ё', 'є':
		return 'е'
	}
	switch {
	case r >= '٠' && r <= '٩':
		return r - '٠' + '0'
	case r >= '۰' && r <= '۹':
		return r - '۰' + '0'
	}
	return r
}

// digraphs undoes ae, oe and ue where they stand for umlauts. ue after a vowel or q is two sounds (neue, Steuer,
// Quelle) and stays.
func digraphs(s string) string {
	if !strings.Contains(s, "ae") && !strings.Contains(s, "oe") && !strings.Contains(s, "ue") {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		out = append(out, s[i])
		if i+1 < len(s) && s[i+1] == 'e' {
			before := byte(0)
			if i > 0 {
				before = s[i-1]
			}
			switch s[i] {
			case 'a', 'o':
				i++
			case 'u':
				if !strings.ContainsRune("aeoq", rune(before)) {
					i++
				}
			}
		}
	}
	return string(out)
}

// words cuts a text into folded words. Marks between a word and its female ending (Bürger*innen, Bürger:innen,
// Bürger_innen, Bürger/innen) belong to the word; hyphens divide.
func words(text string) []token {
	var out []token
	line := 0
	start := -1
	runes := []rune(text)
	flush := func(end int) {
		if start < 0 {
			return
		}
		raw := string(runes[start:end])
		start = -1
		w := fold(strings.Map(inside, raw))
		if w == "" {
			return
		}
		if r := []rune(w); len(r) > maxTokenRunes {
			w = string(r[:maxTokenRunes])
		}
		out = append(out, token{w, raw, line})
	}
	for i, r := range runes {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r):
			if start < 0 {
				start = i
			}
		case start >= 0 && joins(runes, i):
		default:
			flush(i)
			if r == '\n' {
				line++
			}
		}
	}
	flush(len(runes))
	return out
}

// inside takes out the marks that joins let stand in a word.
func inside(r rune) rune {
	if strings.ContainsRune("*:_/", r) {
		return -1
	}
	return r
}

// joins says whether the rune at i lies inside a word.
func joins(runes []rune, i int) bool {
	r := runes[i]
	next := func(k int) rune {
		if i+k < len(runes) {
			return unicode.ToLower(runes[i+k])
		}
		return 0
	}
	switch {
	case apostrophe(r) || r == '\u200c' || r == '\u200d' || r == '\u00ad':
		return unicode.IsLetter(next(1))
	case strings.ContainsRune("*:_/", r):
		if next(1) != 'i' || next(2) != 'n' {
			return false
		}
		if next(3) == 'n' && next(4) == 'e' && next(5) == 'n' {
			return !unicode.IsLetter(next(6))
		}
		return !unicode.IsLetter(next(3))
	}
	return false
}

// script of a word: what its first letter is written in.
type script uint8

const (
	latin script = iota
	cyrillic
	arabic
	otherScript
)

func scriptOf(w string) script {
	for _, r := range w {
		switch {
		case r < 0x250 || unicode.Is(unicode.Latin, r):
			return latin
		case unicode.Is(unicode.Cyrillic, r):
			return cyrillic
		case unicode.Is(unicode.Arabic, r):
			return arabic
		default:
			return otherScript
		}
	}
	return otherScript
}
