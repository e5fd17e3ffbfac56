package powercut

import (
	"crypto/rand"
	"fmt"
	"strings"
	"time"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// handle is an open file.
type handle struct {
	disk  *Disk
	file  *file
	name  string
	level int32 // of its lock
	shm   *shm
	fresh bool // a log or journal whose folder is synced with its first sync, as SQLite's own file layer does
}

// sqliteFile is what SQLite keeps of a handle.
type sqliteFile struct {
	methods uintptr
	handle  uintptr
}

// at reads an address as a pointer. The memory is SQLite's, or Go's and kept alive by the disk.
func at(p uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&p)) }

func handleOf(file uintptr) *handle { return (*handle)(at((*sqliteFile)(at(file)).handle)) }

func set[T any](p uintptr, value T) { *(*T)(at(p)) = value }

// entry is the address by which translated C calls a Go function.
func entry[F any](f F) uintptr { return *(*uintptr)(unsafe.Pointer(&f)) }

// Mount makes the disk known to SQLite under a name for "file:x.db?vfs=NAME". Unmount it once all databases on it are
// closed.
func (d *Disk) Mount() (name string, unmount func() error, err error) {
	tls := libc.NewTLS()
	name = "powercut-" + strings.ToLower(rand.Text())
	cname, err := libc.CString(name)
	if err != nil {
		return "", nil, err
	}
	methods := libc.Xcalloc(tls, 1, libc.Tsize_t(unsafe.Sizeof(sqlite3.Tsqlite3_io_methods{})))
	vfs := libc.Xcalloc(tls, 1, libc.Tsize_t(unsafe.Sizeof(sqlite3.Tsqlite3_vfs{})+unsafe.Sizeof(uintptr(0))))
	set(methods, sqlite3.Tsqlite3_io_methods{
		FiVersion: 2, FxClose: entry(xClose), FxRead: entry(xRead), FxWrite: entry(xWrite), FxTruncate: entry(xTruncate), FxSync: entry(xSync),
		FxFileSize: entry(xFileSize), FxLock: entry(xLock), FxUnlock: entry(xUnlock), FxCheckReservedLock: entry(xCheckReservedLock),
		FxFileControl: entry(xFileControl), FxSectorSize: entry(xSectorSize), FxDeviceCharacteristics: entry(xDeviceCharacteristics),
		FxShmMap: entry(xShmMap), FxShmLock: entry(xShmLock), FxShmBarrier: entry(xShmBarrier), FxShmUnmap: entry(xShmUnmap),
	})
	set(vfs, sqlite3.Tsqlite3_vfs{
		FiVersion: 1, FszOsFile: int32(unsafe.Sizeof(sqliteFile{})), FmxPathname: 512, FzName: cname, FpAppData: uintptr(unsafe.Pointer(d)),
		FxOpen: entry(xOpen), FxDelete: entry(xDelete), FxAccess: entry(xAccess), FxFullPathname: entry(xFullPathname),
		FxRandomness: entry(xRandomness), FxSleep: entry(xSleep), FxCurrentTime: entry(xCurrentTime), FxGetLastError: entry(xGetLastError),
	})
	set(vfs+unsafe.Sizeof(sqlite3.Tsqlite3_vfs{}), methods) // behind the struct, where xOpen finds it
	if rc := sqlite3.Xsqlite3_vfs_register(tls, vfs, 0); rc != sqlite3.SQLITE_OK {
		return "", nil, fmt.Errorf("register %s: %d", name, rc)
	}
	return name, func() error {
		rc := sqlite3.Xsqlite3_vfs_unregister(tls, vfs)
		for _, p := range []uintptr{cname, methods, vfs} {
			libc.Xfree(tls, p)
		}
		tls.Close()
		d.mu.Lock() // also keeps d alive until here
		defer d.mu.Unlock()
		if rc != sqlite3.SQLITE_OK || len(d.opened) > 0 {
			return fmt.Errorf("unregister %s: %d, %d files open", name, rc, len(d.opened))
		}
		return nil
	}, nil
}

func diskOf(vfs uintptr) *Disk { return (*Disk)(at((*sqlite3.Tsqlite3_vfs)(at(vfs)).FpAppData)) }

func xOpen(_ *libc.TLS, vfs, zName, pFile uintptr, flags int32, pOutFlags uintptr) int32 {
	d := diskOf(vfs)
	h := &handle{disk: d}
	d.mu.Lock()
	defer d.mu.Unlock()
	set(pFile, sqliteFile{})
	if zName == 0 { // a temporary file belongs to nobody else and need not be kept
		h.file = &file{}
	} else {
		h.name = libc.GoString(zName)
		f, there := d.files[h.name]
		if !there {
			if flags&sqlite3.SQLITE_OPEN_CREATE == 0 || d.dead {
				return sqlite3.SQLITE_CANTOPEN
			}
			f = &file{}
			d.files[h.name] = f
		}
		h.file = f
		h.fresh = flags&sqlite3.SQLITE_OPEN_CREATE != 0 && flags&(sqlite3.SQLITE_OPEN_WAL|sqlite3.SQLITE_OPEN_MAIN_JOURNAL) != 0
	}
	d.opened[h] = struct{}{}
	methods := *(*uintptr)(at(vfs + unsafe.Sizeof(sqlite3.Tsqlite3_vfs{})))
	set(pFile, sqliteFile{methods, uintptr(unsafe.Pointer(h))})
	if pOutFlags != 0 {
		set(pOutFlags, flags)
	}
	return sqlite3.SQLITE_OK
}

func xDelete(_ *libc.TLS, vfs, zName uintptr, syncFolder int32) int32 {
	diskOf(vfs).remove(libc.GoString(zName), syncFolder != 0)
	return sqlite3.SQLITE_OK
}

func xAccess(_ *libc.TLS, vfs, zName uintptr, _ int32, pOut uintptr) int32 {
	d := diskOf(vfs)
	d.mu.Lock()
	defer d.mu.Unlock()
	f, there := d.files[libc.GoString(zName)]
	set(pOut, libc.Bool32(there && len(f.seen) > 0))
	return sqlite3.SQLITE_OK
}

func xFullPathname(_ *libc.TLS, _, zName uintptr, nOut int32, zOut uintptr) int32 {
	name := libc.GoString(zName) + "\x00"
	if int32(len(name)) > nOut {
		return sqlite3.SQLITE_CANTOPEN
	}
	copy(unsafe.Slice((*byte)(at(zOut)), nOut), name)
	return sqlite3.SQLITE_OK
}

func xRandomness(_ *libc.TLS, _ uintptr, n int32, zOut uintptr) int32 {
	_, _ = rand.Read(unsafe.Slice((*byte)(at(zOut)), n)) // never fails
	return n
}

func xSleep(_ *libc.TLS, _ uintptr, micros int32) int32 {
	time.Sleep(time.Duration(micros) * time.Microsecond) // how SQLite waits for a lock
	return micros
}

func xCurrentTime(_ *libc.TLS, _, pOut uintptr) int32 {
	set(pOut, 2440587.5+float64(time.Now().UnixMilli())/86_400_000) // Julian day
	return sqlite3.SQLITE_OK
}

func xGetLastError(*libc.TLS, uintptr, int32, uintptr) int32 { return 0 }

func xClose(tls *libc.TLS, pFile uintptr) int32 {
	h := handleOf(pFile)
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	h.unmap(tls)
	h.file.locks.unlock(h, sqlite3.SQLITE_LOCK_NONE)
	delete(h.disk.opened, h)
	set(pFile, sqliteFile{})
	return sqlite3.SQLITE_OK
}

func xRead(_ *libc.TLS, pFile, zBuf uintptr, n int32, from int64) int32 {
	h := handleOf(pFile)
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	if h.disk.dead {
		return sqlite3.SQLITE_IOERR_READ
	}
	out := unsafe.Slice((*byte)(at(zBuf)), n)
	got := 0
	if from < int64(len(h.file.seen)) {
		got = copy(out, h.file.seen[from:])
	}
	clear(out[got:])
	if got < len(out) {
		return sqlite3.SQLITE_IOERR_SHORT_READ
	}
	return sqlite3.SQLITE_OK
}

func xWrite(_ *libc.TLS, pFile, zBuf uintptr, n int32, to int64) int32 {
	h := handleOf(pFile)
	switch h.disk.write(h.file, to, unsafe.Slice((*byte)(at(zBuf)), n)) {
	case full:
		return sqlite3.SQLITE_FULL
	case broken:
		return sqlite3.SQLITE_IOERR_WRITE
	case fine:
	}
	return sqlite3.SQLITE_OK
}

func xTruncate(_ *libc.TLS, pFile uintptr, to int64) int32 {
	h := handleOf(pFile)
	if h.disk.truncate(h.file, to) != fine {
		return sqlite3.SQLITE_IOERR_TRUNCATE
	}
	return sqlite3.SQLITE_OK
}

func xSync(_ *libc.TLS, pFile uintptr, _ int32) int32 {
	h := handleOf(pFile)
	if h.disk.sync(h.file, h.fresh) != fine {
		return sqlite3.SQLITE_IOERR_FSYNC
	}
	h.fresh = false
	return sqlite3.SQLITE_OK
}

func xFileSize(_ *libc.TLS, pFile, pOut uintptr) int32 {
	h := handleOf(pFile)
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	set(pOut, int64(len(h.file.seen)))
	return sqlite3.SQLITE_OK
}

func xLock(_ *libc.TLS, pFile uintptr, level int32) int32 {
	h := handleOf(pFile)
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	return h.file.locks.lock(h, level)
}

func xUnlock(_ *libc.TLS, pFile uintptr, level int32) int32 {
	h := handleOf(pFile)
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	h.file.locks.unlock(h, level)
	return sqlite3.SQLITE_OK
}

func xCheckReservedLock(_ *libc.TLS, pFile, pOut uintptr) int32 {
	h := handleOf(pFile)
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	set(pOut, libc.Bool32(h.file.locks.reserved != nil))
	return sqlite3.SQLITE_OK
}

func xFileControl(*libc.TLS, uintptr, int32, uintptr) int32 { return sqlite3.SQLITE_NOTFOUND }

// SQLite's own file layer says the same of a Linux file.
func xSectorSize(*libc.TLS, uintptr) int32 { return 4096 }

func xDeviceCharacteristics(*libc.TLS, uintptr) int32 {
	return sqlite3.SQLITE_IOCAP_POWERSAFE_OVERWRITE
}

func xShmMap(tls *libc.TLS, pFile uintptr, region, size, extend int32, pOut uintptr) int32 {
	h := handleOf(pFile)
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	if h.shm == nil {
		s, there := h.disk.shared[h.name]
		if !there {
			s = &shm{users: map[*handle]struct{}{}}
			h.disk.shared[h.name] = s
		}
		s.users[h], h.shm = struct{}{}, s
	}
	for extend != 0 && int(region) >= len(h.shm.regions) {
		p := libc.Xcalloc(tls, 1, libc.Tsize_t(size))
		if p == 0 {
			return sqlite3.SQLITE_NOMEM
		}
		h.shm.regions = append(h.shm.regions, p)
	}
	var p uintptr
	if int(region) < len(h.shm.regions) {
		p = h.shm.regions[region]
	}
	set(pOut, p)
	return sqlite3.SQLITE_OK
}

func xShmLock(_ *libc.TLS, pFile uintptr, from, n, flags int32) int32 {
	h := handleOf(pFile)
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	if h.shm == nil {
		return sqlite3.SQLITE_IOERR_SHMLOCK
	}
	return h.shm.lock(h, from, n, flags)
}

func xShmBarrier(_ *libc.TLS, pFile uintptr) {
	h := handleOf(pFile)
	h.disk.mu.Lock() // orders memory for everybody who takes it
	defer h.disk.mu.Unlock()
}

func xShmUnmap(tls *libc.TLS, pFile uintptr, _ int32) int32 {
	h := handleOf(pFile)
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	h.unmap(tls)
	return sqlite3.SQLITE_OK
}

func (h *handle) unmap(tls *libc.TLS) {
	if h.shm != nil && h.shm.leave(tls, h) {
		delete(h.disk.shared, h.name)
	}
	h.shm = nil
}
