package street

import (
	"context"

	"gevor/contraction"
	"gevor/travel"
)

// Prepare contracts the graphs of some modes, so that Rows may answer long ranges by sweeps instead of searches;
// it changes no answer. Call it after Build and before the network is shared; Save keeps what it made. Cars
// profit always, walkers only beyond about two hours.
func (n *Network) Prepare(ctx context.Context, which []travel.Mode, o Options) error {
	for _, m := range which {
		if int(m) >= modes || n.layers[m].hierarchy != nil {
			continue
		}
		g := &n.layers[m].graph
		h, err := contraction.Contract(ctx, contraction.Graph{FirstOut: g.first, Head: g.head, Weight: g.weight}, contraction.Options{Workers: workersOf(o.Workers), Progress: o.Progress})
		if err != nil {
			return err
		}
		n.layers[m].hierarchy = h
	}
	return nil
}

// Prepared says whether a mode has a hierarchy.
func (n *Network) Prepared(mode travel.Mode) bool {
	return int(mode) < modes && n.layers[mode].hierarchy != nil
}
