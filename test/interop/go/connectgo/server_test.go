// Clients of connect-go, which the suite runs one by one and in each protocol,
// each against a new server whose URL is in MARQUEE_URL. MARQUEE_PROTOCOL is
// connect, connect-get, connect-http1, grpc, grpcweb or grpcweb-http1. Tests that
// are called TestDuplex need HTTP/2: they read before they are done with writing.
package connectgo

import (
	"context"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
)

// A factory of clients of one service, as connect-go generates it.
type factory[C any] func(connect.HTTPClient, string, ...connect.ClientOption) C

// newClient makes a client in the protocol that the suite asked for.
func newClient[C any](t *testing.T, create factory[C]) C {
	t.Helper()
	var options []connect.ClientOption
	switch strings.TrimSuffix(protocol(), "-http1") {
	case "connect":
	case "connect-get":
		options = append(options, connect.WithHTTPGet())
	case "grpc":
		options = append(options, connect.WithGRPC())
	case "grpcweb":
		options = append(options, connect.WithGRPCWeb())
	default:
		t.Fatalf("MARQUEE_PROTOCOL names no protocol: %q", protocol())
	}
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetHTTP1(isHTTP1())
	transport.Protocols.SetUnencryptedHTTP2(!isHTTP1())
	t.Cleanup(transport.CloseIdleConnections)
	return create(&http.Client{Transport: transport}, os.Getenv("MARQUEE_URL"), options...)
}

func protocol() string { return os.Getenv("MARQUEE_PROTOCOL") }

func isHTTP1() bool { return strings.HasSuffix(protocol(), "-http1") }

// patient is a context that ends what hangs.
func patient(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// equal fails the test unless both values are the same.
func equal[T comparable](t *testing.T, what string, actual, expected T) {
	t.Helper()
	if actual != expected {
		t.Fatalf("%s is %v, not %v", what, actual, expected)
	}
}
