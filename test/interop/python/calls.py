"""Calls the server as readers of the tutorials do: with stubs that grpcio-tools
generated from their contracts, over grpcio.

    calls.py ADDRESS COMMAND [ARGUMENT…]

Prints what came back as JSON, one value a line. A call that failed prints its
status and its details.
"""

import json
import queue
import sys

import grpc
from google.protobuf import json_format
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)
from grpc_status import rpc_status
from tutorial import (
    analytics_pb2,
    analytics_pb2_grpc,
    bidirectional_pb2,
    bidirectional_pb2_grpc,
    greeter_pb2,
    greeter_pb2_grpc,
    profile_service_pb2,
    profile_service_pb2_grpc,
    recommendations_pb2,
    recommendations_pb2_grpc,
    route_guide_pb2,
    route_guide_pb2_grpc,
    unary_pb2,
    unary_pb2_grpc,
)

PATIENCE_S = 30


def show(value):
    print(json.dumps(value), flush=True)


def show_message(message):
    show(
        json_format.MessageToDict(
            message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
        )
    )


def show_error(error):
    status = rpc_status.from_call(error)
    details = []
    for packed in status.details if status is not None else []:
        for kind in (error_details_pb2.BadRequest, error_details_pb2.ErrorInfo):
            detail = kind()
            if packed.Unpack(detail):
                details.append(json_format.MessageToDict(detail))
    show({"code": error.code().name, "message": error.details(), "details": details})


class Outbox:
    """The requests of a stream, which goes on until it is closed."""

    def __init__(self):
        self._messages = queue.SimpleQueue()

    def send(self, message):
        self._messages.put(message)

    def close(self):
        self._messages.put(None)

    def __iter__(self):
        return iter(self._messages.get, None)


def unary(channel, message):
    stub = unary_pb2_grpc.UnaryStub(channel)
    show_message(stub.GetServerResponse(unary_pb2.Message(message=message), timeout=PATIENCE_S))


def bidirectional(channel, *messages):
    """Sends each message when the one before was answered, and only then ends."""
    outbox = Outbox()
    stub = bidirectional_pb2_grpc.BidirectionalStub(channel)
    answers = stub.GetServerResponse(iter(outbox), timeout=PATIENCE_S)
    for message in messages:
        outbox.send(bidirectional_pb2.Message(message=message))
        show_message(next(answers))
    outbox.close()
    show([answer.message for answer in answers])


def wait(channel, deadline_ms):
    """Sends nothing, and waits for an answer that does not come."""
    stub = bidirectional_pb2_grpc.BidirectionalStub(channel)
    next(stub.GetServerResponse(iter(Outbox()), timeout=int(deadline_ms) / 1000))


def greet(channel, name):
    stub = greeter_pb2_grpc.GreeterStub(channel)
    show_message(stub.Greet(greeter_pb2.GreetingRequest(name=name), timeout=PATIENCE_S))


def get_feature(channel, latitude, longitude):
    point = route_guide_pb2.Point(Latitude=int(latitude), Longitude=int(longitude))
    show_message(route_guide_pb2_grpc.RouteGuideStub(channel).GetFeature(point, timeout=PATIENCE_S))


def route_chat(channel, *notes):
    """Leaves notes such as 1,2=text, all at once, and shows what comes back."""

    def requests():
        for note in notes:
            point, message = note.split("=")
            latitude, longitude = map(int, point.split(","))
            location = route_guide_pb2.Point(Latitude=latitude, Longitude=longitude)
            yield route_guide_pb2.RouteNote(location=location, message=message)

    stub = route_guide_pb2_grpc.RouteGuideStub(channel)
    for note in stub.RouteChat(requests(), timeout=PATIENCE_S):
        show_message(note)


def create_profile(channel, first_name, last_name, email):
    request = profile_service_pb2.CreateProfileRequest(
        first_name=first_name, last_name=last_name, email=email
    )
    stub = profile_service_pb2_grpc.ProfileServiceStub(channel)
    show_message(stub.CreateProfile(request, timeout=PATIENCE_S))


def log_view(channel, video_name):
    stub = analytics_pb2_grpc.AnalyticsServiceStub(channel)
    request = analytics_pb2.LogViewRequest(video_name=video_name)
    show_message(stub.LogView(request, timeout=PATIENCE_S))


def recommend(channel, user_id, category, max_results):
    request = recommendations_pb2.RecommendationRequest(
        user_id=int(user_id), category=int(category), max_results=int(max_results)
    )
    stub = recommendations_pb2_grpc.RecommendationsStub(channel)
    show_message(stub.Recommend(request, timeout=PATIENCE_S))


def health(channel, service):
    stub = health_pb2_grpc.HealthStub(channel)
    show_message(stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=PATIENCE_S))


def reflect(channel, symbol):
    """Asks by reflection for all services, and for the file of a symbol."""
    database = ProtoReflectionDescriptorDatabase(channel)
    show(sorted(database.get_services()))
    show(database.FindFileContainingSymbol(symbol).name)


COMMANDS = {
    "unary": unary,
    "bidirectional": bidirectional,
    "wait": wait,
    "greet": greet,
    "get_feature": get_feature,
    "route_chat": route_chat,
    "create_profile": create_profile,
    "log_view": log_view,
    "recommend": recommend,
    "health": health,
    "reflect": reflect,
}


def main(address, command, *arguments):
    with grpc.insecure_channel(address, compression=grpc.Compression.Gzip) as channel:
        try:
            COMMANDS[command](channel, *arguments)
        except grpc.RpcError as error:
            show_error(error)


if __name__ == "__main__":
    main(*sys.argv[1:])
