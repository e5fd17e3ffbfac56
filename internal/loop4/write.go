package loop4

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"gevor/handover"
)

// The systems of codes that are our own, below the address of the installation.
const (
	subs     = "/codes/handover-sub"
	reasons  = "/codes/handover-reason"
	outcomes = "/codes/handover-outcome"
	verbs    = "/codes/handover-step"
	kinds    = "/codes/consent-category"
	purposes = "/codes/need"
	subjects = "/codes/handover-subject"
)

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func coded(system, code string) *Concept {
	if code == "" {
		return nil
	}
	return &Concept{Coding: []Coding{{System: system, Code: code}}}
}

// Write gives a handover as its side sees it; base is the address of the installation. Equal files give equal bundles.
// Nothing of the sealed content is in it.
func Write(f handover.File, base string) Bundle {
	w := writer{f, base}
	b := Bundle{ResourceType: "Bundle", Type: "collection"}
	add := func(kind, id string, r any) {
		b.Entry = append(b.Entry, Entry{base + "/fhir/" + kind + "/" + id, r})
	}
	id := string(f.ID)
	add("Task", id, w.task())
	add("ServiceRequest", id, w.request())
	add("Consent", f.Consent.ID, w.consent())
	add("Provenance", id, Provenance{
		ResourceType: "Provenance", ID: id, Target: []Reference{w.to("Task", id), w.to("ServiceRequest", id)}, Recorded: stamp(f.Changed),
		Agent: []Agent{{Type: coded("http://terminology.hl7.org/CodeSystem/provenance-participant-type", "author"), Who: w.sender()}},
	})
	for i, e := range f.Events {
		at := fmt.Sprintf("%s.%d", id, i+1)
		add("AuditEvent", at, w.event(at, e))
	}
	for _, o := range []struct{ id, name string }{{string(f.Sender), f.SenderName}, {string(f.Receiver), f.ReceiverName}} {
		add("Organization", o.id, Organization{"Organization", o.id, o.name})
	}
	return b
}

type writer struct {
	handover.File
	base string
}

func (w writer) to(kind, id string) Reference { return Reference{Reference: kind + "/" + id} }

func (w writer) sender() Reference {
	return Reference{Reference: "Organization/" + string(w.Sender), Display: w.SenderName}
}

func (w writer) receiver() Reference {
	return Reference{Reference: "Organization/" + string(w.Receiver), Display: w.ReceiverName}
}

// person is whom it is about: a name that only this handover has.
func (w writer) person() Reference {
	return Reference{Type: "Patient", Identifier: &Identifier{w.base + subjects, string(w.ID)}}
}

func (w writer) task() Task {
	id := string(w.ID)
	request, person, sender, receiver := w.to("ServiceRequest", id), w.person(), w.sender(), w.receiver()
	t := Task{
		ResourceType: "Task", ID: id, Meta: Meta{strconv.Itoa(w.Version), stamp(w.Changed)},
		BasedOn: []Reference{request}, Status: string(w.Status), StatusReason: coded(w.base+reasons, string(w.Reason)), BusinessStatus: coded(w.base+subs, string(w.Sub)),
		Intent: "order", Code: coded("http://hl7.org/fhir/CodeSystem/task-code", "fulfill"), Focus: &request, For: &person,
		AuthoredOn: stamp(w.Made), LastModified: stamp(w.Changed), Requester: &sender, Owner: &receiver,
		Restriction: &Restriction{Period{End: stamp(w.Consent.Until)}},
	}
	if w.CancelAsked {
		t.Input = append(t.Input, Said{Type: Concept{Text: asksToCancel}, Concept: coded(w.base+reasons, string(w.Reason))})
	}
	if w.Outcome != "" {
		t.Output = append(t.Output, Said{Type: Concept{Text: outcome}, Concept: coded(w.base+outcomes, string(w.Outcome))})
	}
	return t
}

// The names of inputs and outputs.
const (
	asksToCancel = "cancellation requested"
	outcome      = "outcome"
)

func (w writer) request() ServiceRequest {
	status := "active"
	switch w.Status {
	case handover.Draft:
		status = "draft"
	case handover.Completed:
		status = "completed"
	case handover.EnteredInError:
		status = "entered-in-error"
	case handover.Rejected, handover.Failed, handover.Cancelled:
		status = "revoked"
	case handover.Requested, handover.Received, handover.Accepted, handover.InProgress, handover.OnHold:
	}
	return ServiceRequest{
		ResourceType: "ServiceRequest", ID: string(w.ID), Status: status, Intent: "order",
		Category: []Concept{*coded("http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes", "sdoh-category-unspecified")},
		Code:     Concept{Coding: []Coding{{System: w.base + purposes, Code: w.Consent.Purpose}}, Text: w.Offer}, Subject: w.person(),
		AuthoredOn: stamp(w.Made), Requester: w.sender(), Performer: []Reference{w.receiver()}, Supporting: []Reference{w.to("Consent", w.Consent.ID)},
	}
}

func (w writer) consent() Consent {
	c := w.Consent
	status := "active"
	switch {
	case !c.Withdrawn.IsZero():
		status = "inactive"
	case c.Given.IsZero():
		status = "proposed"
	}
	out := Consent{
		ResourceType: "Consent", ID: c.ID, Status: status,
		Scope:    *coded("http://terminology.hl7.org/CodeSystem/consentscope", "patient-privacy"),
		Category: []Concept{*coded("http://loinc.org", "59284-0")},
		Patient:  w.person(), DateTime: stamp(c.Given), Organization: []Reference{w.sender()}, PolicyRule: Concept{Text: "gevor " + c.Text + " " + c.Language},
		Provision: Provision{
			Type: "permit", Period: Period{stamp(c.Given), stamp(c.Until)},
			Actor:   []Actor{{*coded("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "IRCP"), w.receiver()}},
			Purpose: []Coding{{System: w.base + purposes, Code: c.Purpose}},
		},
	}
	for _, x := range c.Categories {
		out.Provision.Code = append(out.Provision.Code, *coded(w.base+kinds, string(x)))
	}
	return out
}

func (w writer) event(id string, e handover.Event) AuditEvent {
	who := Reference{Display: string(e.By)}
	switch e.By {
	case handover.Sender:
		who = w.sender()
	case handover.Receiver:
		who = w.receiver()
	case handover.Person:
		who = w.person()
	case handover.Clock:
	}
	asked := e.By != handover.Clock
	return AuditEvent{
		ResourceType: "AuditEvent", ID: id, Type: Coding{System: "http://terminology.hl7.org/CodeSystem/audit-event-type", Code: "rest"},
		Subtype: []Coding{{System: w.base + verbs, Code: string(e.Verb)}}, Action: "U", Recorded: stamp(e.At), Outcome: "0",
		Agent: []Agent{{Who: who, Requestor: &asked}}, Source: Source{Reference{Display: w.base}}, Entity: []Entity{{w.to("Task", string(w.ID))}},
	}
}

// Told is one thing that opened content says: the name of a field, and what stands in it; or an attachment, with its name
// as the text.
type Told struct {
	Field, Text string
	File        []byte // nil where it is text
}

// WithContent gives the bundle with opened content as inputs of the Task, in their order. This is for an organisation's
// own system, after the content was opened there, and nowhere else.
func (b Bundle) WithContent(told []Told) Bundle {
	b.Entry = slices.Clone(b.Entry)
	for i, e := range b.Entry {
		t, ok := e.Resource.(Task)
		if !ok {
			continue
		}
		t.Input = slices.Clone(t.Input)
		for _, x := range told {
			said := Said{Type: Concept{Text: x.Field}, Text: x.Text}
			if x.File != nil {
				said.Text, said.File = "", &Attachment{Title: x.Text, Size: len(x.File), Data: x.File}
			}
			t.Input = append(t.Input, said)
		}
		b.Entry[i].Resource = t
	}
	return b
}
