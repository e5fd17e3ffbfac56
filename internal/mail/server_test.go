package mail_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"fmt"
	"io"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"gevor/internal/mail"
)

// script says how the test's SMTP server behaves.
type script struct {
	answers  map[string]string // by command: MAIL, RCPT, DATA, "." and "greeting"; what is not named is accepted
	secure   bool              // speaks TLS from the first byte
	startTLS bool
	user     string // asks for this user with password "geheim"
	drop     bool   // ends the connection in the middle of the data
	mute     string // never answers this command ("greeting", "MAIL", …)
	foreign  bool   // shows a certificate of another name
}

// server is an SMTP server on this machine.
type server struct {
	script
	t        *testing.T
	listener net.Listener
	cert     tls.Certificate
	roots    *x509.CertPool

	mu    sync.Mutex
	mails []string
	open  map[net.Conn]bool
	done  sync.WaitGroup
	ended bool
}

func serve(t *testing.T, s script) *server {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &server{script: s, t: t, listener: l, open: map[net.Conn]bool{}}
	name := "127.0.0.1"
	if s.foreign {
		name = "10.9.8.7"
	}
	srv.cert, srv.roots = certificate(t, name)
	srv.done.Go(srv.accept)
	t.Cleanup(srv.close)
	return srv
}

func certificate(t *testing.T, address string) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, IPAddresses: []net.IP{net.ParseIP(address)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	raw, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(cert)
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}, roots
}

// relay gives the relay that speaks to the server.
func (s *server) relay(security mail.Security) *mail.Relay {
	addr := s.listener.Addr().(*net.TCPAddr)
	return &mail.Relay{Host: "127.0.0.1", Port: addr.Port, Security: security, TLS: &tls.Config{RootCAs: s.roots}}
}

func (s *server) close() {
	s.mu.Lock()
	s.ended = true
	s.listener.Close()
	for c := range s.open {
		c.Close()
	}
	s.mu.Unlock()
	s.done.Wait()
}

func (s *server) received() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.mails...)
}

func (s *server) accept() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		if s.ended {
			conn.Close()
			s.mu.Unlock()
			return
		}
		s.open[conn] = true
		s.mu.Unlock()
		s.done.Go(func() { s.talk(conn) })
	}
}

// talk is one conversation. It ends without a word where the other side has gone.
func (s *server) talk(raw net.Conn) {
	defer raw.Close()
	conn := raw
	if s.secure {
		conn = tls.Server(raw, &tls.Config{Certificates: []tls.Certificate{s.cert}})
	}
	in := bufio.NewReader(conn)
	say := func(line string) { fmt.Fprintf(conn, "%s\r\n", line) }
	answer := func(command, otherwise string) bool {
		if s.mute == command {
			io.Copy(io.Discard, conn) // says nothing until the other side leaves
			return false
		}
		if a, ok := s.answers[command]; ok {
			say(a)
			return strings.HasPrefix(a, "2") || strings.HasPrefix(a, "3")
		}
		say(otherwise)
		return true
	}
	if !answer("greeting", "220 test ESMTP") {
		return
	}
	signedIn := s.user == ""
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		verb, rest, _ := strings.Cut(line, " ")
		switch strings.ToUpper(verb) {
		case "EHLO", "HELO":
			say("250-test")
			if s.startTLS {
				say("250-STARTTLS")
			}
			if s.user != "" {
				say("250-AUTH PLAIN")
			}
			say("250 SMTPUTF8")
		case "STARTTLS":
			say("220 go on")
			secure := tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{s.cert}})
			conn, in = secure, bufio.NewReader(secure)
			s.startTLS = false
		case "AUTH":
			got, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(rest, "PLAIN "))
			if signedIn = string(got) == "\x00"+s.user+"\x00geheim"; !signedIn {
				say("535 5.7.8 no")
				continue
			}
			say("235 welcome")
		case "MAIL":
			if !signedIn {
				say("530 sign in first")
				continue
			}
			answer("MAIL", "250 ok")
		case "RCPT":
			answer("RCPT", "250 ok")
		case "DATA":
			if !answer("DATA", "354 go on") {
				continue
			}
			var body strings.Builder
			for {
				line, err := in.ReadString('\n')
				if err != nil {
					return
				}
				if s.drop && body.Len() > 100 {
					return
				}
				if line == ".\r\n" {
					break
				}
				body.WriteString(strings.TrimPrefix(line, "."))
			}
			if _, refused := s.answers["."]; !refused && s.mute != "." {
				s.mu.Lock()
				s.mails = append(s.mails, body.String())
				s.mu.Unlock()
			}
			answer(".", "250 taken")
		case "QUIT":
			answer("QUIT", "221 bye")
			return
		default:
			say("250 ok")
		}
	}
}
