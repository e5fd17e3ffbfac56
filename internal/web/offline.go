package web

import (
	"encoding/json"
	"net/http"

	"gevor/fault"
)

// offline.go holds what residents' pages need to work without internet after the first visit. The worker
// (assets/src/islands/worker.js) keeps the looks, the numbers for an emergency, and the sheet that somebody chose to keep.
// What was searched for and found it never keeps.

// workerPath is where the worker lies: at the root, so that it answers for every language.
const workerPath = "/worker.js"

// worker is the script of the worker, with the version of the front end it belongs to. It changes with every build, which
// is how browsers learn of a new one.
func worker(p *page) error {
	script, ok := p.site.assets.Text("worker.js")
	if !ok {
		return fault.New(fault.NotFound, p.req.URL.Path, "there is no such file", "")
	}
	about, err := json.Marshal(map[string]any{
		"build": p.site.assets.Build(),
		"files": []string{p.site.assets.Path("site.css"), p.site.assets.Path("finder.js"), p.site.assets.Path("mark.svg")},
	})
	if err != nil {
		return err
	}
	h := p.res.Header()
	h.Set("Content-Type", "text/javascript; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
	_, err = p.res.Write([]byte("self.gevor=" + string(about) + ";\n" + script))
	return err
}

// offline is the page that stands in for every other one without internet.
func offline(p *page) error {
	p.unkept()
	return p.render(http.StatusOK, p.T("offline.title", nil), offlinePage(p))
}
