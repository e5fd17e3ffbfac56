package web

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gevor/form"
)

// posted is a request with one file under a name.
func posted(t *testing.T, name string, content []byte, more ...[]byte) *http.Request {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	if err := w.WriteField("title", "Anlage"); err != nil {
		t.Fatal(err)
	}
	for _, c := range append([][]byte{content}, more...) {
		h := textproto.MIMEHeader{}
		h.Set("Content-Disposition", fmt.Sprintf(`form-data; name="file"; filename=%q`, name))
		h.Set("Content-Type", "application/pdf") // what the sender claims counts for nothing
		part, err := w.CreatePart(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write(c); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	req := httptest.NewRequest(http.MethodPost, "/", &body)
	req.Header.Set("Content-Type", w.FormDataContentType())
	return req
}

func receive(t *testing.T, req *http.Request, rule uploadRule) (*uploaded, error) {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir())
	p := &page{req: req, res: httptest.NewRecorder()}
	return p.upload(rule)
}

// left counts what lies in the folder for temporary files.
func left(t *testing.T) int {
	t.Helper()
	n := 0
	if err := filepath.WalkDir(os.TempDir(), func(at string, _ os.DirEntry, err error) error {
		if at != os.TempDir() {
			n++
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

var pdfOnly = uploadRule{Field: "file", Types: []fileType{pdfFile}, Each: 1000, Must: true}

func TestAFileArrivesAndGoes(t *testing.T) {
	content := []byte("%PDF-1.7 " + strings.Repeat("x", 900))
	u, err := receive(t, posted(t, "brief.pdf", content), pdfOnly)
	if err != nil {
		t.Fatal(err)
	}
	if u.Values.Get("title") != "Anlage" || len(u.Files) != 1 || u.Files[0].Name != "brief.pdf" || u.Files[0].Type != pdfFile || u.Files[0].Size != int64(len(content)) {
		t.Errorf("%+v", u)
	}
	f, err := u.Files[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(f)
	if err := errors.Join(err, f.Close()); err != nil || !bytes.Equal(got, content) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if left(t) != 2 { // the control of the counts below: a folder and a file
		t.Errorf("%d things lie there while it is open", left(t))
	}
	if err := u.Close(); err != nil || left(t) != 0 {
		t.Errorf("%d things stay, %v", left(t), err)
	}
}

func TestWhatIsWrongWithAFileIsSaidAndNothingStays(t *testing.T) {
	pdf := []byte("%PDF-1.7 x")
	truncated := posted(t, "a.pdf", bytes.Repeat(pdf, 50))
	raw, err := io.ReadAll(truncated.Body)
	if err != nil {
		t.Fatal(err)
	}
	cut := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(raw[:len(raw)-80]))
	cut.Header.Set("Content-Type", truncated.Header.Get("Content-Type"))
	noBoundary := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("x"))
	noBoundary.Header.Set("Content-Type", "multipart/form-data")
	for name, c := range map[string]struct {
		req    *http.Request
		reason string
		status int
	}{
		"one byte too many":      {posted(t, "a.pdf", append([]byte("%PDF-"), bytes.Repeat([]byte("x"), 996)...)), "file_large", 413},
		"far too large":          {posted(t, "a.pdf", append([]byte("%PDF-"), bytes.Repeat([]byte("x"), 1<<20)...)), "file_large", 413},
		"a program called a PDF": {posted(t, "a.pdf", []byte("MZ\x90\x00\x03")), "file_type", 415},
		"a page called a PDF":    {posted(t, "a.pdf", []byte("<html><script>")), "file_type", 415},
		"a bomb called a PDF":    {posted(t, "42.zip.pdf", []byte("PK\x03\x04\x14\x00")), "file_type", 415},
		"nothing in it":          {posted(t, "a.pdf", nil), "file_empty", 422},
		"no file":                {posted(t, "", nil), "file_empty", 422},
		"two where one may be":   {posted(t, "a.pdf", pdf, pdf), "file_many", 422},
		"cut off":                {cut, "file_broken", 422},
		"no boundary":            {noBoundary, "file_broken", 422},
	} {
		t.Run(name, func(t *testing.T) {
			u, err := receive(t, c.req, pdfOnly)
			if got := form.Of(err); len(got) != 1 || got[0] != (form.Field{Name: "file", Reason: c.reason}) || uploadStatus(err) != c.status {
				t.Errorf("%v, status %d", err, uploadStatus(err))
			}
			if len(u.Files) != 0 || left(t) != 0 {
				t.Errorf("%d files, %d things stay", len(u.Files), left(t))
			}
		})
	}
}

func TestTheNameOfAFileLeadsNowhere(t *testing.T) {
	for name, want := range map[string]string{
		"../../etc/passwd": "passwd", `C:\Users\alma\brief.pdf`: "brief.pdf", "..": "", "/": "", "a\u202egnp.exe": "agnp.exe", "zeile\x01eins.pdf": "zeileeins.pdf",
		strings.Repeat("ä", 300) + ".pdf": strings.Repeat("ä", 120),
	} {
		if got := plainName(name); got != want {
			t.Errorf("%q became %q, want %q", name, got, want)
		}
	}
	u, err := receive(t, posted(t, "../../../tmp/evil.pdf", []byte("%PDF-1.7")), pdfOnly)
	if err != nil {
		t.Fatal(err)
	}
	if at := u.Files[0].at; filepath.Dir(filepath.Dir(at)) != os.TempDir() || strings.Contains(at, "evil") {
		t.Errorf("it lies at %s", at)
	}
	if err := u.Close(); err != nil {
		t.Error(err)
	}
}

func TestTypesAreToldByTheFirstBytes(t *testing.T) {
	all := []fileType{pdfFile, pngFile, jpegFile, xlsxFile, zipFile, jsonFile, csvFile}
	for head, want := range map[string]fileType{
		"%PDF-1.4": pdfFile, "\x89PNG\r\n\x1a\nIHDR": pngFile, "\xff\xd8\xff\xe0": jpegFile, "PK\x03\x04....[Content_Types].xml": xlsxFile, "PK\x03\x04x": zipFile,
		"\ufeff {\"a\": 1}": jsonFile, "name;zahl\r\nStra\xdfe;1": csvFile, "a,b\n1,2\n": csvFile, "MZ\x90\x00": "", "<svg onload=x>": "", "\x00\x01": "", "\x7fELF": "",
	} {
		if got, ok := typeOf([]byte(head), all); got != want || ok != (want != "") {
			t.Errorf("%q is %q, want %q", head, got, want)
		}
	}
}

// FuzzMarkdown: whatever an office writes, no script, no foreign image and no odd link comes out.
func FuzzMarkdown(f *testing.F) {
	for _, s := range []string{"# a\n#### b\n\n[x](javascript:1)", "<img src=x onerror=1>", "[[a]] ![b](c)", "[a]: javascript:1\n\n[a]", "<http://a.b>", "```\n<script>\n```", "a|b", "&#x6a;avascript:", "[x](java\tscript:1)"} {
		f.Add(s)
	}
	m := newMarkdown()
	f.Fuzz(func(t *testing.T, body string) {
		c, err := m.page(body)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := c.Render(t.Context(), &out); err != nil {
			t.Fatal(err)
		}
		if what := unsafeIn(out.Bytes()); what != "" {
			t.Errorf("%q gives %s: %s", body, what, out.String())
		}
	})
}
