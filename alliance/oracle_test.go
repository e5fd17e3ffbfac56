package alliance_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"gevor/alliance"
)

var today = time.Date(2026, 5, 12, 8, 30, 0, 0, time.UTC)

// expected is a second reading of the course of a dossier, written from the words of the field and not from the table:
// seen → examined → contradicted | accepted → assigned → planned → at work → reviewed → closed | reopened; "no action"
// is an end of its own from wherever somebody has looked and nothing runs yet, or after a review.
const expected = `
seen examine examined
reopened examine examined
examined contradict contradicted
examined accept accepted
accepted assign assigned
assigned plan planned
planned begin at-work
at-work review reviewed
reviewed close closed
reviewed reopen reopened
closed reopen reopened
contradicted reopen reopened
no-action reopen reopened
examined leave-be no-action
accepted leave-be no-action
assigned leave-be no-action
planned leave-be no-action
reviewed leave-be no-action
`

// alone are the steps that the keeper of a dossier takes without a body, in a second reading: to look, to contradict,
// to begin what was planned and to look back is work; everything else commits the alliance.
const alone = " examine contradict begin review "

// decided is a decision about a dossier as it stands.
func decided(d alliance.Dossier) alliance.Decision {
	return alliance.Decision{ID: "b1", Dossier: d.ID, DossierVersion: d.Version, Outcome: alliance.Taken, On: today}
}

func TestEveryStep(t *testing.T) {
	want := map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(expected), "\n") {
		w := strings.Fields(line)
		want[w[0]+" "+w[1]] = w[2]
	}
	tried, happened := 0, 0
	for _, state := range alliance.States() {
		for _, step := range alliance.Steps() {
			d := alliance.Dossier{ID: "d", State: state, Version: 3}
			got, entry, err := d.Step(alliance.Move{Step: step, Decision: decided(d), Reason: "N.N.", Body: "g", Version: 3, Measures: 1}, today)
			tried++
			to, allowed := want[string(state)+" "+string(step)]
			switch {
			case allowed != (err == nil):
				t.Errorf("%s while %s: %v", step, state, err)
			case err == nil:
				happened++
				if string(got.State) != to || got.Version != 4 || entry.Decision != "b1" || entry.From != state || entry.To != got.State {
					t.Errorf("%s while %s: %+v, %+v", step, state, got, entry)
				}
			}
			_, _, err = d.Step(alliance.Move{Step: step, Reason: "N.N.", Body: "g", Version: 3, Measures: 1}, today)
			if want := allowed && strings.Contains(alone, " "+string(step)+" "); want != (err == nil) {
				t.Errorf("%s while %s without a decision: %v", step, state, err)
			}
			if can := fmt.Sprint(d.Can()); strings.Contains(" "+strings.Trim(can, "[]")+" ", " "+string(step)+" ") != allowed {
				t.Errorf("while %s it can %s", state, can)
			}
		}
	}
	if happened != len(want) {
		t.Errorf("%d of %d steps happened", happened, len(want))
	}
	t.Logf("figure: %d pairs of state and step, %d allowed", tried, happened)
}
