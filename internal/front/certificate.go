package front

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"os"
	"sync"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"

	"gevor/fault"
)

// Certificate is a certificate in two files that may be replaced while the program runs. Safe for concurrent use.
type Certificate struct {
	cert, key string
	log       *slog.Logger

	mu     sync.Mutex
	loaded *tls.Certificate
	seen   [2]stamp // of the files when they were last tried
}

// stamp tells one state of a file from another.
type stamp struct {
	size int64
	at   time.Time
}

// OpenCertificate reads certificate and key, both in PEM form. It fails with fault.Invalid where they are no pair.
func OpenCertificate(cert, key string, log *slog.Logger) (*Certificate, error) {
	c := &Certificate{cert: cert, key: key, log: log}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c, c.read()
}

// read replaces the certificate if both files are sound. Called with mu held.
func (c *Certificate) read() error {
	c.seen = c.stamps()
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		return fault.Wrap(fault.Invalid, c.cert, "is no certificate for the key "+c.key, "give a certificate with its chain and the key that belongs to it, both in PEM form", err)
	}
	c.loaded = &pair
	return nil
}

// stamps are zero for a file that cannot be seen.
func (c *Certificate) stamps() (s [2]stamp) {
	for i, name := range [...]string{c.cert, c.key} {
		if st, err := os.Stat(name); err == nil {
			s[i] = stamp{st.Size(), st.ModTime()}
		}
	}
	return s
}

// Reload reads both files again. Where they are no pair, the last good certificate stays, and the error says so.
func (c *Certificate) Reload() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.read()
}

// Get gives the certificate, from new files where they changed. A certificate and its key are rarely replaced in one
// instant: while they do not fit each other, the last good pair is served. It is called at every handshake.
func (c *Certificate) Get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stamps() != c.seen {
		if err := c.read(); err != nil {
			c.log.Warn("the new certificate cannot be used; the last one stays", "cause", err)
		} else {
			c.log.Info("new certificate", "until", c.loaded.Leaf.NotAfter)
		}
	}
	return c.loaded, nil
}

// TLS gives the settings of a server with this certificate.
func (c *Certificate) TLS() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.Get}
}

// Authority asks a certificate authority (ACME) for certificates of one domain and renews them. It answers the
// authority's question on the same port (TLS-ALPN-01), so nothing listens on port 80. dir keeps account and
// certificates; it holds private keys.
func Authority(domain, email, directory, dir string) *tls.Config {
	m := &autocert.Manager{
		Prompt:     autocert.AcceptTOS,
		HostPolicy: onlyHost(domain),
		Cache:      autocert.DirCache(dir),
		Email:      email,
		Client:     &acme.Client{DirectoryURL: directory},
	}
	c := m.TLSConfig()
	c.MinVersion = tls.VersionTLS12
	return c
}

var errHost = errors.New("no certificate is asked for this name")

// onlyHost keeps strangers from making this installation ask for certificates of other names.
func onlyHost(domain string) autocert.HostPolicy {
	return func(_ context.Context, host string) error {
		if host != domain {
			return errHost
		}
		return nil
	}
}
