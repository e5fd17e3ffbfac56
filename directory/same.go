package directory

import (
	"math"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"gevor/geo"
)

// Band says how sure it is that two records speak of the same thing.
type Band uint8

// The bands. The zero value is Different.
const (
	Different Band = iota
	Ask            // somebody has to look
	Same
)

// String names a band.
func (b Band) String() string { return [...]string{"different", "ask", "same"}[min(b, Same)] }

// Facts is what is compared of a record, whatever its source.
type Facts struct {
	Name, Street, Postcode, City string
	Phones                       []string
	Websites                     []string
	At                           *geo.LonLat
	Kinds                        []string
}

// Likeness is the comparison of two records, with its reasons as keys of the catalogue.
type Likeness struct {
	Band    Band
	Score   float64 // 0…1, comparable only within one installation
	Reasons []string
}

// Thresholds of Compare. Between them somebody is asked. They were set on pairs judged by hand in same_test.go and are
// held by it: no pair of different offices in one house is Same, no pair of one office from two sources is Different.
const (
	askFrom  = 0.51
	sameFrom = 0.80
)

// Compare says whether two records speak of the same thing. Names and legal forms, streets, phones, domains and distance
// count; what one record lacks counts neither way. Two offices that share a switchboard or a house but not a name are
// never Same, and neither are two offers of different kinds.
func Compare(a, b Facts) Likeness { return compare(prepare(a), prepare(b)) }

// prepared is Facts in the forms in which they are compared, made once for each record.
type prepared struct {
	words                    []string
	street, postcode         string
	phones, domains          []string
	saysPhones, saysWebsites bool
	at                       *geo.LonLat
	kinds                    []string
}

func prepare(f Facts) prepared {
	p := prepared{words: words(f.Name), postcode: f.Postcode, at: f.At, saysPhones: len(f.Phones) > 0, saysWebsites: len(f.Websites) > 0}
	p.phones, p.domains = phones(f.Phones), domains(f.Websites)
	if f.Street != "" {
		p.street = Street(f.Street)
	}
	for _, k := range f.Kinds {
		if k != "other" { // says nothing
			p.kinds = append(p.kinds, k)
		}
	}
	return p
}

func compare(a, b prepared) Likeness {
	l := Likeness{Reasons: make([]string, 1, 5)} // the first place is kept for the name
	const nameWeight = 4.0
	weight, sum := nameWeight, 0.0
	add := func(w, likeness float64, reason string) {
		weight += w
		sum += w * likeness
		if likeness >= 0.8 {
			l.Reasons = append(l.Reasons, reason)
		}
	}
	if a.saysPhones && b.saysPhones {
		add(2, shared(a.phones, b.phones), "phone")
	}
	if a.saysWebsites && b.saysWebsites {
		add(1.5, shared(a.domains, b.domains), "website")
	}
	if a.street != "" && b.street != "" {
		like := 0.0
		if a.street == b.street && (a.postcode == b.postcode || a.postcode == "" || b.postcode == "") {
			like = 1
		}
		add(2, like, "address")
	}
	if a.at != nil && b.at != nil {
		// 1 at the same spot, a half at 100 m, near nothing from 400 m on.
		add(2, math.Exp(-float64(geo.Distance(*a.at, *b.at))/144), "distance")
	}
	if (nameWeight+sum)/weight < askFrom && len(l.Reasons) <= 3 {
		return Likeness{} // whatever the names are
	}
	name := likeWordLists(a.words, b.words)
	if sum += nameWeight * name; name >= 0.8 {
		l.Reasons[0] = "name"
	} else {
		l.Reasons = l.Reasons[1:]
	}
	l.Score = sum / weight
	apart := len(a.kinds) > 0 && len(b.kinds) > 0 && shared(a.kinds, b.kinds) == 0
	switch {
	case l.Score >= sameFrom && name >= 0.75 && len(l.Reasons) >= 2 && !apart:
		l.Band = Same
	case l.Score >= askFrom && name >= 0.4:
		l.Band = Ask
	case len(l.Reasons) >= 3: // another name, but everything else is one
		l.Band = Ask
	}
	return l
}

// shared is 1 where two sets have an element in common.
func shared(a, b []string) float64 {
	if slices.ContainsFunc(a, func(x string) bool { return slices.Contains(b, x) }) {
		return 1
	}
	return 0
}

func phones(in []string) []string {
	var out []string
	for _, s := range in {
		if n, ok := PhoneNumber(s); ok {
			out = append(out, n)
		}
	}
	return out
}

// domains gives the hosts of addresses without "www.". Hosts on which many have their page prove nothing.
func domains(in []string) []string {
	var out []string
	for _, s := range in {
		s, ok := Link(s)
		if !ok {
			continue
		}
		u, err := url.Parse(s)
		if err != nil {
			continue
		}
		host := strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
		if !slices.Contains([]string{"facebook.com", "instagram.com", "jameda.de", "doctolib.de", "google.com", "wordpress.com", "jimdofree.com"}, host) {
			out = append(out, host)
		}
	}
	return out
}

// legalForms are left out of names.
var legalForms = regexp.MustCompile(`\b(e ?v|g?gmbh( co kg)?|gag|ug|ag|kg|ohg|gbr|eg|kdör|ggmbh|mvz|stiftung des bürgerlichen rechts|anstalt des öffentlichen rechts|aör|partgmbb|bag|dr|dres|med|dent|prof|dipl|psych|frau|herr|gemeinschaftspraxis|praxis|für|und|der|die|das|des|im|am|in)\b`)

// Name brings a name into the form in which it is compared: lower case, ß and umlauts written out, without marks, legal
// forms, titles and small words.
func Name(s string) string {
	s = fold(s)
	s = legalForms.ReplaceAllString(s, " ")
	return strings.Join(strings.Fields(s), " ")
}

// fold writes text in small letters without marks; umlauts stay letters of their own until the end so that "für" is
// still known as a small word.
func fold(s string) string {
	s = strings.ToLower(norm.NFKC.String(s))
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r):
			return r
		case r == '.' || r == '\'' || r == '’':
			return ' '
		}
		return ' '
	}, s)
}

var (
	umlauts     = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss")
	streetWords = regexp.MustCompile(`(straße|strasse|str)\b`)
	houseNumber = regexp.MustCompile(`(\d+)\s+([a-z])\b`)
)

// Street brings a street with number into the form in which it is compared: "Bochumer Str. 12 A" is "bochumerstr12a".
func Street(s string) string {
	s = strings.Join(strings.Fields(fold(s)), " ")
	s = streetWords.ReplaceAllString(s, "str")
	s = houseNumber.ReplaceAllString(s, "$1$2")
	return umlauts.Replace(strings.ReplaceAll(s, " ", ""))
}

// likeWordLists compares two names by their words: how much of the shorter name's letters stands in the other one, words
// with one or two wrong letters included. 1 is the same.
func likeWordLists(wa, wb []string) float64 {
	if len(wa) == 0 || len(wb) == 0 {
		return 0
	}
	letters := func(ws []string) (n int) {
		for _, w := range ws {
			n += len(w)
		}
		return n
	}
	matched := func(from, to []string) (n float64) {
		for _, w := range from {
			best := 0.0
			for _, v := range to {
				best = max(best, likeWords(w, v))
			}
			n += best * float64(len(w))
		}
		return n
	}
	ab, ba := matched(wa, wb)/float64(letters(wa)), matched(wb, wa)/float64(letters(wb))
	// A name that is wholly part of the other one is alike, a little less the more the other one has beyond it.
	return 0.65*max(ab, ba) + 0.35*min(ab, ba)
}

func words(s string) []string { return strings.Fields(umlauts.Replace(Name(s))) }

// likeWords is 1 for the same word, less for one or two wrong letters, 0 beyond.
func likeWords(a, b string) float64 {
	if a == b {
		return 1
	}
	longer, apart := max(len(a), len(b)), max(len(a), len(b))-min(len(a), len(b))
	if longer < 4 || apart > 2 || apart == 2 && longer < 8 {
		return 0
	}
	d := edits(a, b)
	if d > 2 || d == 2 && longer < 8 {
		return 0
	}
	return 1 - float64(d)*1.5/float64(longer)
}

// edits is the number of letters to change, add, leave out or swap with their neighbour to turn a into b (optimal string
// alignment).
func edits(a, b string) int {
	var room [3 * 48]int // names are compared by the million: words of usual length need no memory of their own
	rows := room[:]
	if 3*(len(b)+1) > len(rows) {
		rows = make([]int, 3*(len(b)+1))
	}
	n := len(b) + 1
	two, one, now := rows[:n], rows[n:2*n], rows[2*n:3*n]
	for j := range one {
		one[j] = j
	}
	for i := 1; i <= len(a); i++ {
		now[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			now[j] = min(one[j]+1, now[j-1]+1, one[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				now[j] = min(now[j], two[j-2]+1)
			}
		}
		two, one, now = one, now, two
	}
	return one[len(b)]
}
