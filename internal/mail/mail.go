// Package mail turns messages of the outbox into mails and sends them: one text and the same words as simple HTML, in
// the reader's language, without pictures, without tracking, without anything fetched from anywhere. Mails leave
// through an SMTP server, or lie as files in a folder, or both.
//
// A mail for a new occasion is a struct in templates.go that knows its payload, and the texts "mail.<name>.subject" and
// "mail.<name>.text" in the catalogue. Links open pages; opening one changes nothing.
package mail

import (
	"context"
	"log/slog"
	netmail "net/mail"

	"gevor/fault"
	"gevor/internal/words"
	"gevor/outbox"
)

// Config is what mails need from outside.
type Config struct {
	From string // address of the sender
	Name string // of the installation, beside the address and under every mail
	// Link gives the whole address of a page (by the name of its route) in a language, with values for its places.
	Link   func(lang, page string, values ...string) string
	Relay  *Relay  // nil sends nothing
	Folder *Folder // nil lays nothing down
	Log    *slog.Logger
}

// Deliverer delivers messages of topic outbox.Mail.
type Deliverer struct {
	Config
	words map[string]*words.Printer
}

// New gives a deliverer. Invalid where the sender is no address, and where mails would go nowhere.
func New(c Config) (*Deliverer, error) {
	if a, err := netmail.ParseAddress(c.From); err != nil || a.Address != c.From {
		return nil, fault.Wrap(fault.Invalid, "mail.from", "is no mail address", "write it like gevor@example.org", err)
	}
	if c.Relay == nil && c.Folder == nil {
		return nil, fault.New(fault.Invalid, "mail", "has neither an SMTP server nor a folder", "set mail.host or mail.outbox_dir")
	}
	d := &Deliverer{Config: c, words: map[string]*words.Printer{}}
	for _, lang := range words.Languages() {
		d.words[lang] = words.New(lang)
	}
	return d, nil
}

// Deliver writes one mail of a parcel and sends it. The folder comes first: it keeps what the server then refuses.
func (d *Deliverer) Deliver(ctx context.Context, parcel []outbox.Message) outbox.Result {
	result, err := d.deliver(ctx, parcel)
	if err != nil {
		d.Log.Warn("a mail was not delivered", "sequence", parcel[0].Sequence, "attempt", parcel[0].Attempts, "note", result.Note, "cause", err)
	}
	return result
}

func (d *Deliverer) deliver(ctx context.Context, parcel []outbox.Message) (outbox.Result, error) {
	letter, err := d.compose(parcel)
	switch fault.KindOf(err) {
	case fault.NotFound: // a newer program of this installation may know it
		return outbox.Result{Note: "unknown-template"}, err
	default:
		if err != nil {
			return outbox.Result{Outcome: outbox.Refused, Note: "unreadable"}, err
		}
	}
	raw, err := letter.bytes()
	if err != nil {
		return outbox.Result{Outcome: outbox.Refused, Note: "unreadable"}, err
	}
	if d.Folder != nil {
		if err := d.Folder.Keep(letter.id, raw); err != nil {
			return outbox.Result{Note: "folder", Down: true}, err
		}
	}
	if d.Relay == nil {
		return outbox.Result{Outcome: outbox.Delivered, Note: "file"}, nil
	}
	return d.Relay.Send(ctx, d.From, letter.To, raw)
}
