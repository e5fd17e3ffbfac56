package mail_test

import (
	"testing"

	"gevor/internal/mail"
)

// Files in the folder may be anything: reading one ends, with a letter or an error.
func FuzzRead(f *testing.F) {
	f.Add([]byte("To: <a@b.example>\r\nDate: Tue, 12 May 2026 08:30:00 +0000\r\nContent-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\n\r\ntext=3D\r\n--x--\r\n"))
	f.Add([]byte("Date: Tue, 12 May 2026 08:30:00 +0000\r\nSubject: =?utf-8?q?a?=\r\nContent-Type: text/plain\r\n\r\nx"))
	f.Fuzz(func(_ *testing.T, raw []byte) {
		_ = mail.Read(raw)
	})
}
