package powercut

import (
	"maps"
	"slices"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

func sortedNames(m map[string]*file) []string { return slices.Sorted(maps.Keys(m)) }

// locks are those of one database file, by the rules of https://sqlite.org/lockingv3.html.
type locks struct {
	readers map[*handle]struct{}
	// At most one handle each; a writer goes through them in this order.
	reserved, pending, exclusive *handle
}

func others(holder, self *handle) bool { return holder != nil && holder != self }

func (l *locks) lock(h *handle, level int32) int32 {
	switch {
	case level <= h.level:
		return sqlite3.SQLITE_OK
	case level == sqlite3.SQLITE_LOCK_SHARED:
		if others(l.pending, h) || others(l.exclusive, h) {
			return sqlite3.SQLITE_BUSY
		}
		if l.readers == nil {
			l.readers = map[*handle]struct{}{}
		}
		l.readers[h] = struct{}{}
	case level == sqlite3.SQLITE_LOCK_RESERVED:
		if others(l.reserved, h) || others(l.exclusive, h) {
			return sqlite3.SQLITE_BUSY
		}
		l.reserved = h
	default:
		if others(l.reserved, h) || others(l.pending, h) || others(l.exclusive, h) {
			return sqlite3.SQLITE_BUSY
		}
		l.pending = h
		if len(l.readers) > 1 {
			h.level = sqlite3.SQLITE_LOCK_PENDING
			return sqlite3.SQLITE_BUSY
		}
		l.exclusive = h
	}
	h.level = level
	return sqlite3.SQLITE_OK
}

func (l *locks) unlock(h *handle, level int32) {
	for _, p := range []**handle{&l.reserved, &l.pending, &l.exclusive} {
		if *p == h {
			*p = nil
		}
	}
	if level == sqlite3.SQLITE_LOCK_NONE {
		delete(l.readers, h)
	}
	h.level = min(h.level, level)
}

// shm is the memory that all users of one database share: the index of its log. It does not outlive the power.
type shm struct {
	regions []uintptr // SQLite's memory
	users   map[*handle]struct{}
	slots   [sqlite3.SQLITE_SHM_NLOCK]slot
}

// slot is one lock: held by many or by one.
type slot struct {
	shared    map[*handle]struct{}
	exclusive *handle
}

func (s *shm) lock(h *handle, from, n, flags int32) int32 {
	slots := s.slots[from : from+n]
	switch {
	case flags&sqlite3.SQLITE_SHM_UNLOCK != 0:
		for i := range slots {
			if flags&sqlite3.SQLITE_SHM_SHARED != 0 {
				delete(slots[i].shared, h)
			} else if slots[i].exclusive == h {
				slots[i].exclusive = nil
			}
		}
	case flags&sqlite3.SQLITE_SHM_SHARED != 0:
		for i := range slots {
			if others(slots[i].exclusive, h) {
				return sqlite3.SQLITE_BUSY
			}
		}
		for i := range slots {
			if slots[i].shared == nil {
				slots[i].shared = map[*handle]struct{}{}
			}
			slots[i].shared[h] = struct{}{}
		}
	default:
		for i := range slots {
			_, own := slots[i].shared[h]
			if others(slots[i].exclusive, h) || len(slots[i].shared) > 1 || len(slots[i].shared) == 1 && !own {
				return sqlite3.SQLITE_BUSY
			}
		}
		for i := range slots {
			slots[i].exclusive = h
		}
	}
	return sqlite3.SQLITE_OK
}

// leave ends a handle's use; the last one frees the memory.
func (s *shm) leave(tls *libc.TLS, h *handle) (last bool) {
	delete(s.users, h)
	for i := range s.slots {
		delete(s.slots[i].shared, h)
		if s.slots[i].exclusive == h {
			s.slots[i].exclusive = nil
		}
	}
	if len(s.users) > 0 {
		return false
	}
	for _, p := range s.regions {
		libc.Xfree(tls, p)
	}
	s.regions = nil
	return true
}
