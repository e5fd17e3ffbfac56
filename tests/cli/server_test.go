package cli

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"testing"
)

// serve starts "gevor serve" on a free port and gives its address. It ends with the test.
func serve(t *testing.T, state string) string {
	t.Helper()
	cmd := command(t, "serve", "--state", state, "--listen", "127.0.0.1:0")
	errs, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended by itself
		_ = cmd.Wait()         // killed: its exit says nothing
	})
	lines := bufio.NewReader(errs)
	for {
		line, err := lines.ReadString('\n')
		if _, address, ok := strings.Cut(line, "gevor serves "); ok {
			go func() { _, _ = io.Copy(io.Discard, lines) }() // so that its log never blocks it
			return strings.TrimSpace(address)
		}
		if err != nil {
			t.Fatalf("the server said %q and ended: %v", line, err)
		}
	}
}

// page gets a page that has to be there.
func page(t *testing.T, address string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %v", address, response.Status, err)
	}
	return string(raw)
}
