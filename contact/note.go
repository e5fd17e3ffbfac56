package contact

import (
	"regexp"
	"slices"
	"strings"
)

// MostNote is how many characters a note may have.
const MostNote = 140

// Sign is something in a note that could tell who a person is. Pattern is written so that Go and the browser
// (with the flags i and u) read it alike.
type Sign struct{ Name, Pattern string }

// Signs are what notes are refused for. They catch what people usually write down without thinking; they do not make a
// note safe, which is why no note is the default.
func Signs() []Sign {
	return []Sign{
		{"mail", `@|\[at\]|\(at\)`},
		{"date", `\d{1,2}\s*[./-]\s*\d{1,2}\s*[./-]|\d{1,2}\.?\s*(jan|feb|mär|mar|apr|mai|may|jun|jul|aug|sep|okt|oct|nov|dez|dec)|(19|20)\d\d|geboren|geb\.|\bborn\b|jahre alt|years old|jährig`},
		{"address", `(straße|strasse|str\.|weg|allee|platz|gasse|ring|damm|ufer|hof)\s*\d|\b\d{5}\b|hausnummer`},
		{"number", `\d[\s/()-]*\d[\s/()-]*\d|aktenzeichen|kundennummer|versichertennummer|\baz\b`},
		{"name", `(^|[^\p{L}])(frau|herr|herrn|hr\.|fr\.|familie|fam\.|mrs?\.?|ms\.?|dr\.|namens|heißt|heisst|name\s+ist|named|called)\s+\p{L}`},
		{"name", `(^|[^\p{L}])(` + givenNames + `)($|[^\p{L}])`},
	}
}

// givenNames are some that are frequent in the region; nobody needs them in a note.
const givenNames = `ahmad|ahmed|aisha|alexander|ali|amina|amir|ana|andrea|andreas|andrzej|anna|anja|aylin|ayşe|ayse|barbara|` +
	`bogdan|christian|daniel|david|deniz|dimitri|elena|elif|elisabeth|emine|emma|eva|fatima|fatma|florian|` +
	`gabriele|hamza|hannah|hasan|hassan|hatice|heike|hüseyin|ibrahim|irina|iryna|ivan|jan|jens|joanna|julia|` +
	`kadir|karin|katarzyna|khaled|klaus|laila|laura|layla|lena|leon|leyla|lukas|manuela|maria|mariam|marie|` +
	`markus|martin|mehmet|mia|michael|mihai|mohamad|mohamed|mohammed|monika|murat|mustafa|nadia|nasrin|natalia|` +
	`nicole|nikolai|nour|oksana|olena|olga|omar|oleksandr|paul|peter|petra|piotr|sabine|samira|sandra|sarah|` +
	`sebastian|selin|serhii|sergej|sofia|sophie|stefan|stefanie|susanne|svetlana|tanja|thomas|tomasz|ursula|` +
	`vladimir|wolfgang|yasmin|yusuf|zahra|zeynep`

// Telling names the signs in a note, each once.
func Telling(note string) []string {
	if strings.TrimSpace(note) == "" {
		return nil
	}
	var out []string
	for _, s := range Signs() {
		if !slices.Contains(out, s.Name) && regexp.MustCompile(`(?i)`+s.Pattern).MatchString(note) {
			out = append(out, s.Name)
		}
	}
	return out
}
