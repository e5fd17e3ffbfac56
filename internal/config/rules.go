package config

import (
	"net"
	"net/url"
	"strings"
)

// rules holds what is set against the rest of what is set.
func (r *reading) rules() {
	r.c.Server.PublicURL = strings.TrimSuffix(r.c.Server.PublicURL, "/")
	r.serverRules()
	r.dataRules()
	r.peopleRules()
}

// need demands a key because another is set.
func (r *reading) need(missing bool, key, because, other string) {
	if missing && !r.refused[key] {
		r.problem(r.place(other), key, "is missing: "+because, "add "+key[strings.LastIndexByte(key, '.')+1:])
	}
}

// clash tells of two keys that cannot both be set. It is told at the first.
func (r *reading) clash(both bool, key, other, why, advice string) {
	if both && !r.refused[key] && !r.refused[other] {
		r.problem(r.place(key), key, "and "+other+" exclude each other: "+why, advice)
	}
}

func (r *reading) serverRules() {
	s := &r.c.Server
	r.need(s.BehindProxy && len(s.TrustedProxies) == 0, "server.trusted_proxies", "with behind_proxy the program must know whose headers to believe", "server.behind_proxy")
	r.need(s.BehindProxy && s.PublicURL == "", "server.public_url", "a proxy may hide under which name people came", "server.behind_proxy")
	r.clash(!s.BehindProxy && len(s.TrustedProxies) > 0, "server.trusted_proxies", "behind_proxy = false", "nobody is believed without a proxy", "set behind_proxy = true or take trusted_proxies away")
	r.need(s.TLSCert != "" && s.TLSKey == "", "server.tls_key", "a certificate is of no use without its key", "server.tls_cert")
	r.need(s.TLSKey != "" && s.TLSCert == "", "server.tls_cert", "a key is of no use without its certificate", "server.tls_key")
	r.clash(s.ACMEDomain != "" && s.TLSCert != "", "server.acme_domain", "server.tls_cert", "a certificate comes from a file or from an authority", "keep one of them")
	r.clash(s.ACMEDomain != "" && s.BehindProxy, "server.acme_domain", "server.behind_proxy", "the authority reaches the proxy, not this program", "let the proxy hold the certificate")
	r.need(s.ACMEDomain == "" && s.ACMEEmail != "", "server.acme_domain", "acme_email alone does nothing", "server.acme_email")
	if u, err := url.Parse(s.PublicURL); err == nil && s.PublicURL != "" {
		r.clash(u.Scheme == "https" && !s.TLS() && !s.BehindProxy, "server.public_url", "plain HTTP", "nobody here speaks https", "set tls_cert and tls_key, or acme_domain, or behind_proxy")
		r.clash(u.Scheme == "http" && s.TLS(), "server.public_url", "a certificate", "the program speaks https only", "write https://"+u.Host)
		r.clash(u.Scheme == "http" && !loopback(u.Hostname()), "server.public_url", "plain HTTP", "passwords would travel readable for all", "write https://"+u.Host)
		r.clash(s.ACMEDomain != "" && u.Hostname() != s.ACMEDomain, "server.acme_domain", "server.public_url", "they name different hosts", "write the same name in both")
	}
	t := r.c.Telemetry
	r.clash(samePort(t.HealthListen, s.Listen), "telemetry.health_listen", "server.listen", "they are the same address", "choose another port")
	r.clash(samePort(t.MetricsListen, s.Listen), "telemetry.metrics_listen", "server.listen", "they are the same address", "choose another port")
}

// samePort reports whether two addresses name one socket. Port 0 stands for any free one.
func samePort(a, b string) bool {
	_, port, err := net.SplitHostPort(a)
	return err == nil && a == b && port != "0"
}

func (r *reading) dataRules() {
	d, b := &r.c.Database, &r.c.Backup
	r.clash(d.DSN.Set() && d.DSNFile != "", "database.dsn", "database.dsn_file", "they say the same thing twice", "keep dsn_file")
	if b.Retention <= b.Every && !r.refused["backup.every"] && !r.refused["backup.retention"] {
		r.problem(r.place("backup.retention"), "backup.retention", "is not longer than every", "there would be times without any copy; allowed: longer than every, up to 400d")
	}
	s3 := strings.HasPrefix(b.To, "s3://")
	for _, k := range [][2]string{{"s3_endpoint", b.S3Endpoint}, {"s3_region", b.S3Region}, {"s3_access_key", b.S3AccessKey}, {"s3_secret_file", b.S3SecretFile}} {
		if k[1] != "" && !s3 {
			r.problem(r.place("backup."+k[0]), "backup."+k[0], "is set, but backup.to is no object store", "write to = \"s3://bucket/path\" or take "+k[0]+" away")
		}
	}
	r.need(s3 && b.S3AccessKey != "" && b.S3SecretFile == "", "backup.s3_secret_file", "a key needs its secret", "backup.s3_access_key")
	r.need(s3 && b.S3AccessKey == "" && b.S3SecretFile != "", "backup.s3_access_key", "a secret needs the name of its key", "backup.s3_secret_file")
}

func (r *reading) peopleRules() {
	m := &r.c.Mail
	r.need(m.Host != "" && m.From == "", "mail.from", "mail needs a sender", "mail.host")
	r.need(m.Host != "" && r.c.Server.PublicURL == "", "server.public_url", "mails hold links", "mail.host")
	r.need(m.User != "" && m.PasswordFile == "", "mail.password_file", "a user needs a password", "mail.user")
	r.need(m.User == "" && m.PasswordFile != "", "mail.user", "a password needs a user", "mail.password_file")
	r.need(m.Host == "" && m.User != "", "mail.host", "a user alone sends nothing", "mail.user")
	r.clash(m.Host != "" && m.TLS == "none" && !loopback(m.Host), "mail.tls", "a server elsewhere", "mail and password would travel readable for all", "allowed: \"starttls\" or \"tls\"")
	seen := map[string]bool{}
	for i, o := range r.c.SignIn.OIDC {
		path := oidcPath(i)
		for _, k := range [][2]string{{"issuer", o.Issuer}, {"client_id", o.ClientID}, {"client_secret_file", o.ClientSecretFile}, {"label", o.Label}} {
			r.need(k[1] == "", path+"."+k[0], "a provider needs all four keys", path)
		}
		if o.Issuer != "" && seen[o.Issuer] {
			r.problem(r.place(path+".issuer"), path+".issuer", "stands there twice", "name each provider once")
		}
		seen[o.Issuer] = true
	}
	if len(r.c.SignIn.OIDC) > 0 {
		r.need(r.c.Server.PublicURL == "", "server.public_url", "a provider sends people back to it", "signin.oidc[0]")
	}
}
