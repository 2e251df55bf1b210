// Clients of grpc-go, which the suite runs one by one, each against a new
// server whose URL is in MARQUEE_URL.
package grpcgo

import (
	"context"
	"net/url"
	"os"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// dial connects to the server that the suite started.
func dial(t *testing.T, options ...grpc.DialOption) *grpc.ClientConn {
	t.Helper()
	server, err := url.Parse(os.Getenv("MARQUEE_URL"))
	if err != nil || server.Host == "" {
		t.Fatalf("MARQUEE_URL names no server: %v", err)
	}
	options = append(options, grpc.WithTransportCredentials(insecure.NewCredentials()))
	connection, err := grpc.NewClient(server.Host, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	return connection
}

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
