//go:build chroot

package installation

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// debs gives the packages for amd64 of the older and the newer release: the ones that GEVOR_DEBS names ("OLD.deb NEW.deb",
// for a candidate and the release that runs at others), else two builds of one commit.
func debs(t *testing.T) (before, after string) {
	t.Helper()
	if named := strings.Fields(os.Getenv("GEVOR_DEBS")); len(named) == 2 {
		return named[0], named[1]
	}
	dir := sources(t, filepath.Join(t.TempDir(), "gevor"))
	one := release(t, dir, older, "ARCHES=amd64")
	two := release(t, dir, newer, "ARCHES=amd64")
	return filepath.Join(one, "gevor_"+older+"_amd64.deb"), filepath.Join(two, "gevor_"+newer+"_amd64.deb")
}

func versionOf(t *testing.T, deb string) string {
	t.Helper()
	return strings.TrimSpace(run(t, "", nil, "dpkg-deb", "-f", deb, "Version"))
}

// A package's life on a bare machine, from its first day to its last, as an operator lives it.
func TestLifeOfAPackage(t *testing.T) {
	before, after := debs(t)
	dir := bareDebian(t)
	run(t, "", nil, "mkdir", "-p", dir+"/pkg")
	run(t, "", nil, "cp", before, dir+"/pkg/old.deb")
	run(t, "", nil, "cp", after, dir+"/pkg/new.deb")
	m := boot(t, dir)
	m.older, m.newer = versionOf(t, before), versionOf(t, after)
	for _, step := range []struct {
		name string
		do   func(*testing.T, *machine)
	}{
		{"the machine is bare", bare},
		{"install", install},
		{"nothing but the state can be written", confined},
		{"data", data},
		{"settings", settings},
		{"killed and reloaded", killed},
		{"gevor check", check},
		{"no room for a copy: no upgrade", noRoom},
		{"upgrade", upgrade},
		{"roll back", rollBack},
		{"faulty settings do not break the package", faulty},
		{"remove and purge", purge},
	} {
		ok := t.Run(step.name, func(t *testing.T) {
			step.do(t, &machine{t: t, dir: m.dir, leader: m.leader, older: m.older, newer: m.newer})
		})
		if !ok {
			return // every step stands on the ones before
		}
	}
}

func bare(t *testing.T, m *machine) {
	if out, code := m.try("command -v go node npm gcc curl gevor"); code == 0 {
		t.Errorf("there is %s", out)
	}
	if out := m.sh("cat /proc/net/dev"); strings.Count(out, ":") != 1 || !strings.Contains(out, "lo:") {
		t.Errorf("there is a network:\n%s", out)
	}
}

func install(t *testing.T, m *machine) {
	m.sh("dpkg -i /pkg/old.deb")
	m.serves("/de/", "503") // nothing has been analysed yet
	if got := m.sh("systemctl is-enabled gevor; systemctl is-active gevor; gevor --version"); got != "enabled\nactive\ngevor version "+m.older {
		t.Errorf("%s", got)
	}
	if out := m.sh("systemd-analyze verify gevor.service 2>&1"); out != "" {
		t.Errorf("the unit has faults: %s", out)
	}
	status := m.sh("cat /proc/$(systemctl show -p MainPID --value gevor)/status")
	user := m.sh("id -u gevor")
	for _, want := range []string{"Uid:\t" + user + "\t" + user, "CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"} {
		if !strings.Contains(status, want) {
			t.Errorf("the service lacks %q:\n%s", want, status)
		}
	}
	if user == "0" {
		t.Error("the service is root")
	}
	score := regexp.MustCompile(`exposure level for gevor.service: ([0-9.]+)`).FindStringSubmatch(m.sh("systemd-analyze security gevor --no-pager"))
	if len(score) != 2 {
		t.Fatal("systemd gives no score")
	}
	if n, err := strconv.ParseFloat(score[1], 64); err != nil || n > 1.5 {
		t.Errorf("systemd's exposure level is %s, want at most 1.5", score[1])
	}
	t.Logf("figure: systemd-analyze security: %s (0 best, 10 worst)", score[1])
}

// confined tries as root, but in the file system that the service sees: what fails here fails for everybody inside.
func confined(t *testing.T, m *machine) {
	inside := "nsenter -t $(systemctl show -p MainPID --value gevor) -m -- touch "
	for _, path := range []string{"/etc/x", "/usr/x", "/etc/gevor/x", "/var/lib/x", "/var/log/x", "/boot/x", "/opt/x"} {
		if out, code := m.try(inside + path); code == 0 || !strings.Contains(out, "Read-only") {
			t.Errorf("%s can be written: %s", path, out)
		}
	}
	m.sh("%s/var/lib/gevor/x && rm /var/lib/gevor/x", inside)
	m.sh("touch /usr/x && rm /usr/x") // the control: outside it can be written
}

func data(_ *testing.T, m *machine) {
	m.sh("install -d -o gevor /srv/region && cd / && runuser -u gevor -- gevor demo --seed 7 --people 20000 --out /srv/region/demo")
	m.sh("cd /var/lib/gevor && runuser -u gevor -- gevor analyse --region /srv/region/demo --state /var/lib/gevor")
	m.serves("/de/", "200")
}

func settings(t *testing.T, m *machine) {
	m.sh(`printf '\n[telemetry]\nhealth_listen = "localhost:9090"\nmetrics_listen = "localhost:9090"\n' >>/etc/gevor/gevor.toml`)
	m.sh("runuser -u gevor -- gevor config check && systemctl restart gevor")
	if status, body := m.get(9090, "/readyz"); status != "200" || body != "ready\n" {
		t.Errorf("%s %q", status, body)
	}
	if status, body := m.get(9090, "/metrics"); status != "200" || !strings.Contains(body, `gevor_build_info{version="`+m.older+`"} 1`) {
		t.Errorf("%s %.200q", status, body)
	}
	if status, _ := m.get(8080, "/metrics"); status != "404" {
		t.Errorf("figures stand among the pages: %s", status)
	}
}

func killed(t *testing.T, m *machine) {
	pid := m.sh("systemctl show -p MainPID --value gevor")
	m.sh("kill -9 %s", pid)
	m.eventually("the service comes back", func() bool {
		now, _ := m.try("systemctl show -p MainPID --value gevor; systemctl is-active gevor")
		return strings.HasSuffix(now, "\nactive\n") && !strings.HasPrefix(now, pid+"\n") && !strings.HasPrefix(now, "0\n")
	})
	m.serves("/de/", "200")
	pid = m.sh("systemctl show -p MainPID --value gevor")
	m.sh("systemctl reload gevor")
	if now := m.sh("systemctl show -p MainPID --value gevor"); now != pid {
		t.Errorf("reloading started process %s instead of %s", now, pid)
	}
}

func check(t *testing.T, m *machine) {
	if _, code := m.try("gevor check --help"); code != 0 {
		t.Log("this commit has no gevor check")
		return
	}
	out, code := m.try("cd /var/lib/gevor && runuser -u gevor -- gevor check --config /etc/gevor/gevor.toml")
	t.Logf("gevor check:\n%s", out)
	if code != 0 {
		t.Errorf("gevor check: exit %d", code)
	}
}

// fingerprint is every file of the state with its owner, rights and content.
func fingerprint(m *machine) string {
	m.t.Helper()
	return m.sh("cd /var/lib/gevor && find . -type f ! -name '*-wal' ! -name '*-shm' ! -name '*.lock' -exec stat -c '%%n %%U %%a' {} + | sort && " +
		"find . -type f ! -name '*-wal' ! -name '*-shm' ! -name '*.lock' -exec sha256sum {} + | sort -k2 && sha256sum /etc/gevor/gevor.toml")
}

func noRoom(t *testing.T, m *machine) {
	m.sh("mount -t tmpfs -o size=16k none /var/backups")
	state, tables := fingerprint(m), content(m)
	out, code := m.try("dpkg -i /pkg/new.deb")
	if code == 0 || !strings.Contains(out, "nothing is upgraded") {
		t.Errorf("exit %d\n%s", code, out)
	}
	if got := m.sh("gevor --version; dpkg-query -W -f '${Version} ${db:Status-Status}' gevor; ls /var/backups/gevor/*.at 2>/dev/null || true"); got != "gevor version "+m.older+"\n"+m.older+" installed" {
		t.Errorf("%s", got)
	}
	m.serves("/de/", "200") // and the old one goes on
	unchanged(t, m, state, tables)
	m.sh("umount /var/backups")
}

func upgrade(t *testing.T, m *machine) {
	state, tables := fingerprint(m), content(m)
	out := m.sh("dpkg -i /pkg/new.deb")
	if strings.Contains(out, "Configuration file") {
		t.Errorf("the upgrade asks about a file nobody of the package changed:\n%s", out)
	}
	m.serves("/de/", "200")
	if got := m.sh("gevor --version; systemctl is-active gevor"); got != "gevor version "+m.newer+"\nactive" {
		t.Errorf("%s", got)
	}
	unchanged(t, m, state, tables)
	m.sh("runuser -u gevor -- gevor backup --config none --verify --to /var/backups/gevor/before-leaving-%s", m.older)
	if got := m.sh("stat -c '%%U %%a' /var/backups/gevor"); got != "gevor 700" {
		t.Errorf("the copies belong to %s", got)
	}
}

var (
	dumped   = regexp.MustCompile(`dump ([0-9a-f]{16,})`)
	database = regexp.MustCompile(`(?m)^.* ?\./(gevor\.db|erasures\.log).*$`)
)

// content is what the tables hold, whatever the bytes of their file are.
func content(m *machine) string {
	m.t.Helper()
	out := m.sh("install -d -o gevor -m 700 /srv/probe && cd / && runuser -u gevor -- gevor backup --config none --state /var/lib/gevor --to /srv/probe; rm -rf /srv/probe")
	dump := dumped.FindStringSubmatch(out)
	if dump == nil {
		m.t.Fatalf("no dump in %q", out)
	}
	return dump[1]
}

// without leaves the file of the tables out: its bytes change when a program that stops writes its log back.
func without(fingerprint string) string { return database.ReplaceAllString(fingerprint, "") }

// unchanged holds state, settings and tables against what they were.
func unchanged(t *testing.T, m *machine, state, tables string) {
	t.Helper()
	if now := fingerprint(m); without(now) != without(state) {
		t.Errorf("state or settings changed:\n%s\nwas\n%s", now, state)
	}
	if content(m) != tables {
		t.Error("the tables hold something else")
	}
}

func rollBack(t *testing.T, m *machine) {
	state, tables := fingerprint(m), content(m)
	if out, code := m.try("/usr/lib/gevor/undo-upgrade /pkg/new.deb"); code == 0 || !strings.Contains(out, "no backup of version "+m.newer) {
		t.Errorf("%s", out)
	}
	m.serves("/de/", "200")
	for _, harm := range []string{
		"true",
		// The worst case of a migration: the new version ruined the database.
		"systemctl stop gevor; rm -f /var/lib/gevor/gevor.db-*; head -c 4096 /dev/zero >/var/lib/gevor/gevor.db",
	} {
		m.sh("%s", harm)
		out := m.sh("/usr/lib/gevor/undo-upgrade /pkg/old.deb")
		if strings.Contains(out, "cannot be backed up") != (harm != "true") {
			t.Errorf("after %q: %s", harm, out)
		}
		m.serves("/de/", "200")
		if got := m.sh("gevor --version; systemctl is-active gevor; systemctl is-enabled gevor"); got != "gevor version "+m.older+"\nactive\nenabled" {
			t.Errorf("%s", got)
		}
		unchanged(t, m, state, tables)
		m.sh("ls -d /var/lib/gevor-undone-* && rm -rf /var/lib/gevor-undone-*")
		m.sh("dpkg -i /pkg/new.deb")
		m.serves("/de/", "200")
	}
	m.sh("dpkg -i /pkg/old.deb") // going back without going back in time is an upgrade like any other
	m.serves("/de/", "200")
	if got := m.sh("gevor --version"); got != "gevor version "+m.older {
		t.Errorf("%s", got)
	}
}

func faulty(t *testing.T, m *machine) {
	m.sh("cp /etc/gevor/gevor.toml /root/good && sed -i 's/health_listen/helth_listen/' /etc/gevor/gevor.toml")
	out := m.sh("dpkg -i /pkg/new.deb")
	for _, want := range []string{"did you mean health_listen?", "gevor.toml:", "was not started"} {
		if !strings.Contains(out, want) {
			t.Errorf("nobody says %q:\n%s", want, out)
		}
	}
	if got, _ := m.try("dpkg-query -W -f '${Version} ${db:Status-Status}\n' gevor; systemctl is-active gevor"); got != m.newer+" installed\ninactive\n" {
		t.Errorf("%s", got)
	}
	m.sh("cp /root/good /etc/gevor/gevor.toml && systemctl start gevor")
	m.serves("/de/", "200")
}

func purge(t *testing.T, m *machine) {
	state, tables := fingerprint(m), content(m)
	m.sh("dpkg -r gevor")
	if now := fingerprint(m); without(now) != without(state) {
		t.Error("removing changed state or settings")
	}
	if status, _ := m.get(8080, "/de/"); status != "" {
		t.Errorf("something still answers: %s", status)
	}
	m.sh("dpkg -i /pkg/new.deb")
	m.serves("/de/", "200") // and comes back with everything
	unchanged(t, m, state, tables)
	out := m.sh("dpkg -P gevor")
	if !strings.Contains(out, "copies of the state remain") {
		t.Errorf("nobody says that copies remain:\n%s", out)
	}
	left := m.sh("find / -xdev -iname '*gevor*' ! -path '/proc/*' ! -path '/pkg/*' ! -path '/var/backups/*' ! -path '/var/log/*' ! -path '/sys/*' | sort")
	if left != "" {
		t.Errorf("purging leaves\n%s", left)
	}
	if out, code := m.try("getent passwd gevor; getent group gevor"); code == 0 || out != "" {
		t.Errorf("the user stays: %s", out)
	}
}
