package web

import (
	"net/http"

	"gevor/alliance"
	"gevor/authz"
	"gevor/form"
)

func noteAdd(p *page) error {
	if err := p.may(authz.Create, owned(authz.Note, p.org())); err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	id := p.req.PathValue("dossier")
	_, err = p.site.Alliance.AddNote(p.req.Context(), p.actor, p.now(), alliance.Note{Dossier: id, Owner: p.org(), Kind: alliance.NoteKind(sent.Get("kind")), Text: sent.Get("text")})
	if form.Of(err) != nil {
		return p.showDossier(http.StatusUnprocessableEntity, p.begin("dossier"), p.entry("note", sent, err))
	}
	if err != nil {
		return err
	}
	return p.done(p.path("dossier", id), "note_added")
}

func noteBack(p *page) error {
	if err := p.may(authz.Remove, owned(authz.Note, p.org())); err != nil {
		return err
	}
	if err := p.site.Alliance.TakeNoteBack(p.req.Context(), p.actor, p.now(), p.req.PathValue("note")); err != nil {
		return err
	}
	return p.done(p.path("dossier", p.req.PathValue("dossier")), "note_taken")
}

func noteKinds() []string {
	var out []string
	for _, k := range alliance.NoteKinds() {
		out = append(out, string(k))
	}
	return out
}

func (p *page) mayTakeBack(n alliance.Note) bool {
	return p.can(authz.Remove, owned(authz.Note, n.Owner))
}
