package hsds

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"gevor/fault"
	"gevor/notice"
)

// Options says how to read; all fields may be empty.
type Options struct {
	File   string
	Notes  *notice.List
	Limits Limits
}

// Limits bounds an input; zero fields take the defaults.
type Limits struct {
	Bytes    int64 // default 1 GiB
	Services int   // default 1 million
}

type reader struct {
	o    Options
	out  []Service
	seen map[string]int
	at   int
}

// Read reads one service object, a list of them, pages of the form {"contents": […]} or {"services": […]}, or any
// number of such values one after another (one a line is NDJSON). A record that is no service is rejected with a
// notice that names its number; broken JSON ends the reading with a fault, as nothing after it can be trusted.
// Read counts what it rejects; who uses a service counts it, as one service may become several offers.
func Read(in io.Reader, o Options) ([]Service, error) {
	if o.Limits.Bytes == 0 {
		o.Limits.Bytes = 1 << 30
	}
	if o.Limits.Services == 0 {
		o.Limits.Services = 1_000_000
	}
	if o.Notes == nil {
		o.Notes = &notice.List{}
	}
	r := &reader{o: o, seen: map[string]int{}}
	limited := &io.LimitedReader{R: in, N: o.Limits.Bytes + 1}
	buffered := bufio.NewReader(limited)
	if head, _ := buffered.Peek(3); string(head) == "\xef\xbb\xbf" {
		if _, err := buffered.Discard(3); err != nil {
			return nil, r.broken(err)
		}
	}
	err := r.values(json.NewDecoder(buffered))
	if limited.N <= 0 {
		err = fault.New(fault.TooLarge, o.File, fmt.Sprintf("the file has more than %d bytes", o.Limits.Bytes), "split it or raise the limit")
	}
	if err != nil {
		return nil, err
	}
	if r.at == 0 {
		return nil, fault.New(fault.Invalid, o.File, "there is no service in the file", "export the directory as HSDS 3 JSON (services with their locations)")
	}
	return r.out, nil
}

func (r *reader) broken(err error) error {
	place := r.o.File
	if r.at > 0 {
		place = fmt.Sprintf("%s, after service %d", r.o.File, r.at)
	}
	return fault.Wrap(fault.Invalid, place, "this is no complete JSON", "export the directory again", err)
}

func (r *reader) values(d *json.Decoder) error {
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return r.broken(err)
		}
		switch t {
		case json.Delim('['):
			err = r.list(d)
		case json.Delim('{'):
			err = r.object(d)
		default:
			err = r.take(json.RawMessage(fmt.Sprint(t)))
		}
		if err != nil {
			return err
		}
	}
}

// list reads the rest of an array of services.
func (r *reader) list(d *json.Decoder) error {
	for d.More() {
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return r.broken(err)
		}
		if err := r.take(raw); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return r.broken(err)
	}
	return nil
}

// object reads the rest of an object: a page whose services are streamed, or one service.
func (r *reader) object(d *json.Decoder) error {
	members := map[string]json.RawMessage{}
	page := false
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return r.broken(err)
		}
		key, _ := name.(string)
		if key == "contents" || key == "services" {
			if t, err := d.Token(); err != nil || t != json.Delim('[') {
				return r.broken(err)
			}
			if err := r.list(d); err != nil {
				return err
			}
			page = true
			continue
		}
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return r.broken(err)
		}
		members[key] = raw
	}
	if _, err := d.Token(); err != nil {
		return r.broken(err)
	}
	if page {
		return nil
	}
	raw, err := json.Marshal(members)
	if err != nil {
		return r.broken(err)
	}
	return r.take(raw)
}

func (r *reader) take(raw json.RawMessage) error {
	r.at++
	if r.at > r.o.Limits.Services {
		return fault.New(fault.TooLarge, r.o.File, fmt.Sprintf("there are more than %d services", r.o.Limits.Services), "split the file or raise the limit")
	}
	var s Service
	reject := func(field, value, rule, advice string) {
		record := fmt.Sprintf("service %d", r.at)
		if s.ID != "" {
			record += " (" + s.ID + ")"
		}
		r.o.Notes.Rejected(notice.Notice{File: r.o.File, Record: record, Field: field, Value: value, Rule: rule, Advice: advice})
	}
	if err := json.Unmarshal(raw, &s); err != nil {
		field := ""
		var typed *json.UnmarshalTypeError
		if errors.As(err, &typed) {
			field = typed.Field
		}
		reject(field, string(raw[:min(len(raw), 80)]), "no-service", "a service object of HSDS 3 is expected; this field has another type")
		return nil
	}
	s.ID, s.Name = strings.TrimSpace(s.ID), strings.TrimSpace(s.Name)
	s.Index = r.at
	switch {
	case s.ID == "":
		reject("id", s.Name, "no-id", "every service needs an id")
	case r.seen[s.ID] > 0:
		reject("id", s.ID, "duplicate-id", fmt.Sprintf("service %d has the same id; the first is used", r.seen[s.ID]))
	default:
		r.seen[s.ID] = r.at
		r.out = append(r.out, s)
	}
	return nil
}
