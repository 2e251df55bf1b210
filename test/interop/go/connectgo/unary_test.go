package connectgo

import (
	"errors"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/types/known/durationpb"

	analytics "marquee.test/interop/gen/analytics/v1"
	"marquee.test/interop/gen/analytics/v1/analyticsv1connect"
	catalog "marquee.test/interop/gen/catalog/v1"
	"marquee.test/interop/gen/catalog/v1/catalogv1connect"
	tutorial "marquee.test/interop/gen/tutorial"
	"marquee.test/interop/gen/tutorial/tutorialconnect"
)

func TestShouldLogAViewAndReadItBack(t *testing.T) {
	ctx, client := patient(t), newClient(t, analyticsv1connect.NewAnalyticsServiceClient)
	logged, err := client.LogView(ctx, connect.NewRequest(&analytics.LogViewRequest{
		VideoName: "sintel", ViewerId: "ann", WatchDuration: durationpb.New(time.Minute),
	}))
	if err != nil {
		t.Fatal(err)
	}
	question := connect.NewRequest(&analytics.GetViewStatsRequest{
		VideoName: "sintel", MinPosition: logged.Msg.GetPosition(),
	})
	stats, err := client.GetViewStats(ctx, question)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "asked by GET", question.HTTPMethod() == "GET", protocol() == "connect-get")
	equal(t, "views", stats.Msg.GetViews(), 1)
	equal(t, "watch_duration", stats.Msg.GetWatchDuration().AsDuration(), time.Minute)
}

func TestShouldSendAndReceiveCompressedMessages(t *testing.T) {
	ctx := patient(t)
	compressed := func(
		httpClient connect.HTTPClient, url string, options ...connect.ClientOption,
	) catalogv1connect.CatalogServiceClient {
		options = append(options, connect.WithSendGzip())
		return catalogv1connect.NewCatalogServiceClient(httpClient, url, options...)
	}
	client := newClient(t, compressed)
	description := strings.Repeat("A lighthouse keeper and a storm. ", 200)
	item := &catalog.Item{Id: "storm", Title: "Storm", Description: description}
	upsert := &catalog.UpsertItemsRequest{Items: []*catalog.Item{item}}
	if _, err := client.UpsertItems(ctx, connect.NewRequest(upsert)); err != nil {
		t.Fatal(err)
	}
	got, err := client.GetItem(ctx, connect.NewRequest(&catalog.GetItemRequest{Id: "storm"}))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "description", got.Msg.GetItem().GetDescription(), description)
	encoding := got.Header().Get("content-encoding") + got.Header().Get("grpc-encoding")
	equal(t, "encoding of the answer", encoding, "gzip")
}

func TestShouldDecodeTheDetailsOfAnError(t *testing.T) {
	client := newClient(t, analyticsv1connect.NewAnalyticsServiceClient)
	request := connect.NewRequest(&analytics.GetViewStatsRequest{MinPosition: -1})
	_, err := client.GetViewStats(patient(t), request)
	equal(t, "code", connect.CodeOf(err), connect.CodeInvalidArgument)
	var failure *connect.Error
	if !errors.As(err, &failure) {
		t.Fatalf("not an error of the call: %v", err)
	}
	var fields []string
	var reason string
	for _, detail := range failure.Details() {
		value, err := detail.Value()
		if err != nil {
			t.Fatal(err)
		}
		switch value := value.(type) {
		case *errdetails.BadRequest:
			for _, violation := range value.GetFieldViolations() {
				fields = append(fields, violation.GetField())
			}
		case *errdetails.ErrorInfo:
			reason = value.GetReason()
		}
	}
	equal(t, "reason", reason, "INVALID_FIELD")
	equal(t, "fields at fault", strings.Join(fields, " "), "video_name min_position")
}

func TestShouldGetTheMetadataOfACall(t *testing.T) {
	request := connect.NewRequest(&tutorial.GreetingRequest{Name: "Åsa"})
	request.Header().Set("x-request-id", "go-1")
	answer, err := newClient(t, tutorialconnect.NewGreeterClient).Greet(patient(t), request)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "greeting", answer.Msg.GetGreeting(), "Hello Åsa")
	equal(t, "x-request-id", answer.Header().Get("x-request-id"), "go-1")
}
