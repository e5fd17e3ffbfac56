package mail

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"html"
	netmail "net/mail"
	"slices"
	"strings"
	"time"
	"unicode"

	gomail "github.com/wneessen/go-mail"

	"gevor/fault"
	"gevor/internal/words"
	"gevor/outbox"
)

// Letter is a mail before it is written as bytes.
type Letter struct {
	id        string // stands for the keys of its messages, the same at every attempt
	From      string
	Name      string // of the sender
	To        string
	Lang      string
	Subject   string
	Text      []string // paragraphs
	Date      time.Time
	addresses []string // of pages; each stands alone in a paragraph
}

// envelope is what all payloads have in common.
type envelope struct{ Template, To, Language string }

// compose writes the letter of a parcel. NotFound where its template is unknown, Invalid where the payload or the
// address cannot be read. Equal parcels give equal letters.
func (d *Deliverer) compose(parcel []outbox.Message) (*Letter, error) {
	var env envelope
	if err := json.Unmarshal(parcel[0].Payload, &env); err != nil {
		return nil, fault.Wrap(fault.Invalid, "mail", "has no payload that can be read", "", err)
	}
	empty, known := occasions()[env.Template]
	if !known {
		return nil, fault.New(fault.NotFound, "mail", "has a template that this program does not know: "+clean(env.Template), "")
	}
	if a, err := netmail.ParseAddress(env.To); err != nil || a.Address != env.To || strings.ContainsAny(env.To, " <>\"") || clean(env.To) != env.To {
		return nil, fault.New(fault.Invalid, "mail", "has an address that no mail reaches", "")
	}
	w := d.speaks(env.Language)
	l := &Letter{From: d.From, Name: clean(d.Name), To: env.To, Lang: w.Lang()}
	link := func(page string, values ...string) string {
		to := d.Link(w.Lang(), page, values...)
		l.addresses = append(l.addresses, to)
		return to
	}
	keys := sha256.New()
	var filled []map[string]any
	for _, m := range parcel {
		one := empty()
		if err := json.Unmarshal(m.Payload, one); err != nil {
			return nil, fault.Wrap(fault.Invalid, "mail", "has no payload that can be read", "", err)
		}
		data := one.fill(w, link)
		for k, v := range data {
			if s, ok := v.(string); ok {
				data[k] = clean(s)
			}
		}
		filled = append(filled, data)
		keys.Write([]byte(m.Key + "\n"))
		if m.Made.After(l.Date) {
			l.Date = m.Made
		}
	}
	l.id = hex.EncodeToString(keys.Sum(nil))[:40]
	l.write(w, env.Template, filled)
	l.Text = append(l.Text, w.T("mail.footer", map[string]any{"Name": l.Name}))
	return l, nil
}

// speaks gives the printer of a language, German where the catalogue does not know it.
func (d *Deliverer) speaks(tag string) *words.Printer {
	tag, _, _ = strings.Cut(strings.ToLower(tag), "-")
	if w := d.words[tag]; w != nil {
		return w
	}
	return d.words[words.Languages()[0]]
}

// write puts the texts of a template together: its own for one message, a list for several.
func (l *Letter) write(w *words.Printer, template string, filled []map[string]any) {
	if len(filled) == 1 {
		l.Subject = w.T("mail."+template+".subject", filled[0])
		l.Text = paragraphs(w.T("mail."+template+".text", filled[0]))
		return
	}
	l.Subject = w.N("mail."+template+".several", len(filled), nil)
	l.Text = paragraphs(w.N("mail."+template+".several_text", len(filled), nil))
	for _, data := range filled {
		l.Text = append(l.Text, paragraphs(w.T("mail."+template+".item", data))...)
	}
}

func paragraphs(s string) []string {
	var out []string
	for p := range strings.SplitSeq(strings.TrimSpace(s), "\n\n") {
		if p = strings.Join(strings.Fields(p), " "); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// clean takes everything out of a text that could end a line or a header, also in the encoded form in which headers
// write what is not ASCII.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return strings.ReplaceAll(s, "=?", "= ?")
}

// plain is the text of the letter.
func (l *Letter) plain() string { return strings.Join(l.Text, "\r\n\r\n") + "\r\n" }

// html is the same words as a page: paragraphs and links, nothing else.
func (l *Letter) html() string {
	var b strings.Builder
	b.WriteString("<!DOCTYPE html>\r\n<html lang=\"" + l.Lang + "\"><head><meta charset=\"utf-8\"><title>" + html.EscapeString(l.Subject) + "</title></head>\r\n<body>\r\n")
	for _, p := range l.Text {
		of := html.EscapeString(p)
		if slices.Contains(l.addresses, p) {
			of = "<a href=\"" + of + "\">" + of + "</a>"
		}
		b.WriteString("<p>" + of + "</p>\r\n")
	}
	b.WriteString("</body></html>\r\n")
	return b.String()
}

// bytes writes the letter as RFC 5322 asks. Equal letters give equal bytes.
func (l *Letter) bytes() ([]byte, error) {
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithBoundary("gevor-"+l.id))
	if err := m.FromFormat(l.Name, l.From); err != nil {
		return nil, fault.Wrap(fault.Invalid, "mail", "has a sender that cannot be written", "", err)
	}
	if err := m.To(l.To); err != nil {
		return nil, fault.New(fault.Invalid, "mail", "has an address that cannot be written", "")
	}
	_, host, _ := strings.Cut(l.From, "@")
	m.SetMessageIDWithValue(l.id + "@" + host)
	m.SetDateWithValue(l.Date.UTC())
	m.Subject(clean(l.Subject))
	m.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no machine answers a machine
	m.SetGenHeader("Content-Language", l.Lang)
	m.SetBodyString(gomail.TypeTextPlain, l.plain())
	m.AddAlternativeString(gomail.TypeTextHTML, l.html())
	var out bytes.Buffer
	if _, err := m.WriteTo(&out); err != nil {
		return nil, fault.Wrap(fault.Internal, "mail", "cannot be written", "", err)
	}
	return out.Bytes(), nil
}
