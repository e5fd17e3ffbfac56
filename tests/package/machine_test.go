//go:build chroot

// Package installation builds releases as maintainers do and installs them as operators do: on a bare Debian that knows
// neither Go nor Node nor any network, booted with its own systemd in a container. Run it with: make test-package
package installation

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// root is the top of the repository.
const root = "../.."

// run runs a command and gives what it printed. It must succeed.
func run(t *testing.T, dir string, env []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// bareDebian lays out a fresh system below a folder. The first call makes it, which takes a minute; later ones unpack
// what the first one kept.
func bareDebian(t *testing.T) string {
	t.Helper()
	kept, err := filepath.Abs(filepath.Join(root, ".cache", "bookworm.tar"))
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "machine")
	if _, err := os.Stat(kept); err != nil {
		run(t, "", nil, "debootstrap", "--variant=minbase", "--include=systemd,systemd-sysv,dbus,init-system-helpers,adduser", "bookworm", dir)
		run(t, dir, nil, "sh", "-c", "rm -rf var/cache/apt/archives/*.deb var/lib/apt/lists/*")
		run(t, dir, nil, "tar", "--one-file-system", "-cf", kept+".part", ".")
		if err := os.Rename(kept+".part", kept); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	run(t, "", nil, "mkdir", "-p", dir)
	run(t, dir, nil, "tar", "-xf", kept)
	return dir
}

// machine is a booted container.
type machine struct {
	t      *testing.T
	dir    string
	leader string // process that is number 1 inside
	older  string // version of /pkg/old.deb inside
	newer  string // version of /pkg/new.deb inside
}

// boot starts a system with its own systemd, without any network but its own loopback. It ends with the test.
func boot(t *testing.T, dir string) *machine {
	t.Helper()
	console, err := os.Create(filepath.Join(t.TempDir(), "console"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("systemd-nspawn", "--quiet", "-D", dir, "--register=no", "--keep-unit", "--private-network", "--boot", "--console=pipe", "--machine=gevor-"+strconv.Itoa(os.Getpid()))
	cmd.Stdout, cmd.Stderr = console, console
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // the whole container ends with it
		_ = cmd.Wait()         // killed: its exit says nothing
		console.Close()
	})
	m := &machine{t: t, dir: dir}
	pid := strconv.Itoa(cmd.Process.Pid)
	m.eventually("the container starts", func() bool {
		raw, err := os.ReadFile("/proc/" + pid + "/task/" + pid + "/children")
		m.leader, _, _ = strings.Cut(strings.TrimSpace(string(raw)), " ")
		return err == nil && m.leader != ""
	})
	m.eventually("systemd is up", func() bool {
		out, _ := m.try("systemctl is-system-running --wait")
		return strings.TrimSpace(out) == "running"
	})
	return m
}

// eventually asks until the answer is yes. What never comes true fails the test after two minutes.
func (m *machine) eventually(what string, is func() bool) {
	m.t.Helper()
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for range 1200 {
		if is() {
			return
		}
		<-again.C
	}
	m.t.Fatalf("never: %s", what)
}

// try runs a shell command inside as root and gives what it printed and its exit code.
func (m *machine) try(command string) (string, int) {
	m.t.Helper()
	cmd := exec.CommandContext(m.t.Context(), "nsenter", "-t", m.leader, "-m", "-u", "-i", "-n", "-p", "--",
		"env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C", "bash", "-c", command)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		m.t.Fatal(err)
	}
	return out.String(), cmd.ProcessState.ExitCode()
}

// sh runs a shell command inside that has to succeed.
func (m *machine) sh(command string, args ...any) string {
	m.t.Helper()
	command = fmt.Sprintf(command, args...)
	out, code := m.try(command)
	if code != 0 {
		journal, _ := m.try("journalctl -u gevor --no-pager | tail -20")
		m.t.Fatalf("%s: exit %d\n%s\n%s", command, code, out, journal)
	}
	return strings.TrimSpace(out)
}

// get asks the service inside for a page and gives the status.
func (m *machine) get(port int, path string) (status, body string) {
	m.t.Helper()
	out, _ := m.try(fmt.Sprintf(`exec 3<>/dev/tcp/127.0.0.1/%d && printf 'GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n' >&3 && cat <&3`, port, path))
	head, body, _ := strings.Cut(out, "\r\n\r\n")
	if words := strings.Fields(head); len(words) > 1 && strings.HasPrefix(words[0], "HTTP/") {
		status = words[1]
	}
	return status, body
}

// serves waits until a page answers with a status.
func (m *machine) serves(path, want string) {
	m.t.Helper()
	m.eventually(path+" answers "+want, func() bool {
		status, _ := m.get(8080, path)
		return status == want
	})
}
