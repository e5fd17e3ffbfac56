package cli

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// widest is how many columns help may take: two thirds more than the narrowest terminal in use.
const widest = 132

// commands lists every command of the program as its own help names them.
func commands(t *testing.T, path ...string) (all [][]string) {
	t.Helper()
	out := must(t, append(path, "--help")...)
	all = append(all, path)
	_, listed, ok := strings.Cut(out, "Available Commands:\n")
	if !ok {
		return all
	}
	for line := range strings.SplitSeq(listed, "\n") {
		name, about, _ := strings.Cut(strings.TrimSpace(line), " ")
		if name == "" {
			break
		}
		if strings.TrimSpace(about) == "" {
			t.Errorf("%v: the command %s has no description", path, name)
		}
		if name != "help" && name != "completion" { // of the library
			all = append(all, commands(t, append(path[:len(path):len(path)], name)...)...)
		}
	}
	return all
}

var flagLine = regexp.MustCompile(`^  (?:-\w, |    )--([a-z-]+)( [a-z]+)?\s{2,}(\S.*)$`)

// Every command says what it is for, how it is called and what each flag means, in lines that fit a terminal.
func TestHelpIsReadable(t *testing.T) {
	all := commands(t)
	if len(all) < 11 {
		t.Errorf("only %d commands: %v", len(all), all)
	}
	for _, path := range all {
		name := strings.Join(append([]string{"gevor"}, path...), " ")
		o := gevor(t, append(path, "--help")...)
		if o.code != 0 || o.err != "" {
			t.Errorf("%s --help: exit %d, standard error %q", name, o.code, o.err)
		}
		about, usage, ok := strings.Cut(o.out, "\nUsage:\n")
		if !ok || len(about) < 20 || !strings.HasPrefix(usage, "  "+name) {
			t.Errorf("%s: says too little:\n%s", name, o.out)
		}
		for line := range strings.SplitSeq(o.out, "\n") {
			if utf8.RuneCountInString(line) > widest {
				t.Errorf("%s: a line of %d columns: %s", name, utf8.RuneCountInString(line), line)
			}
		}
		_, flags, _ := strings.Cut(usage, "\nFlags:\n")
		for line := range strings.SplitSeq(flags, "\n") {
			if strings.TrimSpace(line) == "" {
				break
			}
			if !flagLine.MatchString(line) {
				t.Errorf("%s: a flag without a meaning: %q", name, line)
			}
		}
	}
}

var progressLine = regexp.MustCompile(`^[a-z][a-z ]*: (done in \d+\.\d s|\d+ %|\d+)$`)

// Where nobody watches, progress is plain lines on standard error, and standard output holds the answer alone.
func TestProgressIsPlainLines(t *testing.T) {
	region := demo(t, 7)
	o := gevor(t, "analyse", "--region", region, "--state", t.TempDir())
	told := 0
	for line := range strings.SplitSeq(strings.TrimSpace(o.err), "\n") {
		if progressLine.MatchString(line) {
			told++
		} else if strings.ContainsAny(line, "\r\x1b") {
			t.Errorf("a line for a terminal: %q", line)
		}
	}
	if o.code != 0 || told < 5 || strings.Contains(o.out, "done in") || !strings.HasPrefix(o.out, "run ") {
		t.Errorf("exit %d, %d lines of progress\n%s\n%s", o.code, told, o.err, o.out)
	}
	if out := gevor(t, "bench", "findings", "--dir", region).out; !strings.HasPrefix(out, "{") || !strings.HasSuffix(out, "}\n") {
		t.Errorf("standard output is not one JSON object: %.100s", out)
	}
}
