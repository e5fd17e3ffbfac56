package backup

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"gevor/fault"
)

// bucket is a place in an S3-compatible store, by the REST interface that they share:
// https://docs.aws.amazon.com/AmazonS3/latest/API/. Objects have at most 5 GB.
type bucket struct {
	endpoint             *url.URL
	name, prefix, region string
	keys                 Keys
	client               *http.Client
	now                  func() time.Time
}

func newBucket(endpoint *url.URL, name, prefix, region string, keys Keys) *bucket {
	return &bucket{
		endpoint: endpoint, name: name, prefix: prefix, region: region, keys: keys,
		client: &http.Client{Timeout: 15 * time.Minute}, now: time.Now,
	}
}

func (b *bucket) String() string { return "s3://" + b.name + "/" + b.prefix }

func (b *bucket) key(name string) string {
	if b.prefix == "" {
		return name
	}
	return b.prefix + "/" + name
}

func (b *bucket) failed(err error) error {
	return fault.Wrap(fault.Busy, b.String(), "the place of the backup cannot be used", "check address, keys and network", err)
}

// do sends a request of a key and gives the answer where its status is good.
func (b *bucket) do(ctx context.Context, method, key string, query url.Values, header http.Header, body io.Reader, size int64, sum string) (*http.Response, error) {
	u := *b.endpoint
	u.Path = strings.TrimSuffix(u.Path, "/") + "/" + b.name
	if key != "" {
		u.Path += "/" + key
	}
	u.RawPath = escape(u.Path, false)
	u.RawQuery = canonicalQuery(query)
	r, err := http.NewRequestWithContext(ctx, method, u.String(), body)
	if err != nil {
		return nil, b.failed(err)
	}
	for k := range header {
		r.Header.Set(k, header.Get(k))
	}
	if body != nil {
		r.ContentLength = size
	}
	sign(r, sum, b.region, b.keys, b.now())
	answer, err := b.client.Do(r)
	if err != nil {
		return nil, b.failed(err)
	}
	if answer.StatusCode/100 == 2 {
		return answer, nil
	}
	told, _ := io.ReadAll(io.LimitReader(answer.Body, 1000)) // what it says helps, and may be missing
	err = fmt.Errorf("%s %s: %s: %s", method, key, answer.Status, told)
	if answer.StatusCode == http.StatusNotFound {
		err = fmt.Errorf("%w: %w", fs.ErrNotExist, err)
	}
	return nil, errors.Join(err, answer.Body.Close())
}

// listed is an answer to ListObjectsV2.
type listed struct {
	Contents []struct {
		Key          string
		Size         int64
		LastModified time.Time
	}
	IsTruncated           bool
	NextContinuationToken string
}

// List gives all objects whose names begin so.
func (b *bucket) List(ctx context.Context, prefix string) (out []Object, err error) {
	q := url.Values{"list-type": {"2"}, "prefix": {b.key(prefix)}}
	for {
		answer, err := b.do(ctx, http.MethodGet, "", q, nil, nil, 0, emptySum)
		if err != nil {
			return nil, b.failed(err)
		}
		var page listed
		err = errors.Join(xml.NewDecoder(answer.Body).Decode(&page), answer.Body.Close())
		if err != nil {
			return nil, b.failed(err)
		}
		for _, o := range page.Contents {
			name := o.Key
			if b.prefix != "" {
				name = strings.TrimPrefix(name, b.prefix+"/")
			}
			out = append(out, Object{name, o.Size, o.LastModified})
		}
		if !page.IsTruncated {
			slices.SortFunc(out, func(a, b Object) int { return strings.Compare(a.Name, b.Name) })
			return out, nil
		}
		q.Set("continuation-token", page.NextContinuationToken)
	}
}

// Open reads an object.
func (b *bucket) Open(ctx context.Context, name string, from, size int64) (io.ReadCloser, error) {
	h := http.Header{}
	switch {
	case size > 0:
		h.Set("Range", fmt.Sprintf("bytes=%d-%d", from, from+size-1))
	case from > 0:
		h.Set("Range", fmt.Sprintf("bytes=%d-", from))
	}
	answer, err := b.do(ctx, http.MethodGet, b.key(name), nil, h, nil, 0, emptySum)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err != nil {
		return nil, b.failed(err)
	}
	return answer.Body, nil
}

// Put writes an object. Its length and checksum must be known first, so it goes through a temporary file.
func (b *bucket) Put(ctx context.Context, name string, r io.Reader) (err error) {
	temp, err := os.CreateTemp("", "gevor-upload-")
	if err != nil {
		return b.failed(err)
	}
	defer func() { err = errors.Join(err, temp.Close(), os.Remove(temp.Name())) }()
	sum := sha256.New()
	size, err := io.Copy(io.MultiWriter(temp, sum), r)
	if err != nil {
		return b.failed(err)
	}
	if _, err := temp.Seek(0, io.SeekStart); err != nil {
		return b.failed(err)
	}
	var body io.Reader = io.NopCloser(temp) // the client must not close it
	if size == 0 {
		body = http.NoBody
	}
	answer, err := b.do(ctx, http.MethodPut, b.key(name), nil, nil, body, size, hex.EncodeToString(sum.Sum(nil)))
	if err != nil {
		return b.failed(err)
	}
	return answer.Body.Close()
}

// Delete removes an object.
func (b *bucket) Delete(ctx context.Context, name string) error {
	answer, err := b.do(ctx, http.MethodDelete, b.key(name), nil, nil, nil, 0, emptySum)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return b.failed(err)
	}
	return answer.Body.Close()
}

// emptySum is the checksum of nothing.
var emptySum = hex.EncodeToString(sha256.New().Sum(nil))

// sign adds the signature of AWS version 4, which S3-compatible stores ask for:
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html. TestSignature holds it to the example
// there.
func sign(r *http.Request, sum, region string, keys Keys, now time.Time) {
	stamp := now.UTC().Format("20060102T150405Z")
	r.Header.Set("X-Amz-Date", stamp)
	r.Header.Set("X-Amz-Content-Sha256", sum)
	headers := map[string]string{"host": r.URL.Host}
	for k := range r.Header {
		headers[strings.ToLower(k)] = strings.TrimSpace(r.Header.Get(k))
	}
	names := slices.Sorted(maps.Keys(headers))
	var canonical bytes.Buffer
	fmt.Fprintf(&canonical, "%s\n%s\n%s\n", r.Method, r.URL.EscapedPath(), r.URL.RawQuery)
	for _, n := range names {
		fmt.Fprintf(&canonical, "%s:%s\n", n, headers[n])
	}
	signed := strings.Join(names, ";")
	fmt.Fprintf(&canonical, "\n%s\n%s", signed, sum)
	whole := sha256.Sum256(canonical.Bytes())
	scope := stamp[:8] + "/" + region + "/s3/aws4_request"
	key := []byte("AWS4" + keys.Secret)
	for _, part := range []string{stamp[:8], region, "s3", "aws4_request"} {
		key = mac(key, part)
	}
	signature := hex.EncodeToString(mac(key, "AWS4-HMAC-SHA256\n"+stamp+"\n"+scope+"\n"+hex.EncodeToString(whole[:])))
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+keys.Access+"/"+scope+",SignedHeaders="+signed+",Signature="+signature)
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	_, _ = h.Write([]byte(text)) // never fails
	return h.Sum(nil)
}

// canonicalQuery writes parameters in order, escaped as the signature wants it.
func canonicalQuery(q url.Values) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(q)) {
		for _, v := range q[k] {
			parts = append(parts, escape(k, true)+"="+escape(v, true))
		}
	}
	return strings.Join(parts, "&")
}

// escape keeps letters, digits and -._~ as they are, and slashes in paths.
func escape(s string, slashes bool) string {
	var out strings.Builder
	for _, c := range []byte(s) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '.', c == '_', c == '~', c == '/' && !slashes:
			out.WriteByte(c)
		default:
			out.WriteString("%" + strings.ToUpper(strconv.FormatUint(uint64(c)|0x100, 16)[1:]))
		}
	}
	return out.String()
}
