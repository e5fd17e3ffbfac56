package tabular

import (
	"bytes"
	"testing"
	"unicode/utf8"

	"gevor/fault"
	"gevor/notice"
)

func FuzzTable(f *testing.F) {
	for _, s := range []string{
		"a;b\n1;2\n", "\ufeffa,b\r\n\"x\ny\",2\r\n", "sep=;\na;b\n", "\xff\xfea\x00;\x00b\x00", "a;b\n\"x;1\n", "\"\n\"\n;\"", "Stra\xdfe;\x80\n=\"1\";'2\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		notes := &notice.List{}
		tab, err := Open(bytes.NewReader(raw), Options{File: "f", Notes: notes, Limits: Limits{Columns: 50, RecordBytes: 4096, QuotedLines: 5}})
		if err != nil {
			if fault.KindOf(err) == fault.Internal {
				t.Fatal(err)
			}
			return
		}
		used := int64(0)
		err = tab.Each(func(r Row) *Problem {
			used++
			for i := range tab.Names() {
				text := r.Text(i)
				if !utf8.ValidString(text) {
					t.Fatalf("%q is no text", text)
				}
				if v, _ := tab.Numbers().Parse(text); (v.Number != 0) != (v.Flag == Known) {
					t.Fatalf("%q is %v", text, v)
				}
				if k, _ := Key(text, 8); !utf8.ValidString(k) {
					t.Fatalf("key %q is no text", k)
				}
			}
			return nil
		})
		if err != nil && fault.KindOf(err) == fault.Internal {
			t.Fatal(err)
		}
		for _, c := range notes.Counts() {
			if c.Read != c.Used+c.Rejected || c.Used != used {
				t.Fatalf("%d used, counts %+v", used, c)
			}
		}
	})
}
