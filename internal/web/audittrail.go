package web

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"strings"

	"gevor/authz"
	"gevor/history"
	"gevor/internal/web/ui"
)

// Trails gives an organisation its lines of the record: the latest without their proofs, or all with them, which takes a
// pass over the whole record. Both decide for the actor.
type Trails interface {
	Trail(ctx context.Context, actor authz.Actor, o authz.OrganisationID, most int) (history.Trail, error)
	ProvenTrail(ctx context.Context, actor authz.Actor, o authz.OrganisationID) (history.Trail, error)
}

// trailRoutes is the address of the record as an organisation sees it.
func trailRoutes() []Route {
	return []Route{
		ofHouse("trail", authz.SealKey, authz.View, "/protokoll", "/record", trail),
	}
}

// trailShown is how many lines the page shows; the download holds all.
const trailShown = 200

// trailView is the record of one organisation.
type trailView struct {
	houseView
	history.Trail
	Table ui.Table
}

// trail shows the record, or one of the two files that show that it is sound.
func trail(p *page) (err error) {
	var v trailView
	if v.houseView, err = p.keysHouse(authz.View); err != nil {
		return err
	}
	if p.first("file") == "proofs" {
		if v.Trail, err = p.site.Trails.ProvenTrail(p.req.Context(), p.actor, v.ID); err != nil {
			return err
		}
		return p.trailProofs(v)
	}
	if v.Trail, err = p.site.Trails.Trail(p.req.Context(), p.actor, v.ID, trailShown+1); err != nil {
		return err
	}
	if p.first("file") == "key" {
		return p.attach("text/plain; charset=utf-8", "audit-key.pub", []byte(v.Public))
	}
	v.Table = ui.Table{
		Caption: p.T("trail.title", nil), CaptionHidden: true,
		Columns:    []ui.Column{{Label: p.T("trail.when", nil)}, {Label: p.T("trail.what", nil)}, {Label: p.T("trail.who", nil)}, {Label: p.T("trail.line", nil), Numeric: true}, {Label: p.T("trail.proof", nil)}},
		EmptyTitle: p.T("trail.none", nil), EmptyText: p.T("trail.none_text", nil),
	}
	for _, x := range v.Lines[:min(len(v.Lines), trailShown)] {
		proof := p.T("trail.proven", nil)
		if x.Number >= v.Size {
			proof = p.T("trail.unsigned", nil)
		}
		what := p.changeText(x.Change) + " (" + x.Object[:min(len(x.Object), 12)] + ")"
		t := ui.Row{Cells: []ui.Cell{{Text: p.moment(x.At)}, {Text: what}, {Text: p.actorName(x.Change)}, {Text: strconv.Itoa(x.Number)}, {Text: proof}}}
		if strings.HasPrefix(x.Object, "h-") && p.can(authz.View, owned(authz.Handover, v.ID)) {
			t.Cells[1].Href = p.link("handover", string(v.ID), x.Object)
		}
		v.Table.Rows = append(v.Table.Rows, t)
	}
	return p.render(http.StatusOK, p.T("trail.title", nil), trailPage(p, v))
}

// trailProofs gives every proof as a line of JSON, for "gevor audit check-proofs".
func (p *page) trailProofs(v trailView) error {
	var out bytes.Buffer
	for _, x := range v.Lines {
		if x.Proof != nil {
			out.Write(x.Proof)
			out.WriteByte('\n')
		}
	}
	return p.attach("application/x-ndjson", "proofs.jsonl", out.Bytes())
}

// attach answers with a file to be saved.
func (p *page) attach(kind, name string, raw []byte) error {
	h := p.res.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	_, err := p.res.Write(raw)
	return err
}
