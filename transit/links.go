package transit

// links joins rows to columns by walks: row i has the entries [first[i], first[i+1]).
type links struct {
	first   []int64
	to      []int32
	seconds []int32
}

// link is one entry of links.
type link struct {
	to      int32
	seconds int32
}

func newLinks(rows [][]link) links {
	l := links{first: make([]int64, len(rows)+1)}
	for i, r := range rows {
		for _, x := range r {
			l.to = append(l.to, x.to)
			l.seconds = append(l.seconds, x.seconds)
		}
		l.first[i+1] = int64(len(l.to))
	}
	return l
}

func (l links) rows() int { return len(l.first) - 1 }

func (l links) row(i int32) (to, seconds []int32) {
	a, b := l.first[i], l.first[i+1]
	return l.to[a:b], l.seconds[a:b]
}

// turned swaps rows and columns; each row of the result ascends by the former row number.
func (l links) turned(columns int) links {
	out := links{first: make([]int64, columns+1), to: make([]int32, len(l.to)), seconds: make([]int32, len(l.to))}
	for _, c := range l.to {
		out.first[c+1]++
	}
	for c := range columns {
		out.first[c+1] += out.first[c]
	}
	at := append([]int64(nil), out.first[:columns]...)
	for i := range int32(l.rows()) {
		to, seconds := l.row(i)
		for k, c := range to {
			out.to[at[c]], out.seconds[at[c]] = i, seconds[k]
			at[c]++
		}
	}
	return out
}

// part gives some rows as a table of their own, which shares the entries. Without a table it gives none.
func (l links) part(from, to int) links {
	if l.first == nil {
		return l
	}
	return links{first: l.first[from : to+1], to: l.to, seconds: l.seconds}
}
