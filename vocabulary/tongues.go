package vocabulary

import (
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// Tongues finds BCP 47 tags by the names of languages in German and English. Make it with NewTongues.
type Tongues map[string]string

// NewTongues names the languages of the region's pages and those that offers of the region are given in besides.
func NewTongues() Tongues {
	t := Tongues{}
	for _, tag := range append(Languages(), "it", "es", "so", "ti", "sq", "sr", "bs", "hr", "el", "pt", "zh", "vi", "hi", "ur", "ps", "nl", "rom", "ku") {
		parsed, err := language.Parse(tag)
		if err != nil {
			continue
		}
		for _, names := range []display.Namer{display.German.Languages(), display.English.Languages()} {
			if name := names.Name(parsed); name != "" && t[foldTongue(name)] == "" {
				t[foldTongue(name)] = tag
			}
		}
	}
	for name, tag := range map[string]string{"farsi": "fa", "dari": "fa-AF", "kurmandschi": "kmr", "kurmanji": "kmr", "sorani": "ckb", "gebärdensprache": "gsg", "romanes": "rom", "leichtesprache": "de-simple"} {
		t[name] = tag
	}
	return t
}

// Tag gives the tag of a language by its name; empty where it names none that is known.
func (t Tongues) Tag(name string) string { return t[foldTongue(name)] }

// Base gives the tag of a language without country and script, by its tag or its name; empty where it is neither.
// Sign languages and easy language keep what tells them apart.
func (t Tongues) Base(word string) string {
	word = strings.TrimSpace(word)
	if tag := t.Tag(word); tag != "" {
		word = tag
	}
	tag, err := language.Parse(word)
	if err != nil {
		return ""
	}
	base, sure := tag.Base()
	if sure == language.No || base.String() == "und" {
		return ""
	}
	if strings.HasSuffix(tag.String(), "-simple") || base.String() == "sgn" {
		return tag.String()
	}
	return base.String()
}

// foldTongue brings a name to one form: small letters, nothing but letters and digits.
func foldTongue(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', strings.ContainsRune("äöüß", r):
			return r
		}
		return -1
	}, strings.ToLower(s))
}
