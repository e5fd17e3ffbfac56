package tabular

import (
	"bytes"
	"strings"
)

// sniffDelimiter picks the candidate whose number per row agrees best with the first row's, then the one that
// occurs most. A table with one column has none; it gets the semicolon.
func sniffDelimiter(sample []byte) byte {
	best, bestAgree, bestCount := byte(';'), 0, 0
	for _, d := range []byte{';', '\t', ',', '|'} {
		counts := countPerRow(sample, d)
		if len(counts) == 0 || counts[0] == 0 {
			continue
		}
		agree := 0
		for _, c := range counts {
			if c == counts[0] {
				agree++
			}
		}
		if agree > bestAgree || agree == bestAgree && counts[0] > bestCount {
			best, bestAgree, bestCount = d, agree, counts[0]
		}
	}
	return best
}

// countPerRow counts a byte outside quotation marks in the first rows of a sample that are not blank.
func countPerRow(sample []byte, d byte) []int {
	var counts []int
	n, filled, quoted := 0, false, false
	for _, c := range sample {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == d:
			n++
		case c == '\n':
			if filled {
				counts = append(counts, n)
			}
			if len(counts) == 50 {
				return counts
			}
			n, filled = 0, false
		case c > ' ':
			filled = true
		}
	}
	if len(counts) == 0 && filled {
		counts = append(counts, n)
	}
	return counts
}

// sniffComma looks for numbers that can be read in one way only. "0.80" and "1.2345" show a decimal point, "64,2"
// a decimal comma. Without such a number, or with both kinds, the delimiter decides: where it is a comma the
// decimal sign is a point, else a comma as German spreadsheets write it.
func sniffComma(sample []byte, delimiter byte) bool {
	points, commas := 0, 0
	for _, f := range bytes.FieldsFunc(sample, func(r rune) bool { return r == rune(delimiter) || r == '\n' || r == '\r' || r == '"' }) {
		s := strings.TrimPrefix(strings.TrimSpace(string(f)), "-")
		for _, sep := range [...]string{".", ","} {
			a, b, ok := strings.Cut(s, sep)
			if !ok || a == "" || b == "" || !digits(a) || !digits(b) || looksGrouped(s, sep) {
				continue
			}
			if sep == "." {
				points++
			} else {
				commas++
			}
		}
	}
	if (points > 0) != (commas > 0) {
		return commas > 0
	}
	return delimiter != ','
}
