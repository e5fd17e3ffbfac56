// Package cluster spreads the travel of an analysis over several machines. One JetStream, embedded in this program or
// run as a cluster of its own, holds a queue of shards and a store of answers; whoever has the same program takes
// shards from the queue. A shard is named by its content and its answer is a function of it, so work that is done
// twice, after a machine died, gives the same bytes under the same name. See ADR 27.
package cluster

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"gevor/fault"
)

// NodeOptions say how a node of the queue runs.
type NodeOptions struct {
	Name   string // among the nodes of one cluster; needed where there is more than one
	Dir    string // folder that holds queue and answers
	Listen string // host:port for clients; empty serves this process alone
	Token  string // what clients must know; needed where Listen is not on loopback
	// Routes is host:port for the other nodes; empty runs alone. Peers are the others' routes, Cluster their common name.
	Routes  string
	Peers   []string
	Cluster string
	// Durable writes every message to disk before it is acknowledged, so that it outlives power loss too.
	Durable bool
}

// readyWithin is how long a node may take to open what it kept.
const readyWithin = 30 * time.Second

// Node is a running server of the queue.
type Node struct {
	server *server.Server
	token  string
}

// Open starts a node. It refuses to listen beyond loopback without a token.
func Open(o NodeOptions) (*Node, error) {
	opts := &server.Options{
		ServerName: o.Name, JetStream: true, StoreDir: o.Dir, SyncAlways: o.Durable, NoSigs: true, NoLog: true,
		DontListen: o.Listen == "", Authorization: o.Token, MaxPayload: maxPayload,
	}
	if o.Listen != "" {
		host, port, err := address(o.Listen)
		if err != nil {
			return nil, err
		}
		if o.Token == "" && !loopback(host) {
			return nil, fault.New(fault.Denied, o.Listen, "everybody who reaches this address could take part in the work", "set a token, or listen on loopback")
		}
		opts.Host, opts.Port = host, port
	}
	if o.Routes != "" {
		host, port, err := address(o.Routes)
		if err != nil {
			return nil, err
		}
		opts.Cluster = server.ClusterOpts{Name: o.Cluster, Host: host, Port: port}
		if o.Token != "" {
			opts.Cluster.Username, opts.Cluster.Password = routeUser, o.Token
		}
		for _, p := range o.Peers {
			u := &url.URL{Scheme: "nats-route", Host: p}
			if o.Token != "" {
				u.User = url.UserPassword(routeUser, o.Token)
			}
			opts.Routes = append(opts.Routes, u)
		}
	}
	s, err := server.NewServer(opts)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, o.Dir, "the queue cannot be opened", "check folder and addresses", err)
	}
	s.Start()
	if !s.ReadyForConnections(readyWithin) {
		s.Shutdown()
		return nil, fault.New(fault.Busy, o.Listen, fmt.Sprintf("the queue was not ready within %s", readyWithin), "see whether the address is taken, and whether the folder is on a disk that answers")
	}
	return &Node{server: s, token: o.Token}, nil
}

const (
	routeUser  = "gevor"
	maxPayload = 8 << 20
)

// URL is where clients find the node; empty where it serves its own process alone.
func (n *Node) URL() string {
	if a, ok := n.server.Addr().(*net.TCPAddr); ok && a != nil {
		return "nats://" + a.String()
	}
	return ""
}

// Close stops the node after what it acknowledged lies on disk.
func (n *Node) Close() {
	n.server.Shutdown()
	n.server.WaitForShutdown()
}

// dial is how a link of the same process speaks to the node, without a port.
func (n *Node) dial() nats.Option { return nats.InProcessServer(n.server) }

func address(s string) (host string, port int, err error) {
	host, text, err := net.SplitHostPort(s)
	if err == nil {
		port, err = strconv.Atoi(text)
	}
	if err != nil || port < 0 || port > 65535 {
		return "", 0, fault.New(fault.Invalid, s, "is no address", "give host:port, such as 127.0.0.1:4222")
	}
	if port == 0 {
		port = server.RANDOM_PORT
	}
	return host, port, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
