// Package outbox holds what the program has to tell the outside: mails, calls to webhooks, signals. A message is
// written in the same transaction as the change that caused it, and delivered afterwards, at least once: whoever
// receives it recognises repetitions by its Key.
package outbox

import (
	"time"

	"gevor/authz"
)

// Topic says who delivers a message.
type Topic string

// The topics.
const (
	Mail    Topic = "mail"
	Webhook Topic = "webhook"
	Signal  Topic = "signal"
)

// Message is one thing to tell.
type Message struct {
	Sequence int64
	Topic    Topic
	Owner    authz.OrganisationID // whose matter it is; empty for the installation's own
	Key      string               // unique: the same key is taken once
	Payload  []byte               // JSON; what it means is up to the topic
	Made     time.Time
	Due      time.Time // not before
	Attempts int       // deliveries tried so far
}

// Outcome says what became of a message.
type Outcome string

// The outcomes. The zero value is Waiting.
const (
	Waiting   Outcome = ""
	Delivered Outcome = "delivered"
	Refused   Outcome = "refused" // the receiver will never take it: no further attempt
	GivenUp   Outcome = "given-up"
)

// Sending is a message as pages show it: without its content.
type Sending struct {
	Message
	Outcome Outcome
	Settled time.Time // zero while it waits
}

// Attempts is how often a delivery is tried before it is given up: with Backoff, over about three days.
const Attempts = 14

// Backoff is how long to wait after the n-th failed attempt (n ≥ 1): half a minute, doubled each time, at most eight
// hours. The delay is never shortened by luck, so equal inputs give equal times.
func Backoff(n int) time.Duration {
	const first, most = 30 * time.Second, 8 * time.Hour
	if n > 11 {
		return most
	}
	return min(first<<max(n-1, 0), most)
}
