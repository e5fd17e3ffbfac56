package store

import (
	"sync"

	"gevor/outbox"
)

// bell wakes the deliverers of this process when something is told. Those of other processes find it by polling.
type bell struct {
	mu   sync.Mutex
	next map[outbox.Topic]chan struct{}
}

func newBell() *bell { return &bell{next: map[outbox.Topic]chan struct{}{}} }

// Told is closed when the next message of the topic is told through this store.
func (s *Store) Told(topic outbox.Topic) <-chan struct{} {
	s.bell.mu.Lock()
	defer s.bell.mu.Unlock()
	c := s.bell.next[topic]
	if c == nil {
		c = make(chan struct{})
		s.bell.next[topic] = c
	}
	return c
}

func (b *bell) ring(topics map[outbox.Topic]bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for t := range topics {
		if c := b.next[t]; c != nil {
			close(c)
			delete(b.next, t)
		}
	}
}
