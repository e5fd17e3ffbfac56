package find

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"gevor/vocabulary"
)

// target is what a phrase of some language stands for.
type target struct {
	german  string // a German term, "" where only the concept counts
	concept string // key of the vocabulary, "" where it is a plain translation
	weight  float64
}

// phrase is one entry of a lexicon: the keys of its words in order.
type phrase struct {
	keys    []string
	targets []target
}

// dictionary is the lexicon of one language.
type dictionary struct {
	lang     string
	phrases  []phrase
	heads    map[string][]int32 // key of the first word → phrases, the longest first
	function map[string]bool    // folded words without a subject
	ordinary map[string]bool    // stems and folded words of everyday speech
	plain    map[string]bool    // folded words of everyday speech, as they are written
	loose    bool               // a phrase of one word and words without a subject is found by that word alone
	forms    *trie              // folded words, for typing errors
	without  *trie              // the words without a subject, for typing errors
	isForm   map[string]bool
	stems    *trie               // stems of the folded words, for typing errors in inflected words
	formOf   map[string]string   // a folded word of each stem
	sounds   map[string][]int32  // sounds of a whole phrase without spaces → phrases, for words typed by ear
	bySound  map[string][]string // sounds of a word → folded words
}

// lexicon holds the dictionaries of all languages.
type lexicon struct {
	of    map[string]*dictionary
	acute map[string]map[string]*dictionary // language → matter
}

const (
	weightConceptWord = 0.6 // a German label standing in for the concept
	weightSynonym     = 0.5
	maxPhraseWords    = 6
	minSounds         = 3
)

func newLexicon(voc *vocabulary.Vocabulary) *lexicon {
	lex := &lexicon{of: map[string]*dictionary{}}
	if voc == nil {
		return lex
	}
	languages := append(vocabulary.Languages(), "")
	for _, lang := range languages[:len(languages)-1] {
		into := lang
		if lang == "de-simple" {
			into = "de"
		}
		d := lex.of[into]
		if d == nil {
			d = &dictionary{lang: into, heads: map[string][]int32{}, function: map[string]bool{}, ordinary: map[string]bool{}, plain: map[string]bool{}, isForm: map[string]bool{}, sounds: map[string][]int32{}}
			lex.of[into] = d
		}
		for _, o := range voc.OrdinaryWords(lang) {
			for _, t := range words(o) {
				d.plain[t.word] = true
				d.ordinary[t.word], d.ordinary[stem(into, t.word)] = true, true
			}
		}
		for _, f := range voc.FunctionWords(lang) {
			for _, t := range words(f) {
				d.function[t.word] = true
			}
		}
		d.concepts(voc, lang)
		d.entries(voc.Thesaurus(lang))
	}
	for _, d := range lex.of {
		d.close()
	}
	lex.readAcute(voc)
	return lex
}

// concepts takes the labels and everyday words of one language in.
func (d *dictionary) concepts(voc *vocabulary.Vocabulary, lang string) {
	for _, c := range voc.Concepts() {
		german := voc.Words(c.Key, "de")
		for _, w := range voc.Words(c.Key, lang) {
			targets := []target{{concept: c.Key, weight: 1}}
			for i, g := range german {
				if d.lang == "de" && strings.EqualFold(g, w) || i > 2 {
					continue
				}
				weight := weightConceptWord
				if d.lang != "de" && i == 0 {
					weight = 1
				}
				targets = append(targets, target{german: g, weight: weight})
			}
			d.add(w, targets)
		}
	}
}

func (d *dictionary) entries(lines []vocabulary.Entry) {
	for _, e := range lines {
		var german []string
		for g := range strings.SplitSeq(e.German, "|") {
			if g = strings.TrimSpace(g); g != "" {
				german = append(german, g)
			}
		}
		if d.lang != "de" {
			for _, w := range e.Words {
				var targets []target
				for i, g := range german {
					weight := 1.0
					if i > 0 {
						weight = 0.8
					}
					targets = append(targets, target{german: g, weight: weight})
				}
				d.add(w, targets)
			}
			continue
		}
		all := append(german, e.Words...)
		for _, w := range all {
			var targets []target
			for _, g := range all {
				if g != w {
					targets = append(targets, target{german: g, weight: weightSynonym})
				}
			}
			d.add(w, targets)
		}
	}
}

func (d *dictionary) add(text string, targets []target) {
	var p phrase
	tokens := words(text)
	for _, t := range tokens {
		d.isForm[t.word] = true
		if d.function[t.word] && len(tokens) > 1 {
			continue
		}
		p.keys = append(p.keys, stem(d.lang, t.word))
	}
	if !d.loose && len(p.keys) == 1 && len(tokens) > 1 {
		// One word and words without a subject ("does not talk", "not at home"): the small words make the meaning.
		p.keys = p.keys[:0]
		for _, t := range tokens {
			p.keys = append(p.keys, stem(d.lang, t.word))
		}
	}
	if len(p.keys) == 0 || len(p.keys) > maxPhraseWords {
		return
	}
	p.targets = targets
	n := int32(len(d.phrases))
	d.phrases = append(d.phrases, p)
	d.heads[p.keys[0]] = append(d.heads[p.keys[0]], n)
	var s strings.Builder
	for _, t := range tokens {
		s.WriteString(sound(t.word))
	}
	if len(s.String()) >= minSounds {
		d.sounds[s.String()] = append(d.sounds[s.String()], n)
	}
}

// commonly counts each word once.
func commonly(words map[string]bool) map[string]int {
	counts := make(map[string]int, len(words))
	for w := range words {
		counts[w] = 1
	}
	return counts
}

// minStem is how many letters of a stem make it worth mending: shorter ones lie near too many words.
const minStem = 4

// nearest gives at most three words that a misspelt one may have been: those of the lexicon as they stand, else those
// whose stem lies near its stem, since what was misspelt was as a rule inflected too.
func (d *dictionary) nearest(w string) []near {
	if out := d.forms.search(w, allowance(len([]rune(w))), 3); len(out) > 0 || d.lang == "tr" {
		return out
	}
	s := stem(d.lang, w)
	if s == w {
		return nil
	}
	out := d.stems.search(s, allowance(len([]rune(s))), 3)
	for i := range out {
		out[i].word = d.formOf[out[i].word]
	}
	return out
}

// slipped says whether an unknown word is a misspelt one without a subject ("fidnen"), rather than any word that means
// something: others are the words with a subject that it may have been.
func (d *dictionary) slipped(w string, others *trie) bool {
	letters := len([]rune(w))
	as := d.without.search(w, min(allowance(letters), costEdit+costFirst), 1)
	if len(as) == 0 {
		return false
	}
	other := others.search(w, allowance(letters), 1)
	return len(other) == 0 || as[0].cost <= other[0].cost
}

// close orders what add has collected: longer phrases first, and joins phrases of the same words.
func (d *dictionary) close() {
	d.forms = newTrie(commonly(d.isForm))
	d.formOf = map[string]string{}
	stems := map[string]int{}
	for _, w := range sorted(d.isForm) {
		s := stem(d.lang, w)
		if _, known := d.formOf[s]; !known && len([]rune(s)) >= minStem {
			d.formOf[s], stems[s] = w, 1
		}
	}
	d.stems = newTrie(stems)
	without := maps.Clone(d.function)
	if without == nil {
		without = map[string]bool{}
	}
	maps.Copy(without, d.plain)
	d.without = newTrie(commonly(without))
	d.bySound = map[string][]string{}
	if scriptOfLanguage(d.lang) != latin {
		heard := maps.Clone(d.isForm)
		maps.Copy(heard, d.function)
		for _, w := range sorted(heard) {
			for _, s := range d.spoken(w) {
				d.bySound[s] = append(d.bySound[s], w)
			}
		}
	}
	for _, list := range d.heads {
		slices.SortStableFunc(list, func(a, b int32) int { return cmp.Compare(len(d.phrases[b].keys), len(d.phrases[a].keys)) })
	}
}

// spoken gives the sounds under which a word of another script may be typed in Latin letters. The h that ends many
// Arabic words is not heard, and article and endings may be missing.
func (d *dictionary) spoken(w string) []string {
	out := []string{sound(w)}
	if scriptOfLanguage(d.lang) != arabic {
		return out
	}
	for _, v := range []string{strings.TrimSuffix(w, "ه"), stem(d.lang, w)} {
		if s := sound(v); len(s) > 1 && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// match is a phrase found in a row of tokens.
type match struct {
	targets []target
	tokens  int // how many tokens of the query it takes, function words inside included
	words   int // how many of them are words of the phrase
}

// at finds the longest phrase that begins with token i; all phrases of that length give their targets. Function
// words between the words of a phrase are passed over.
//
// A word of everyday speech as it is written begins no phrase of one word that it only shares a stem with: Polish "widzę"
// (I see) are no "widzenia" (visits to a child).
func (d *dictionary) at(tokens []string, i int) (match, bool) {
	everyday := d.plain[tokens[i]] && !d.isForm[tokens[i]]
	for _, k := range keys(d.lang, tokens[i]) {
		var best match
		for _, n := range d.heads[k] {
			p := d.phrases[n]
			taken, ok := d.follows(p.keys, tokens, i)
			if !ok || len(p.keys) < best.words || everyday && len(p.keys) == 1 {
				continue
			}
			if len(p.keys) > best.words {
				best = match{tokens: taken, words: len(p.keys)}
			}
			best.targets = append(best.targets, p.targets...)
			best.tokens = max(best.tokens, taken)
		}
		if best.words > 0 {
			return best, true
		}
	}
	return match{}, false
}

func (d *dictionary) follows(phraseKeys, tokens []string, i int) (taken int, ok bool) {
	at := i + 1
	for _, k := range phraseKeys[1:] {
		for at < len(tokens) && d.function[tokens[at]] && !slices.Contains(keys(d.lang, tokens[at]), k) {
			at++
		}
		if at >= len(tokens) || !slices.Contains(keys(d.lang, tokens[at]), k) {
			return 0, false
		}
		at++
	}
	return at - i, true
}

// knows says whether a folded word is one of the language as far as the lexicon goes.
func (d *dictionary) knows(w string) bool {
	if d.function[w] || d.isForm[w] || d.isOrdinary(w) {
		return true
	}
	for _, k := range keys(d.lang, w) {
		if len(d.heads[k]) > 0 {
			return true
		}
	}
	return false
}

// isOrdinary says whether a folded word, inflected or not, is one of everyday speech.
func (d *dictionary) isOrdinary(w string) bool {
	return d.ordinary[w] || d.ordinary[stem(d.lang, w)]
}

func (lex *lexicon) readAcute(voc *vocabulary.Vocabulary) {
	lex.acute = map[string]map[string]*dictionary{}
	for _, matter := range voc.AcuteMatters() {
		for _, lang := range vocabulary.Languages() {
			list := voc.AcuteWords(matter, lang)
			if len(list) == 0 {
				continue
			}
			into := lang
			if lang == "de-simple" {
				into = "de"
			}
			if lex.acute[into] == nil {
				lex.acute[into] = map[string]*dictionary{}
			}
			d := lex.acute[into][matter]
			if d == nil {
				d = &dictionary{lang: into, loose: true, heads: map[string][]int32{}, isForm: map[string]bool{}, sounds: map[string][]int32{}}
				if whole := lex.of[into]; whole != nil {
					d.function = whole.function
				}
				lex.acute[into][matter] = d
			}
			for _, w := range list {
				d.add(w, []target{{concept: matter, weight: 1}})
			}
		}
	}
	for _, of := range lex.acute {
		for _, d := range of {
			d.close()
		}
	}
}
