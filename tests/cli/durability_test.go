//go:build unix

package cli

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	mathrand "math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// house is an installation with one run, its configuration and a place for backups.
type house struct{ state, config, place string }

func analysed(t *testing.T, more string) house {
	t.Helper()
	dir := t.TempDir()
	h := house{filepath.Join(dir, "state"), filepath.Join(dir, "gevor.toml"), filepath.Join(dir, "copies")}
	must(t, "analyse", "--region", demo(t, 7), "--state", h.state)
	write(t, fmt.Sprintf("[server]\nlisten = \"127.0.0.1:0\"\n%s\n[state]\ndir = %q\n[backup]\nto = %q\n", more, h.state, h.place), h.config)
	return h
}

var dumpLine = regexp.MustCompile(`dump ([0-9a-f]{64})`)

func dumpIn(t *testing.T, out string) string {
	t.Helper()
	m := dumpLine.FindStringSubmatch(out)
	if m == nil {
		t.Fatalf("no dump in %q", out)
	}
	return m[1]
}

// What is backed up, wiped and restored is the same, byte for byte and row for row, and can be served again.
func TestBackupWipeRestoreFromTheCommandLine(t *testing.T) {
	h := analysed(t, "")
	before := dumpIn(t, must(t, "backup", "--config", h.config))
	runs := tree(t, filepath.Join(h.state, "runs"))
	hash := sound(t, h.state)
	if again := must(t, "backup", "--config", h.config); !strings.Contains(again, "objects new") || dumpIn(t, again) != before {
		t.Errorf("a second backup: %s", again)
	}
	if err := os.RemoveAll(h.state); err != nil {
		t.Fatal(err)
	}
	if o := gevor(t, "check", "--config", h.config); o.code != 1 || !strings.Contains(o.out, "database     failed") {
		t.Errorf("nothing there: exit %d\n%s", o.code, o.out)
	}
	if after := dumpIn(t, must(t, "restore", "--config", h.config)); after != before {
		t.Errorf("dump %s, was %s", after, before)
	}
	if names := differ(runs, tree(t, filepath.Join(h.state, "runs"))); names != nil || sound(t, h.state) != hash {
		t.Errorf("files differ: %v", names)
	}
	out := must(t, "check", "--config", h.config)
	for _, line := range []string{"database     ok", "migrations   ok", "erasures     ok", "clock        ok", "backup       ok"} {
		if !strings.Contains(out, line) {
			t.Errorf("gevor check does not say %q:\n%s", line, out)
		}
	}
	if o := gevor(t, "restore", "--config", h.config); o.code != 1 || !strings.Contains(o.last(), "is not empty; restore into an empty folder; nothing was changed") {
		t.Errorf("into a state that is there: exit %d: %s", o.code, o.last())
	}
	if names := differ(runs, tree(t, filepath.Join(h.state, "runs"))); names != nil {
		t.Errorf("a refused restore has changed %v", names)
	}
}

// A flipped byte in a backup is said by name, and what a restore could not finish is not served.
func TestADamagedBackupIsSaidAndNotServed(t *testing.T) {
	h := analysed(t, "")
	must(t, "backup", "--config", h.config)
	var blob string
	for name := range tree(t, h.place) {
		if strings.HasPrefix(name, "blobs/") && name > blob {
			blob = name
		}
	}
	path := filepath.Join(h.place, blob)
	good := read(t, path)
	write(t, good[:len(good)/2]+string(good[len(good)/2]^1)+good[len(good)/2+1:], path)
	fresh := filepath.Join(t.TempDir(), "fresh")
	for _, args := range [][]string{{"backup", "--verify", "--to", h.place}, {"restore", "--from", h.place, "--state", fresh}} {
		if o := gevor(t, args...); o.code != 1 || !strings.Contains(o.last(), filepath.Base(blob)+": does not match its checksum: the backup is damaged") {
			t.Errorf("%v: exit %d: %s", args, o.code, o.last())
		}
	}
	for _, args := range [][]string{{"serve", "--state", fresh, "--listen", "127.0.0.1:0"}, {"check", "--state", fresh}, {"backup", "--to", h.place, "--state", fresh}} {
		if o := gevor(t, args...); o.code != 1 || !strings.Contains(o.out+o.err, "is from a restore that has not ended; run gevor restore again with the same folder") {
			t.Errorf("%v: exit %d: %s%s", args, o.code, o.out, o.err)
		}
	}
	write(t, good, path)
	must(t, "restore", "--from", h.place, "--state", fresh)
	must(t, "check", "--state", fresh)
}

// A restore that is killed at any moment leaves a folder that is not served, or the whole installation; begun again, it
// goes through.
func TestAKilledRestoreLeavesNothingHalf(t *testing.T) {
	h := analysed(t, "")
	want := dumpIn(t, must(t, "backup", "--config", h.config))
	began := time.Now()
	must(t, "restore", "--from", h.place, "--state", filepath.Join(t.TempDir(), "whole"))
	needs := time.Since(began)
	seed := drawn(t)
	rng := mathrand.New(mathrand.NewPCG(seed, 5))
	unfinished, whole := 0, 0
	for i := range 12 {
		state := filepath.Join(t.TempDir(), "state")
		_, hit := disturb(t, command(t, "restore", "--from", h.place, "--state", state), moment{after: time.Duration(rng.Int64N(int64(needs)))}, syscall.SIGKILL)
		if o := gevor(t, "check", "--state", state); o.code == 0 {
			whole++
		} else if unfinished++; !hit || !strings.Contains(o.out, "has not ended") && !strings.Contains(o.out, "is not there") {
			t.Fatalf("seed %d, kill %d: exit %d\n%s", seed, i, o.code, o.out)
		} else if got := dumpIn(t, must(t, "restore", "--from", h.place, "--state", state)); got != want {
			t.Fatalf("seed %d, kill %d: dump %s, want %s", seed, i, got, want)
		}
		sound(t, state)
	}
	t.Logf("figure: seed %d: 12 kills while restoring: %d refused until restored again, %d whole, none half", seed, unfinished, whole)
	if unfinished == 0 {
		t.Error("no kill came before the end")
	}
}

// serving runs the server until its port is open.
func serving(t *testing.T, h house) (stop func(syscall.Signal) outcome) {
	t.Helper()
	cmd := command(t, "serve", "--config", h.config)
	errs, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(errs)
	var told strings.Builder
	for lines.Scan() {
		fmt.Fprintln(&told, lines.Text())
		if strings.Contains(lines.Text(), "gevor serves") {
			break
		}
	}
	return func(signal syscall.Signal) outcome {
		if err := cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() {
			fmt.Fprintln(&told, lines.Text())
		}
		_ = cmd.Wait() // its exit code is in the outcome
		return outcome{code: cmd.ProcessState.ExitCode(), err: told.String()}
	}
}

// A server with a place for backups leaves a backup there that is whole, without anybody asking for one.
func TestAServerBacksUpContinuously(t *testing.T) {
	h := analysed(t, "")
	stop := serving(t, h)
	must(t, "analyse", "--region", demo(t, 8), "--state", h.state, "--previous", "none") // somebody else writes meanwhile
	if o := stop(syscall.SIGTERM); o.code != 0 {
		t.Fatalf("exit %d\n%s", o.code, o.err)
	}
	want := dumpIn(t, must(t, "backup", "--to", filepath.Join(t.TempDir(), "other"), "--state", h.state))
	fresh := filepath.Join(t.TempDir(), "fresh")
	if got := dumpIn(t, must(t, "restore", "--from", h.place, "--state", fresh)); got != want {
		t.Errorf("dump %s, want %s", got, want)
	}
	if current(t, fresh) != current(t, h.state) || sound(t, fresh) != sound(t, h.state) {
		t.Error("another run is served")
	}
	must(t, "backup", "--verify", "--to", h.place)
}

// certificate writes a certificate and its key that are good for so long.
func certificate(t *testing.T, dir string, left time.Duration) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, NotBefore: time.Now().Add(-90 * 24 * time.Hour), NotAfter: time.Now().Add(left)}
	raw, err := x509.CreateCertificate(rand.Reader, &form, &form, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	write(t, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw})), dir, "cert.pem")
	if err := os.WriteFile(filepath.Join(dir, "key.pem"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600); err != nil {
		t.Fatal(err)
	}
}

// gevor check tells what is about to go wrong: a certificate that ends soon, a mail server that does not answer.
func TestCheckTellsWhatGoesWrong(t *testing.T) {
	dir := t.TempDir()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	h := analysed(t, fmt.Sprintf("public_url = \"https://localhost\"\ntls_cert = %q\ntls_key = %q\n[mail]\nhost = \"127.0.0.1\"\nport = %d\ntls = \"none\"\nfrom = \"gevor@example.org\"", filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"), port))
	must(t, "backup", "--state", h.state, "--to", h.place)
	certificate(t, dir, 40*24*time.Hour)
	if o := gevor(t, "check", "--config", h.config); o.code != 0 || !strings.Contains(o.out, "certificate  ok") || !strings.Contains(o.out, "mail         ok") {
		t.Errorf("exit %d\n%s%s", o.code, o.out, o.err)
	}
	certificate(t, dir, 10*24*time.Hour)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if o := gevor(t, "check", "--config", h.config); o.code != 1 || !strings.Contains(o.out, "certificate  warning  expires on") || !strings.Contains(o.out, "mail         failed") {
		t.Errorf("exit %d\n%s%s", o.code, o.out, o.err)
	}
	damaged := filepath.Join(h.state, "gevor.db")
	raw := read(t, damaged)
	write(t, raw[:8192]+strings.Repeat("\xff", 4096)+raw[12288:], damaged)
	if o := gevor(t, "check", "--config", h.config); o.code != 1 || !strings.Contains(o.out, "database     failed") || !strings.Contains(o.out, "restore the last backup") {
		t.Errorf("a damaged database: exit %d\n%s%s", o.code, o.out, o.err)
	}
}
