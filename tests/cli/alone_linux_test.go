package cli

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"unsafe"
)

// TestPrinciple6SolutionsOnTheSpot runs a city's installation on one machine without any network, so without a regional
// server: the region is made, analysed and served, and its pages answer. The copy of the tests that does so sits in a
// network namespace of its own; the control is that it cannot reach any other address from there.
func TestPrinciple6SolutionsOnTheSpot(t *testing.T) {
	if os.Getenv(inside) != "" {
		alone(t)
		return
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), inside+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
	}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Fatalf("%v (the test needs the right to make a network namespace)\n%s", err, out)
	}
}

func alone(t *testing.T) {
	loopbackUp(t)
	// The control: nothing else is there to be reached.
	if c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", "192.0.2.1:443"); err == nil {
		t.Fatalf("there is a network: %v", c.RemoteAddr())
	}
	dir, state := filepath.Join(t.TempDir(), "region"), filepath.Join(t.TempDir(), "state")
	for _, args := range [][]string{
		{"demo", "--seed", "6", "--people", "20000", "--out", dir},
		{"analyse", "--region", dir, "--state", state},
		{"indicators", "import", "--region", dir, "--state", state},
	} {
		if out, err := command(t, args...).CombinedOutput(); err != nil {
			t.Fatalf("gevor %s: %v\n%s", args[0], err, out)
		}
	}
	at := serve(t, state)
	for path, want := range map[string]string{"/de/befunde": "Befund", "/de/hilfe?q=Schulden": "Schulden", "/de/daten": "Kinderarmut", "/de/verbund": "Verbund"} {
		if got := page(t, at+path); !strings.Contains(got, want) {
			t.Errorf("%s does not speak of %q", path, want)
		}
	}
}

// loopbackUp switches on the loopback interface of a new network namespace.
func loopbackUp(t *testing.T) {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	request := struct {
		name  [syscall.IFNAMSIZ]byte
		flags uint16
		_     [22]byte
	}{flags: syscall.IFF_UP | syscall.IFF_RUNNING}
	copy(request.name[:], "lo")
	if _, _, no := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), syscall.SIOCSIFFLAGS, uintptr(unsafe.Pointer(&request))); no != 0 {
		t.Fatal(no)
	}
	if err := syscall.Close(fd); err != nil {
		t.Fatal(err)
	}
}
