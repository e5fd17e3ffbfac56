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
	// Bundle is what makes messages of a topic one delivery: those of equal Bundle that wait when the first of them
	// falls due are leased together, now and at every repetition. An empty Bundle stays alone.
	Bundle string
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
	Note    string    // what the last attempt met, as one of the words of Result.Note; empty before the first
}

// Attempts is how often a delivery is tried before it is given up: with Backoff, over two days and sixteen hours.
const Attempts = 18

// MostBackoff is the longest that Backoff waits.
const MostBackoff = 8 * time.Hour

// Backoff is how long to wait after the n-th failed attempt (n ≥ 1): half a minute, doubled each time, at most
// MostBackoff. The delay is never shortened by luck, so equal inputs give equal times.
func Backoff(n int) time.Duration {
	const first = 30 * time.Second
	if n > 11 {
		return MostBackoff
	}
	return min(first<<max(n-1, 0), MostBackoff)
}

// Letter is a mail as the folder of a demo region shows it, with its content.
type Letter struct {
	Name    string // of the file
	To      string
	Subject string
	Made    time.Time
	Text    string
}
