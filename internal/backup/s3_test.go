package backup_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gevor/fault"
	"gevor/internal/backup"
)

// bucketServer is an S3-compatible store in memory, as far as backups need one. It gives lists in pages of ten.
type bucketServer struct {
	mu      sync.Mutex
	objects map[string][]byte
	down    bool
}

func (b *bucketServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.down {
		http.Error(w, "SlowDown", http.StatusServiceUnavailable)
		return
	}
	body, err := io.ReadAll(r.Body)
	sum := sha256.Sum256(body)
	if err != nil || !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential=key/") || r.Header.Get("X-Amz-Content-Sha256") != hex.EncodeToString(sum[:]) {
		http.Error(w, "AccessDenied", http.StatusForbidden)
		return
	}
	key, inBucket := strings.CutPrefix(r.URL.Path, "/care/")
	switch {
	case r.URL.Path == "/care" && r.Method == http.MethodGet:
		b.list(w, r.URL.Query().Get("prefix"), r.URL.Query().Get("continuation-token"))
	case !inBucket:
		http.Error(w, "NoSuchBucket", http.StatusNotFound)
	case r.Method == http.MethodPut:
		b.objects[key] = body
	case r.Method == http.MethodDelete:
		delete(b.objects, key)
		w.WriteHeader(http.StatusNoContent)
	default:
		data, there := b.objects[key]
		if !there {
			http.Error(w, "NoSuchKey", http.StatusNotFound)
			return
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
	}
}

func (b *bucketServer) list(w http.ResponseWriter, prefix, after string) {
	type content struct {
		Key          string
		Size         int
		LastModified time.Time
	}
	var page struct {
		XMLName               xml.Name `xml:"ListBucketResult"`
		Contents              []content
		IsTruncated           bool
		NextContinuationToken string
	}
	for _, key := range slices.Sorted(maps.Keys(b.objects)) {
		if !strings.HasPrefix(key, prefix) || key <= after {
			continue
		}
		if len(page.Contents) == 10 {
			page.IsTruncated, page.NextContinuationToken = true, page.Contents[9].Key
			break
		}
		page.Contents = append(page.Contents, content{key, len(b.objects[key]), day})
	}
	_ = xml.NewEncoder(w).Encode(page) // a client that left needs no answer
}

func inBucket(t *testing.T) (backup.Place, *bucketServer) {
	t.Helper()
	b := &bucketServer{objects: map[string][]byte{}}
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	p, err := backup.At("s3://care/some prefix?region=eu&endpoint="+server.URL, backup.Keys{Access: "key", Secret: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	return p, b
}

// The contract of a place: what holds for a folder and for a bucket.
func TestPlaces(t *testing.T) {
	for name, open := range map[string]func() backup.Place{
		"folder": func() backup.Place { p, _ := folder(t); return p },
		"bucket": func() backup.Place { p, _ := inBucket(t); return p },
	} {
		t.Run(name, func(t *testing.T) {
			p, ctx := open(), t.Context()
			if o, err := p.List(ctx, "a/"); err != nil || len(o) != 0 {
				t.Errorf("an empty place: %v, %v", o, err)
			}
			for i := range 23 {
				if err := p.Put(ctx, fmt.Sprintf("a/%02d", i), strings.NewReader(strings.Repeat("x", i))); err != nil {
					t.Fatal(err)
				}
			}
			if err := errors.Join(p.Put(ctx, "ab", strings.NewReader("other")), p.Put(ctx, "a/05", strings.NewReader("replaced"))); err != nil {
				t.Fatal(err)
			}
			o, err := p.List(ctx, "a/")
			if err != nil || len(o) != 23 || o[5].Name != "a/05" || o[5].Size != 8 || o[22].Size != 22 {
				t.Errorf("%v, %v", o, err)
			}
			for _, c := range []struct {
				from, size int64
				want       string
			}{{0, 0, "replaced"}, {2, 3, "pla"}, {5, 0, "ced"}} {
				r, err := p.Open(ctx, "a/05", c.from, c.size)
				if err != nil {
					t.Fatal(err)
				}
				if got, err := io.ReadAll(r); err != nil || string(got) != c.want {
					t.Errorf("%q, %v, want %q", got, err, c.want)
				}
				if err := r.Close(); err != nil {
					t.Error(err)
				}
			}
			if err := errors.Join(p.Delete(ctx, "a/05"), p.Delete(ctx, "a/05")); err != nil {
				t.Error(err)
			}
			if _, err := p.Open(ctx, "a/05", 0, 0); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("what is not there: %v", err)
			}
		})
	}
}

// Both kinds of backup work with a bucket, and a bucket out of reach is said as Busy.
func TestBackupInABucket(t *testing.T) {
	p, b := inBucket(t)
	h := built(t, "", backup.JournalAt(p))
	withdraw := invited(t, h)
	if _, err := backup.Once(t.Context(), h.source(), p, day); err != nil {
		t.Fatal(err)
	}
	c, err := backup.Start(t.Context(), h.source(), p, backup.Plan{Files: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	h.record(t, "h1")
	withdraw()
	if err := c.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "x")
	if r := restored(t, p, backup.Target{State: to}); r.Dump != h.dump(t) || sings(t, filepath.Join(to, backup.DatabaseName)) {
		t.Errorf("%+v", r)
	}
	b.mu.Lock()
	b.down = true
	b.mu.Unlock()
	if _, err := backup.Once(t.Context(), h.source(), p, day); fault.KindOf(err) != fault.Busy {
		t.Errorf("out of reach: %v", err)
	}
}
