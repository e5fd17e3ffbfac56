package web

import "gevor/fault"

// demoSeat takes a seat of a demo region. Outside of one there is no such page.
func demoSeat(p *page) error {
	sent, err := p.form()
	if err != nil {
		return err
	}
	err = p.site.SignIn.BySeat(p.req, p.req.PathValue("role"))
	if fault.KindOf(err) == fault.Denied {
		err = p.absent()
	}
	if err != nil {
		return err
	}
	return p.onward(sent.Get("next"))
}
