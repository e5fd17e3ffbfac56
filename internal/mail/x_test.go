package mail_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"gevor/authz"
	"gevor/fault"
	"gevor/internal/mail"
	"gevor/internal/store"
	"gevor/outbox"
)

var day = time.Date(2026, 5, 12, 8, 30, 0, 0, time.UTC)

const base = "https://gevor.example.org"

func link(lang, page string, values ...string) string {
	return base + "/" + lang + "/" + page + "/" + strings.Join(values, "/")
}

// post gives a deliverer that lays mails down in a folder.
func post(t testing.TB) (*mail.Deliverer, *mail.Folder, string) {
	t.Helper()
	return postTo(t, link)
}

// postTo is post with another way to make links.
func postTo(t testing.TB, link func(lang, page string, values ...string) string) (*mail.Deliverer, *mail.Folder, string) {
	t.Helper()
	dir := t.TempDir()
	f, err := mail.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	d, err := mail.New(mail.Config{From: "gevor@example.org", Name: "GeVoR Übungsstadt", Link: link, Folder: f, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return d, f, dir
}

func invitationOf(lang string) store.InvitationMail {
	return store.InvitationMail{
		Template: "invitation", To: "frau.o@ost.example", Language: lang, Organisation: "Stadt Süd & „Nord“ <West>", Secret: "GEHEIM",
		Roles: []authz.Role{authz.Editor, authz.Receiver}, Expires: time.Date(2026, 5, 26, 22, 30, 0, 0, time.UTC),
	}
}

func told(t testing.TB, key string, payload any) outbox.Message {
	t.Helper()
	raw, err := json.Marshal(payload)
	if err != nil {
		t.Fatal(err)
	}
	return outbox.Message{Sequence: 1, Topic: outbox.Mail, Key: key, Payload: raw, Made: day, Attempts: 1}
}

// parts takes a mail apart without the program's own reader.
func parts(t testing.TB, raw []byte) (h netmail.Header, plain, page string) {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("%q, %v", kind, err)
	}
	r := multipart.NewReader(m.Body, params["boundary"])
	for _, want := range []string{"text/plain", "text/html"} {
		p, err := r.NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		kind, params, err := mime.ParseMediaType(p.Header.Get("Content-Type"))
		if err != nil || kind != want || !strings.EqualFold(params["charset"], "utf-8") {
			t.Fatalf("%q %v, %v, want %q", kind, params, err, want)
		}
		text, err := io.ReadAll(quotedprintable.NewReader(p))
		if err != nil {
			t.Fatal(err)
		}
		if want == "text/plain" {
			plain = string(text)
		} else {
			page = string(text)
		}
	}
	return m.Header, plain, page
}

// only gives the one mail that lies in a folder.
func only(t testing.TB, dir string) []byte {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(names) != 1 {
		t.Fatalf("%v, %v", names, err)
	}
	raw, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// empty takes all mails out of a folder.
func empty(t testing.TB, dir string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		if err := os.Remove(n); err != nil {
			t.Fatal(err)
		}
	}
}

func delivers(t testing.TB, d *mail.Deliverer, parcel ...outbox.Message) {
	t.Helper()
	if r := d.Deliver(t.Context(), parcel); r.Outcome != outbox.Delivered {
		t.Fatalf("%+v", r)
	}
}

var tags = regexp.MustCompile(`(?s)<head>.*?</head>|<[^>]*>`)

func words(s string) string { return strings.Join(strings.Fields(s), " ") }

func TestAnInvitationInBothLanguages(t *testing.T) {
	for lang, want := range map[string][]string{
		"de": {"Einladung: Stadt Süd & „Nord“ <West>", "lädt Sie ein", "bis zum 27.05.2026", "/de/invitation/GEHEIM", "Redaktion; Annahme von Überleitungen"},
		"en": {"Invitation: Stadt Süd & „Nord“ <West>", "invites you", "until 27 May 2026", "/en/invitation/GEHEIM"},
	} {
		d, _, dir := post(t)
		delivers(t, d, told(t, "invitation i-1", invitationOf(lang)))
		raw := only(t, dir)
		h, plain, page := parts(t, raw)
		subject, err := new(mime.WordDecoder).DecodeHeader(h.Get("Subject"))
		if err != nil || subject != want[0] {
			t.Errorf("subject %q, %v", subject, err)
		}
		for _, w := range want[1:] {
			if !strings.Contains(plain, w) {
				t.Errorf("%s: the text lacks %q:\n%s", lang, w, plain)
			}
		}
		if h.Get("To") != "<frau.o@ost.example>" || h.Get("Date") != "Tue, 12 May 2026 08:30:00 +0000" || h.Get("Mime-Version") != "1.0" || h.Get("Content-Language") != lang || h.Get("Auto-Submitted") != "auto-generated" {
			t.Errorf("%v", h)
		}
		if from, err := netmail.ParseAddress(h.Get("From")); err != nil || from.Name != "GeVoR Übungsstadt" || from.Address != "gevor@example.org" {
			t.Errorf("%v, %v", from, err)
		}
		if h.Get("List-Unsubscribe") != "" {
			t.Error("nobody subscribed to an invitation")
		}
		if !regexp.MustCompile(`^<[0-9a-f]{40}@example\.org>$`).MatchString(h.Get("Message-Id")) {
			t.Errorf("Message-ID %q", h.Get("Message-Id"))
		}
		// The page says the same words, and asks nobody for anything.
		if got := words(html.UnescapeString(tags.ReplaceAllString(page, " "))); got != words(plain) {
			t.Errorf("the page says\n%s\nthe text\n%s", got, words(plain))
		}
		for _, never := range []string{"<img", "src=", "url(", "<script", "<link", "<style", "frau.o@"} {
			if strings.Contains(page, never) {
				t.Errorf("the page holds %q", never)
			}
		}
		for _, m := range regexp.MustCompile(`href="([^"]*)"`).FindAllStringSubmatch(page, -1) {
			if !strings.HasPrefix(m[1], base+"/"+lang+"/") || strings.Contains(m[1], "@") || strings.Contains(m[1], "?") {
				t.Errorf("a link to %q", m[1])
			}
		}
		for _, line := range strings.Split(string(raw), "\r\n") {
			if len(line) > 78 || strings.ContainsFunc(line, func(r rune) bool { return r > 126 || r == '\n' }) {
				t.Errorf("a line that not every server carries: %q", line)
			}
		}
	}
}

func TestTheSameKeyGivesTheSameBytes(t *testing.T) {
	var first []byte
	for range 3 {
		d, _, dir := post(t)
		m := told(t, "invitation i-1", invitationOf("de"))
		delivers(t, d, m)
		m.Attempts = 5
		delivers(t, d, m) // again, into the same file
		raw := only(t, dir)
		if first != nil && !bytes.Equal(first, raw) {
			t.Fatal("the same message gave two mails")
		}
		first = raw
	}
	d, _, dir := post(t)
	delivers(t, d, told(t, "invitation i-2", invitationOf("de")))
	if bytes.Equal(only(t, dir), first) {
		t.Error("another key gave the same mail")
	}
}

func TestSeveralNoticesInOneMail(t *testing.T) {
	d, _, dir := post(t)
	var parcel []outbox.Message
	for i, host := range []string{"a.example.org", "b.example.org", "c.example.org"} {
		parcel = append(parcel, told(t, fmt.Sprint("webhook-off ", i), store.WebhookOffMail{Template: "webhook-off", To: "anna@ost.example", Language: "de", Organisation: "Stadt Ost", OrganisationID: "o-1", Host: host}))
	}
	parcel[2].Made = day.Add(5 * time.Minute)
	delivers(t, d, parcel...)
	h, plain, page := parts(t, only(t, dir))
	if h.Get("Subject") != "3 Webhooks abgeschaltet" || h.Get("Date") != "Tue, 12 May 2026 08:35:00 +0000" {
		t.Errorf("%v", h)
	}
	if strings.Count(plain, "Guten Tag") != 1 || strings.Count(plain, "example.org. Hier") != 3 || strings.Count(page, "<a href=\""+base+"/de/webhooks/o-1\">") != 3 {
		t.Errorf("%s\n%s", plain, page)
	}
	if got := words(html.UnescapeString(tags.ReplaceAllString(page, " "))); got != words(plain) {
		t.Errorf("the page says\n%s\nthe text\n%s", got, words(plain))
	}
}

// The payloads that the store writes are those that the templates read: every field of one is a field of the other.
func TestPayloadsAreUnderstood(t *testing.T) {
	for _, payload := range []any{
		invitationOf("de"),
		store.AddressMail{Template: "address", To: "a@b.example", Language: "de", New: "c@b.example"},
		store.RecoveryMail{Template: "recovery", To: "a@b.example", Language: "de", Secret: "GEHEIM", Expires: day},
		store.WebhookOffMail{Template: "webhook-off", To: "a@b.example", Language: "de", Organisation: "Stadt Ost", OrganisationID: "o-1", Host: "h.example.org"},
		store.LetterMail{Template: "handover-letter", To: "a@b.example", Language: "de", Secret: "GEHEIM"},
		store.HandoverMail{Template: "handover-waiting", To: "a@b.example", Language: "de", OrganisationID: "o-1"},
	} {
		name := reflect.ValueOf(payload).Field(0).String()
		var read map[string]any
		raw, err := json.Marshal(payload)
		if err != nil || json.Unmarshal(raw, &read) != nil {
			t.Fatal(err)
		}
		knows := append(mail.FieldsOf(name), "Template", "To", "Language")
		for field := range read {
			if !slices.Contains(knows, field) {
				t.Errorf("%s: nobody reads %s", name, field)
			}
		}
		if len(knows) != len(read) {
			t.Errorf("%s: %v are read, %v are written", name, knows, read)
		}
		d, _, dir := post(t)
		delivers(t, d, told(t, "k", payload))
		if _, plain, _ := parts(t, only(t, dir)); strings.Contains(plain, "[") || strings.Contains(plain, "<no value>") {
			t.Errorf("%s: a text is missing:\n%s", name, plain)
		}
	}
}

func TestWhatCannotBecomeAMail(t *testing.T) {
	d, _, dir := post(t)
	to := func(address string) store.InvitationMail {
		i := invitationOf("de")
		i.To = address
		return i
	}
	for name, c := range map[string]struct {
		payload any
		want    outbox.Result
	}{
		"a template of a newer program": {map[string]string{"Template": "later", "To": "a@b.example"}, outbox.Result{Note: "unknown-template"}},
		"no JSON object":                {"x", outbox.Result{Outcome: outbox.Refused, Note: "unreadable"}},
		"no address":                    {to(""), outbox.Result{Outcome: outbox.Refused, Note: "unreadable"}},
		"two addresses":                 {to("a@b.example, c@d.example"), outbox.Result{Outcome: outbox.Refused, Note: "unreadable"}},
		"an address with a name":        {to("A <a@b.example>"), outbox.Result{Outcome: outbox.Refused, Note: "unreadable"}},
		"an address with a line":        {to("a@b.example\r\nBcc: c@d.example"), outbox.Result{Outcome: outbox.Refused, Note: "unreadable"}},
	} {
		if got := d.Deliver(t.Context(), []outbox.Message{told(t, "k", c.payload)}); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
	if names, _ := filepath.Glob(filepath.Join(dir, "*")); len(names) != 0 {
		t.Errorf("%v", names)
	}
}

// Whatever stands in a payload, the mail has exactly the headers it should, and one reader.
func TestNothingInAPayloadBecomesAHeader(t *testing.T) {
	want := []string{"Auto-Submitted", "Content-Language", "Content-Type", "Date", "From", "Message-Id", "Mime-Version", "Subject", "To"}
	hostile := rapid.Custom(func(t *rapid.T) string {
		parts := rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom([]string{"\r\n", "\n", "\r", "\x00", "\u2028", "Bcc: c@d.example", "\r\n\r\n", "--gevor", "=?utf-8?q?=0D=0ABcc:_c@d.example?=", "<a href=x>", ".\r\n", "{{.Secret}}"}), rapid.String()), 1, 6).Draw(t, "parts")
		return strings.Join(parts, "")
	})
	d, _, dir := post(t)
	rapid.Check(t, func(r *rapid.T) {
		i := invitationOf(rapid.SampledFrom([]string{"de", "en", "xx", "\r\nX: y"}).Draw(r, "language"))
		i.Organisation, i.Roles = hostile.Draw(r, "name"), []authz.Role{authz.Role(hostile.Draw(r, "role"))}
		delivers(t, d, told(t, "k", i))
		h, plain, page := parts(t, only(t, dir))
		var names []string
		for name, values := range h {
			names = append(names, name)
			if len(values) != 1 {
				r.Fatalf("%s stands %d times", name, len(values))
			}
		}
		slices.Sort(names)
		if !slices.Equal(names, want) || h.Get("To") != "<frau.o@ost.example>" {
			r.Fatalf("%v", h)
		}
		if subject, err := new(mime.WordDecoder).DecodeHeader(h.Get("Subject")); err != nil || strings.ContainsAny(subject, "\r\n\x00") {
			r.Fatalf("subject %q, %v", subject, err)
		}
		if strings.Count(page, "<a ") != 1 || !strings.Contains(plain, base) {
			r.Fatalf("%s", page)
		}
	})
}

func TestTheFolderReadsBack(t *testing.T) {
	d, f, dir := post(t)
	delivers(t, d, told(t, "k1", invitationOf("de")))
	later := told(t, "k2", invitationOf("en"))
	later.Made = day.Add(time.Hour)
	delivers(t, d, later)
	for name, raw := range map[string]string{"zz.eml": "no mail", ".part-1": "half", "note.txt": "x"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(raw), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	letters, err := f.Letters(10)
	if err != nil || len(letters) != 2 || letters[0].Subject != "Invitation: Stadt Süd & „Nord“ <West>" || letters[1].To != "frau.o@ost.example" || !letters[1].Made.Equal(day) || !strings.HasPrefix(letters[1].Text, "Guten Tag,\n\nStadt Süd") {
		t.Errorf("%+v, %v", letters, err)
	}
	if some, err := f.Letters(1); err != nil || len(some) != 1 {
		t.Errorf("%d, %v", len(some), err)
	}
	names, err := filepath.Glob(filepath.Join(dir, "*.eml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		if info, err := os.Stat(n); err != nil || filepath.Base(n) != "zz.eml" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", n, info.Mode(), err)
		}
	}
}

// A folder that cannot be written to holds the queue, and leaves no half file behind.
func TestAFolderThatTakesNothing(t *testing.T) {
	d, _, dir := post(t)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if got := d.Deliver(t.Context(), []outbox.Message{told(t, "k", invitationOf("de"))}); got != (outbox.Result{Note: "folder", Down: true}) {
		t.Errorf("%+v", got)
	}
	d, f, dir := post(t)
	// A folder of the mail's name stands in the way of the last step.
	delivers(t, d, told(t, "k", invitationOf("de")))
	letters, err := f.Letters(1)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, letters[0].Name)
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(file, "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	if got := d.Deliver(t.Context(), []outbox.Message{told(t, "k", invitationOf("de"))}); !got.Down {
		t.Errorf("%+v", got)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("half a file is left: %v, %v", entries, err)
	}
}

func TestOldMailsAreSwept(t *testing.T) {
	dir := t.TempDir()
	f, err := mail.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	for name, at := range map[string]time.Time{"old": day.AddDate(0, -4, 0), "new": day} {
		if err := f.Keep(name, []byte("Subject: x\r\n\r\ny")); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(filepath.Join(dir, name+".eml"), at, at); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := f.Sweep(day.AddDate(0, -3, 0)); n != 1 || err != nil {
		t.Errorf("swept %d, %v", n, err)
	}
	left, err := filepath.Glob(filepath.Join(dir, "*.eml"))
	if err != nil || len(left) != 1 || filepath.Base(left[0]) != "new.eml" {
		t.Errorf("left %v, %v", left, err)
	}
}

func TestSettingsThatCannotWork(t *testing.T) {
	f, err := mail.OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]mail.Config{
		"no sender": {Folder: f}, "a sender with a line": {From: "a@b.example\r\nBcc: c@d.example", Folder: f}, "nowhere to go": {From: "a@b.example"},
	} {
		if _, err := mail.New(c); fault.KindOf(err) != fault.Invalid || err == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The mail's way through the server, from payload to what the server holds.
func TestFromPayloadToServer(t *testing.T) {
	s := serve(t, script{startTLS: true})
	d, err := mail.New(mail.Config{From: "gevor@example.org", Name: "GeVoR", Link: link, Relay: s.relay(mail.STARTTLS), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	delivers(t, d, told(t, "k", invitationOf("de")))
	got := s.received()
	if len(got) != 1 {
		t.Fatalf("%d mails", len(got))
	}
	if _, plain, _ := parts(t, []byte(got[0])); !strings.Contains(plain, "GEHEIM") {
		t.Errorf("%s", plain)
	}
}

// The log says that a mail did not leave, not to whom.
func TestTheLogNamesNobody(t *testing.T) {
	s := serve(t, script{startTLS: true, answers: map[string]string{"RCPT": "550 5.1.1 <frau.o@ost.example> unknown"}})
	var log bytes.Buffer
	d, err := mail.New(mail.Config{From: "gevor@example.org", Name: "GeVoR", Link: link, Relay: s.relay(mail.STARTTLS), Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	if got := d.Deliver(t.Context(), []outbox.Message{told(t, "k", invitationOf("de"))}); got.Outcome != outbox.Refused {
		t.Errorf("%+v", got)
	}
	if log.Len() == 0 || strings.Contains(log.String(), "frau.o") || strings.Contains(log.String(), "GEHEIM") || strings.Contains(log.String(), "Stadt") {
		t.Errorf("%s", log.String())
	}
}
