package region

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"testing"

	"gevor/fault"
)

// TestFormatsOfSnapshots: a snapshot from before offers had languages opens, and says nothing of them; one of a format
// still to come does not, and the error says what to do.
func TestFormatsOfSnapshots(t *testing.T) {
	s := buildTiny(t, tiny())
	s.Offers[0].Languages = []string{"de", "tr"}
	m := saveAll(t, s)
	again, err := Load(m.open)
	if err != nil || !slices.Equal(again.Offers[0].Languages, s.Offers[0].Languages) {
		t.Fatalf("%v: %+v", err, again)
	}
	written := func(format int) {
		raw := m[fileSnapshot].Bytes()
		body := raw[:len(raw)-2*sha256.Size-1]
		body = bytes.Replace(body, fmt.Appendf(nil, "\"Format\": %d", FormatVersion), fmt.Appendf(nil, "\"Format\": %d", format), 1)
		if format == oldestFormat {
			body = bytes.Replace(body, []byte("\"Languages\": ["), []byte("\"Unknown\": ["), 1)
		}
		sum := sha256.Sum256(body)
		m[fileSnapshot] = bytes.NewBuffer(append(bytes.Clone(body), hex.EncodeToString(sum[:])+"\n"...))
	}
	written(FormatVersion + 1)
	if _, err := Load(m.open); fault.KindOf(err) != fault.Stale {
		t.Errorf("a format to come: %v", err)
	}
	m = saveAll(t, s)
	written(oldestFormat)
	old, err := Load(m.open)
	if err != nil || old.Offers[0].Languages != nil || old.Offers[0].ID != s.Offers[0].ID {
		t.Errorf("a snapshot from before languages: %v", err)
	}
}
