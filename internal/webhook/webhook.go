// Package webhook calls the addresses that organisations registered when their own things change. Calls are signed as
// Standard Webhooks describes (https://www.standardwebhooks.com): the headers webhook-id, webhook-timestamp and
// webhook-signature, the last an HMAC-SHA256 over "id.timestamp.body". A receiver checks the signature, refuses a
// timestamp more than five minutes away from its own clock, and takes an id once.
//
// Calls go to hosts of the operator's list only, over HTTPS, to exactly the address that was looked up and checked;
// never into the operator's own network, never where a redirect leads.
package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"gevor/fault"
	"gevor/outbox"
)

// Endpoints is what the caller asks of the store.
type Endpoints interface {
	UnsafeEndpoint(ctx context.Context, id string, at time.Time) (outbox.Endpoint, []string, error)
	UnsafeCalled(ctx context.Context, id string, at time.Time, well, gone bool) error
}

// Config is what the caller needs from outside.
type Config struct {
	Endpoints Endpoints
	Guard     *Guard
	Version   string // of the program, for the receiver's log
	Now       func() time.Time
	Log       *slog.Logger
	Timeout   time.Duration // for one call, all in all; 0 is 10 s
	TLS       *tls.Config   // nil trusts what the system trusts
	// Dial opens a connection to an address that has been checked; nil is the network.
	Dial func(ctx context.Context, to netip.AddrPort) (net.Conn, error)
}

// Caller delivers messages of topic outbox.Webhook.
type Caller struct{ Config }

const (
	defaultTimeout = 10 * time.Second
	// mostAnswer is how much of an answer is read, in bytes; what it says is thrown away.
	mostAnswer = 64 << 10
	port       = 443
)

// New gives a caller.
func New(c Config) *Caller {
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	if c.Dial == nil {
		c.Dial = func(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp", to.String())
		}
	}
	return &Caller{c}
}

// Deliver makes one call, and counts how it went. A message whose endpoint was removed or switched off meanwhile is
// Refused.
func (c *Caller) Deliver(ctx context.Context, parcel []outbox.Message) outbox.Result {
	result, err := c.deliver(ctx, parcel[0])
	if err != nil {
		c.Log.Warn("a webhook was not delivered", "sequence", parcel[0].Sequence, "attempt", parcel[0].Attempts, "note", result.Note, "cause", err)
	}
	return result
}

func (c *Caller) deliver(ctx context.Context, m outbox.Message) (outbox.Result, error) {
	var call outbox.Call
	if err := json.Unmarshal(m.Payload, &call); err != nil {
		return outbox.Result{Outcome: outbox.Refused, Note: "unreadable"}, err
	}
	e, secrets, err := c.Endpoints.UnsafeEndpoint(ctx, call.Endpoint, c.Now())
	switch {
	case fault.KindOf(err) == fault.NotFound:
		return outbox.Result{Outcome: outbox.Refused, Note: "removed"}, nil
	case err != nil:
		return outbox.Result{Note: "database", Down: true}, err
	case e.Off:
		return outbox.Result{Outcome: outbox.Refused, Note: "switched-off"}, nil
	case e.Organisation != call.Organisation || e.Organisation != m.Owner:
		return outbox.Result{Outcome: outbox.Refused, Note: "foreign"}, fault.New(fault.Internal, "webhook", "a call of one organisation was meant for the endpoint of another", "")
	}
	status, err := c.call(ctx, e.Address, m.Key, call, secrets)
	result := verdict(status, err)
	if ctx.Err() != nil && result.Outcome != outbox.Delivered {
		return outbox.Result{Note: result.Note, Down: true}, nil // the program ends; that is not the receiver's doing
	}
	counted := c.Endpoints.UnsafeCalled(ctx, e.ID, c.Now(), result.Outcome == outbox.Delivered, status == http.StatusGone)
	return result, errors.Join(err, counted)
}

// verdict reads what a call met. Only 2xx is taken for an answer; a redirect is none.
func verdict(status int, err error) outbox.Result {
	switch {
	case fault.KindOf(err) == fault.Denied:
		return outbox.Result{Note: "not-allowed"}
	case err != nil:
		return outbox.Result{Note: "unreachable"}
	case status/100 == 2:
		return outbox.Result{Outcome: outbox.Delivered, Note: "http " + strconv.Itoa(status)}
	case status == http.StatusGone:
		return outbox.Result{Outcome: outbox.Refused, Note: "http 410"}
	}
	return outbox.Result{Note: "http " + strconv.Itoa(status)}
}

// event is the body of a call.
type event struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"`
	Data      data      `json:"data"`
}

type data struct {
	Organisation string `json:"organisation"`
	Kind         string `json:"kind,omitempty"`
	ID           string `json:"id,omitempty"`
	Change       int64  `json:"change,omitempty"`
}

// ID is the webhook-id of a message: the same at every attempt, and nothing can be read from it.
func ID(key string) string {
	sum := sha256.Sum256([]byte(key))
	return "msg_" + hex.EncodeToString(sum[:])[:32]
}

// call sends one event and gives the status of the answer.
func (c *Caller) call(ctx context.Context, address, key string, what outbox.Call, secrets []string) (int, error) {
	body, err := json.Marshal(event{what.Event, what.At.UTC(), data{string(what.Organisation), string(what.Kind), what.Object, what.Change}})
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	if err := c.only(req); err != nil {
		return 0, err
	}
	id, at := ID(key), c.Now()
	signature, err := Sign(secrets, id, at, body)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "gevor/"+c.Version)
	req.Header.Set("webhook-id", id)
	req.Header.Set("webhook-timestamp", strconv.FormatInt(at.Unix(), 10))
	req.Header.Set("webhook-signature", signature)
	transport := c.transport()
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	// The answer is read a little, so that a receiver is not cut off in the middle of a short one.
	_, err = io.CopyN(io.Discard, res.Body, mostAnswer)
	if errors.Is(err, io.EOF) || res.StatusCode/100 == 2 {
		err = nil // the status counts: it came before the body
	}
	return res.StatusCode, errors.Join(err, res.Body.Close())
}

// only refuses what was registered under other rules: another scheme or another port.
func (c *Caller) only(req *http.Request) error {
	u := req.URL
	if u.Scheme != "https" || u.User != nil || u.Port() != "" && u.Port() != strconv.Itoa(port) {
		return fault.New(fault.Denied, "webhook", "only https on port 443 is called", "register another address")
	}
	return nil
}

// transport makes connections of one call: looked up once, checked, and dialled at exactly the address that was
// checked. No proxy of the environment comes in between, and nothing is kept for the next call.
func (c *Caller) transport() *http.Transport {
	conf := &tls.Config{}
	if c.TLS != nil {
		conf = c.TLS.Clone()
	}
	conf.MinVersion = tls.VersionTLS12
	return &http.Transport{
		DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
			host, _, err := net.SplitHostPort(address)
			if err != nil {
				return nil, err
			}
			a, err := c.Guard.resolve(ctx, host)
			if err != nil {
				return nil, err
			}
			return c.Dial(ctx, netip.AddrPortFrom(a, port))
		},
		TLSClientConfig: conf, DisableKeepAlives: true, DisableCompression: true, MaxResponseHeaderBytes: 32 << 10, ForceAttemptHTTP2: false,
	}
}

// Sign gives the header webhook-signature: one signature for each secret, the present one first. Invalid where a
// secret is none of the form "whsec_" and base64.
func Sign(secrets []string, id string, at time.Time, body []byte) (string, error) {
	var out []string
	for _, s := range secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(s, "whsec_"))
		if err != nil || len(key) == 0 {
			return "", fault.New(fault.Invalid, "webhook", "the secret cannot be read", "make a new one")
		}
		mac := hmac.New(sha256.New, key)
		fmt.Fprintf(mac, "%s.%d.%s", id, at.Unix(), body)
		out = append(out, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	return strings.Join(out, " "), nil
}
