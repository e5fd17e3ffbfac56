package config

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestEverythingThatCanBeSet(t *testing.T) {
	c, problems := Parse("gevor.toml", []byte(`
[server]
listen = "127.0.0.1:8080"
public_url = "https://hilfe.example.org/"
behind_proxy = true
trusted_proxies = ["127.0.0.1", "10.1.2.3/24", "::1"]
[backup]
to = "s3://copies/gevor"
every = "6h"
retention = "14d"
s3_access_key = "k"
s3_secret_file = "s"
[mail]
host = "mail.example.org"
port = 465
tls = "tls"
from = "gevor <gevor@example.org>"
[signin]
session_hours = 8
[[signin.oidc]]
issuer = "https://id.example.org/realms/city"
client_id = "gevor"
client_secret_file = "secret"
label = "Stadtkonto"
[webhooks]
allow = ["hooks.example.org"]
`), []string{"GEVOR_LOGGING_FORMAT=json", "GEVOR_WEBHOOKS_ALLOW=a.example.org, b.example.org", "GEVOR_MAIL_PORT=587", "HOME=/root"})
	for _, p := range problems {
		t.Error(p)
	}
	if c.Server.PublicURL != "https://hilfe.example.org" || len(c.Server.TrustedProxies) != 3 || c.Server.TrustedProxies[1].String() != "10.1.2.0/24" {
		t.Errorf("server: %+v", c.Server)
	}
	if c.Backup.Every != 6*time.Hour || c.Backup.Retention != 14*24*time.Hour {
		t.Errorf("backup: %+v", c.Backup)
	}
	if c.Mail.Port != 587 || c.Logging.Format != "json" || strings.Join(c.Webhooks.Allow, "|") != "a.example.org|b.example.org" {
		t.Errorf("the environment does not win: %+v %+v %+v", c.Mail, c.Logging, c.Webhooks)
	}
	if len(c.SignIn.OIDC) != 1 || c.SignIn.OIDC[0].Label != "Stadtkonto" || c.SignIn.SessionHours != 8 {
		t.Errorf("sign-in: %+v", c.SignIn)
	}
}

// Each text holds one fault; the message names where, which key, and what would be right.
func TestFaultsNameLineKeyAndWhatIsAllowed(t *testing.T) {
	cases := []struct {
		name, text, env string
		want            []string
	}{
		{"typo", "[server]\n\nlistne = \"x:1\"", "", []string{"f.toml:3: server.listne is no key", "did you mean listen?"}},
		{"section", "[sever]\nlisten = \"x:1\"", "", []string{"f.toml:1: sever is no section", "did you mean server?"}},
		{"loose key", "listen = \"x:1\"", "", []string{"f.toml:1: listen is no section"}},
		{"section as value", "server = 1", "", []string{"f.toml:1: server must be a section"}},
		{"syntax", "[server]\nlisten = \n", "", []string{"f.toml:2: this line is no valid TOML"}},
		{"twice", "[server]\nlisten = \"a:1\"\nlisten = \"a:1\"\n", "", []string{"f.toml:3"}},
		{"type", "[server]\nlisten = 8080", "", []string{"f.toml:2: server.listen = 8080 has the wrong type", "host:port"}},
		{"address", "[server]\nlisten = \"8080\"", "", []string{"f.toml:2: server.listen = \"8080\" is no address with a port", "localhost:8080"}},
		{"bool", "[server]\nbehind_proxy = \"yes\"", "", []string{"f.toml:2: server.behind_proxy", "true or false"}},
		{"network", "[server]\nbehind_proxy=true\npublic_url=\"https://a.b\"\ntrusted_proxies = [\"proxy.local\"]", "", []string{"f.toml:4: server.trusted_proxies", `"proxy.local"`}},
		{"everybody", "[server]\nbehind_proxy=true\npublic_url=\"https://a.b\"\ntrusted_proxies = [\"0.0.0.0/0\"]", "", []string{"f.toml:4", "everybody"}},
		{"path", "[server]\nbehind_proxy=true\ntrusted_proxies=[\"::1\"]\npublic_url = \"https://a.b/gevor\"", "", []string{"f.toml:4: server.public_url", "path"}},
		{"number", "[mail]\nport = 70000", "", []string{"f.toml:2: mail.port = 70000 is out of range", "1 to 65535"}},
		{"time", "[backup]\nevery = \"daily\"", "", []string{"f.toml:2: backup.every = \"daily\" is no length of time", "10m to 7d"}},
		{"short", "[backup]\nretention = \"3d\"\nevery = \"7d\"", "", []string{"f.toml:2: backup.retention is not longer than every"}},
		{"proxy without trust", "[server]\nbehind_proxy = true\npublic_url=\"https://a.b\"", "", []string{"f.toml:2: server.trusted_proxies is missing"}},
		{"proxy without name", "[server]\nbehind_proxy = true\ntrusted_proxies=[\"::1\"]", "", []string{"f.toml:2: server.public_url is missing"}},
		{"trust without proxy", "[server]\ntrusted_proxies=[\"::1\"]", "", []string{"f.toml:2: server.trusted_proxies and behind_proxy = false exclude each other"}},
		{"half a pair", "[server]\ntls_cert = \"c\"", "", []string{"f.toml:2: server.tls_key is missing"}},
		{"two certificates", "[server]\ntls_cert=\"c\"\ntls_key=\"k\"\nacme_domain=\"a.b\"", "", []string{"f.toml:4: server.acme_domain and server.tls_cert exclude each other"}},
		{"nobody speaks https", "[server]\npublic_url = \"https://a.b\"", "", []string{"f.toml:2: server.public_url and plain HTTP exclude each other"}},
		{"readable passwords", "[server]\npublic_url = \"http://a.b\"", "", []string{"f.toml:2", "readable"}},
		{"same port", "[telemetry]\nhealth_listen=\"localhost:8080\"", "", []string{"f.toml:2: telemetry.health_listen and server.listen"}},
		{"open mail", "[server]\npublic_url=\"http://localhost:8080\"\n[mail]\nfrom=\"a@b.c\"\nhost=\"mail.b.c\"\ntls=\"none\"", "", []string{"f.toml:6: mail.tls"}},
		{"provider", "[server]\npublic_url=\"http://localhost:8080\"\n[[signin.oidc]]\nissuer=\"https://a.b\"\nclient_id=\"x\"\nlabel=\"y\"", "", []string{"f.toml:3: signin.oidc[0].client_secret_file is missing"}},
		{"open provider", "[server]\npublic_url=\"http://localhost:8080\"\n[[signin.oidc]]\nissuer=\"http://a.b\"\nclient_id=\"x\"\nlabel=\"y\"\nclient_secret_file=\"z\"", "", []string{"f.toml:4: signin.oidc[0].issuer", "not encrypted"}},
		{"store", "[backup]\nto=\"ftp://x\"", "", []string{"f.toml:2: backup.to", "s3://bucket/path"}},
		{"variable", "", "GEVOR_SERVER_LISTEN=x", []string{"GEVOR_SERVER_LISTEN: server.listen = \"x\" is no address"}},
		{"unknown variable", "", "GEVOR_SERVER_LISTNE=x:1", []string{"GEVOR_SERVER_LISTNE: is no setting", "did you mean GEVOR_SERVER_LISTEN?"}},
	}
	for _, c := range cases {
		_, problems := Parse("f.toml", []byte(c.text), []string{c.env})
		if len(problems) != 1 {
			t.Errorf("%s: %d problems: %v", c.name, len(problems), problems)
		}
		for _, want := range c.want {
			if len(problems) > 0 && !strings.Contains(problems[0].String(), want) {
				t.Errorf("%s: %q lacks %q", c.name, problems[0], want)
			}
		}
	}
}

func TestAllFaultsAreToldFromTopToBottom(t *testing.T) {
	_, problems := Parse("f.toml", []byte("[mail]\nport = 0\nhots = \"x\"\n[server]\nlisten = \"\"\n"), []string{"GEVOR_LOGGING_LEVEL=loud"})
	var got []string
	for _, p := range problems {
		got = append(got, p.Place)
	}
	if want := "f.toml:2 f.toml:3 f.toml:5 GEVOR_LOGGING_LEVEL"; strings.Join(got, " ") != want {
		t.Errorf("%v, want %s", problems, want)
	}
	if err := Err(problems); err == nil || !strings.Contains(err.Error(), "3 more problems: gevor config check lists all") {
		t.Errorf("%v", err)
	}
	if Err(nil) != nil {
		t.Error("no problem is an error")
	}
}

func file(t *testing.T, mode os.FileMode, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSecretsComeOutOfClosedFiles(t *testing.T) {
	load := func(secret string) (*Config, []Problem) {
		return Load(file(t, 0o644, fmt.Sprintf("[server]\npublic_url=\"http://localhost:1\"\n[mail]\nhost=\"localhost\"\nfrom=\"a@b.c\"\nuser=\"u\"\npassword_file = %q\n", secret)), nil)
	}
	c, problems := load(file(t, 0o640, "geheim-7\n"))
	if len(problems) != 0 || c.Mail.Password.Reveal() != "geheim-7" {
		t.Errorf("%v", problems)
	}
	for want, path := range map[string]string{
		"everybody":         file(t, 0o644, "geheim-7"),
		"does not exist":    filepath.Join(t.TempDir(), "none"),
		"empty":             file(t, 0o600, "\n"),
		"more than one":     file(t, 0o600, "geheim-7\nx"),
		"that is no small ": t.TempDir(),
	} {
		_, problems := load(path)
		if len(problems) != 1 || !strings.Contains(problems[0].String(), want) || problems[0].Line != 7 || strings.Contains(problems[0].String(), "geheim-7") {
			t.Errorf("%s: %v", want, problems)
		}
	}
}

func TestNothingShowsASecret(t *testing.T) {
	c := Default()
	c.Database.DSN = NewSecret("geheim-7")
	var b strings.Builder
	raw, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	b.Write(raw)
	fmt.Fprintf(&b, "%v %+v %#v %s %q", c, c, *c, c.Database.DSN, c.Database.DSN)
	slog.New(slog.NewTextHandler(&b, nil)).Info("x", "dsn", c.Database.DSN, "all", c, "database", c.Database)
	slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "dsn", c.Database.DSN, "all", c)
	if strings.Contains(b.String(), "geheim-7") {
		t.Errorf("a secret is shown: %s", b.String())
	}
	// The control: a plain string in the same place is shown.
	b.Reset()
	fmt.Fprintf(&b, "%+v", struct{ DSN string }{"geheim-7"})
	if !strings.Contains(b.String(), "geheim-7") {
		t.Error("the control shows nothing")
	}
	// A secret that is wrong is not repeated either, nor is a line that cannot be read.
	for _, text := range []string{"[database]\ndsn = \"mysql://u:geheim-7@h\"", "[database]\ndsn = geheim-7", "[database]\ndsn = 'geheim-7", "[database]\ndsn = [\"geheim-7\"]"} {
		_, problems := Parse("f", []byte(text), []string{"GEVOR_DATABASE_DSN=mysql://geheim-7"})
		if len(problems) < 2 || strings.Contains(fmt.Sprint(problems), "geheim-7") {
			t.Errorf("%q: %v", text, problems)
		}
	}
}

func TestCertificateMustFitItsKey(t *testing.T) {
	_, problems := Load(file(t, 0o644, fmt.Sprintf("[server]\ntls_cert = %q\ntls_key = %q\n", file(t, 0o644, "x"), file(t, 0o600, "y"))), nil)
	if len(problems) != 1 || !strings.Contains(problems[0].String(), "no pair") || problems[0].Line != 2 {
		t.Errorf("%v", problems)
	}
}

func TestPathPrefersWhatAPersonNamed(t *testing.T) {
	env := []string{"GEVOR_CONFIG=/b"}
	if Path("/a", env) != "/a" || Path("", env) != "/b" || Path("none", env) != "" {
		t.Error("wrong order")
	}
}
