package indicator_test

import (
	"bytes"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/xuri/excelize/v2"

	"gevor/fault"
	"gevor/indicator"
	"gevor/notice"
)

// town is a city with four districts; keys have ten digits.
func town() *indicator.Ground {
	areas := []indicator.Area{{Key: "05999000", Name: "Musterstadt", Level: indicator.Municipalities}}
	for _, n := range []string{"01", "02", "03", "04"} {
		areas = append(areas, indicator.Area{Key: "05999000" + n, Name: "Bezirk " + n, Level: indicator.Districts, Parent: "05999000"})
	}
	return indicator.NewGround(areas)
}

const head = `version = 1
[[dataset]]
id = "armut"
title = { de = "Kinderarmut", en = "Child poverty" }
unit = { de = "%", en = "%" }
topic = "deprivation"
level = "district"
source = "Statistikstelle"
publisher = "Musterstadt"
licence = "CC0-1.0"
reference_date = "2024-12-31"
owner = "Musterstadt"
rules = "regeln.toml"
file = "armut.csv"
area = "nr"
`

const long = head + `direction = "less"
period = "jahr"
count = "arm"
base = "kinder"
per = 100
part = true
decimals = 1
`

func folder(catalogue, table string) fstest.MapFS {
	return fstest.MapFS{
		"catalogue.toml": {Data: []byte(catalogue)}, "armut.csv": {Data: []byte(table)},
		"regeln.toml": {Data: []byte("name = \"unter 5\"\nminimum_cell = 5\n")},
	}
}

// read reads the one dataset of a folder.
func read(t *testing.T, files fstest.MapFS) (indicator.Table, *notice.List) {
	t.Helper()
	c, err := indicator.ReadCatalogue(files)
	if err != nil {
		t.Fatal(err)
	}
	notes := &notice.List{}
	tables, err := indicator.Read(files, c, town(), notes)
	if err != nil {
		t.Fatal(err)
	}
	return tables[0], notes
}

// said lists the rules of the notices with the cell or line they name.
func said(notes *notice.List) string {
	var out []string
	for _, n := range notes.Notices() {
		out = append(out, n.Rule+"@"+n.Record)
	}
	return strings.Join(out, " ")
}

func TestWhatOfficesWrite(t *testing.T) {
	table, notes := read(t, folder(long, "nr;jahr;arm;kinder\r\n"+
		"0599900001;2024;12;100\r\n0599900002;2024;-;80\r\n599900003;2024;.;90\r\n0599900004;2024;x;70\r\n"))
	want := []indicator.Kind{indicator.Measured, indicator.Measured, indicator.Suppressed, indicator.Missing}
	if len(table.Figures) != 4 {
		t.Fatalf("%d figures; %s", len(table.Figures), said(notes))
	}
	for i, f := range table.Figures {
		if f.Count.Kind != want[i] {
			t.Errorf("%s is %s, want %s", f.Area, f.Count.Kind, want[i])
		}
	}
	if f := table.Figures[1]; f.Count.Number != 0 {
		t.Errorf("a dash is %v, want a measured 0", f.Count)
	}
	if got := said(notes); got != "key-mended@A4" {
		t.Errorf("notices: %s", got)
	}
}

// Every wrong line is named by its cell, and nothing of it is used.
func TestBadLinesAreNamed(t *testing.T) {
	for name, c := range map[string]struct {
		table, want string
		figures     int
	}{
		"doubled date":           {"nr;jahr;arm;kinder\n0599900001;2024;12;100\n0599900001;2024;13;100\n", "duplicate-period@B3", 1},
		"vanished key":           {"nr;jahr;arm;kinder\n0599900077;2024;12;100\n", "no-figures@armut unknown-area@A2", 0},
		"denominator of zero":    {"nr;jahr;arm;kinder\n0599900001;2024;12;0\n", "no-figures@armut denominator-zero@B2", 0},
		"nobody lives there":     {"nr;jahr;arm;kinder\n0599900001;2024;0;0\n", "denominator-zero@B2", 1},
		"more than all":          {"nr;jahr;arm;kinder\n0599900001;2024;12;10\n", "no-figures@armut more-than-all@B2", 0},
		"a spreadsheet's date":   {"nr;jahr;arm;kinder\n0599900001;45657;12;100\n", "no-figures@armut excel-date@B2", 0},
		"merged area":            {"nr;jahr;arm;kinder\n0599900001;2023;12;100\n;2024;12;100\n", "no-area@A3", 1},
		"merged header":          {"nr;jahr;arm;kinder;\n0599900001;2024;12;100;7\n", "nameless-column@E2", 1},
		"words":                  {"nr;jahr;arm;kinder\n0599900001;2024;viele;100\n", "no-figures@armut no-number@C2", 0},
		"below zero":             {"nr;jahr;arm;kinder\n0599900001;2024;-5;100\n", "no-figures@armut negative-number@C2", 0},
		"half a child":           {"nr;jahr;arm;kinder\n0599900001;2024;1,5;100\n", "no-figures@armut no-whole-number@B2", 0},
		"comma beside point":     {"nr;jahr;arm;kinder\n0599900001;2024;5,0;100\n0599900002;2024;5.0;100\n", "mixed-decimals@C3", 2},
		"totals do not add up":   {"nr;jahr;arm;kinder\n0599900001;2024;1;9\n0599900002;2024;2;9\n0599900003;2024;3;9\n0599900004;2024;4;9\n05999000;2024;11;36\n", "total-differs@", 4},
		"totals that do add up":  {"nr;jahr;arm;kinder\n0599900001;2024;1;9\n0599900002;2024;2;9\n0599900003;2024;3;9\n0599900004;2024;4;9\n05999000;2024;10;36\n", "", 5},
		"thousands in two ways":  {"nr;jahr;arm;kinder\n0599900001;2024;5,0;9999\n0599900002;2024;6.0;9999\n0599900003;2024;1.234;9999\n", "mixed-decimals@C3 ambiguous-number@C4", 2},
		"a secret part of total": {"nr;jahr;arm;kinder\n0599900001;2024;.;9\n0599900002;2024;2;9\n05999000;2024;3;36\n", "", 3},
	} {
		table, notes := read(t, folder(long, c.table))
		if got := said(notes); got != c.want {
			t.Errorf("%s: notices %q, want %q", name, got, c.want)
		}
		if len(table.Figures) != c.figures {
			t.Errorf("%s: %d figures, want %d", name, len(table.Figures), c.figures)
		}
		for _, n := range notes.Notices() {
			if n.Advice == "" {
				t.Errorf("%s: %s has no advice", name, n.Rule)
			}
		}
	}
}

func TestWithoutADirectionItStaysADraft(t *testing.T) {
	table, notes := read(t, folder(strings.Replace(long, "direction = \"less\"\n", "state = \"released\"\n", 1), "nr;jahr;arm;kinder\n0599900001;2024;1;9\n"))
	if table.Dataset.State != indicator.Draft || said(notes) != "no-direction@armut" {
		t.Errorf("state %s, notices %s", table.Dataset.State, said(notes))
	}
}

const wide = head + "direction = \"less\"\nshape = \"wide\"\nholds = \"counts\"\n"

func TestWideTables(t *testing.T) {
	table, notes := read(t, folder(wide, "nr;name;2022;2023;2023;45657\n0599900001;A;1;2;9;9\n0599900002;B;.;-;9;9\n"))
	if len(table.Figures) != 4 || table.Figures[3].Count != indicator.Of(0) || table.Figures[2].Count.Kind != indicator.Suppressed {
		t.Errorf("%v", table.Figures)
	}
	// The second 2023 gets another name from the reader of texts, so that it is no period; the spreadsheet's date is named.
	if got := said(notes); !strings.Contains(got, "excel-date@F1") {
		t.Errorf("notices: %s", got)
	}
}

func TestWorkbooks(t *testing.T) {
	book := excelize.NewFile()
	set := func(cell string, v any) {
		if err := book.SetCellValue("Sheet1", cell, v); err != nil {
			t.Fatal(err)
		}
	}
	for i, row := range [][]any{{"nr", "jahr", "arm", "kinder"}, {"0599900001", 2024, 12, 100}, {"0599900002", 45657, 3, 50}, {"0599900003", "2024", "5,0", 50}} {
		for k, v := range row {
			cell, err := excelize.CoordinatesToCellName(k+1, i+1)
			if err != nil {
				t.Fatal(err)
			}
			set(cell, v)
		}
	}
	if err := book.MergeCell("Sheet1", "F1", "G1"); err != nil {
		t.Fatal(err)
	}
	var raw bytes.Buffer
	if err := book.Write(&raw); err != nil {
		t.Fatal(err)
	}
	files := folder(strings.Replace(long, "armut.csv", "armut.xlsx", 1), "")
	files["armut.xlsx"] = &fstest.MapFile{Data: raw.Bytes()}
	table, notes := read(t, files)
	if len(table.Figures) != 2 || table.Figures[0].Count != indicator.Of(12) || table.Figures[1].Count != indicator.Of(5) {
		t.Errorf("%v", table.Figures)
	}
	if got := said(notes); got != "merged-cells@F1:G1 excel-date@B3" {
		t.Errorf("notices: %s", got)
	}
}

func TestCataloguesAreReadStrictly(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"unknown key":        {strings.Replace(long, "jahr", "jahr\"\ncolour = \"red", 1), "colour"},
		"unknown topic":      {strings.Replace(long, "deprivation", "misery", 1), "catalogue.toml:6"},
		"twice":              {long + strings.TrimPrefix(long, "version = 1\n"), "catalogue.toml:24"},
		"no licence":         {strings.Replace(long, "licence = \"CC0-1.0\"\n", "", 1), "lacks licence"},
		"out of the folder":  {strings.Replace(long, "armut.csv", "../armut.csv", 1), "leads out"},
		"rate without base":  {strings.Replace(long, "base = \"kinder\"\n", "", 1), "a rate needs both"},
		"unknown base":       {strings.Replace(long, "base = \"kinder\"", "base_of = \"leute\"", 1), "no dataset"},
		"rules not there":    {strings.Replace(long, "regeln.toml", "r.toml", 1), "rule set"},
		"no TOML":            {"version = ", "TOML"},
		"a later version":    {strings.Replace(long, "version = 1", "version = 2", 1), "version"},
		"break without date": {long + "break = [ { at = \"x\", reason = \"method\" } ]\n", "no period"},
	} {
		_, err := indicator.ReadCatalogue(folder(c.text, ""))
		if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
