package tabular

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/text/encoding/unicode"

	"gevor/fault"
	"gevor/notice"
)

// read gives all rows as lines of fields joined by bars, and the rules of all notices.
func read(t testing.TB, in string, o Options) (rows []string, rules []string, tab *Table) {
	t.Helper()
	notes := &notice.List{}
	o.File, o.Notes = "t.csv", notes
	tab, err := Open(strings.NewReader(in), o)
	if err != nil {
		t.Fatalf("%q: %v", in, err)
	}
	if err := tab.Each(func(r Row) *Problem {
		var f []string
		for i := range tab.Names() {
			f = append(f, r.Text(i))
		}
		rows = append(rows, fmt.Sprintf("%d:%s", r.Line, strings.Join(f, "|")))
		return nil
	}); err != nil {
		t.Fatalf("%q: %v", in, err)
	}
	for _, n := range notes.Notices() {
		rules = append(rules, fmt.Sprintf("%s@%d", n.Rule, n.Line))
	}
	return rows, rules, tab
}

func TestTables(t *testing.T) {
	for name, c := range map[string]struct {
		in, names, rows, rules string
		o                      Options
	}{
		"semicolons":            {in: "a;b\n1;2\n3;4\n", names: "a|b", rows: "2:1|2 3:3|4"},
		"commas":                {in: "a,b\n1,2\n", names: "a|b", rows: "2:1|2"},
		"tabs":                  {in: "a\tb, c\n1\t2, 3\n", names: "a|b, c", rows: "2:1|2, 3"},
		"decimal commas":        {in: "a;b\n1,5;2,5\n1,5;2,5\n", names: "a|b", rows: "2:1,5|2,5 3:1,5|2,5"},
		"no line end":           {in: "a;b\n1;2", names: "a|b", rows: "2:1|2"},
		"old line ends":         {in: "a;b\r1;2\r", names: "a|b", rows: "2:1|2"},
		"one column":            {in: "name\nEssen\n", names: "name", rows: "2:Essen"},
		"byte order mark":       {in: "\ufeffa;b\n1;2\n", names: "a|b", rows: "2:1|2"},
		"windows-1252":          {in: "Stra\xdfe;B\xfcro\nM\xfcller\x96Weg;\x80\n", names: "Straße|Büro", rows: "2:Müller–Weg|€", rules: "windows-1252@0"},
		"mixed encodings":       {in: "Straße;b\nM\xfcller;ü\nÖl;2\n", names: "Straße|b", rows: "2:Müller|ü 3:Öl|2", rules: "windows-1252@0"},
		"quoted line break":     {in: "\"a\n x\";b\n\"1\r\n2\";3\n4;5\n", names: "a x|b", rows: "3:1\r\n2|3 5:4|5"},
		"doubled quotes":        {in: "a;b\n\"x \"\"y\"\"\";1\n", names: "a|b", rows: "2:x \"y\"|1"},
		"loose quotes":          {in: "a;b\n\"Kita \"Sonne\" e.V.\";1\nKita \"Mond\";2\n", names: "a|b", rows: "2:Kita \"Sonne\" e.V.|1 3:Kita \"Mond\"|2"},
		"text-typed":            {in: "a;b\n=\"05;911\";'0123\n", names: "a|b", rows: "2:05;911|0123"},
		"blank lines":           {in: "\n;;\na;b\n\n;\n1;2\n\n", names: "a|b", rows: "6:1|2"},
		"separator line":        {in: "sep=|\na|b\n1|2\n", names: "a|b", rows: "3:1|2"},
		"header further down":   {in: "Stand 2024\n\na;b\n1;2\n", names: "a|b", rows: "4:1|2", o: Options{HeaderRow: 2, Delimiter: ';'}},
		"twice the same name":   {in: "a;A;;a\n1;2;3;4\n", names: "a|A #2|column 3|a #3", rows: "2:1|2|3|4", rules: "duplicate-column@1 duplicate-column@1"},
		"short row":             {in: "a;b;c\n1;2\n", names: "a|b|c", rows: "2:1|2|", rules: "too-few-fields@2"},
		"long row":              {in: "a;b\n1;2;3\n1;2;;\n4;5\n", names: "a|b", rows: "3:1|2 4:4|5", rules: "too-many-fields@2"},
		"unclosed quote":        {in: "a;b\n\"x;1\ny;2\n", names: "a|b", rows: "3:y|2", rules: "unclosed-quote@2"},
		"too many columns":      {in: "a;b\n1;2;3;4;5\n6;7\n", names: "a|b", rows: "3:6|7", rules: "too-many-columns@2", o: Options{Limits: Limits{Columns: 4}}},
		"row too long":          {in: "a;b\n" + strings.Repeat("x", 60) + ";1\n6;7\n", names: "a|b", rows: "3:6|7", rules: "row-too-long@2", o: Options{Limits: Limits{RecordBytes: 50}}},
		"quote over many lines": {in: "a;b\n\"\n\n\n\n\n\";1\n6;7\n", names: "a|b", rows: "7:\";1\n6;7", rules: "unclosed-quote@2", o: Options{Limits: Limits{QuotedLines: 3}}},
	} {
		rows, rules, tab := read(t, c.in, c.o)
		if name == "quote over many lines" {
			// What follows an unclosed quote cannot be known; it must end and lose nothing silently.
			if len(rules) == 0 || rules[0] != c.rules {
				t.Errorf("%s: %q %q", name, rows, rules)
			}
			continue
		}
		if got := strings.Join(tab.Names(), "|"); got != c.names {
			t.Errorf("%s: names %q, want %q", name, got, c.names)
		}
		if got := strings.Join(rows, " "); got != c.rows {
			t.Errorf("%s: rows %q, want %q", name, got, c.rows)
		}
		if got := strings.Join(rules, " "); got != c.rules {
			t.Errorf("%s: rules %q, want %q", name, got, c.rules)
		}
	}
}

func TestUTF16(t *testing.T) {
	raw, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes([]byte("Straße\tb\nMüller\t2\n"))
	if err != nil {
		t.Fatal(err)
	}
	rows, _, tab := read(t, string(raw), Options{})
	if tab.Encoding() != "utf-16" || len(rows) != 1 || rows[0] != "2:Müller|2" || tab.Names()[0] != "Straße" {
		t.Errorf("%s %q %q", tab.Encoding(), tab.Names(), rows)
	}
}

func TestWhatIsNoTable(t *testing.T) {
	for _, in := range []string{"", "\n\n", "PK\x03\x04\x00\x00", "\"never closed"} {
		if _, err := Open(strings.NewReader(in), Options{File: "t.csv"}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", in, err)
		}
	}
	tab, err := Open(strings.NewReader("a\n1\n2\n3\n"), Options{File: "t.csv", Limits: Limits{Rows: 2}})
	if err != nil {
		t.Fatal(err)
	}
	if err := tab.Each(func(Row) *Problem { return nil }); fault.KindOf(err) != fault.TooLarge {
		t.Errorf("three rows of two: %v", err)
	}
	if _, err := tab.Need("b"); err == nil || !strings.Contains(err.Error(), "t.csv:1") {
		t.Errorf("absent column: %v", err)
	}
}

func TestNumberFormatOfATable(t *testing.T) {
	for in, comma := range map[string]bool{
		"a;b\n1,5;x\n":         true,
		"a;b\n0.803;x\n":       false, // semicolons, yet decimal points
		"a;b\n1.5;2,5\n":       true,  // both: the delimiter decides
		"a;b\n1.234;x\n":       true,  // cannot tell
		"a,b\n\"1,5\",2\n":     false,
		"a;b\n17.10.2023;12\n": true,
	} {
		tab, err := Open(strings.NewReader(in), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if tab.Numbers().Comma != comma {
			t.Errorf("%q: comma %v", in, !comma)
		}
	}
}

func TestNumbers(t *testing.T) {
	german, english := Numbers{Comma: true}, Numbers{}
	for _, c := range []struct {
		n       Numbers
		in      string
		want    Value
		reading Reading
	}{
		{german, "5,0", Value{5, Known}, Clear},
		{german, "5.0", Value{5, Known}, Clear},
		{english, "5,0", Value{5, Known}, Clear},
		{german, "1.234,5", Value{1234.5, Known}, Clear},
		{english, "1,234.5", Value{1234.5, Known}, Clear},
		{german, "1.234", Value{1234, Known}, Ambiguous},
		{german, "0.123", Value{0.123, Known}, Clear},
		{german, "1,234", Value{1.234, Known}, Clear},
		{english, "1,234", Value{1234, Known}, Ambiguous},
		{english, "1.234", Value{1.234, Known}, Clear},
		{german, "1.234.567", Value{1234567, Known}, Clear},
		{german, "1 234 567,8", Value{1234567.8, Known}, Clear},
		{german, "1\u00a0234", Value{1234, Known}, Clear},
		{german, "1'234", Value{1234, Known}, Clear},
		{german, "-3,5", Value{-3.5, Known}, Clear},
		{german, "\u22123,5", Value{-3.5, Known}, Clear},
		{german, "12,5 %", Value{12.5, Known}, Clear},
		{german, "(12)", Value{12, Known}, Uncertain},
		{german, "=\"12\"", Value{12, Known}, Clear},
		{german, "'12", Value{12, Known}, Clear},
		{german, "1E+05", Value{100000, Known}, Clear},
		{german, ",5", Value{0.5, Known}, Clear},
		{german, "0", Value{0, Zero}, Clear},
		{german, "0,00", Value{0, Zero}, Clear},
		{german, "–", Value{0, Zero}, Clear},
		{german, "-", Value{0, Zero}, Clear},
		{german, ".", Value{0, Suppressed}, Clear},
		{german, "*", Value{0, Suppressed}, Clear},
		{german, " * ", Value{0, Suppressed}, Clear},
		{german, "x", Value{0, Missing}, Clear},
		{german, "/", Value{0, Missing}, Clear},
		{german, "", Value{0, Missing}, Clear},
		{german, "...", Value{0, Missing}, Clear},
		{german, "viele", Value{0, Missing}, Unreadable},
		{german, "1.23.4", Value{0, Missing}, Unreadable},
		{german, "12.34,567.8", Value{0, Missing}, Unreadable},
		{german, "1,2,3", Value{0, Missing}, Unreadable},
		{german, "NaN", Value{0, Missing}, Unreadable},
		{german, "Inf", Value{0, Missing}, Unreadable},
		{german, "0x10", Value{0, Missing}, Unreadable},
		{german, "1_000", Value{0, Missing}, Unreadable},
		{german, "1e999", Value{0, Missing}, Unreadable},
		{Numbers{Markers: map[string]Flag{"-": Suppressed}}, "-", Value{0, Suppressed}, Clear},
	} {
		got, reading := c.n.Parse(c.in)
		if got != c.want || reading != c.reading {
			t.Errorf("%q: got %v %v, want %v %v", c.in, got, reading, c.want, c.reading)
		}
	}
	for in, want := range map[string]float64{"7.216": 7.216, "7,216": 7.216, "379123": 379123, "5.702.951,3": 5702951.3, "-51.2": -51.2} {
		if got, ok := german.Coordinate(in); !ok || got != want {
			t.Errorf("%q: got %v %v", in, got, ok)
		}
	}
}

func TestKeys(t *testing.T) {
	for _, c := range []struct {
		in     string
		length int
		want   string
		mended bool
	}{
		{"05911000", 8, "05911000", false},
		{"5911000", 8, "05911000", true},
		{"5911000.0", 8, "05911000", true},
		{"=\"05911000\"", 8, "05911000", false},
		{"911000", 8, "911000", false},
		{"059110000000", 0, "059110000000", false},
		{"5911", 5, "05911", true},
		{"A-17", 4, "A-17", false},
	} {
		if got, mended := Key(c.in, c.length); got != c.want || mended != c.mended {
			t.Errorf("%q: got %q %v", c.in, got, mended)
		}
	}
}

func BenchmarkTable(b *testing.B) {
	var in bytes.Buffer
	in.WriteString("GITTER_ID_100m;x_mp_100m;y_mp_100m;Einwohner\n")
	for i := range 100_000 {
		fmt.Fprintf(&in, "CRS3035RES100mN%dE4337000;4337050;%d;%d\n", 2689100+100*i, 2689150+100*i, i%50)
	}
	b.SetBytes(int64(in.Len()))
	for b.Loop() {
		tab, err := Open(bytes.NewReader(in.Bytes()), Options{})
		if err != nil {
			b.Fatal(err)
		}
		if err := tab.Each(func(Row) *Problem { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}
