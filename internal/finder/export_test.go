package finder

// HoldStill makes a finder that has been started whose background never comes to its turn: an index stays as it is until
// the test ends. The function says whether a change was noticed and the background woken.
func HoldStill(f *Finder) (woken func() bool) {
	wake := make(chan struct{}, 1)
	f.wake = wake
	return func() bool { return len(wake) == 1 }
}
