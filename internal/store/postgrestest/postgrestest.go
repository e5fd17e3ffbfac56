//go:build unix

// Package postgrestest starts a real PostgreSQL for a test: on loopback, in a temporary folder, on a free port,
// ended with the test.
package postgrestest

import (
	"bufio"
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// T is what Start needs of a test.
type T interface {
	Helper()
	Fatalf(format string, args ...any)
	Cleanup(func())
}

// Start gives the address of the server's database "postgres". It fails the test, and says what to install, where
// there is no PostgreSQL. A server that runs as root refuses to start, so root starts it as an unprivileged user.
func Start(t T) (dsn string) {
	t.Helper()
	bin, err := binaries()
	if err != nil {
		t.Fatalf("%v", err)
	}
	dir, err := os.MkdirTemp("", "gevor-postgres-")
	if err != nil {
		t.Fatalf("temporary folder: %v", err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) }) // the system empties its temporary folder in any case
	who, err := unprivileged()
	if err != nil {
		t.Fatalf("%v", err)
	}
	if who != nil {
		if err := os.Chown(dir, int(who.Uid), int(who.Gid)); err != nil {
			t.Fatalf("temporary folder: %v", err)
		}
	}
	s := server{bin: bin, dir: dir, who: who, password: rand.Text()}
	if err := s.initialise(); err != nil {
		t.Fatalf("initdb: %v", err)
	}
	// Between finding a free port and using it another process may take it.
	for range 5 {
		var port int
		if port, err = s.start(); err == nil {
			t.Cleanup(s.stop)
			return fmt.Sprintf("postgres://gevor:%s@127.0.0.1:%d/postgres?sslmode=disable", s.password, port)
		}
	}
	t.Fatalf("postgres does not start: %v", err)
	return ""
}

// binaries finds the folder with initdb and postgres: on the path, or where Debian keeps them.
func binaries() (string, error) {
	var candidates []string
	if path, err := exec.LookPath("initdb"); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			candidates = append(candidates, filepath.Dir(real))
		}
	}
	debian, _ := filepath.Glob("/usr/lib/postgresql/*/bin") // fails only for a bad pattern
	slices.SortFunc(debian, func(a, b string) int { return version(b) - version(a) })
	for _, dir := range append(candidates, debian...) {
		if _, err := exec.LookPath(filepath.Join(dir, "initdb")); err != nil {
			continue
		}
		if _, err := exec.LookPath(filepath.Join(dir, "postgres")); err == nil {
			return dir, nil
		}
	}
	return "", fmt.Errorf("this test needs PostgreSQL: apt-get install postgresql")
}

func version(bin string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(bin))) // an unreadable version sorts last
	return n
}

// unprivileged gives the user to run as, nil where the test itself is not root.
func unprivileged() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err1 == nil && err2 == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid), NoSetGroups: true}, nil
		}
	}
	return nil, fmt.Errorf("PostgreSQL does not run as root, and there is neither a user postgres nor nobody")
}

type server struct {
	bin, dir, password string
	who                *syscall.Credential
	cmd                *exec.Cmd
	ended              chan struct{} // closed when the server's output ends
}

func (s *server) data() string { return filepath.Join(s.dir, "data") }

func (s *server) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.bin, name), args...)
	cmd.Dir = s.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + s.dir, "LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.who}
	dieWithParent(cmd.SysProcAttr)
	return cmd
}

func (s *server) initialise() error {
	secret := filepath.Join(s.dir, "password")
	if err := os.WriteFile(secret, []byte(s.password+"\n"), 0o600); err != nil {
		return err
	}
	if s.who != nil {
		if err := os.Chown(secret, int(s.who.Uid), int(s.who.Gid)); err != nil {
			return err
		}
	}
	out, err := s.command("initdb", "--pgdata", s.data(), "--username", "gevor", "--pwfile", secret, "--auth", "scram-sha-256",
		"--encoding", "UTF8", "--locale", "C", "--no-sync").CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	port := l.Addr().(*net.TCPAddr).Port
	return port, l.Close()
}

// start runs the server and returns once it says that it accepts connections. fsync is off: what these tests write
// need not outlive them.
func (s *server) start() (port int, err error) {
	if port, err = freePort(); err != nil {
		return 0, err
	}
	cmd := s.command("postgres", "-D", s.data(), "-p", strconv.Itoa(port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
		"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "logging_collector=off", "-c", "log_destination=stderr")
	log, err := cmd.StderrPipe()
	if err != nil {
		return 0, err
	}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	lines := bufio.NewReader(log)
	var said strings.Builder
	for {
		line, err := lines.ReadString('\n')
		said.WriteString(line)
		if strings.Contains(line, "ready to accept connections") {
			break
		}
		if err != nil {
			return 0, fmt.Errorf("%w: %s", cmd.Wait(), said.String())
		}
	}
	s.cmd, s.ended = cmd, make(chan struct{})
	go func() {
		defer close(s.ended)
		_, _ = io.Copy(io.Discard, lines) // ends with the server
	}()
	return port, nil
}

// stop ends the server the fast way: connections are cut, files are closed.
func (s *server) stop() {
	_ = s.cmd.Process.Signal(syscall.SIGINT) // an ended server needs no signal
	<-s.ended
	_ = s.cmd.Wait() // its exit code says nothing that the test has not seen
}
