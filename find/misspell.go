package find

import (
	"math/rand/v2"
	"strings"
	"unicode"
)

// Misspell writes a text as hurried hands do, for measuring: about every second word of at least five letters gets
// one mistake (a letter left out, doubled, exchanged with the next, or hit beside its key; letters of other scripts
// are replaced by one of the same word), at least one word where there is such a word. The same text and seed give
// the same mistakes.
func Misspell(text string, seed uint64) string {
	random := rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15))
	runes := []rune(text)
	var spans [][2]int
	for i := 0; i < len(runes); {
		j := i
		for j < len(runes) && (unicode.IsLetter(runes[j]) || unicode.Is(unicode.Mn, runes[j])) {
			j++
		}
		if j-i >= 5 {
			spans = append(spans, [2]int{i, j})
		}
		i = max(j, i+1)
	}
	if len(spans) == 0 {
		return text
	}
	chosen := make([]bool, len(spans))
	any := false
	for i := range chosen {
		chosen[i] = random.IntN(2) == 0
		any = any || chosen[i]
	}
	if !any {
		chosen[random.IntN(len(chosen))] = true
	}
	var b strings.Builder
	at := 0
	for i, s := range spans {
		b.WriteString(string(runes[at:s[0]]))
		word := string(runes[s[0]:s[1]])
		if chosen[i] {
			word = slip(runes[s[0]:s[1]], random)
		}
		b.WriteString(word)
		at = s[1]
	}
	b.WriteString(string(runes[at:]))
	return b.String()
}

// slip makes one mistake behind the first letter.
func slip(word []rune, random *rand.Rand) string {
	i := 1 + random.IntN(len(word)-1)
	out := append([]rune{}, word...)
	switch random.IntN(4) {
	case 0:
		out = append(out[:i], out[i+1:]...)
	case 1:
		out = append(out[:i+1], out[i:]...)
		out[i+1] = word[i]
	case 2:
		if i == len(word)-1 {
			i--
		}
		out[i], out[i+1] = out[i+1], out[i]
	default:
		out[i] = beside(word, i, random)
	}
	return string(out)
}

func beside(word []rune, i int, random *rand.Rand) rune {
	const rows = "qwertzuiop asdfghjkl yxcvbnm"
	at := strings.IndexRune(rows, unicode.ToLower(word[i]))
	if at < 0 {
		return word[random.IntN(len(word))]
	}
	if at+1 < len(rows) && rows[at+1] != ' ' {
		return rune(rows[at+1])
	}
	return rune(rows[at-1])
}
