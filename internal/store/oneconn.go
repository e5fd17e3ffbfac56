package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"strconv"
)

// innerConn is what both drivers' connections can do.
type innerConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
}

// single makes a pool of one connection that is inside a transaction already: what its user takes for transactions
// are savepoints, so that everything together is kept or dropped by whoever began the outer one.
type single struct{ conn innerConn }

// Connect gives the connection.
func (s single) Connect(context.Context) (driver.Conn, error) { return &nested{innerConn: s.conn}, nil }

// Driver is asked for by nobody.
func (s single) Driver() driver.Driver { return nowhere{} }

type nowhere struct{}

// Open is asked for by nobody.
func (nowhere) Open(string) (driver.Conn, error) {
	return nil, errors.New("this pool has one connection only")
}

// nested is the connection within the outer transaction. Closing it leaves the connection open.
type nested struct {
	innerConn
	depth int
}

// Close leaves the connection to whoever began the outer transaction.
func (n *nested) Close() error { return nil }

// CheckNamedValue passes on the driver's own idea of values, where it has one.
func (n *nested) CheckNamedValue(v *driver.NamedValue) error {
	if c, ok := n.innerConn.(driver.NamedValueChecker); ok {
		return c.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

// Begin sets a savepoint.
func (n *nested) Begin() (driver.Tx, error) {
	return n.BeginTx(context.Background(), driver.TxOptions{})
}

// BeginTx sets a savepoint; the outer transaction has settled all else.
func (n *nested) BeginTx(ctx context.Context, _ driver.TxOptions) (driver.Tx, error) {
	n.depth++
	p := &savepoint{n, "step_" + strconv.Itoa(n.depth)}
	return p, p.say(ctx, "SAVEPOINT ")
}

type savepoint struct {
	conn *nested
	name string
}

func (p *savepoint) say(ctx context.Context, what string) error {
	_, err := p.conn.ExecContext(ctx, what+p.name, nil)
	return err
}

// Commit lets the savepoint go; the outer transaction decides what becomes of it.
func (p *savepoint) Commit() error { return p.say(context.Background(), "RELEASE SAVEPOINT ") }

// Rollback undoes what was done since the savepoint.
func (p *savepoint) Rollback() error {
	return p.say(context.Background(), "ROLLBACK TO SAVEPOINT ")
}
