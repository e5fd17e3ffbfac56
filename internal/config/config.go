// Package config reads what an operator sets: one TOML file and variables of the environment, which win over it.
//
// One table (keys.go) holds every key with its default, its meaning and what is allowed; the documented example file
// is written from it. A configuration is checked whole before anything starts, and every fault names the file and
// line, or the variable, the key, and what would be allowed. Values that are secret appear in no message and no log.
package config

import (
	"net/netip"
	"time"
)

// File is where an installed program looks for its configuration.
const File = "/etc/gevor/gevor.toml"

// Config is a complete configuration: what nobody set has its default. Make one with Default, Parse or Load.
type Config struct {
	Server    Server
	State     State
	Database  Database
	Backup    Backup
	Mail      Mail
	SignIn    SignIn
	Webhooks  Webhooks
	Logging   Logging
	Telemetry Telemetry
	Site      Site
	Contacts  Contacts
	Cluster   Cluster
}

// Server says how requests come in.
type Server struct {
	Listen         string         // host:port
	PublicURL      string         // how people reach the installation, without a slash at the end; may be empty
	BehindProxy    bool           // whether X-Forwarded-For of TrustedProxies is believed
	TrustedProxies []netip.Prefix // nobody else's headers are believed
	TLSCert        string         // file in PEM with the whole chain; empty serves plain HTTP
	TLSKey         string         // file in PEM
	ACMEDomain     string         // empty asks nobody for certificates
	ACMEEmail      string
	ACMEDirectory  string // address of the certificate authority
}

// TLS reports whether the program itself speaks HTTPS.
func (s Server) TLS() bool { return s.TLSCert != "" || s.ACMEDomain != "" }

// State says where files are kept.
type State struct {
	Dir string
}

// Database says where the tables are. An empty DSN means an SQLite file in the state folder.
type Database struct {
	DSN     Secret
	DSNFile string
}

// Backup says where copies go. An empty To makes none.
type Backup struct {
	To           string // a folder, or s3://bucket/path
	Every        time.Duration
	Retention    time.Duration
	S3Endpoint   string
	S3Region     string
	S3AccessKey  string
	S3SecretFile string
	S3Secret     Secret
}

// Mail says how mail leaves. An empty Host sends none: it stays visible in the outbox.
type Mail struct {
	Host         string
	Port         int
	TLS          string // starttls, tls or none
	User         string
	PasswordFile string
	Password     Secret
	From         string
	OutboxDir    string // where mail is also laid down as files; empty lays none down
}

// SignIn says how people prove who they are.
type SignIn struct {
	SessionHours int
	OIDC         []OIDC
}

// OIDC is one provider of sign-in.
type OIDC struct {
	Issuer           string
	ClientID         string
	ClientSecretFile string
	ClientSecret     Secret
	Label            string // on the button
}

// Webhooks says which hosts may be called. An empty Allow calls none.
type Webhooks struct {
	Allow []string
}

// Logging says what is logged, and how.
type Logging struct {
	Level  string // debug, info, warn or error
	Format string // text or json
}

// Telemetry says where health and figures are shown. Empty addresses show nothing.
type Telemetry struct {
	HealthListen  string
	MetricsListen string
}

// Site says who runs the installation.
type Site struct {
	Name     string
	Operator string
	Address  string
	Email    string
	Phone    string
}

// Cluster says whether this server holds the queue from which workers take parts of analyses. An empty Listen holds none.
type Cluster struct {
	Listen    string
	TokenFile string
}

// Contacts says how long the log of contacts keeps what, and what may stand in it.
type Contacts struct {
	AuthorDays int    // until nobody knows who wrote an entry
	EntryDays  int    // until figures are made of an entry and it is deleted
	Notes      bool   // whether a short note may be written
	Forms      string // file with report forms; empty takes the built-in ones
}

// Default gives the configuration of a program that nobody configured.
func Default() *Config {
	c := &Config{}
	for _, k := range table() {
		// The defaults of the table are allowed values: a test asks every one.
		_ = k.value.fromText(c, k.initial)
	}
	return c
}
