package loop4_test

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"gevor/fault"
	"gevor/handover"
	"gevor/internal/loop4"
)

const base = "https://gevor.example"

var day = time.Date(2026, 5, 11, 9, 0, 0, 0, time.UTC)

// start is a handover that was sent.
func start(sub handover.Sub) handover.File {
	return handover.File{
		Handover:   handover.Handover{ID: "h-abc", Sender: "o-east", Receiver: "o-west", Status: handover.Requested, Version: 2, Level: handover.StatusAndText, Lapses: 10, Made: day, Requested: day, Changed: day, Sub: sub},
		SenderName: "Lotsenstelle Ost", ReceiverName: "Beratung West", Offer: "Schuldnerberatung", Side: handover.Receiver,
		Consent: handover.Consent{ID: "c-abc", Receiver: "o-west", Categories: []handover.Category{"contact", "concern"}, Purpose: "debt", Until: day.AddDate(0, 3, 0), Text: handover.TextVersion, Language: "ar", Given: day},
	}
}

// reached walks to every state that a sent handover can come to, each with the steps that led there, by every verb that
// each side may do.
func reached() []handover.File {
	seen := map[string]bool{}
	var out []handover.File
	var walk func(handover.File)
	walk = func(f handover.File) {
		name := string(f.Status) + string(f.Sub) + string(f.Reason) + string(f.Outcome)
		if f.CancelAsked {
			name += " asked"
		}
		if seen[name] {
			return
		}
		seen[name] = true
		out = append(out, f)
		for _, side := range handover.Sides() {
			for _, v := range f.Can(side) {
				next, err := f.Apply(command(v, side, f.Version), day)
				if err != nil {
					panic(err)
				}
				g := f
				g.Handover = next
				g.Events = append(append([]handover.Event(nil), f.Events...), handover.Event{At: day, By: side, Verb: v, From: f.Status, To: next.Status})
				if v == handover.Withdraw {
					g.Consent.Withdrawn = day
				}
				walk(g)
			}
		}
	}
	walk(start(""))
	return out
}

func command(v handover.Verb, by handover.Side, version int) handover.Command {
	c := handover.Command{Key: "k", Verb: v, By: by, Version: version}
	switch v {
	case handover.Tell:
		c.Sub = handover.Appointment
	case handover.Reject:
		c.Reason = handover.NoPlace
	case handover.Fail:
		c.Reason, c.Outcome = handover.NotReached, handover.DidNotCome
	case handover.Cancel, handover.AskCancel:
		c.Reason = handover.PersonAsked
	case handover.Complete:
		c.Outcome = handover.Helped
	default:
	}
	return c
}

// TestTheLoopFollowsR4 holds every resource of every state against the JSON schema of FHIR R4. The control: resources
// with a wrong or unknown member do not pass.
func TestTheLoopFollowsR4(t *testing.T) {
	file := filepath.Join("..", "..", "node_modules", "@asymmetrik", "fhir-json-schema-validator", "fhir.schema.json")
	c := jsonschema.NewCompiler()
	schemas := map[string]*jsonschema.Schema{}
	check := func(r map[string]any) error {
		kind, _ := r["resourceType"].(string)
		if schemas[kind] == nil {
			s, err := c.Compile(file + "#/definitions/" + kind)
			if err != nil {
				t.Fatal(err)
			}
			schemas[kind] = s
		}
		return schemas[kind].Validate(any(r))
	}
	judged, kinds := 0, map[string]bool{}
	for _, f := range reached() {
		raw, err := json.Marshal(loop4.Write(f, base).WithContent([]loop4.Told{{Field: "concern", Text: "Braucht einen Termin."}, {Field: "attachment", Text: "Bescheid.pdf", File: []byte("41 Euro")}}))
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(raw)))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range doc.(map[string]any)["entry"].([]any) {
			r := e.(map[string]any)["resource"].(map[string]any)
			if err := check(r); err != nil {
				t.Errorf("%s: %v", f.Status, err)
			}
			judged++
			kinds[r["resourceType"].(string)] = true
			if r["resourceType"] == "Task" {
				for name, bad := range map[string]any{"status": "maybe", "focsu": "x", "authoredOn": "gestern"} {
					was, had := r[name]
					r[name] = bad
					if check(r) == nil {
						t.Errorf("a Task with %s %q passes", name, bad)
					}
					if r[name] = was; !had {
						delete(r, name)
					}
				}
			}
		}
	}
	for _, k := range []string{"Task", "ServiceRequest", "Consent", "Provenance", "AuditEvent", "Organization"} {
		if !kinds[k] {
			t.Errorf("no %s was written", k)
		}
	}
	t.Logf("figure: %d resources in %d states follow the JSON schema of FHIR R4", judged, len(reached()))
}

// TestTheLoopPassesTheOtherValidators holds every resource of every state against two validators that other people
// wrote, each of which finds what the JSON schema misses. The control: what is wrong is found by at least one, an unknown
// member, a wrong time and a lacking member by both.
func TestTheLoopPassesTheOtherValidators(t *testing.T) {
	var in bytes.Buffer
	judged := 0
	send := func(r any) {
		t.Helper()
		raw, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		in.Write(append(raw, '\n'))
		judged++
	}
	for _, f := range reached() {
		for _, e := range loop4.Write(f, base).WithContent([]loop4.Told{{Field: "concern", Text: "Termin"}, {Field: "attachment", Text: "Bescheid.pdf", File: []byte("41 Euro")}}).Entry {
			send(e.Resource)
		}
	}
	good := judged
	task := func(change func(map[string]any)) {
		r := map[string]any{"resourceType": "Task", "id": "h-1", "status": "requested", "intent": "order"}
		change(r)
		send(r)
	}
	task(func(r map[string]any) { r["status"] = "maybe" })
	task(func(r map[string]any) { r["focsu"] = "x" })
	task(func(r map[string]any) { r["authoredOn"] = "gestern" })
	task(func(r map[string]any) { delete(r, "intent") })
	cmd := exec.CommandContext(t.Context(), "node", filepath.Join("testdata", "validate.mjs"))
	cmd.Stdin, cmd.Stderr = &in, t.Output()
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("the validators did not run: %v", err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != judged {
		t.Fatalf("%d of %d resources were judged", len(lines), judged)
	}
	for i, line := range lines {
		var said struct{ FHIR, Medplum []string }
		if err := json.Unmarshal([]byte(line), &said); err != nil {
			t.Fatal(err)
		}
		switch found := len(said.FHIR) > 0 || len(said.Medplum) > 0; {
		case i < good && found:
			t.Errorf("resource %d: %s", i, line)
		case i >= good && !found, i > good && (len(said.FHIR) == 0 || len(said.Medplum) == 0):
			t.Errorf("control %d: %s", i-good, line)
		}
	}
	t.Logf("figure: %d resources in %d states pass the validators fhir and @medplum/core; %d wrong ones do not", good, len(reached()), judged-good)
}

// TestWhatASystemAnswersComesBack lets an own system do everything that a receiver may do: written, changed there and
// read again, the Task is the command that was meant. What it may not do is refused.
func TestWhatASystemAnswersComesBack(t *testing.T) {
	back := 0
	for _, f := range reached() {
		for _, v := range f.Can(handover.Receiver) {
			want, err := f.Apply(command(v, handover.Receiver, f.Version), day)
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case v == handover.Open || v == handover.RefuseCancel || v == handover.Withdraw: // by reading; on the page; likewise
				continue
			case v == handover.Tell && f.Sub == handover.Appointment: // changes nothing
				continue
			}
			there := f
			there.Handover = want
			b := loop4.Write(there, base)
			for i, e := range b.Entry {
				if task, ok := e.Resource.(loop4.Task); ok { // a system keeps the version it was given
					task.Meta = loop4.Write(f, base).Entry[i].Resource.(loop4.Task).Meta
					b.Entry[i].Resource = task
				}
			}
			raw, err := json.Marshal(b)
			if err != nil {
				t.Fatal(err)
			}
			got, err := loop4.Read(raw, f.Handover)
			if err != nil {
				t.Errorf("%s of %s: %v", v, f.Status, err)
				continue
			}
			again, err := loop4.Read(raw, f.Handover)
			if is, wrong := f.Apply(got, day); wrong != nil || err != nil || is != want || again.Key != got.Key {
				t.Errorf("%s of %s came back as %+v: %v", v, f.Status, got, wrong)
			}
			back++
			if !strings.Contains(string(raw), `"`+string(f.Sender)) && back == 1 {
				t.Error("the sender is missing")
			}
		}
		raw, err := json.Marshal(loop4.Write(f, base))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := loop4.Read(raw, f.Handover); fault.KindOf(err) != fault.Conflict {
			t.Errorf("an unchanged Task of %s is %v", f.Status, err)
		}
		other := f.Handover
		other.ID = "h-other"
		if _, err := loop4.Read(raw, other); fault.KindOf(err) != fault.Invalid {
			t.Errorf("a Task of another handover is %v", err)
		}
	}
	if back < 20 {
		t.Errorf("only %d answers came back", back)
	}
	t.Logf("figure: %d answers of an own system came back as meant", back)
}

// FuzzRead holds that no text breaks the reader.
func FuzzRead(f *testing.F) {
	raw, err := json.Marshal(loop4.Write(start(""), base))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(`{"resourceType":"Task","id":"h-abc","status":"accepted","meta":{"versionId":"2"}}`))
	f.Add([]byte(`{"resourceType":"Bundle","entry":[{"resource":null}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		h := start("").Handover
		if c, err := loop4.Read(raw, h); err == nil {
			if _, err := h.Apply(c, day); err != nil && fault.KindOf(err) == fault.Internal {
				t.Error(err)
			}
		}
	})
}
