//go:build !unix

package files

import (
	"errors"
	"io"
	"os"
	"unsafe"

	"gevor/fault"
)

// Map gives the bytes of a file, read into memory aligned to 8 bytes where the system has no mapping we use.
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
	words := make([]uint64, st.Size()/8+1)
	raw = unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(words))), st.Size())
	if _, err := io.ReadFull(f, raw); err != nil {
		return nil, nil, fault.Wrap(fault.Corrupt, path, "cannot be read", "run gevor analyse again", err)
	}
	return raw, func() error { return nil }, nil
}
