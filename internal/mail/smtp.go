package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"

	"gevor/fault"
	"gevor/outbox"
)

// Security says how the way to the server is protected.
type Security string

// The ways. With STARTTLS a server that does not offer it gets no mail.
const (
	STARTTLS Security = "starttls"
	TLS      Security = "tls"
	Plain    Security = "none"
)

// Relay is the SMTP server that takes mails on.
type Relay struct {
	Host           string
	Port           int
	Security       Security
	User, Password string        // without User nobody signs in
	Hello          string        // how this machine names itself; empty is localhost
	Timeout        time.Duration // for one mail, from dialling to the last answer; 0 is 45 s
	TLS            *tls.Config   // nil trusts what the system trusts
}

// defaultTimeout stays below outbox.Longest.
const defaultTimeout = 45 * time.Second

// Send hands one mail over. What the server says of the address or the mail for good is Refused; what may pass is
// Waiting; where the server cannot be reached, cannot be trusted or does not let us in, the way is Down. The error
// is for the log and names no address of a reader.
func (r *Relay) Send(ctx context.Context, from, to string, raw []byte) (outbox.Result, error) {
	timeout := r.Timeout
	if timeout == 0 {
		timeout = defaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort(r.Host, strconv.Itoa(r.Port)))
	if err != nil {
		return down("unreachable", err)
	}
	// The connection ends with the context: no answer, however slow, holds the queue up.
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	client, result, err := r.open(ctx, conn)
	if err != nil {
		return result, errors.Join(err, ignoreClosed(conn.Close()))
	}
	result, err = hand(client, from, to, raw)
	if result.Outcome == outbox.Delivered {
		_ = client.Quit() // the server has it, whatever becomes of the farewell
	}
	_ = client.Close()
	return result, err
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

func down(note string, err error) (outbox.Result, error) {
	return outbox.Result{Note: note, Down: true}, fault.Wrap(fault.Busy, "mail", "the SMTP server cannot be used: "+note, "check mail.host, mail.port, mail.tls and the server", err)
}

// open greets the server, protects the way and signs in.
func (r *Relay) open(ctx context.Context, conn net.Conn) (*smtp.Client, outbox.Result, error) {
	fail := func(note string, err error) (*smtp.Client, outbox.Result, error) {
		result, err := down(note, err)
		return nil, result, err
	}
	conf := &tls.Config{}
	if r.TLS != nil {
		conf = r.TLS.Clone()
	}
	conf.ServerName, conf.MinVersion = r.Host, tls.VersionTLS12
	if r.Security == TLS {
		secure := tls.Client(conn, conf)
		if err := secure.HandshakeContext(ctx); err != nil {
			return fail("tls", err)
		}
		conn = secure
	}
	client, err := smtp.NewClient(conn, r.Host)
	if err != nil {
		return fail(said("unreachable", err), code(err))
	}
	hello := r.Hello
	if hello == "" {
		hello = "localhost"
	}
	if err := client.Hello(hello); err != nil {
		return fail(said("unreachable", err), code(err))
	}
	if r.Security == STARTTLS {
		if offered, _ := client.Extension("STARTTLS"); !offered {
			return fail("no-starttls", nil)
		}
		if err := client.StartTLS(conf); err != nil {
			return fail("tls", err)
		}
	}
	if r.User == "" {
		return client, outbox.Result{}, nil
	}
	auth, err := r.auth(client)
	if err == nil {
		err = client.Auth(auth)
	}
	if err != nil {
		return fail("sign-in", code(err))
	}
	return client, outbox.Result{}, nil
}

// auth chooses the strongest way to sign in that the server offers. A password never goes over an open line, unless the
// server is this machine.
func (r *Relay) auth(client *smtp.Client) (smtp.Auth, error) {
	_, offered := client.Extension("AUTH")
	ways := strings.Fields(offered)
	switch {
	case slices.Contains(ways, "SCRAM-SHA-256"):
		return smtp.ScramSHA256Auth(r.User, r.Password), nil
	case slices.Contains(ways, "PLAIN"):
		return smtp.PlainAuth("", r.User, r.Password, r.Host, false), nil
	case slices.Contains(ways, "LOGIN"):
		return smtp.LoginAuth(r.User, r.Password, r.Host, false), nil
	}
	return nil, errors.New("the server offers no way to sign in that is known here")
}

// hand gives one mail to a server that is ready for it.
func hand(client *smtp.Client, from, to string, raw []byte) (outbox.Result, error) {
	if err := client.Mail("<" + from + ">"); err != nil {
		return judged(err, false)
	}
	if err := client.Rcpt("<" + to + ">"); err != nil {
		return judged(err, true)
	}
	w, err := client.Data()
	if err != nil {
		return judged(err, true)
	}
	if _, err := w.Write(raw); err != nil {
		return judged(errors.Join(err, io.ErrUnexpectedEOF), true)
	}
	if err := w.Close(); err != nil {
		return judged(err, true)
	}
	return outbox.Result{Outcome: outbox.Delivered, Note: "smtp 250"}, nil
}

// The answers that are read otherwise than by their first digit.
const (
	closing = 421 // the server goes down; nothing is said of the mail
	full    = 552 // the mailbox is full: for ever by its digit, but people do tidy up
)

// judged reads the answer to one step. final says whether a 5xx here is about this reader or mail; about the sender
// it is the operator's to mend, and the mail waits.
func judged(err error, final bool) (outbox.Result, error) {
	var answer *textproto.Error
	if !errors.As(err, &answer) {
		return outbox.Result{Note: "broken-off"}, fault.Wrap(fault.Busy, "mail", "the SMTP server broke off", "", code(err))
	}
	result := outbox.Result{Note: said("", err)}
	switch {
	case answer.Code == closing:
		result.Down = true
	case answer.Code >= 500 && answer.Code != full && final:
		result.Outcome = outbox.Refused
	}
	return result, fault.Wrap(fault.Busy, "mail", "the SMTP server did not take it", "", code(err))
}

// said is the note of an answer: its number, or another word where there was none.
func said(otherwise string, err error) string {
	var answer *textproto.Error
	if errors.As(err, &answer) {
		return fmt.Sprintf("smtp %d", answer.Code)
	}
	return otherwise
}

// code keeps of an answer its number only: servers repeat addresses in what they say.
func code(err error) error {
	var answer *textproto.Error
	if errors.As(err, &answer) {
		return fmt.Errorf("answer %d", answer.Code)
	}
	return err
}
