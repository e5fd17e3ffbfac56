package mail_test

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"gevor/internal/mail"
	"gevor/outbox"
)

// The session library that the pages bring along cleans up for as long as the process lives.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/alexedwards/scs/v2/memstore.(*MemStore).startCleanup"))
}

const message = "From: <gevor@example.org>\r\nTo: <a@b.example>\r\nSubject: x\r\n\r\n.ein Punkt am Anfang\r\nGruß\r\n"

var (
	delivered = outbox.Result{Outcome: outbox.Delivered, Note: "smtp 250"}
	waits     = func(note string) outbox.Result { return outbox.Result{Note: note} }
	refused   = func(note string) outbox.Result { return outbox.Result{Outcome: outbox.Refused, Note: note} }
	down      = func(note string) outbox.Result { return outbox.Result{Note: note, Down: true} }
)

func TestWhatServersSay(t *testing.T) {
	says := func(command, answer string) script {
		return script{startTLS: true, answers: map[string]string{command: answer}}
	}
	for _, c := range []struct {
		name     string
		script   script
		security mail.Security
		want     outbox.Result
	}{
		{"starttls", script{startTLS: true}, mail.STARTTLS, delivered},
		{"tls", script{secure: true}, mail.TLS, delivered},
		{"plain on this machine", script{}, mail.Plain, delivered},
		{"farewell fails", says("QUIT", "421 no time"), mail.STARTTLS, delivered},
		{"mailbox is full", says("RCPT", "452 4.2.2 full"), mail.STARTTLS, waits("smtp 452")},
		{"mailbox is full, said as if for ever", says("RCPT", "552 5.2.2 full"), mail.STARTTLS, waits("smtp 552")},
		{"greylisting", says("RCPT", "451 4.7.1 later"), mail.STARTTLS, waits("smtp 451")},
		{"nobody there", says("RCPT", "550 5.1.1 a@b.example unknown"), mail.STARTTLS, refused("smtp 550")},
		{"not at the data", says("DATA", "451 later"), mail.STARTTLS, waits("smtp 451")},
		{"looks like spam", says(".", "554 5.7.1 spam"), mail.STARTTLS, refused("smtp 554")},
		{"not after the data", says(".", "451 later"), mail.STARTTLS, waits("smtp 451")},
		{"the sender is not allowed: the operator's to mend", says("MAIL", "550 not you"), mail.STARTTLS, waits("smtp 550")},
		{"goes down", says("RCPT", "421 closing"), mail.STARTTLS, down("smtp 421")},
		{"does not want us", says("greeting", "554 go away"), mail.STARTTLS, down("smtp 554")},
		{"drops in the middle of the data", script{startTLS: true, drop: true}, mail.STARTTLS, waits("broken-off")},
		{"offers no STARTTLS", script{}, mail.STARTTLS, down("no-starttls")},
		{"another's certificate after STARTTLS", script{startTLS: true, foreign: true}, mail.STARTTLS, down("tls")},
		{"another's certificate", script{secure: true, foreign: true}, mail.TLS, down("tls")},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := serve(t, c.script)
			got, err := s.relay(c.security).Send(t.Context(), "gevor@example.org", "a@b.example", []byte(strings.Repeat(message, 3)))
			if got != c.want {
				t.Errorf("%+v, want %+v (%v)", got, c.want, err)
			}
			if (err == nil) != (got.Outcome == outbox.Delivered) {
				t.Errorf("error %v", err)
			}
			if err != nil && strings.Contains(err.Error(), "a@b.example") {
				t.Errorf("the error names the reader: %v", err)
			}
			if mails := s.received(); (len(mails) == 1) != (got.Outcome == outbox.Delivered) || len(mails) == 1 && mails[0] != strings.Repeat(message, 3) {
				t.Errorf("received %q", mails)
			}
		})
	}
}

func TestSigningIn(t *testing.T) {
	s := serve(t, script{startTLS: true, user: "gevor"})
	r := s.relay(mail.STARTTLS)
	r.User, r.Password = "gevor", "geheim"
	if got, err := r.Send(t.Context(), "gevor@example.org", "a@b.example", []byte(message)); got != delivered {
		t.Errorf("%+v, %v", got, err)
	}
	s = serve(t, script{startTLS: true, user: "gevor"})
	r = s.relay(mail.STARTTLS)
	r.User, r.Password = "gevor", "falsch"
	got, err := r.Send(t.Context(), "gevor@example.org", "a@b.example", []byte(message))
	if got != down("sign-in") || strings.Contains(err.Error(), "falsch") {
		t.Errorf("%+v, %v", got, err)
	}
	s = serve(t, script{secure: true})
	r = s.relay(mail.TLS)
	r.User = "gevor"
	if got, _ := r.Send(t.Context(), "gevor@example.org", "a@b.example", []byte(message)); got != down("sign-in") {
		t.Errorf("a server that lets nobody sign in: %+v", got)
	}
}

// A server that falls silent at any step ends the attempt, not the queue. The time is short so that the test is.
func TestSilence(t *testing.T) {
	for command, want := range map[string]outbox.Result{
		"greeting": down("unreachable"), "MAIL": waits("broken-off"), "RCPT": waits("broken-off"), ".": waits("broken-off"),
	} {
		s := serve(t, script{startTLS: true, mute: command})
		r := s.relay(mail.STARTTLS)
		r.Timeout = 300 * time.Millisecond
		if got, err := r.Send(t.Context(), "gevor@example.org", "a@b.example", []byte(message)); got != want {
			t.Errorf("silent at %s: %+v, want %+v (%v)", command, got, want, err)
		}
	}
	s := serve(t, script{startTLS: true, mute: "MAIL"})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got, _ := s.relay(mail.STARTTLS).Send(ctx, "gevor@example.org", "a@b.example", []byte(message)); got != down("unreachable") {
		t.Errorf("when the program is told to stop: %+v", got)
	}
}

func TestNobodyListens(t *testing.T) {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	r := &mail.Relay{Host: "127.0.0.1", Port: port, Security: mail.STARTTLS}
	if got, err := r.Send(t.Context(), "gevor@example.org", "a@b.example", []byte(message)); got != down("unreachable") || err == nil {
		t.Errorf("%+v, %v", got, err)
	}
}

// What an address could smuggle into the conversation is refused before a byte of it is sent.
func TestNoCommandsInAddresses(t *testing.T) {
	s := serve(t, script{startTLS: true})
	got, err := s.relay(mail.STARTTLS).Send(t.Context(), "gevor@example.org", "a@b.example>\r\nRCPT TO:<victim@c.example", []byte(message))
	if err == nil || got.Outcome == outbox.Delivered || len(s.received()) != 0 {
		t.Errorf("%+v, %v, %q", got, err, s.received())
	}
}
