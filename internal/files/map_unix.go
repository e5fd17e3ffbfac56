//go:build unix

package files

import (
	"errors"
	"os"
	"syscall"

	"gevor/fault"
)

// Map gives the bytes of a file without reading them: the system brings in the pages that are touched and may drop
// them again, so a network larger than memory can be used. The bytes must not be changed, and not be used after
// release. They are aligned to a page.
func Map(path string) (raw []byte, release func() error, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fault.Wrap(fault.NotFound, path, "cannot be opened", "run gevor analyse again", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	st, err := f.Stat()
	if err != nil {
		return nil, nil, fault.Wrap(fault.Corrupt, path, "cannot be read", "run gevor analyse again", err)
	}
	size := st.Size()
	if size == 0 {
		return nil, func() error { return nil }, nil // an empty mapping is refused by the system
	}
	if int64(int(size)) != size {
		return nil, nil, fault.New(fault.TooLarge, path, "is larger than this machine can address", "use a 64-bit machine")
	}
	raw, err = syscall.Mmap(int(f.Fd()), 0, int(size), syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil, nil, fault.Wrap(fault.Internal, path, "cannot be mapped into memory", "raise the limit on address space", err)
	}
	return raw, func() error { return syscall.Munmap(raw) }, nil
}
