package find

import "strings"

// soundLatin brings a folded word in Latin letters to classes of consonants: what is left when somebody writes a
// foreign word by ear. Vowels fall out, and sounds that scripts keep apart differently become one (b p · d t ·
// g k q gh kh · s z ts · sh ch sch · f v w). Digits are those of Arabic chat spelling (7 = ح, 3 = ع, 5 = خ).
func soundLatin(w string) string {
	var b strings.Builder
	for i := 0; i < len(w); {
		rest := w[i:]
		n := 1
		var c byte
		switch {
		case strings.HasPrefix(rest, "tsch"):
			n, c = 4, 'x'
		case strings.HasPrefix(rest, "dsch"):
			n, c = 4, 'x'
		case strings.HasPrefix(rest, "sch"):
			n, c = 3, 'x'
		case strings.HasPrefix(rest, "sh"), strings.HasPrefix(rest, "ch"), strings.HasPrefix(rest, "zh"), strings.HasPrefix(rest, "dj"), strings.HasPrefix(rest, "cz"):
			n, c = 2, 'x'
		case strings.HasPrefix(rest, "kh"), strings.HasPrefix(rest, "gh"):
			n, c = 2, 'k'
		case strings.HasPrefix(rest, "ts"), strings.HasPrefix(rest, "tz"), strings.HasPrefix(rest, "th"), strings.HasPrefix(rest, "dh"):
			n, c = 2, 's'
			if rest[1] == 'h' {
				c = 't'
			}
		case strings.HasPrefix(rest, "ph"):
			n, c = 2, 'f'
		default:
			c = latinSound(rest[0], i+1 < len(w) && strings.IndexByte("ei", w[min(i+1, len(w)-1)]) >= 0)
		}
		put(&b, c)
		i += n
	}
	return b.String()
}

func latinSound(c byte, beforeEI bool) byte {
	switch c {
	case 'b', 'p':
		return 'b'
	case 'd', 't':
		return 't'
	case 'c':
		if beforeEI {
			return 's'
		}
		return 'k'
	case 'k', 'g', 'q', '5':
		return 'k'
	case 's', 'z':
		return 's'
	case 'f', 'v', 'w':
		return 'f'
	case 'x':
		return 'k'
	case 'm', 'n', 'l', 'r':
		return c
	case 'h', '7':
		return 'h'
	}
	return 0
}

// put adds a sound unless it only doubles the one before.
func put(b *strings.Builder, c byte) {
	if c == 0 {
		return
	}
	if s := b.String(); s != "" && s[len(s)-1] == c {
		return
	}
	b.WriteByte(c)
}

// soundCyrillic and soundArabic give the same classes for folded words of those scripts.
func soundCyrillic(w string) string {
	var b strings.Builder
	for _, r := range w {
		switch r {
		case 'б', 'п':
			put(&b, 'b')
		case 'д', 'т':
			put(&b, 't')
		case 'г', 'к':
			put(&b, 'k')
		case 'х':
			put(&b, 'h')
		case 'с', 'з', 'ц':
			put(&b, 's')
		case 'ш', 'щ', 'ч', 'ж':
			put(&b, 'x')
		case 'ф', 'в':
			put(&b, 'f')
		case 'м':
			put(&b, 'm')
		case 'н':
			put(&b, 'n')
		case 'л':
			put(&b, 'l')
		case 'р':
			put(&b, 'r')
		}
	}
	return b.String()
}

func soundArabic(w string) string {
	var b strings.Builder
	for _, r := range w {
		switch r {
		case 'ب', 'پ':
			put(&b, 'b')
		case 'د', 'ت', 'ط', 'ض', 'ث', 'ذ':
			put(&b, 't')
		case 'ك', 'ق', 'غ', 'گ', 'خ':
			put(&b, 'k')
		case 'ج', 'ش', 'چ', 'ژ':
			put(&b, 'x')
		case 'س', 'ز', 'ص', 'ظ':
			put(&b, 's')
		case 'ف', 'ڤ':
			put(&b, 'f')
		case 'ه', 'ح':
			put(&b, 'h')
		case 'م':
			put(&b, 'm')
		case 'ن':
			put(&b, 'n')
		case 'ل':
			put(&b, 'l')
		case 'ر':
			put(&b, 'r')
		}
	}
	return b.String()
}

func sound(w string) string {
	switch scriptOf(w) {
	case latin:
		return soundLatin(w)
	case cyrillic:
		return soundCyrillic(w)
	case arabic:
		return soundArabic(w)
	}
	return ""
}

// Transliterate writes a text in plain Latin letters as people do on a keyboard without their own ones, for
// measuring: Cyrillic and Arabic letter by letter, Latin letters without accents.
func Transliterate(text string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(text) {
		if s, ok := keyboardLatin(r); ok {
			b.WriteString(s)
			continue
		}
		if r < 0x80 {
			b.WriteRune(r)
			continue
		}
		b.WriteString(fold(string(r)))
	}
	return b.String()
}

func keyboardLatin(r rune) (string, bool) {
	const cyrillicLetters = "абвгґдеєёжзиіїйклмнопрстуфхцчшщъыьэюя"
	latinOf := strings.Split("a b v g g d e ie yo zh z y i yi y k l m n o p r s t u f kh ts ch sh shch . y . e yu ya", " ")
	i := 0
	for _, c := range cyrillicLetters {
		if c == r {
			return strings.Trim(latinOf[i], "."), true
		}
		i++
	}
	const arabicLetters = "ابتثجحخدذرزسشصضطظعغفقكلمنهويةىءأإآؤئ"
	latinOfArabic := strings.Split("a b t th j 7 kh d dh r z s sh s d t z 3 gh f q k l m n h w i a a . a i a o i", " ")
	i = 0
	for _, c := range arabicLetters {
		if c == r {
			return strings.Trim(latinOfArabic[i], "."), true
		}
		i++
	}
	return "", false
}
