package grpcgo

import (
	"context"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	analytics "marquee.test/interop/gen/analytics/v1"
	catalog "marquee.test/interop/gen/catalog/v1"
	profiles "marquee.test/interop/gen/profiles/v1"
	recommendations "marquee.test/interop/gen/recommendations/v1"
	tutorial "marquee.test/interop/gen/tutorial"
)

func TestShouldLogAViewAndReadItBack(t *testing.T) {
	ctx, client := patient(t), analytics.NewAnalyticsServiceClient(dial(t))
	logged, err := client.LogView(ctx, &analytics.LogViewRequest{
		VideoName:     "sintel",
		ViewId:        "v-1",
		ViewerId:      "ann",
		StartTime:     timestamppb.New(time.Now().Add(-time.Minute)),
		WatchDuration: durationpb.New(90 * time.Second),
		Country:       "nl",
	})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "success", logged.GetSuccess(), true)
	equal(t, "view_id", logged.GetViewId(), "v-1")
	stats, err := client.GetViewStats(ctx, &analytics.GetViewStatsRequest{
		VideoName:   "sintel",
		MinPosition: logged.GetPosition(),
	})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "views", stats.GetViews(), 1)
	equal(t, "unique_viewers", stats.GetUniqueViewers(), 1)
	equal(t, "watch_duration", stats.GetWatchDuration().AsDuration(), 90*time.Second)
}

// lengths tells how long messages were in both directions, and how long on the
// wire.
type lengths struct{ sent, sentOnWire, received, receivedOnWire int }

func (l *lengths) HandleRPC(_ context.Context, event stats.RPCStats) {
	switch event := event.(type) {
	case *stats.OutPayload:
		l.sent, l.sentOnWire = event.Length, event.CompressedLength
	case *stats.InPayload:
		l.received, l.receivedOnWire = event.Length, event.CompressedLength
	}
}

func (l *lengths) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context   { return ctx }
func (l *lengths) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }
func (l *lengths) HandleConn(context.Context, stats.ConnStats)                       {}

func TestShouldSendAndReceiveCompressedMessages(t *testing.T) {
	ctx, seen := patient(t), &lengths{}
	client := catalog.NewCatalogServiceClient(dial(t,
		grpc.WithDefaultCallOptions(grpc.UseCompressor(gzip.Name)),
		grpc.WithStatsHandler(seen),
	))
	description := strings.Repeat("A lighthouse keeper and a storm. ", 200)
	item := &catalog.Item{Id: "storm", Title: "Storm", Description: description}
	upsert := &catalog.UpsertItemsRequest{Items: []*catalog.Item{item}}
	if _, err := client.UpsertItems(ctx, upsert); err != nil {
		t.Fatal(err)
	}
	equal(t, "request shorter on the wire", seen.sentOnWire < seen.sent, true)
	got, err := client.GetItem(ctx, &catalog.GetItemRequest{Id: "storm"})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "answer shorter on the wire", seen.receivedOnWire < seen.received, true)
	equal(t, "description", got.GetItem().GetDescription(), description)
}

func TestShouldUpdateTheFieldsOfAProfileThatAMaskNames(t *testing.T) {
	ctx, client := patient(t), profiles.NewProfileServiceClient(dial(t))
	created, err := client.CreateProfile(ctx, &profiles.CreateProfileRequest{
		FirstName: "Ann", LastName: "Lee", Email: "ann@example.org",
	})
	if err != nil {
		t.Fatal(err)
	}
	id := created.GetProfile().GetId()
	updated, err := client.UpdateProfile(ctx, &profiles.UpdateProfileRequest{
		Profile:    &profiles.Profile{Id: id, FirstName: "Anna", LastName: "ignored"},
		UpdateMask: mask("first_name"),
	})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "first_name", updated.GetProfile().GetFirstName(), "Anna")
	equal(t, "last_name", updated.GetProfile().GetLastName(), "Lee")
	_, err = client.CreateProfile(ctx, &profiles.CreateProfileRequest{
		FirstName: "Another", LastName: "Ann", Email: "ANN@example.org",
	})
	equal(t, "code", status.Code(err), codes.AlreadyExists)
}

func TestShouldDecodeTheDetailsOfAnError(t *testing.T) {
	client := analytics.NewAnalyticsServiceClient(dial(t))
	_, err := client.LogView(patient(t), &analytics.LogViewRequest{Country: "Holland"})
	equal(t, "code", status.Code(err), codes.InvalidArgument)
	var fields []string
	var reason, domain string
	for _, detail := range status.Convert(err).Details() {
		switch detail := detail.(type) {
		case *errdetails.BadRequest:
			for _, violation := range detail.GetFieldViolations() {
				fields = append(fields, violation.GetField())
			}
		case *errdetails.ErrorInfo:
			reason, domain = detail.GetReason(), detail.GetDomain()
		default:
			t.Fatalf("a detail of another kind: %v", detail)
		}
	}
	equal(t, "reason", reason, "INVALID_FIELD")
	equal(t, "domain", domain, "marquee")
	equal(t, "number of fields at fault", len(fields), 2)
	equal(t, "first field at fault", fields[0], "video_name")
	equal(t, "second field at fault", fields[1], "country")
}

func TestShouldGetTheMetadataOfACall(t *testing.T) {
	ctx := metadata.AppendToOutgoingContext(patient(t), "x-request-id", "go-1")
	var header metadata.MD
	client := tutorial.NewGreeterClient(dial(t))
	answer, err := client.Greet(ctx, &tutorial.GreetingRequest{Name: "Åsa"}, grpc.Header(&header))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "greeting", answer.GetGreeting(), "Hello Åsa")
	equal(t, "x-request-id", header.Get("x-request-id")[0], "go-1")
}

func TestShouldBeToldThatThereIsNoSuchCategory(t *testing.T) {
	ctx, connection := patient(t), dial(t)
	client := recommendations.NewRecommendationsClient(connection)
	_, err := client.Recommend(ctx, &recommendations.RecommendRequest{Category: "no-such"})
	equal(t, "code", status.Code(err), codes.NotFound)
	taught := tutorial.NewRecommendationsClient(connection)
	_, err = taught.Recommend(ctx, &tutorial.RecommendationRequest{Category: 7})
	equal(t, "code", status.Code(err), codes.NotFound)
}
