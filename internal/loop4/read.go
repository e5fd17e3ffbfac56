package loop4

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"

	"gevor/fault"
	"gevor/handover"
)

// MostBytes is the size of the largest text that Read takes.
const MostBytes = 256 << 10

// Bundled reads a bundle that Write wrote. Invalid where it is none, or has no Task.
func Bundled(raw []byte) (b Bundle, err error) {
	var outer struct {
		ResourceType string `json:"resourceType"`
		Type         string `json:"type"`
		Entry        []struct {
			FullURL  string          `json:"fullUrl"`
			Resource json.RawMessage `json:"resource"`
		} `json:"entry"`
	}
	bad := fault.New(fault.Invalid, "bundle", "is none of a handover", "save it again on the page of the handover")
	if err := json.Unmarshal(raw, &outer); err != nil || outer.ResourceType != "Bundle" {
		return b, bad
	}
	b = Bundle{ResourceType: "Bundle", Type: outer.Type}
	tasks := 0
	for _, e := range outer.Entry {
		var t Task
		if json.Unmarshal(e.Resource, &t) == nil && t.ResourceType == "Task" {
			tasks++
			b.Entry = append(b.Entry, Entry{e.FullURL, t})
			continue
		}
		b.Entry = append(b.Entry, Entry{e.FullURL, e.Resource})
	}
	if tasks != 1 {
		return b, bad
	}
	return b, nil
}

// taskOf finds the Task in a text that is one, or a bundle with one.
func taskOf(raw []byte) (Task, error) {
	if len(raw) > MostBytes {
		return Task{}, fault.New(fault.TooLarge, "Task", "is longer than any", "send the Task alone")
	}
	var t Task
	if err := json.Unmarshal(raw, &t); err == nil && t.ResourceType == "Task" {
		return t, nil
	}
	b, err := Bundled(raw)
	if err != nil {
		return t, fault.New(fault.Invalid, "Task", "is no Task of FHIR R4", "send a Task, or a bundle with one")
	}
	for _, e := range b.Entry {
		if t, ok := e.Resource.(Task); ok {
			return t, nil
		}
	}
	return t, nil
}

func (c *Concept) code() string {
	if c == nil || len(c.Coding) == 0 {
		return ""
	}
	return c.Coding[0].Code
}

// Read gives what a receiver's own system did with a handover, as a command of its side: the Task says where it stands
// now, was where it stood. The same Task gives the same key, so that it acts once; the version is that of the Task it
// was made from. Invalid where the text is no Task or of another handover; Conflict where nothing changed, or what
// changed is not the receiver's to do.
func Read(raw []byte, was handover.Handover) (handover.Command, error) {
	t, err := taskOf(raw)
	if err != nil {
		return handover.Command{}, err
	}
	if t.ID != string(was.ID) {
		return handover.Command{}, fault.New(fault.Invalid, "Task", "is of another handover", "choose the file of this handover")
	}
	sum := sha256.Sum256(raw)
	c := handover.Command{Key: "fhir-" + hex.EncodeToString(sum[:16]), By: handover.Receiver, Reason: handover.Reason(t.StatusReason.code())}
	if c.Version, err = strconv.Atoi(t.Meta.VersionID); err != nil {
		return c, fault.New(fault.Invalid, "Task", "does not say from which version it was made", "keep meta.versionId")
	}
	for _, o := range t.Output {
		if o.Type.Text == outcome {
			c.Outcome = handover.Outcome(o.Concept.code())
		}
	}
	to := handover.Status(t.Status)
	switch {
	case to == handover.Accepted && was.Status != to:
		c.Verb = handover.Accept
	case to == handover.Rejected && was.Status != to:
		c.Verb = handover.Reject
	case to == handover.InProgress && was.Status == handover.OnHold:
		c.Verb = handover.Resume
	case to == handover.InProgress && was.Status == handover.Accepted:
		c.Verb = handover.Start
	case to == handover.InProgress && was.Status == to && t.BusinessStatus.code() != "" && t.BusinessStatus.code() != string(was.Sub):
		c.Verb, c.Sub = handover.Tell, handover.Sub(t.BusinessStatus.code())
	case to == handover.OnHold && was.Status != to:
		c.Verb = handover.Wait
	case to == handover.Completed && was.Status != to:
		c.Verb = handover.Complete
	case to == handover.Failed && was.Status != to:
		c.Verb = handover.Fail
	case to == handover.Cancelled && was.CancelAsked:
		c.Verb = handover.AgreeCancel
	default:
		return c, fault.New(fault.Conflict, "Task", "changes nothing that a receiver can change", "look at the state here and there")
	}
	return c, nil
}

// About says whether the bundle is of a handover.
func (b Bundle) About(id string) bool {
	for _, e := range b.Entry {
		if t, ok := e.Resource.(Task); ok {
			return t.ID == id
		}
	}
	return false
}
