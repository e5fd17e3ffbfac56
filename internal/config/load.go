package config

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io/fs"
	"os"
	"runtime"
)

// Path gives the file to read: the one a person named, else the one GEVOR_CONFIG names, else File where it exists,
// else none (""). The word "none" chooses none although there is one.
func Path(named string, environ []string) string {
	if named == "" {
		named = variables(environ)["GEVOR_CONFIG"]
	}
	if named == "none" {
		return ""
	}
	if named != "" {
		return named
	}
	if _, err := os.Stat(File); err == nil {
		return File
	}
	return ""
}

// Load reads a configuration and everything it names: secrets come out of their files, certificates are read once to
// see that they fit. An empty file means defaults and environment alone.
func Load(file string, environ []string) (*Config, []Problem) {
	var raw []byte
	if file != "" {
		var err error
		if raw, err = os.ReadFile(file); err != nil {
			what := "cannot be read"
			if errors.Is(err, fs.ErrNotExist) {
				what = "does not exist"
			}
			return Default(), []Problem{{Place: file, What: what, Allowed: "give a file that the program may read; gevor config example writes one"}}
		}
	}
	r := parse(file, raw, environ)
	r.named()
	return r.c, r.sorted()
}

// named reads the files that the configuration names.
func (r *reading) named() {
	c := r.c
	r.secretFile("database.dsn_file", c.Database.DSNFile, &c.Database.DSN)
	if c.Database.DSNFile != "" && c.Database.DSN.Set() && dsn(c.Database.DSN.Reveal()) != nil {
		r.problem(r.place("database.dsn_file"), "database.dsn_file", "names a file whose content is no address of a PostgreSQL database", "write one line: postgres://user:password@host/database")
	}
	r.secretFile("backup.s3_secret_file", c.Backup.S3SecretFile, &c.Backup.S3Secret)
	r.secretFile("mail.password_file", c.Mail.PasswordFile, &c.Mail.Password)
	for i := range c.SignIn.OIDC {
		o := &c.SignIn.OIDC[i]
		r.secretFile(oidcPath(i)+".client_secret_file", o.ClientSecretFile, &o.ClientSecret)
	}
	if c.Server.TLSCert == "" || c.Server.TLSKey == "" {
		return
	}
	_, cert := r.read("server.tls_cert", c.Server.TLSCert, false)
	_, key := r.read("server.tls_key", c.Server.TLSKey, true)
	if !cert || !key {
		return
	}
	if _, err := tls.LoadX509KeyPair(c.Server.TLSCert, c.Server.TLSKey); err != nil {
		r.problem(r.place("server.tls_cert"), "server.tls_cert", "and server.tls_key are no pair of certificate and key", "give a certificate with its chain and the key that belongs to it, both in PEM form")
	}
}

// secretFile reads a secret. Files of secrets may not be open to everybody on the machine.
func (r *reading) secretFile(key, file string, into *Secret) {
	if file == "" {
		return
	}
	raw, ok := r.read(key, file, true)
	if !ok {
		return
	}
	raw = bytes.TrimRight(raw, "\r\n")
	switch {
	case len(raw) == 0:
		r.problem(r.place(key), key, "names an empty file", "write the secret into "+file)
	case bytes.ContainsAny(raw, "\r\n\x00"):
		r.problem(r.place(key), key, "names a file with more than one line", "write nothing but the secret into "+file)
	default:
		*into = NewSecret(string(raw))
	}
}

// read gives the bytes of a file that a key names. Private files that everybody may read are a problem, but are read.
func (r *reading) read(key, file string, private bool) ([]byte, bool) {
	f, err := os.Open(file)
	if err != nil {
		what := "names a file that cannot be read: "
		if errors.Is(err, fs.ErrNotExist) {
			what = "names a file that does not exist: "
		}
		r.problem(r.place(key), key, what+file, "the file must be readable by the user that runs the program")
		return nil, false
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil || !st.Mode().IsRegular() || st.Size() > maxBytes {
		r.problem(r.place(key), key, "names something that is no small file: "+file, "give the path of a file of less than 1 MiB")
		return nil, false
	}
	if private && runtime.GOOS != "windows" && st.Mode().Perm()&0o007 != 0 {
		r.problem(r.place(key), key, "names a file that everybody on this machine may open: "+file, "chown root:gevor "+file+" && chmod 0640 "+file)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		r.problem(r.place(key), key, "names a file that cannot be read: "+file, "check the disk")
		return nil, false
	}
	return raw, true
}
