package signin_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"gevor/account"
	"gevor/authz"
	"gevor/fault"
	"gevor/internal/signin"
)

// tries lets somebody guess from addresses for some time, as fast as the brake lets them, and gives how many guesses were
// looked at. account names the account of the n-th guess.
func tries(w *town, minutes int, account func(n int) string, addresses ...string) (looked int) {
	begin := w.now()
	for end := w.now().Add(time.Duration(minutes) * time.Minute); w.now().Before(end); w.move(time.Second) {
		for _, a := range addresses {
			for range 3 { // three at once, each second
				err := w.browser(a).password(person{email: account(looked)}, "Sommer2026Sommer", "000000")
				if fault.KindOf(err) == fault.Denied {
					looked++
				}
			}
		}
	}
	w.move(begin.Sub(w.now()))
	return looked
}

func TestGuessingIsSlowed(t *testing.T) {
	w := newTown(t).founded()
	anna := w.joins("anna", authz.OrganisationAdmin)
	one := tries(w, 10, func(int) string { return anna.email }, "198.51.100.1")
	spray := tries(w.fresh(), 10, func(n int) string { return fmt.Sprint("p", n, "@ost.example") }, "198.51.100.1")
	var many []string
	for i := range 20 {
		many = append(many, fmt.Sprint("198.51.100.", 100+i))
	}
	spread := tries(w.fresh(), 10, func(int) string { return anna.email }, many...)
	const free = 10 * 60 * 3 // without a brake
	t.Logf("figure: guesses looked at in 10 minutes, of %d tried from one address: %d at one account, %d at an account each; from 20 addresses at one account %d of %d", free, one, spray, spread, 20*free)
	if one > 15 || spray > 70 || spread > 20*12 {
		t.Errorf("guesses in ten minutes: %d at one account, %d at many, %d from 20 addresses", one, spray, spread)
	}
}

// fresh is the same town with servers that remember nothing.
func (w *town) fresh() *town {
	w.doors = w.server()
	return w
}

func TestNobodyLocksSomebodyElseOut(t *testing.T) {
	w := newTown(t).founded()
	anna := w.joins("anna", authz.OrganisationAdmin)
	var many []string
	for i := range 30 {
		many = append(many, fmt.Sprint("198.51.100.", 100+i))
	}
	begin := w.now()
	for n := range 40 { // a whole botnet at one account
		for _, a := range many {
			err := w.browser(a).password(anna, "Sommer2026Sommer", "000000")
			if err == nil {
				t.Fatal("guessed")
			}
		}
		w.move(time.Duration(n) * time.Second)
	}
	ok(t, w.browser("192.0.2.1").password(anna, password, w.code(anna.secret)))
	// From behind the attacker's own address the wait is bounded, and a passkey is never made to wait.
	b := w.browser(many[0])
	w.move(16 * time.Minute)
	refused(t, "one more guess", b.password(anna, "Sommer2026Sommer", "000000"), fault.Denied)
	err := b.password(anna, password, w.code(anna.secret))
	var wait *account.Wait
	if !errors.As(err, &wait) || wait.Seconds < 1 || wait.Seconds > 15*60 {
		t.Errorf("from the attacker's address: %v", err)
	}
	w.move(16 * time.Minute)
	ok(t, b.password(anna, password, w.code(anna.secret)))
	// The clock goes back: waits do not become endless.
	refused(t, "a wrong password", b.password(anna, "vier Boote am Kai", "000000"), fault.Denied)
	w.move(begin.Sub(w.now()) - 24*time.Hour)
	if err := w.browser(many[1]).password(anna, "vier Boote am Kai", "000000"); fault.KindOf(err) != fault.Denied {
		t.Errorf("after the clock went back: %v", err)
	}
}

func TestATownHallBehindOneAddressKeepsWorking(t *testing.T) {
	w := newTown(t).founded()
	var staff []person
	for i := range 20 {
		staff = append(staff, w.joins(fmt.Sprint("kraft", i), authz.Editor))
	}
	for round := range 4 { // everybody mistypes once, then gets it right
		for _, p := range staff {
			b := w.browser("192.0.2.50")
			refused(t, "a slip", b.password(p, "vier Boote am Kai", "000000"), fault.Denied)
			w.move(30 * time.Second)
			if err := b.password(p, password, w.code(p.secret)); err != nil {
				t.Fatalf("round %d: %v", round, err)
			}
		}
	}
}

func TestDefaultsAreWhatTheDecisionSays(t *testing.T) {
	if h := signin.DefaultHashing(); h.MemoryKiB != 65536 || h.Passes != 3 || h.Lanes != 1 || h.AtOnce != 4 {
		t.Errorf("%+v", h)
	}
}
