//go:build unix

package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"gevor/authz"
	"gevor/fault"
	"gevor/handover"
	"gevor/internal/shares"
	"gevor/internal/store"
)

// handPlan is what a child needs to act for two organisations.
type handPlan struct {
	DSN, Shares  string
	East, West   authz.OrganisationID
	Nora, Rudi   authz.Actor
	Hands        []handover.ID
	Seed         uint64
	Careless     bool // the control: every attempt comes under a new key and with whatever version stands there
	Each         int  // commands of each client
	Clients      int
	FirstAttempt int // of this round; attempts of earlier rounds are repeated under the same keys
}

// handCall is one attempt of a client, handTold what came back.
type handCall struct {
	Client, Hand int
	Read         bool
	Command      handover.Command
}

type handTold struct {
	Client  int
	Kind    string // "ok", or the kind of the fault
	Version int
	Status  handover.Status
}

// verbsOf gives what a client wants in its i-th command: the same at every repetition.
func verbOf(client, i int) handover.Command {
	r := rand.New(rand.NewPCG(uint64(client), uint64(i)))
	c := handover.Command{Key: fmt.Sprintf("%d-%d", client, i), By: handover.Receiver}
	if client >= 5 {
		c.By = handover.Sender
		c.Verb, c.Reason = handover.AskCancel, handover.PersonAsked
		if r.IntN(6) == 0 {
			c.Verb = handover.Cancel
		}
		return c
	}
	all := []handover.Verb{handover.Accept, handover.Start, handover.Tell, handover.Tell, handover.Wait, handover.Resume, handover.RefuseCancel, handover.Complete, handover.Accept, handover.Start}
	c.Verb = all[r.IntN(len(all))]
	switch c.Verb {
	case handover.Tell:
		c.Sub = handover.Subs()[r.IntN(len(handover.Subs()))]
	case handover.Complete:
		c.Outcome = handover.Helped
	default:
	}
	return c
}

// handChild lets clients act at once until they are done, or the process is killed. Each line of output is "call" or
// "told" with JSON; calls are written before they begin, answers after they came.
func handChild(ctx context.Context, path string) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var p handPlan
	if err := json.Unmarshal(raw, &p); err != nil {
		return err
	}
	s, err := store.Open(ctx, p.DSN, store.WithShares(shares.In(p.Shares)))
	if err != nil {
		return err
	}
	var mu sync.Mutex
	say := func(what string, x any) {
		text, err := json.Marshal(x)
		if err != nil {
			panic(err)
		}
		mu.Lock()
		defer mu.Unlock()
		fmt.Println(what, string(text))
	}
	var group sync.WaitGroup
	failures := make([]error, p.Clients)
	for client := range p.Clients {
		group.Go(func() { failures[client] = p.client(ctx, s, client, say) })
	}
	group.Wait()
	return errors.Join(append(failures, s.Close())...)
}

func (p handPlan) client(ctx context.Context, s *store.Store, client int, say func(string, any)) error {
	rng := rand.New(rand.NewPCG(p.Seed, uint64(client)))
	who, house := p.Rudi, p.West
	if verbOf(client, 0).By == handover.Sender {
		who, house = p.Nora, p.East
	}
	told := func(h handover.Handover, err error) {
		out := handTold{Client: client, Kind: "ok", Version: h.Version, Status: h.Status}
		if err != nil {
			out = handTold{Client: client, Kind: fmt.Sprint(fault.KindOf(err))}
		}
		say("told", out)
	}
	for i := p.FirstAttempt; i < p.FirstAttempt+p.Each; i++ {
		c, hand := verbOf(client, i), i%len(p.Hands)
		id := p.Hands[hand]
		say("call", handCall{Client: client, Hand: hand, Read: true})
		f, err := s.Handover(ctx, who, house, id)
		told(f.Handover, err)
		if err != nil {
			return err
		}
		c.Version = f.Version
		for range 1 + rng.IntN(3) { // the same click again
			say("call", handCall{Client: client, Hand: hand, Command: c})
			sent := c
			if p.Careless {
				now, err := s.Handover(ctx, who, house, id)
				if err != nil {
					return err
				}
				sent.Key, sent.Version = fmt.Sprintf("%s %d", c.Key, rng.Uint64()), now.Version
			}
			told(s.CommandHandover(ctx, who, day, house, id, sent))
		}
	}
	return nil
}

// modelHand is what a handover ought to be: the pure state machine, and which commands have acted.
type modelHand struct {
	handover.Handover
	acted string // keys in order
}

func handModel() porcupine.Model {
	return porcupine.Model{
		Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
			parts := map[int][]porcupine.Operation{}
			for _, o := range history {
				n := o.Input.(handCall).Hand
				parts[n] = append(parts[n], o)
			}
			var out [][]porcupine.Operation
			for _, x := range parts {
				out = append(out, x)
			}
			return out
		},
		Init: func() any {
			return modelHand{Handover: handover.Handover{Status: handover.Requested, Version: 2, Level: handover.StatusAndText, Requested: day, Lapses: 10}}
		},
		Step: func(state, input, output any) (bool, any) {
			m, in, out := state.(modelHand), input.(handCall), output.(handTold)
			want, next := handTold{Kind: "ok"}, m
			key := " " + string(in.Command.By) + " " + in.Command.Key + ";"
			if !in.Read && !strings.Contains(m.acted, key) {
				h, err := m.Apply(in.Command, day)
				if err != nil {
					want.Kind = fmt.Sprint(fault.KindOf(err))
				} else {
					next = modelHand{h, m.acted + key}
				}
			}
			if out.Kind == "?" { // nobody lived to hear the answer
				return true, next
			}
			if want.Kind == "ok" {
				want.Version, want.Status = next.Version, next.Status
			}
			want.Client = out.Client
			return out == want, next
		},
	}
}

// childHeard runs a child, kills it after some answers (0: never), and adds what was called and told to the history.
func childHeard(t *testing.T, plan handPlan, after int, clock *int64, history []porcupine.Operation) []porcupine.Operation {
	t.Helper()
	at := filepath.Join(t.TempDir(), "plan.json")
	raw := must[[]byte](t)(json.Marshal(plan))
	if err := os.WriteFile(at, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd, out := start(t, "hand 0 "+at)
	open := map[int]int{} // client → place in the history
	answers := 0
	for out.Scan() {
		what, text, _ := strings.Cut(out.Text(), " ")
		*clock++
		switch what {
		case "call":
			var c handCall
			if err := json.Unmarshal([]byte(text), &c); err != nil {
				t.Fatal(err)
			}
			open[c.Client] = len(history)
			history = append(history, porcupine.Operation{ClientId: c.Client, Input: c, Call: *clock})
		case "told":
			var o handTold
			if err := json.Unmarshal([]byte(text), &o); err != nil {
				t.Fatal(err)
			}
			i := open[o.Client]
			history[i].Output, history[i].Return = o, *clock
			delete(open, o.Client)
			if answers++; answers == after {
				_ = cmd.Process.Kill()
			}
		}
	}
	if err := cmd.Wait(); (err == nil) != (after == 0) {
		t.Fatalf("the child ended with %v", err)
	}
	for client, i := range open {
		history[i].Output, history[i].Return = handTold{Client: client, Kind: "?"}, int64(1)<<60
	}
	return history
}

// TestHistoriesAreLinearizable lets eight clients in a process of their own act on the same handovers, repeats their
// clicks, kills the process again and again, and repeats after each kill what came before it under the same keys. What
// they heard must be what one after the other would have heard, where every key acts once. The control sends every
// attempt under a new key and with the version that stands there: the checker must notice.
func TestHistoriesAreLinearizable(t *testing.T) {
	for _, careless := range []bool{false, true} {
		t.Run(fmt.Sprintf("careless=%v", careless), func(t *testing.T) {
			dir := t.TempDir()
			plan := handPlan{DSN: filepath.Join(dir, "state.db"), Shares: filepath.Join(dir, "shares"), Seed: rand.Uint64(), Careless: careless, Each: 12, Clients: 8}
			w := newSealing(t, plan.DSN, shares.In(plan.Shares))
			w.bothKeys()
			plan.East, plan.West, plan.Nora, plan.Rudi = w.east, w.west, w.nora, w.rudi
			for range 4 {
				n := w.draft(handover.StatusAndText)
				w.sent(n)
				plan.Hands = append(plan.Hands, n.ID)
			}
			var clock int64
			var history []porcupine.Operation
			rng := rand.New(rand.NewPCG(plan.Seed, 7))
			const kills = 6
			for round := range kills {
				plan.Seed++
				plan.FirstAttempt = round * 4 // a third of each round is new
				history = childHeard(t, plan, 20+rng.IntN(60), &clock, history)
			}
			plan.FirstAttempt = kills * 4
			history = childHeard(t, plan, 0, &clock, history)
			unknown := 0
			for _, o := range history {
				switch kind := o.Output.(handTold).Kind; kind {
				case "?":
					unknown++
				case fmt.Sprint(fault.Internal), fmt.Sprint(fault.Busy):
					t.Errorf("%+v: %s", o.Input, kind)
				}
			}
			got := porcupine.CheckOperationsTimeout(handModel(), history, 2*time.Minute)
			if want := map[bool]porcupine.CheckResult{false: porcupine.Ok, true: porcupine.Illegal}[careless]; got != want {
				t.Errorf("the history of %d calls is %s (seed %d)", len(history), got, plan.Seed)
			}
			for _, id := range plan.Hands {
				f := must[handover.File](t)(w.Handover(t.Context(), w.rudi, w.west, id))
				if f.Version != len(f.Events)+1 {
					t.Errorf("version %d after %d steps", f.Version, len(f.Events))
				}
				if !slices.IsSortedFunc(f.Events, func(a, b handover.Event) int { return a.At.Compare(b.At) }) {
					t.Error("steps are out of order")
				}
			}
			t.Logf("figure: %d calls of %d clients on %d handovers, %d kills, %d without an answer: %s", len(history), plan.Clients, len(plan.Hands), kills, unknown, got)
		})
	}
}
