package disclosure

import (
	"errors"
	"fmt"
	"strings"

	"github.com/BurntSushi/toml"

	"gevor/fault"
	"gevor/lines"
)

const maxRulesBytes = 1 << 16

// ruleText is the written form of Rules.
type ruleText struct {
	Name                 string  `toml:"name"`
	MinimumCell          int     `toml:"minimum_cell"`
	Zeros                string  `toml:"zeros"`
	MinimumDenominator   int     `toml:"minimum_denominator"`
	MinimumUnits         int     `toml:"minimum_units"`
	MinimumOrganisations int     `toml:"minimum_organisations"`
	PPercent             float64 `toml:"p_percent"`
	ProtectPercent       float64 `toml:"protect_percent"`
	Insiders             bool    `toml:"insiders"`
	Complements          bool    `toml:"complements"`
	Tolerance            float64 `toml:"tolerance"`
	Weight               string  `toml:"weight"`
	Dominance            struct {
		N int     `toml:"n"`
		K float64 `toml:"k"`
	} `toml:"dominance"`
	Rounding struct {
		Base   int    `toml:"base"`
		Method string `toml:"method"`
	} `toml:"rounding"`
}

// ruleKeys are all that a file of rules may hold.
var ruleKeys = [...]string{
	"name", "minimum_cell", "zeros", "minimum_denominator", "minimum_units", "minimum_organisations", "p_percent",
	"protect_percent", "insiders", "complements", "tolerance", "weight", "dominance", "dominance.n", "dominance.k",
	"rounding", "rounding.base", "rounding.method",
}

// ReadRules reads rules from a TOML text; file is its name for messages. Keys, all optional: name, minimum_cell, zeros
// ("shown" or "hidden"), minimum_denominator, minimum_units, minimum_organisations, p_percent, protect_percent, insiders,
// complements, tolerance, weight ("cells" or "value"), dominance = { n, k }, rounding = { base, method } with method
// "deterministic" or "controlled". What is unknown or makes no sense is an Invalid fault with its line.
func ReadRules(file, text string) (Rules, error) {
	if len(text) > maxRulesBytes {
		return Rules{}, fault.New(fault.TooLarge, file, "the rules are larger than 64 KiB", "give a file of rules, not a table")
	}
	text = strings.TrimPrefix(text, "\ufeff")
	var t ruleText
	meta, err := toml.Decode(text, &t)
	if err != nil {
		return Rules{}, misread(file, text, err)
	}
	at := lines.Of(text)
	place := func(path string) string {
		if n, ok := at[path]; ok {
			return fmt.Sprintf("%s:%d", file, n)
		}
		return file
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		k := unknown[0]
		advice := "there are: " + strings.Join(ruleKeys[:], ", ")
		if near := lines.Nearest(k.String(), ruleKeys[:]); near != "" {
			advice = "did you mean " + near + "?"
		}
		return Rules{}, invalid(place(k.String()), fmt.Sprintf("unknown key %q", k.String()), advice)
	}
	r := Rules{
		Name: t.Name, MinimumCell: t.MinimumCell, MinimumDenominator: t.MinimumDenominator, MinimumUnits: t.MinimumUnits,
		MinimumOrganisations: t.MinimumOrganisations, DominanceN: t.Dominance.N, DominanceK: t.Dominance.K, PPercent: t.PPercent,
		RoundingBase: t.Rounding.Base, ProtectPercent: t.ProtectPercent, Insiders: t.Insiders, Complements: t.Complements,
		Tolerance: t.Tolerance,
	}
	word := func(path, got string, words ...string) (uint8, error) {
		for i, w := range words {
			if got == w || got == "" && i == 0 {
				return uint8(i), nil
			}
		}
		return 0, invalid(place(path), fmt.Sprintf("%s is %q", path, got), "write "+strings.Join(words, " or "))
	}
	zeros, err := word("zeros", t.Zeros, "shown", "hidden")
	if err != nil {
		return Rules{}, err
	}
	weight, err := word("weight", t.Weight, "cells", "value")
	if err != nil {
		return Rules{}, err
	}
	rounding, err := word("rounding.method", t.Rounding.Method, "none", "deterministic", "controlled")
	if err != nil {
		return Rules{}, err
	}
	r.Zeros, r.Weight, r.Rounding = Zeros(zeros), Weight(weight), Rounding(rounding)
	if err := r.Validate(); err != nil {
		var f *fault.Error
		if errors.As(err, &f) {
			return Rules{}, invalid(place(mentioned(f.What)), f.What, f.Advice)
		}
		return Rules{}, err
	}
	return r, nil
}

// misread says where a text is no TOML, or a value of another type than its key's.
func misread(file, text string, err error) error {
	if e := (toml.ParseError{}); errors.As(err, &e) {
		return fault.Wrap(fault.Invalid, fmt.Sprintf("%s:%d", file, e.Position.Line), "this is no valid TOML: "+e.Message, "mend the line; texts stand in quotation marks", err)
	}
	at := lines.Of(text)
	for _, k := range ruleKeys { // the library names the key of a wrong type in its sentence alone
		if n, ok := at[k]; ok && strings.Contains(err.Error(), fmt.Sprintf("%q", k)) {
			return fault.Wrap(fault.Invalid, fmt.Sprintf("%s:%d", file, n), k+" has the wrong type", "texts stand in quotation marks, numbers do not, and true and false neither", err)
		}
	}
	return fault.Wrap(fault.Invalid, file, "a value has the wrong type", "texts stand in quotation marks, numbers do not, and true and false neither", err)
}

// mentioned gives the key that a fault of Validate speaks of.
func mentioned(what string) string {
	best := ""
	for _, k := range ruleKeys {
		if strings.Contains(what, k) && len(k) > len(best) {
			best = k
		}
	}
	return best
}
