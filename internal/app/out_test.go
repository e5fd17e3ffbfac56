//go:build unix

package app

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// A result that goes to a pipe goes through it, and the pipe stays one: a file that took its place would cut off
// whoever reads there, and a null device that became a file would break the machine.
func TestWhatIsNoFileIsWrittenToAndStays(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	got := make(chan string, 1)
	go func() {
		raw, err := os.ReadFile(pipe)
		if err != nil {
			t.Error(err)
		}
		got <- string(raw)
	}()
	write := func(w io.Writer) error {
		_, err := io.WriteString(w, "a;b\n")
		return err
	}
	if err := writeTo(nil, pipe, write); err != nil {
		t.Fatal(err)
	}
	if text := <-got; text != "a;b\n" {
		t.Errorf("through the pipe came %q", text)
	}
	if st, err := os.Lstat(pipe); err != nil || st.Mode()&os.ModeNamedPipe == 0 {
		t.Errorf("the pipe became %v, %v", st.Mode(), err)
	}
	// A file is replaced whole, and only where all of it could be written.
	file := filepath.Join(dir, "file.csv")
	if err := writeTo(nil, file, write); err != nil {
		t.Fatal(err)
	}
	if err := writeTo(nil, file, func(w io.Writer) error {
		_, _ = w.Write(bytes.Repeat([]byte("x"), 1<<21)) // it fails below
		return io.ErrShortWrite
	}); err == nil {
		t.Error("a result that could not be written is taken")
	}
	if raw, err := os.ReadFile(file); err != nil || string(raw) != "a;b\n" {
		t.Errorf("the last good file became %q, %v", raw, err)
	}
}
