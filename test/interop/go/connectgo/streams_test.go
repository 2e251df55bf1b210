package connectgo

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"connectrpc.com/connect"

	catalog "marquee.test/interop/gen/catalog/v1"
	"marquee.test/interop/gen/catalog/v1/catalogv1connect"
	recommendations "marquee.test/interop/gen/recommendations/v1"
	"marquee.test/interop/gen/recommendations/v1/recommendationsv1connect"
	tutorial "marquee.test/interop/gen/tutorial"
	"marquee.test/interop/gen/tutorial/bidirectional"
	"marquee.test/interop/gen/tutorial/bidirectional/bidirectionalconnect"
	"marquee.test/interop/gen/tutorial/tutorialconnect"
)

func TestShouldImportACatalogAsAStream(t *testing.T) {
	stream := newClient(t, catalogv1connect.NewCatalogServiceClient).ImportItems(patient(t))
	for _, items := range [][]*catalog.Item{
		{{Id: "emma", Title: "Emma"}, {Id: "untitled"}},
		{{Id: "dracula", Title: "Dracula"}},
	} {
		if err := stream.Send(&catalog.ImportItemsRequest{Items: items}); err != nil {
			t.Fatal(err)
		}
	}
	imported, err := stream.CloseAndReceive()
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "created", imported.Msg.GetCreated(), 2)
	equal(t, "rejected_count", imported.Msg.GetRejectedCount(), 1)
	equal(t, "field at fault", imported.Msg.GetRejected()[0].GetField(), "title")
}

func TestShouldFollowATrainingToItsEnd(t *testing.T) {
	ctx := patient(t)
	client := newClient(t, recommendationsv1connect.NewRecommendationsClient)
	var feedback []*recommendations.Feedback
	for _, user := range []string{"a", "b", "c"} {
		for _, item := range []string{"x", "y"} {
			feedback = append(feedback, &recommendations.Feedback{
				UserId: user, ItemId: item, Kind: recommendations.FeedbackKind_FEEDBACK_KIND_LIKE,
			})
		}
	}
	record := connect.NewRequest(&recommendations.RecordFeedbackRequest{Feedback: feedback})
	if _, err := client.RecordFeedback(ctx, record); err != nil {
		t.Fatal(err)
	}
	stream, err := client.TrainModel(ctx, connect.NewRequest(&recommendations.TrainModelRequest{}))
	if err != nil {
		t.Fatal(err)
	}
	var last *recommendations.TrainModelResponse
	for stream.Receive() {
		last = stream.Msg()
	}
	if err := stream.Err(); err != nil {
		t.Fatal(err)
	}
	equal(t, "stage", last.GetStage(), recommendations.TrainModelResponse_STAGE_DONE)
	equal(t, "interactions", last.GetModel().GetInteractions(), 6)
}

func TestDuplexShouldGetEachMessageBackBeforeItSendsTheNext(t *testing.T) {
	stream := newClient(t, bidirectionalconnect.NewBidirectionalClient).GetServerResponse(patient(t))
	for _, text := range []string{"First message", "Second message", "Third message"} {
		if err := stream.Send(&bidirectional.Message{Message: text}); err != nil {
			t.Fatal(err)
		}
		answer, err := stream.Receive()
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "answer", answer.GetMessage(), text)
	}
	if err := stream.CloseRequest(); err != nil {
		t.Fatal(err)
	}
	_, err := stream.Receive()
	equal(t, "end of the stream", errors.Is(err, io.EOF), true)
}

func TestDuplexShouldGetBackTheNotesThatWereLeftAtAPoint(t *testing.T) {
	stream := newClient(t, tutorialconnect.NewRouteGuideClient).RouteChat(patient(t))
	here := &tutorial.Point{Latitude: 409146138, Longitude: -746188906}
	for _, text := range []string{"one", "two", "three"} {
		if err := stream.Send(&tutorial.RouteNote{Location: here, Message: text}); err != nil {
			t.Fatal(err)
		}
	}
	for _, expected := range []string{"one", "one", "two"} {
		note, err := stream.Receive()
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "note", note.GetMessage(), expected)
	}
	if err := stream.CloseRequest(); err != nil {
		t.Fatal(err)
	}
	_, err := stream.Receive()
	equal(t, "end of the stream", errors.Is(err, io.EOF), true)
}

func TestDuplexShouldEndACallThatWaitsAtItsDeadline(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	stream := newClient(t, bidirectionalconnect.NewBidirectionalClient).GetServerResponse(ctx)
	// Only the headers are sent: without the deadline nothing would ever be answered.
	if err := stream.Send(nil); err != nil {
		t.Fatal(err)
	}
	_, err := stream.Receive()
	equal(t, "code", connect.CodeOf(err), connect.CodeDeadlineExceeded)
}
