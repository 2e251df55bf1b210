"""Calls the server with a client that openapi-python-client generated from its
/openapi.json, and that knows nothing else of it.

    openapi_calls.py URL

Prints what came back as JSON, one value a line.
"""

import json
import sys
from datetime import UTC, datetime

from marquee_api import Client
from marquee_api.api.analytics_v_1_analytics_service import (
    analytics_v_1_analytics_service_get_view_stats as get_view_stats,
)
from marquee_api.api.analytics_v_1_analytics_service import (
    analytics_v_1_analytics_service_get_view_stats_get as get_view_stats_by_get,
)
from marquee_api.api.analytics_v_1_analytics_service import (
    analytics_v_1_analytics_service_log_view as log_view,
)
from marquee_api.api.catalog_v_1_catalog_service import (
    catalog_v_1_catalog_service_get_item as get_item,
)
from marquee_api.models import (
    AnalyticsV1GetViewStatsRequest,
    AnalyticsV1GetViewStatsResponse,
    AnalyticsV1LogViewRequest,
    AnalyticsV1LogViewRequestProperties,
    AnalyticsV1LogViewResponse,
    CatalogV1GetItemRequest,
    ConnectCode,
    ConnectError,
    ConnectErrorDetailBadRequest,
    ConnectErrorDetailErrorInfo,
    ConnectProtocolVersion,
)


def show(value):
    print(json.dumps(value), flush=True)


def answer_of(response, kind):
    """What a call answered, which must be of the class that the client promises."""
    if not isinstance(response.parsed, kind):
        raise TypeError(f"{response.status_code}: {response.parsed!r} is no {kind.__name__}")
    return response.parsed


def show_stats(stats):
    show(
        {
            "views": stats.views,
            "uniqueViewers": stats.unique_viewers,
            "watchDuration": stats.watch_duration,
            "averageProgress": stats.average_progress,
        }
    )


def main(url):
    properties = AnalyticsV1LogViewRequestProperties()
    properties["plan"] = "free"
    view = AnalyticsV1LogViewRequest(
        video_name="emma",
        view_id="a-view",
        viewer_id="ann",
        start_time=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        watch_duration="90s",
        progress=0.5,
        properties=properties,
    )
    with Client(url) as client:
        logged = answer_of(
            log_view.sync_detailed(
                client=client,
                body=view,
                connect_protocol_version=ConnectProtocolVersion.VALUE_0,
                connect_timeout_ms=20_000,
                x_request_id="from-python",
            ),
            AnalyticsV1LogViewResponse,
        )
        show({"viewId": logged.view_id, "duplicate": logged.duplicate})

        # A position is a string in answers and requests alike.
        question = AnalyticsV1GetViewStatsRequest("emma", min_position=logged.position)
        answered = get_view_stats.sync_detailed(client=client, body=question)
        show_stats(answer_of(answered, AnalyticsV1GetViewStatsResponse))
        answered = get_view_stats_by_get.sync_detailed(
            client=client,
            message=json.dumps(question.to_dict()),
            encoding="json",
            connect="v1",
        )
        show_stats(answer_of(answered, AnalyticsV1GetViewStatsResponse))

        view.video_name = "persuasion"
        view.progress = 2
        failed = answer_of(
            log_view.sync_detailed(client=client, body=view, x_request_id="no-such-share"),
            ConnectError,
        )
        [info, bad_request] = failed.details
        if not isinstance(info, ConnectErrorDetailErrorInfo):
            raise TypeError(f"{info!r} is no ErrorInfo")
        if not isinstance(bad_request, ConnectErrorDetailBadRequest):
            raise TypeError(f"{bad_request!r} is no BadRequest")
        show(
            {
                "isInvalid": failed.code is ConnectCode.INVALID_ARGUMENT,
                "reason": info.debug.reason,
                "fields": [violation.field for violation in bad_request.debug.field_violations],
            }
        )

        response = get_item.sync_detailed(client=client, body=CatalogV1GetItemRequest("emma"))
        missing = answer_of(response, ConnectError)
        show({"status": response.status_code, "code": missing.code.value})


main(sys.argv[1])
