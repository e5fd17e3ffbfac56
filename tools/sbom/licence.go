package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// marks are sentences by which a licence is recognised: all of them must stand in its text. The order matters where
// one licence holds the sentences of another.
var marks = []struct {
	spdx      string
	sentences []string
}{
	{"Apache-2.0", []string{"apache license", "version 2.0", "grant of patent license"}},
	{"Apache-2.0", []string{"licensed under the apache license, version 2.0"}},
	{"MPL-2.0", []string{"mozilla public license version 2.0"}},
	{"EUPL-1.2", []string{"european union public licence v. 1.2"}},
	{"BSD-3-Clause", []string{"redistribution and use in source and binary forms", "neither the name"}},
	{"BSD-3-Clause", []string{"redistribution and use in source and binary forms", "names of its contributors may be used to endorse"}},
	{"BSD-2-Clause", []string{"redistribution and use in source and binary forms"}},
	{"ISC", []string{"permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted"}},
	{"ISC", []string{"permission to use, copy, modify, and distribute this software for any purpose with or without fee is hereby granted"}},
	{"MIT", []string{"permission is hereby granted, free of charge, to any person obtaining a copy", "the above copyright notice and this permission notice shall be included"}},
	{"Unlicense", []string{"this is free and unencumbered software released into the public domain"}},
}

// recognise gives the SPDX expression of what stands in licence files, "" where a licence is unknown. Files with the
// same licence count once; different ones all hold.
func recognise(texts []string) string {
	var all []string
	for _, t := range texts {
		t = strings.ToLower(strings.Join(strings.Fields(t), " "))
		for _, m := range marks {
			if holds(t, m.sentences) {
				if !slices.Contains(all, m.spdx) {
					all = append(all, m.spdx)
				}
				break
			}
		}
	}
	return strings.Join(all, " AND ")
}

func holds(text string, sentences []string) bool {
	for _, s := range sentences {
		if !strings.Contains(text, s) {
			return false
		}
	}
	return true
}

// writeLicences writes the licences of all parts, equal texts once.
func writeLicences(w io.Writer, parts []part) {
	fmt.Fprint(w, "gevor holds parts made by others. Their licences follow; the licence of gevor itself is EUPL-1.2.\n\n")
	var order []string
	users := map[string][]string{}
	for _, p := range parts {
		fmt.Fprintf(w, "%s %s: %s\n", p.name, p.version, p.licence)
		text := strings.TrimSpace(strings.Join(p.texts, "\n\n"))
		if text == "" {
			continue // npm packages without a licence file; their licence stands in the list
		}
		if users[text] == nil {
			order = append(order, text)
		}
		users[text] = append(users[text], p.name)
	}
	for _, text := range order {
		fmt.Fprintf(w, "\n%s\n%s\n\n%s\n", strings.Repeat("=", 100), strings.Join(users[text], ", "), text)
	}
}
