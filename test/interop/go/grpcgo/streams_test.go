package grpcgo

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	catalog "marquee.test/interop/gen/catalog/v1"
	recommendations "marquee.test/interop/gen/recommendations/v1"
	tutorial "marquee.test/interop/gen/tutorial"
	"marquee.test/interop/gen/tutorial/bidirectional"
)

func mask(paths ...string) *fieldmaskpb.FieldMask {
	return &fieldmaskpb.FieldMask{Paths: paths}
}

func TestShouldImportACatalogAsAStream(t *testing.T) {
	ctx, client := patient(t), catalog.NewCatalogServiceClient(dial(t))
	stream, err := client.ImportItems(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, items := range [][]*catalog.Item{
		{{Id: "emma", Title: "Emma"}, {Id: "untitled"}},
		{{Id: "dracula", Title: "Dracula"}, {Id: "emma", Title: "Emma, again"}},
	} {
		if err := stream.Send(&catalog.ImportItemsRequest{Items: items}); err != nil {
			t.Fatal(err)
		}
	}
	imported, err := stream.CloseAndRecv()
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "created", imported.GetCreated(), 2)
	equal(t, "updated", imported.GetUpdated(), 1)
	equal(t, "rejected_count", imported.GetRejectedCount(), 1)
	equal(t, "index of the rejected item", imported.GetRejected()[0].GetIndex(), 1)
	equal(t, "field at fault", imported.GetRejected()[0].GetField(), "title")
	emma, err := client.GetItem(ctx, &catalog.GetItemRequest{Id: "emma"})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "title", emma.GetItem().GetTitle(), "Emma, again")
}

func TestShouldFollowATrainingToItsEnd(t *testing.T) {
	ctx, client := patient(t), recommendations.NewRecommendationsClient(dial(t))
	var feedback []*recommendations.Feedback
	for _, user := range []string{"a", "b", "c"} {
		for _, item := range []string{"x", "y"} {
			feedback = append(feedback, &recommendations.Feedback{
				UserId: user, ItemId: item, Kind: recommendations.FeedbackKind_FEEDBACK_KIND_LIKE,
			})
		}
	}
	if _, err := client.RecordFeedback(ctx, &recommendations.RecordFeedbackRequest{Feedback: feedback}); err != nil {
		t.Fatal(err)
	}
	stream, err := client.TrainModel(ctx, &recommendations.TrainModelRequest{})
	if err != nil {
		t.Fatal(err)
	}
	var last *recommendations.TrainModelResponse
	for {
		message, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		last = message
	}
	equal(t, "stage", last.GetStage(), recommendations.TrainModelResponse_STAGE_DONE)
	equal(t, "users", last.GetModel().GetUsers(), 3)
	equal(t, "interactions", last.GetModel().GetInteractions(), 6)
}

func TestShouldGetEachMessageBackBeforeItSendsTheNext(t *testing.T) {
	stream, err := bidirectional.NewBidirectionalClient(dial(t)).GetServerResponse(patient(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"First message", "Second message", "Third message"} {
		if err := stream.Send(&bidirectional.Message{Message: text}); err != nil {
			t.Fatal(err)
		}
		answer, err := stream.Recv()
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "answer", answer.GetMessage(), text)
	}
	if err := stream.CloseSend(); err != nil {
		t.Fatal(err)
	}
	_, err = stream.Recv()
	equal(t, "end of the stream", err, io.EOF)
}

func TestShouldGetBackTheNotesThatWereLeftAtAPoint(t *testing.T) {
	stream, err := tutorial.NewRouteGuideClient(dial(t)).RouteChat(patient(t))
	if err != nil {
		t.Fatal(err)
	}
	here, there := &tutorial.Point{Latitude: 0, Longitude: 1}, &tutorial.Point{Latitude: 0, Longitude: 2}
	notes := []*tutorial.RouteNote{
		{Location: here, Message: "one"}, {Location: there, Message: "two"},
		{Location: here, Message: "three"}, {Location: here, Message: "four"},
	}
	for _, note := range notes {
		if err := stream.Send(note); err != nil {
			t.Fatal(err)
		}
	}
	// The third note brings back the first; the fourth the first and the third.
	for _, expected := range []string{"one", "one", "three"} {
		note, err := stream.Recv()
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "note", note.GetMessage(), expected)
		equal(t, "longitude", note.GetLocation().GetLongitude(), 1)
	}
	if err := stream.CloseSend(); err != nil {
		t.Fatal(err)
	}
	_, err = stream.Recv()
	equal(t, "end of the stream", err, io.EOF)
}

func TestShouldEndACallThatWaitsAtItsDeadline(t *testing.T) {
	// Nothing is sent, so without the deadline nothing would ever be answered.
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	stream, err := bidirectional.NewBidirectionalClient(dial(t)).GetServerResponse(ctx)
	if err != nil {
		t.Fatal(err)
	}
	_, err = stream.Recv()
	equal(t, "code", status.Code(err), codes.DeadlineExceeded)
}

func TestShouldCancelACallThatWaits(t *testing.T) {
	ctx, cancel := context.WithCancel(patient(t))
	stream, err := bidirectional.NewBidirectionalClient(dial(t)).GetServerResponse(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Send(&bidirectional.Message{Message: "there?"}); err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); err != nil {
		t.Fatal(err)
	}
	cancel()
	_, err = stream.Recv()
	equal(t, "code", status.Code(err), codes.Canceled)
}
