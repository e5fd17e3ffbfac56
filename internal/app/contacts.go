package app

import (
	"io"
	"os"

	"gevor/contact"
	"gevor/fault"
	"gevor/internal/config"
	"gevor/internal/web"
)

// maxForms is how many bytes a file of report forms may have.
const maxForms = 256 << 10

// contactLog is how the operator wants contacts kept.
func contactLog(conf *config.Config) (web.ContactLog, error) {
	l := web.ContactLog{Notes: conf.Contacts.Notes, Terms: contactTerms(conf)}
	if conf.Contacts.Forms == "" {
		return l, nil
	}
	file, err := os.Open(conf.Contacts.Forms)
	if err != nil {
		return l, fault.Wrap(fault.NotFound, conf.Contacts.Forms, "the report forms cannot be read", "check contacts.forms", err)
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, maxForms))
	if err != nil {
		return l, fault.Wrap(fault.Invalid, conf.Contacts.Forms, "the report forms cannot be read", "check contacts.forms", err)
	}
	l.Forms, err = contact.ReadForms(conf.Contacts.Forms, string(raw))
	return l, err
}

func contactTerms(conf *config.Config) contact.Terms {
	return contact.Terms{AuthorDays: conf.Contacts.AuthorDays, EntryDays: conf.Contacts.EntryDays}
}
