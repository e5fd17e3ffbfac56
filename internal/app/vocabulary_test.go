package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gevor/fault"
)

func TestAnOperatorsWordsLieOverTheBuiltIn(t *testing.T) {
	state := t.TempDir()
	plain, err := openVocabulary(state)
	if err != nil {
		t.Fatal(err)
	}
	own := filepath.Join(state, "vocabulary", "words")
	if err := os.MkdirAll(own, 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(lines string) {
		if err := os.WriteFile(filepath.Join(own, "de.csv"), []byte(lines), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("key;label;words;source;confirmed\nseele;Wenn die Seele weh tut;Seelenschmerz;city of Musterhafen;\n")
	mine, err := openVocabulary(state)
	if err != nil {
		t.Fatal(err)
	}
	before, _, _ := plain.Label("seele", "de")
	after, _, _ := mine.Label("seele", "de")
	if after != "Wenn die Seele weh tut" || before == after || len(mine.Concepts()) != len(plain.Concepts()) {
		t.Errorf("label %q became %q, %d concepts became %d", before, after, len(plain.Concepts()), len(mine.Concepts()))
	}
	write("key;label;words;source;confirmed\nno-such-thing;Etwas;;city;\n")
	_, err = openVocabulary(state)
	if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), "de.csv") {
		t.Errorf("a line about nothing: %v", err)
	}
}
