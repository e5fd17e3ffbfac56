package find

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// stem brings a folded word of a language to the form in which its inflections meet. All stemmers are light: they
// take endings off and know no exceptions; what they join wrongly costs little, since the same is done on both
// sides.
func stem(lang, w string) string {
	switch lang {
	case "de", "de-simple", "":
		return stemGerman(w)
	case "en":
		return stemEnglish(w)
	case "fr":
		return cutEnding(w, 4, frenchEndings())
	case "ru":
		return stemRussian(w)
	case "uk", "bg":
		return cutEnding(w, 4, slavicEndings())
	case "pl":
		return cutEnding(w, 4, polishEndings())
	case "ro":
		return cutEnding(w, 4, romanianEndings())
	case "tr":
		return prefix(w, 5) // Turkish stacks its endings: the first five letters retrieve as well as a parser (Can et al. 2008)
	case "kmr":
		return cutEnding(w, 4, kurmanjiEndings())
	case "ar":
		return stemArabic(w)
	case "fa":
		return cutEnding(w, 3, persianEndings())
	case "ckb":
		return cutEnding(w, 3, soraniEndings())
	}
	return w
}

func prefix(w string, n int) string {
	if utf8.RuneCountInString(w) <= n {
		return w
	}
	return string([]rune(w)[:n])
}

// stemGerman takes off the endings of declension and conjugation in at most two passes.
func stemGerman(w string) string {
	if scriptOf(w) != latin {
		return w
	}
	for _, e := range []string{"erinnen", "erin"} {
		if len(w) > len(e)+4 && strings.HasSuffix(w, e) {
			return stemGerman(w[:len(w)-len(e)] + "er")
		}
	}
	n := len(w)
	switch {
	case n > 6 && strings.HasSuffix(w, "ern"):
		w = w[:n-3]
	case n > 5 && hasAny(w, "em", "en", "er", "es"):
		w = w[:n-2]
	case n > 4 && strings.HasSuffix(w, "e"):
		w = w[:n-1]
	case n > 4 && w[n-1] == 's' && strings.IndexByte("bdfghklmnrt", w[n-2]) >= 0:
		w = w[:n-1]
	case n > 5 && w[n-1] == 'n' && w[n-2] != 'i' && w[n-2] != 'o' && w[n-2] != 'u' && w[n-2] != 'a':
		w = w[:n-1]
	}
	if n = len(w); n > 6 && hasAny(w, "er", "en") {
		w = w[:n-2]
	}
	return w
}

func hasAny(w string, endings ...string) bool {
	return slices.ContainsFunc(endings, func(e string) bool { return strings.HasSuffix(w, e) })
}

// rootGerman gives what a verb, its participle and its noun share (registrieren, Registrierung, registriert →
// registr; angemeldet, Anmeldung, anzumelden → anmeld), "" where nothing of five letters is left.
func rootGerman(w string) string {
	if scriptOf(w) != latin || len(w) < 5 {
		return ""
	}
	before, verb := "", w
	for _, p := range separable() {
		if rest, ok := strings.CutPrefix(w, p); ok && len(rest) > 5 && (strings.HasPrefix(rest, "ge") || strings.HasPrefix(rest, "zu")) {
			before, verb = p, rest[2:]
			break
		}
	}
	if before == "" && len(w) > 6 && strings.HasPrefix(w, "ge") && hasAny(w, "t", "te", "ten", "ter", "tes", "en") {
		verb = w[2:]
	}
	for _, e := range rootEndings() {
		if len(verb) >= len(e)+4 && strings.HasSuffix(verb, e) {
			verb = verb[:len(verb)-len(e)]
			break
		}
	}
	for _, e := range []string{"isier", "ier", "at"} { // realisier-, registrier-, integrat-
		if len(verb) >= len(e)+4 && strings.HasSuffix(verb, e) {
			verb = verb[:len(verb)-len(e)]
			break
		}
	}
	if r := before + verb; len(r) >= 4 {
		return r
	}
	return ""
}

func separable() []string {
	return []string{"zuruck", "nach", "auf", "aus", "bei", "ein", "mit", "vor", "weg", "an", "ab", "um", "zu"}
}

func rootEndings() []string {
	return []string{
		"ungen", "ieren", "ionen", "lichen", "licher", "liches", "barkeit", "igkeit", "lichkeit", "heiten", "keiten",
		"etes", "eten", "eter", "ung", "ion", "lich", "isch", "heit", "keit", "bar", "ete", "ten", "tes", "ter",
		"end", "et", "en", "er", "em", "es", "te", "ig", "e", "t", "n", "s",
	}
}

func stemEnglish(w string) string {
	n := len(w)
	switch {
	case n > 5 && strings.HasSuffix(w, "ies"):
		return w[:n-3] + "y"
	case n > 6 && strings.HasSuffix(w, "ing"):
		return strings.TrimSuffix(w[:n-3], "e")
	case n > 5 && strings.HasSuffix(w, "ed"):
		return strings.TrimSuffix(w[:n-2], "e")
	case n > 4 && strings.HasSuffix(w, "es"):
		return w[:n-2]
	case n > 3 && w[n-1] == 's' && w[n-2] != 's' && w[n-2] != 'u':
		w = w[:n-1]
	}
	if n = len(w); n > 4 && w[n-1] == 'e' {
		w = w[:n-1]
	}
	return w
}

// cutEnding takes the longest ending off that leaves at least keep letters.
func cutEnding(w string, keep int, endings []string) string {
	n := utf8.RuneCountInString(w)
	for _, e := range endings {
		if n-utf8.RuneCountInString(e) >= keep && strings.HasSuffix(w, e) {
			return w[:len(w)-len(e)]
		}
	}
	return w
}

// The endings stand folded and the longest first.
func frenchEndings() []string {
	return []string{"ements", "ations", "ement", "ation", "euses", "euse", "eurs", "eur", "iers", "ieres", "iere", "ier", "aux", "ees", "ee", "es", "er", "ez", "e", "s", "x"}
}

func slavicEndings() []string {
	return []string{
		"еннями", "остями", "ування", "ового", "остеи", "остях", "ьними", "ьного", "ьному", "ание", "ания", "ання", "ации", "ение", "ении", "ення",
		"иями", "ость", "ості", "тись", "тися", "ться", "ьнии", "ьних", "іння", "ість", "ами", "ата", "ати", "ать", "еві", "его",
		"ему", "еть", "ими", "ите", "ити", "ить", "иях", "ове", "ові", "ого", "ому", "ыми", "ьна", "ьне", "ьні", "ями",
		"ята", "ять", "іти", "ам", "ах", "ая", "ев", "ее", "еи", "ем", "ет", "ею", "ие", "ии", "им", "их",
		"ию", "ия", "ов", "ое", "ои", "ом", "ою", "ся", "та", "ти", "то", "ть", "ът", "ые", "ыи", "ым",
		"ых", "ям", "ят", "ях", "яя", "ів", "іи", "ію", "ія", "іі", "а", "е", "и", "о", "у", "ъ",
		"ы", "ь", "ю", "я", "і",
	}
}

func polishEndings() []string {
	return []string{
		"osciami", "osciach", "owania", "owanie", "owego", "owych", "nosci", "nosc", "ania", "anie", "enia", "enie", "iami", "iach",
		"ami", "ach", "ego", "emu", "ych", "ymi", "ich", "imi", "owi", "ow", "om", "ej", "ym", "im", "ie", "ia", "iu", "em", "ac", "ec", "ic", "yc", "a", "e", "i", "o", "u", "y",
	}
}

func romanianEndings() []string {
	return []string{"urilor", "iilor", "ului", "elor", "ilor", "atie", "atiei", "area", "arii", "iile", "urile", "uri", "ele", "ile", "iei", "ii", "ul", "ea", "ei", "ie", "le", "a", "e", "i", "u"}
}

func kurmanjiEndings() []string {
	return []string{"ekan", "eke", "iyan", "iya", "yen", "yan", "ek", "en", "an", "ye", "ya", "a", "e", "i"}
}

func persianEndings() []string {
	return []string{"هايي", "هاي", "ها", "اني", "ات", "ان", "ام", "اش", "ي"}
}

func soraniEndings() []string {
	return []string{"هكانم", "هكاني", "هكان", "يهكي", "هكه", "هكي", "يهك", "ان", "اني", "هك", "ي", "ه"}
}

// stemArabic takes article, conjunctions and prepositions written with the word off its beginning and the endings
// of number, gender and possession off its end (after the light10 stemmer of Larkey, Ballesteros & Connell 2007,
// on letters that fold has already joined).
func stemArabic(w string) string {
	r := []rune(w)
	for _, p := range []string{"وال", "بال", "كال", "فال", "لل", "ال"} {
		if pr := []rune(p); len(r) >= len(pr)+2 && strings.HasPrefix(string(r), p) {
			r = r[len(pr):]
			break
		}
	}
	if len(r) > 4 && r[0] == 'و' {
		r = r[1:]
	}
	for _, e := range []string{"هما", "كما", "ها", "ان", "ات", "ون", "ين", "يه", "كم", "هم", "نا", "ه", "ي"} {
		if er := []rune(e); len(r) >= len(er)+3 && strings.HasSuffix(string(r), e) {
			r = r[:len(r)-len(er)]
			break
		}
	}
	return string(r)
}

// keys gives the forms under which a folded word of a language may stand in the lexicon, the surest first.
func keys(lang, w string) []string {
	out := []string{stem(lang, w)}
	add := func(s string) {
		if s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	if lang == "ar" {
		r := []rune(w)
		if len(r) > 3 && strings.ContainsRune("بلكفسو", r[0]) {
			add(stemArabic(string(r[1:])))
		}
		if len(r) > 4 && r[0] == 'و' && strings.ContainsRune("بلكف", r[1]) {
			add(stemArabic(string(r[2:])))
		}
		// Verbs of the present carry their person in front: يحتاج, تحتاج, نحتاج, أحتاج.
		if len(r) > 3 && strings.ContainsRune("ايتن", r[0]) {
			add(stemArabic(string(r[1:])))
		}
	}
	return out
}
