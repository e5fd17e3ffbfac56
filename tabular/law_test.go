package tabular

import (
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"gevor/notice"
)

// Whatever stands in the rows, every one of them is used or rejected.
func TestReadIsUsedPlusRejected(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.StringOf(rapid.SampledFrom([]rune("ab1;,\"\n\r\t =ü"))).Draw(t, "body")
		refuse := rapid.IntRange(1, 3).Draw(t, "refuse")
		notes := &notice.List{}
		tab, err := Open(strings.NewReader("x;y\n"+body), Options{File: "f", Notes: notes, Limits: Limits{QuotedLines: 5}})
		if err != nil {
			t.Fatal(err)
		}
		handed, used := int64(0), int64(0)
		if err := tab.Each(func(Row) *Problem {
			handed++
			if handed%int64(refuse) == 0 {
				return &Problem{Rule: "no"}
			}
			used++
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		var c notice.Count
		if l := notes.Counts(); len(l) == 1 {
			c = l[0]
		}
		if c.Read != c.Used+c.Rejected || c.Used != used || c.Read < handed {
			t.Fatalf("%d handed over, %d used, counts %+v", handed, used, c)
		}
	})
}

// The independent answer is encoding/csv: what its writer quotes, this reader gives back field by field.
func TestAgreesWithTheStandardReader(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		delimiter := rapid.SampledFrom([]rune(";,\t|")).Draw(t, "delimiter")
		columns := rapid.IntRange(2, 6).Draw(t, "columns")
		field := rapid.StringOfN(rapid.SampledFrom([]rune("abü \"'=;,|\t\n0")), 0, 12, -1)
		var b strings.Builder
		w := csv.NewWriter(&b)
		w.Comma = delimiter
		head := make([]string, columns)
		for i := range head {
			head[i] = "c" + strconv.Itoa(i)
		}
		want := [][]string{head}
		for range rapid.IntRange(0, 20).Draw(t, "rows") {
			row := make([]string, columns)
			for i := range row {
				row[i] = field.Draw(t, "field")
			}
			row[0] = "k" + row[0]
			want = append(want, row)
		}
		if err := w.WriteAll(want); err != nil {
			t.Fatal(err)
		}
		tab, err := Open(strings.NewReader(b.String()), Options{Delimiter: byte(delimiter)})
		if err != nil {
			t.Fatal(err)
		}
		at := 1
		if err := tab.Each(func(r Row) *Problem {
			for i, f := range want[at] {
				if got := r.Text(i); got != Unwrap(f) {
					t.Fatalf("row %d field %d: got %q, want %q", at, i, got, Unwrap(f))
				}
			}
			at++
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if at != len(want) {
			t.Fatalf("%d rows of %d", at, len(want))
		}
	})
}

// A number written in either style comes back, and never as a marker; a marker never comes back as a number.
func TestNumbersComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.IntRange(0, 1_000_000_000).Draw(t, "whole")
		cents := rapid.IntRange(0, 99).Draw(t, "cents")
		comma := rapid.Bool().Draw(t, "comma")
		decimal, group := ".", ","
		if comma {
			decimal, group = ",", "."
		}
		whole := strconv.Itoa(x)
		if rapid.Bool().Draw(t, "grouped") {
			for i := len(whole) - 3; i > 0; i -= 3 {
				whole = whole[:i] + group + whole[i:]
			}
		}
		text := fmt.Sprintf("%s%s%02d", whole, decimal, cents)
		want := float64(x) + float64(cents)/100
		v, reading := Numbers{Comma: comma}.Parse(text)
		if d := v.Number - want; reading != Clear || d > 1e-6 || d < -1e-6 || (v.Flag == Zero) != (want == 0) {
			t.Fatalf("%q is %v %v, want %v", text, v, reading, want)
		}
	})
}

func TestOnlyKnownValuesAreNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.SampledFrom([]rune("0123456789.,-–*/x% '()eE")))).Draw(t, "text")
		v, reading := Numbers{Comma: rapid.Bool().Draw(t, "comma")}.Parse(text)
		if (v.Number != 0) != (v.Flag == Known) {
			t.Fatalf("%q is %v", text, v)
		}
		if reading == Unreadable && v.Flag != Missing {
			t.Fatalf("%q cannot be read and is %v", text, v)
		}
	})
}
