package cluster

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"gevor/fault"
)

// Options say how a link behaves.
type Options struct {
	Token    string
	Replicas int           // copies that a cluster keeps of queue and answers; 0 keeps one
	Patience time.Duration // how long a cluster may be away before a call gives up; 0 means DefaultPatience
	Lease    time.Duration // how long a worker may be silent before its shard goes to another; 0 means DefaultLease
	Keep     time.Duration // how long answers stay for a run that was interrupted; 0 means DefaultKeep
}

// What options mean where they are zero.
const (
	DefaultPatience = 5 * time.Minute
	DefaultLease    = 30 * time.Second
	DefaultKeep     = 48 * time.Hour
)

const (
	queueStream   = "gevor-work"
	queueSubjects = "gevor.work."
	doneSubjects  = "gevor.done."
	answerBucket  = "gevor-answers"
	thingBucket   = "gevor-things" // snapshots and lists of places
	progressKeys  = "gevor-progress"
)

// Link is a connection to the queue and its stores. Safe for concurrent use.
type Link struct {
	conn     *nats.Conn
	js       jetstream.JetStream
	options  Options
	answers  jetstream.ObjectStore
	things   jetstream.ObjectStore
	progress jetstream.KeyValue
}

// Dial connects to a cluster by the addresses of one or more of its nodes, separated by commas, and makes what is
// not there yet.
func Dial(ctx context.Context, urls string, o Options) (*Link, error) { return dial(ctx, urls, o) }

// Join connects to a node of the same process.
func Join(ctx context.Context, n *Node, o Options) (*Link, error) {
	o.Token = n.token
	return dial(ctx, nats.DefaultURL, o, n.dial())
}

func dial(ctx context.Context, urls string, o Options, more ...nats.Option) (*Link, error) {
	if o.Patience == 0 {
		o.Patience = DefaultPatience
	}
	if o.Lease == 0 {
		o.Lease = DefaultLease
	}
	if o.Keep == 0 {
		o.Keep = DefaultKeep
	}
	o.Replicas = max(1, o.Replicas)
	opts := append([]nats.Option{
		nats.Name("gevor"), nats.MaxReconnects(-1), nats.ReconnectWait(250 * time.Millisecond), nats.RetryOnFailedConnect(true),
		nats.Timeout(5 * time.Second), nats.PingInterval(10 * time.Second), nats.MaxPingsOutstanding(2),
	}, more...)
	if o.Token != "" {
		opts = append(opts, nats.Token(o.Token))
	}
	conn, err := nats.Connect(urls, opts...)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, where(urls), "the cluster cannot be spoken to", "give its addresses as nats://host:port, separated by commas", err)
	}
	l := &Link{conn: conn, options: o}
	if l.js, err = jetstream.New(conn); err == nil {
		err = l.furnish(ctx)
	}
	if err != nil {
		conn.Close()
		return nil, fault.Wrap(fault.Busy, where(urls), "the cluster does not answer", "see whether its nodes run, whether most of them see each other, and whether the token is right", err)
	}
	return l, nil
}

// where names addresses without what is secret in them.
func where(urls string) string {
	var out []string
	for _, u := range strings.Split(urls, ",") {
		if at := strings.LastIndex(u, "@"); at >= 0 {
			u = "nats://" + u[at+1:]
		}
		out = append(out, strings.TrimSpace(u))
	}
	return strings.Join(out, ",")
}

// furnish makes queue and stores, or finds them.
func (l *Link) furnish(ctx context.Context) error {
	return l.again(ctx, func(ctx context.Context) (err error) {
		if _, err = l.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
			Name: queueStream, Subjects: []string{queueSubjects + ">"}, Retention: jetstream.WorkQueuePolicy,
			Storage: jetstream.FileStorage, Replicas: l.options.Replicas, Duplicates: 2 * time.Minute, MaxAge: l.options.Keep,
		}); err != nil {
			return err
		}
		if l.answers, err = l.js.CreateOrUpdateObjectStore(ctx, jetstream.ObjectStoreConfig{
			Bucket: answerBucket, TTL: l.options.Keep, Replicas: l.options.Replicas, Compression: true,
		}); err != nil {
			return err
		}
		if l.things, err = l.js.CreateOrUpdateObjectStore(ctx, jetstream.ObjectStoreConfig{
			Bucket: thingBucket, TTL: l.options.Keep, Replicas: l.options.Replicas, Compression: true,
		}); err != nil {
			return err
		}
		l.progress, err = l.js.CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{Bucket: progressKeys, TTL: l.options.Keep, Replicas: l.options.Replicas})
		return err
	})
}

// Close ends the connection after what was said has left.
func (l *Link) Close() error {
	defer l.conn.Close()
	if !l.conn.IsConnected() {
		return nil
	}
	return l.conn.FlushTimeout(5 * time.Second)
}

// again does something until it succeeds, fails for good, or the cluster was away for longer than the link's
// patience. A cluster that chooses a new leader is away for some seconds.
func (l *Link) again(ctx context.Context, do func(context.Context) error) error {
	end := time.Now().Add(l.options.Patience)
	wait := 20 * time.Millisecond
	for {
		one, cancel := context.WithTimeout(ctx, callWithin)
		err := do(one)
		cancel()
		switch {
		case err == nil || ctx.Err() != nil:
			return err
		case final(err):
			return err
		case time.Now().After(end):
			return fault.Wrap(fault.Busy, "", fmt.Sprintf("the cluster was away for %s", l.options.Patience), "see whether most of its nodes run; the next call goes on where this one stopped", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
		wait = min(2*wait, 2*time.Second)
	}
}

// callWithin bounds one try, not what is tried.
const callWithin = 30 * time.Second

// final says of an error that another try would meet it again.
func final(err error) bool {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Kind != fault.Busy
	}
	return errors.Is(err, jetstream.ErrObjectNotFound) || errors.Is(err, jetstream.ErrKeyNotFound) || errors.Is(err, nats.ErrAuthorization)
}

// absent says whether a store lacks what was asked for.
func absent(err error) bool {
	return errors.Is(err, jetstream.ErrObjectNotFound) || errors.Is(err, jetstream.ErrKeyNotFound)
}

// read gives an object whole, checked against the digest that was stored with it.
func (l *Link) read(ctx context.Context, from jetstream.ObjectStore, name string) (raw []byte, err error) {
	err = l.again(ctx, func(ctx context.Context) error {
		raw, err = from.GetBytes(ctx, name)
		return err
	})
	return raw, err
}

// has says whether a store holds an object.
func (l *Link) has(ctx context.Context, in jetstream.ObjectStore, name string) (bool, error) {
	err := l.again(ctx, func(ctx context.Context) error {
		_, err := in.GetInfo(ctx, name)
		return err
	})
	if absent(err) {
		return false, nil
	}
	return err == nil, err
}

// write stores an object; of the same name it has the same content, whoever writes it.
func (l *Link) write(ctx context.Context, to jetstream.ObjectStore, name string, raw []byte) error {
	return l.again(ctx, func(ctx context.Context) error {
		_, err := to.PutBytes(ctx, name, raw)
		return err
	})
}

func hashOf(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// subjectOf is where shards of one version of the program wait: another version could answer otherwise.
func subjectOf(version string) string { return queueSubjects + hashOf([]byte(version))[:16] }
