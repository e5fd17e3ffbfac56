// Command summary reads the event stream of "go test -json" and prints one line a package, the output of what
// failed, and at the end what was skipped and the totals. It fails when a test failed, and, with -no-skips, when
// one was skipped.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"
)

type event struct {
	Action, Package, Test, Output, ImportPath string
	Elapsed                                   float64
}

type totals struct {
	passed, failed int
	skipped        []string
	output         map[string][]string
}

func main() {
	noSkips := flag.Bool("no-skips", false, "fail when a test was skipped")
	flag.Parse()
	t, err := summarise(os.Stdin, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "summary:", err)
		os.Exit(2)
	}
	sort.Strings(t.skipped)
	for _, s := range t.skipped {
		fmt.Println("skipped:", s)
	}
	fmt.Printf("%d passed, %d failed, %d skipped\n", t.passed, t.failed, len(t.skipped))
	if t.failed > 0 || *noSkips && len(t.skipped) > 0 || t.passed == 0 {
		os.Exit(1)
	}
}

func summarise(in io.Reader, out io.Writer) (*totals, error) {
	t := &totals{output: map[string][]string{}}
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 1<<20), 1<<26)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			fmt.Fprintln(out, lines.Text()) // a build error outside the stream
			continue
		}
		t.take(e, out)
	}
	return t, lines.Err()
}

func (t *totals) take(e event, out io.Writer) {
	key := e.Package + " " + e.Test
	switch e.Action {
	case "build-output":
		fmt.Fprint(out, e.Output)
	case "output":
		t.output[key] = append(t.output[key], e.Output)
	case "pass", "fail", "skip":
		t.end(e, key, out)
		delete(t.output, key)
	}
}

func (t *totals) end(e event, key string, out io.Writer) {
	failed := e.Action == "fail"
	if e.Test == "" {
		if failed || e.Action == "pass" {
			fmt.Fprintf(out, "%-4s %s %.1fs\n", map[bool]string{true: "FAIL", false: "ok"}[failed], e.Package, e.Elapsed)
		}
		if failed {
			fmt.Fprint(out, strings.Join(t.output[key], ""))
			t.failed++
		}
		return
	}
	switch e.Action {
	case "pass":
		t.passed++
		for _, line := range t.output[key] {
			if _, figure, ok := strings.Cut(line, "figure: "); ok { // what a proof prints for its reader
				fmt.Fprintf(out, "     %s: %s", e.Test, figure)
			}
		}
	case "skip":
		t.skipped = append(t.skipped, key+": "+reason(t.output[key]))
	case "fail":
		t.failed++
		fmt.Fprint(out, strings.Join(t.output[key], ""))
	}
}

// reason is what the test said when it skipped.
func reason(output []string) string {
	for _, o := range output {
		if o = strings.TrimSpace(o); o != "" && !strings.HasPrefix(o, "===") && !strings.HasPrefix(o, "---") {
			return o
		}
	}
	return "no reason given"
}
