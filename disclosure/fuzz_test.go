package disclosure_test

import (
	"testing"

	"gevor/disclosure"
	"gevor/fault"
)

// Whatever a file of rules holds: it is refused as invalid or too large, or it gives rules that are valid.
func FuzzReadRules(f *testing.F) {
	for _, text := range []string{
		"", "name = \"BA\"\nminimum_cell = 3\n", "minimum_cell = 3\nzeros = \"hidden\"\ndominance = { n = 2, k = 85 }\n",
		"[rounding]\nbase = 5\nmethod = \"controlled\"\n", "minimum_cel = 3", "minimum_cell = \"3\"", "minimum_cell = -1", "p_percent = nan",
		"weight = \"value\"\nminimum_units = 3\nprotect_percent = 20\ntolerance = 3\ninsiders = true\ncomplements = true\n", "\x00", "[dominance",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := disclosure.ReadRules("rules.toml", text)
		if err != nil {
			if k := fault.KindOf(err); k != fault.Invalid && k != fault.TooLarge {
				t.Fatalf("%v: %v", k, err)
			}
			return
		}
		if err := r.Validate(); err != nil {
			t.Fatalf("read, but not valid: %v", err)
		}
	})
}
