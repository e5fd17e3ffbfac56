package find

import (
	"slices"
	"strings"
)

// trie holds folded words for the search of what a misspelt word may have meant. Nodes lie in flat arrays; the
// children of a node follow one another through next.
type trie struct {
	letter []rune
	child  []int32 // first child, 0 = none (node 0 is the root and nobody's child)
	next   []int32 // next sibling, 0 = none
	word   []int32 // index of the word that ends here, -1 = none
	words  []string
	weight []int32 // how often the word occurs: the commoner of two equally near words comes first
}

// newTrie builds from words with their frequencies.
func newTrie(counts map[string]int) *trie {
	t := &trie{letter: []rune{0}, child: []int32{0}, next: []int32{0}, word: []int32{-1}}
	sorted := make([]string, 0, len(counts))
	for w := range counts {
		sorted = append(sorted, w)
	}
	slices.Sort(sorted)
	path := []int32{0} // nodes of the word before
	lastChild := map[int32]int32{}
	var before []rune
	for _, w := range sorted {
		r := []rune(w)
		common := 0
		for common < len(r) && common < len(before) && r[common] == before[common] {
			common++
		}
		path = path[:common+1]
		for _, c := range r[common:] {
			parent := path[len(path)-1]
			n := int32(len(t.letter))
			t.letter = append(t.letter, c)
			t.child = append(t.child, 0)
			t.next = append(t.next, 0)
			t.word = append(t.word, -1)
			if last, ok := lastChild[parent]; ok {
				t.next[last] = n
			} else {
				t.child[parent] = n
			}
			lastChild[parent] = n
			path = append(path, n)
		}
		t.word[path[len(path)-1]] = int32(len(t.words))
		t.words = append(t.words, w)
		t.weight = append(t.weight, int32(counts[w]))
		before = r
	}
	return t
}

// near is a word within reach of a misspelt one.
type near struct {
	word string
	cost int // tenths of an edit
}

// Costs in tenths of an edit: slips that hands make often cost less.
const (
	costEdit   = 10
	costSwap   = 7 // two neighbouring letters exchanged
	costKey    = 7 // a neighbour on the keyboard
	costDouble = 6 // a letter doubled or not
	costFirst  = 4 // added where the first letter is concerned: people seldom miss it
)

// allowance is how far a word may be off, by its length.
func allowance(letters int) int {
	switch {
	case letters < 4:
		return 0
	case letters < 8:
		return costEdit + costFirst
	default:
		return 2 * costEdit
	}
}

// search gives the words within the allowance of w: nearest first, then the commonest, then in order of letters; at
// most limit. The distance is that of Damerau and Levenshtein with adjacent exchanges only, weighted as above;
// TestNearAgreesWithFullTable holds it against the plain table.
func (t *trie) search(w string, allowed, limit int) []near {
	if allowed == 0 || t == nil {
		return nil
	}
	query := []rune(w)
	type found struct {
		near
		weight int32
	}
	var out []found
	n := len(query)
	rows := make([][]int, 1, n+4)
	rows[0] = make([]int, n+1)
	for j := 1; j <= n; j++ {
		rows[0][j] = rows[0][j-1] + dropCost(query, j-1)
	}
	var path []rune
	var walk func(node int32)
	walk = func(node int32) {
		for c := t.child[node]; c != 0; c = t.next[c] {
			path = append(path, t.letter[c])
			depth := len(path)
			if len(rows) <= depth {
				rows = append(rows, make([]int, n+1))
			}
			least := fillRow(rows, path, query)
			if i := t.word[c]; i >= 0 && rows[depth][n] <= allowed {
				out = append(out, found{near{t.words[i], rows[depth][n]}, t.weight[i]})
			}
			// A swap looks two rows back, so the row before decides too.
			if least <= allowed || slices.Min(rows[depth-1]) <= allowed-costSwap {
				walk(c)
			}
			path = path[:depth-1]
		}
	}
	walk(0)
	slices.SortFunc(out, func(a, b found) int {
		if a.cost != b.cost {
			return a.cost - b.cost
		}
		if a.weight != b.weight {
			return int(b.weight) - int(a.weight)
		}
		return strings.Compare(a.word, b.word)
	})
	if len(out) > limit {
		out = out[:limit]
	}
	got := make([]near, len(out))
	for i, f := range out {
		got[i] = f.near
	}
	return got
}

// fillRow computes the last row of the table for the word in path against the query and gives its least value.
func fillRow(rows [][]int, path, query []rune) int {
	i := len(path)
	row, before := rows[i], rows[i-1]
	row[0] = before[0] + addCost(path, i-1)
	least := row[0]
	for j := 1; j <= len(query); j++ {
		best := before[j-1]
		if path[i-1] != query[j-1] {
			best += changeCost(path[i-1], query[j-1])
			if i == 1 && j == 1 {
				best += costFirst
			}
		}
		best = min(best, before[j]+addCost(path, i-1), row[j-1]+dropCost(query, j-1))
		if i > 1 && j > 1 && path[i-1] == query[j-2] && path[i-2] == query[j-1] && path[i-1] != path[i-2] {
			best = min(best, rows[i-2][j-2]+costSwap)
		}
		row[j] = best
		least = min(least, best)
	}
	return least
}

// dropCost is the price of a letter that the query has and the word has not; addCost that of the opposite.
func dropCost(query []rune, j int) int { return singleCost(query, j) }
func addCost(word []rune, i int) int   { return singleCost(word, i) }

func singleCost(s []rune, i int) int {
	switch {
	case i > 0 && s[i] == s[i-1]:
		return costDouble
	case i == 0:
		return costEdit + costFirst
	}
	return costEdit
}

func changeCost(a, b rune) int {
	if neighbours(a, b) {
		return costKey
	}
	return costEdit
}

// neighbours says whether two letters lie side by side on the German keyboard or sound so alike that hands mix them
// up.
func neighbours(a, b rune) bool {
	const rows = "qwertzuiop asdfghjkl yxcvbnm"
	i, j := strings.IndexRune(rows, a), strings.IndexRune(rows, b)
	if i >= 0 && j >= 0 && (i-j == 1 || j-i == 1) {
		return true
	}
	switch string([]rune{min(a, b), max(a, b)}) {
	case "dt", "bp", "gk", "fv", "vw", "sz", "ck", "iy", "kq":
		return true
	}
	return false
}
