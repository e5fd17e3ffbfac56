package config

import (
	"net/netip"
	"strings"
	"time"
)

// key is one thing that can be set.
type key struct {
	section, name string
	initial       string // the default, as a variable of the environment would say it
	about         string // for the example file; lines are broken where it breaks them
	allowed       string
	secret        bool // its value appears in no message
	value         value
}

// path is how messages name the key.
func (k key) path() string { return k.section + "." + k.name }

// variable is the name of the key in the environment.
func (k key) variable() string {
	return "GEVOR_" + strings.ToUpper(k.section) + "_" + strings.ToUpper(k.name)
}

// sections in the order of the example file, with what each is about.
func sections() [][2]string {
	return [][2]string{
		{"server", "How requests come in."},
		{"state", "Where snapshots, runs and the embedded database lie."},
		{"database", "The tables. Without anything here: an SQLite file in the state folder."},
		{"backup", "Copies of the database while the program runs. Without \"to\" there are none."},
		{"mail", "Without a host no mail leaves; it stays visible in the outbox."},
		{"signin", "How people prove who they are. Providers follow below as [[signin.oidc]]."},
		{"webhooks", "Hosts that may be told of events. Without a list nobody is called."},
		{"logging", "Logs go to standard error. They hold no query strings, no addresses of people and no secrets."},
		{"telemetry", "Health and figures, each on an address of its own. Empty addresses show nothing."},
		{"site", "Who runs the installation: for the imprint and the footer."},
		{"contacts", "The anonymous log of contacts."},
		{"cluster", "A queue from which other machines take parts of an analysis (gevor worker)."},
	}
}

// table lists every key, in the order of the example file.
func table() []key {
	t := serverKeys()
	t = append(t, dataKeys()...)
	t = append(t, peopleKeys()...)
	t = append(t, contactKeys()...)
	return append(t, clusterKeys()...)
}

func clusterKeys() []key {
	return []key{
		{
			section: "cluster", name: "listen", about: "Address for workers and analyses. Empty holds no queue. Beyond loopback it needs a token, and a\nnetwork that nobody else listens to.", allowed: "host:port, for instance 127.0.0.1:4222",
			value: text(func(c *Config) *string { return &c.Cluster.Listen }, address),
		},
		{
			section: "cluster", name: "token_file", about: "File with the token that workers and analyses need.", allowed: "a file that not everybody may read",
			value: text(func(c *Config) *string { return &c.Cluster.TokenFile }, anything),
		},
	}
}

func contactKeys() []key {
	return []key{
		{
			section: "contacts", name: "author_days", initial: "14", about: "After how many days nobody knows any more who wrote an entry.", allowed: "1 to 14",
			value: whole(func(c *Config) *int { return &c.Contacts.AuthorDays }, 1, 14),
		},
		{
			section: "contacts", name: "entry_days", initial: "28", about: "After how many days figures are made of an entry, and it is deleted.", allowed: "7 to 90",
			value: whole(func(c *Config) *int { return &c.Contacts.EntryDays }, 7, 90),
		},
		{
			section: "contacts", name: "notes", initial: "false", about: "Whether a short note may be written. It is refused where it looks like a name, a number, an address\nor a date; that makes it no safer than whoever writes it.", allowed: "true or false",
			value: flag(func(c *Config) *bool { return &c.Contacts.Notes }),
		},
		{
			section: "contacts", name: "forms", about: "File with report forms, such as funders ask for. Without it the built-in ones are offered.", allowed: "a file in TOML, as the handbook shows",
			value: text(func(c *Config) *string { return &c.Contacts.Forms }, anything),
		},
	}
}

func serverKeys() []key {
	return []key{
		{
			section: "server", name: "listen", initial: "localhost:8080", about: "Address to listen on.", allowed: "host:port, for instance localhost:8080 or 0.0.0.0:443",
			value: required(func(c *Config, s string) error {
				if err := address(s); err != nil {
					return err
				}
				c.Server.Listen = s
				return nil
			}),
		},
		{
			section: "server", name: "public_url", about: "How people reach the installation. Links in mails and sign-in need it.", allowed: "https://host, without a path",
			value: text(func(c *Config) *string { return &c.Server.PublicURL }, origin),
		},
		{
			section: "server", name: "behind_proxy", initial: "false", about: "Whether a proxy stands in front. Its X-Forwarded-For is believed only if it comes from\ntrusted_proxies; every other forwarding header is removed, always.", allowed: "true or false",
			value: flag(func(c *Config) *bool { return &c.Server.BehindProxy }),
		},
		{
			section: "server", name: "trusted_proxies", about: "The proxies, as the program sees them.", allowed: "a list of addresses or networks, for instance [\"127.0.0.1\", \"10.1.0.0/24\"]",
			value: networks(func(c *Config) *[]netip.Prefix { return &c.Server.TrustedProxies }),
		},
		{
			section: "server", name: "tls_cert", about: "Certificate with its chain. It is read again when the file changes or at SIGHUP.", allowed: "a file in PEM form",
			value: text(func(c *Config) *string { return &c.Server.TLSCert }, anything),
		},
		{
			section: "server", name: "tls_key", about: "Key of the certificate.", allowed: "a file in PEM form that not everybody may read",
			value: text(func(c *Config) *string { return &c.Server.TLSKey }, anything),
		},
		{
			section: "server", name: "acme_domain", about: "Asks a certificate authority for a certificate of this name. The program then calls the outside,\nand must be reached on port 443. Empty asks nobody.", allowed: "a domain name, for instance gevor.example.org",
			value: text(func(c *Config) *string { return &c.Server.ACMEDomain }, domain),
		},
		{
			section: "server", name: "acme_email", about: "Where the authority may write to.", allowed: "a mail address",
			value: text(func(c *Config) *string { return &c.Server.ACMEEmail }, mailbox),
		},
		{
			section: "server", name: "acme_directory", initial: "https://acme-v02.api.letsencrypt.org/directory", about: "The authority.", allowed: "the https address of an ACME directory",
			value: text(func(c *Config) *string { return &c.Server.ACMEDirectory }, secureAddress),
		},
	}
}

const (
	minute = time.Minute
	day    = 24 * time.Hour
)

func dataKeys() []key {
	return []key{
		{
			section: "state", name: "dir", initial: "var", about: "Folder; the package uses /var/lib/gevor.", allowed: "a folder that the program may write to",
			value: required(func(c *Config, s string) error {
				if strings.TrimSpace(s) == "" {
					return errEmpty
				}
				c.State.Dir = s
				return nil
			}),
		},
		{
			section: "database", name: "dsn", secret: true, about: "PostgreSQL. Better put into a file: see dsn_file.", allowed: "postgres://user@host/database?sslmode=verify-full",
			value: secret(func(c *Config) *Secret { return &c.Database.DSN }, dsn),
		},
		{
			section: "database", name: "dsn_file", about: "File that holds the line that dsn would hold, with its password.", allowed: "a file that not everybody may read",
			value: text(func(c *Config) *string { return &c.Database.DSNFile }, anything),
		},
		{
			section: "backup", name: "to", about: "Where copies go. Another disk or another machine, else they die with the original.", allowed: "a folder, or s3://bucket/path",
			value: text(func(c *Config) *string { return &c.Backup.To }, backupPlace),
		},
		{
			section: "backup", name: "every", initial: "24h", about: "How often a full copy begins; changes follow at once in between.", allowed: "10m to 7d",
			value: span(func(c *Config) *time.Duration { return &c.Backup.Every }, 10*minute, 7*day),
		},
		{
			section: "backup", name: "retention", initial: "30d", about: "How long copies are kept. Longer than people may ask for deletion is too long.", allowed: "1d to 400d, and longer than every",
			value: span(func(c *Config) *time.Duration { return &c.Backup.Retention }, day, 400*day),
		},
		{
			section: "backup", name: "s3_endpoint", about: "Object store, if it is not the one of Amazon.", allowed: "an https address",
			value: text(func(c *Config) *string { return &c.Backup.S3Endpoint }, secureAddress),
		},
		{
			section: "backup", name: "s3_region", about: "Region of the object store.", allowed: "a name, for instance eu-central-1",
			value: text(func(c *Config) *string { return &c.Backup.S3Region }, anything),
		},
		{
			section: "backup", name: "s3_access_key", about: "Name of the key of the object store.", allowed: "a name",
			value: text(func(c *Config) *string { return &c.Backup.S3AccessKey }, anything),
		},
		{
			section: "backup", name: "s3_secret_file", about: "File with the secret of that key.", allowed: "a file that not everybody may read",
			value: text(func(c *Config) *string { return &c.Backup.S3SecretFile }, anything),
		},
	}
}

func peopleKeys() []key {
	return []key{
		{
			section: "mail", name: "host", about: "SMTP server.", allowed: "a host name or address",
			value: text(func(c *Config) *string { return &c.Mail.Host }, hostName),
		},
		{
			section: "mail", name: "port", initial: "587", about: "Its port.", allowed: "1 to 65535",
			value: whole(func(c *Config) *int { return &c.Mail.Port }, 1, 65535),
		},
		{
			section: "mail", name: "tls", initial: "starttls", about: "starttls (port 587), tls (port 465), or none, which only a server on this machine may be.", allowed: "\"starttls\", \"tls\" or \"none\"",
			value: required(func(c *Config, s string) error {
				c.Mail.TLS = s
				return oneOf("starttls", "tls", "none")(s)
			}),
		},
		{
			section: "mail", name: "user", about: "Name to sign in with. Empty does not sign in.", allowed: "a name",
			value: text(func(c *Config) *string { return &c.Mail.User }, anything),
		},
		{
			section: "mail", name: "password_file", about: "File with its password.", allowed: "a file that not everybody may read",
			value: text(func(c *Config) *string { return &c.Mail.PasswordFile }, anything),
		},
		{
			section: "mail", name: "from", about: "Sender of all mail.", allowed: "a mail address, for instance gevor@example.org",
			value: text(func(c *Config) *string { return &c.Mail.From }, mailbox),
		},
		{
			section: "mail", name: "outbox_dir", about: "Folder in which every mail is laid down as a file, too.", allowed: "a folder that the program may write to",
			value: text(func(c *Config) *string { return &c.Mail.OutboxDir }, anything),
		},
		{
			section: "signin", name: "session_hours", initial: "12", about: "After how many hours people sign in anew.", allowed: "1 to 168",
			value: whole(func(c *Config) *int { return &c.SignIn.SessionHours }, 1, 168),
		},
		{
			section: "webhooks", name: "allow", about: "Host names. Addresses inside your own network are refused even if listed.", allowed: "a list of host names, for instance [\"hooks.example.org\"]",
			value: each(func(c *Config) *[]string { return &c.Webhooks.Allow }, domain),
		},
		{
			section: "logging", name: "level", initial: "info", about: "The least grave thing that is logged.", allowed: "\"debug\", \"info\", \"warn\" or \"error\"",
			value: required(func(c *Config, s string) error {
				c.Logging.Level = s
				return oneOf("debug", "info", "warn", "error")(s)
			}),
		},
		{
			section: "logging", name: "format", initial: "text", about: "Lines for people, or one JSON object a line.", allowed: "\"text\" or \"json\"",
			value: required(func(c *Config, s string) error {
				c.Logging.Format = s
				return oneOf("text", "json")(s)
			}),
		},
		{
			section: "telemetry", name: "health_listen", about: "Answers /healthz (alive) and /readyz (able to serve).", allowed: "host:port, best on this machine: localhost:9090",
			value: text(func(c *Config) *string { return &c.Telemetry.HealthListen }, address),
		},
		{
			section: "telemetry", name: "metrics_listen", about: "Answers /metrics in the form of Prometheus. May be the same address.", allowed: "host:port, best on this machine: localhost:9090",
			value: text(func(c *Config) *string { return &c.Telemetry.MetricsListen }, address),
		},
		{
			section: "site", name: "name", about: "Name of the installation.", allowed: "text",
			value: text(func(c *Config) *string { return &c.Site.Name }, anything),
		},
		{
			section: "site", name: "operator", about: "Who is responsible, as the imprint names them.", allowed: "text",
			value: text(func(c *Config) *string { return &c.Site.Operator }, anything),
		},
		{
			section: "site", name: "address", about: "Where a letter reaches them.", allowed: "text",
			value: text(func(c *Config) *string { return &c.Site.Address }, anything),
		},
		{
			section: "site", name: "email", about: "Where a mail reaches them.", allowed: "a mail address",
			value: text(func(c *Config) *string { return &c.Site.Email }, mailbox),
		},
		{
			section: "site", name: "phone", about: "Where a call reaches them.", allowed: "text",
			value: text(func(c *Config) *string { return &c.Site.Phone }, anything),
		},
	}
}

// oidcKeys are the keys of one [[signin.oidc]]. They come from the file only.
func oidcKeys(at func(*Config) *OIDC) []key {
	part := func(field func(*OIDC) *string) func(*Config) *string {
		return func(c *Config) *string { return field(at(c)) }
	}
	return []key{
		{
			section: "signin.oidc", name: "issuer", about: "The provider, as its own discovery document names it.", allowed: "an https address, for instance https://keycloak.example.org/realms/city",
			value: text(part(func(o *OIDC) *string { return &o.Issuer }), secureAddress),
		},
		{
			section: "signin.oidc", name: "client_id", about: "Name under which the provider knows this installation.", allowed: "a name",
			value: text(part(func(o *OIDC) *string { return &o.ClientID }), anything),
		},
		{
			section: "signin.oidc", name: "client_secret_file", about: "File with the secret that the provider gave.", allowed: "a file that not everybody may read",
			value: text(part(func(o *OIDC) *string { return &o.ClientSecretFile }), anything),
		},
		{
			section: "signin.oidc", name: "label", about: "Words on the button.", allowed: "text, for instance \"City account\"",
			value: text(part(func(o *OIDC) *string { return &o.Label }), anything),
		},
	}
}
