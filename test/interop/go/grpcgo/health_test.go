package grpcgo

import (
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	// Makes grpc-go ask for the health of a server before it calls it.
	_ "google.golang.org/grpc/health"
	health "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	tutorial "marquee.test/interop/gen/tutorial"
)

func TestShouldBeToldTheHealthOfTheServerAndOfEachService(t *testing.T) {
	ctx, client := patient(t), health.NewHealthClient(dial(t))
	for _, service := range []string{
		"", "analytics.v1.AnalyticsService", "catalog.v1.CatalogService",
		"profiles.v1.ProfileService", "recommendations.v1.Recommendations", "Greeter",
	} {
		answer, err := client.Check(ctx, &health.HealthCheckRequest{Service: service})
		if err != nil {
			t.Fatalf("%q: %v", service, err)
		}
		equal(t, "health of "+service, answer.GetStatus(), health.HealthCheckResponse_SERVING)
	}
	_, err := client.Check(ctx, &health.HealthCheckRequest{Service: "no.such.Service"})
	equal(t, "code", status.Code(err), codes.NotFound)
}

func TestShouldWatchTheHealthOfAService(t *testing.T) {
	client := health.NewHealthClient(dial(t))
	for service, expected := range map[string]health.HealthCheckResponse_ServingStatus{
		"catalog.v1.CatalogService": health.HealthCheckResponse_SERVING,
		"no.such.Service":           health.HealthCheckResponse_SERVICE_UNKNOWN,
	} {
		watch, err := client.Watch(patient(t), &health.HealthCheckRequest{Service: service})
		if err != nil {
			t.Fatal(err)
		}
		first, err := watch.Recv()
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "health of "+service, first.GetStatus(), expected)
	}
}

func TestShouldCallOnlyWhatItFoundHealthy(t *testing.T) {
	balanced := func(service string) grpc.DialOption {
		return grpc.WithDefaultServiceConfig(`{
			"loadBalancingConfig": [{"round_robin": {}}],
			"healthCheckConfig": {"serviceName": "` + service + `"}
		}`)
	}
	greet := func(service string) error {
		client := tutorial.NewGreeterClient(dial(t, balanced(service)))
		_, err := client.Greet(patient(t), &tutorial.GreetingRequest{Name: "Ann"})
		return err
	}
	equal(t, "error", greet("Greeter"), nil)
	equal(t, "code", status.Code(greet("no.such.Service")), codes.Unavailable)
}
