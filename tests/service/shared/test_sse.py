"""Server-sent events as a browser reads them."""

from askreport.service.shared.sse import comment, event, mark, stream


def test_an_event_is_json_on_one_line_whatever_the_text_holds() -> None:
    assert event({"text": "one\ntwo\r\u2028three"}) == b'data: {"text": "one\\ntwo\\r\\u2028three"}\n\n'


def test_an_event_may_have_a_name_and_no_data_but_null() -> None:
    assert event(None, "done") == b"event: done\ndata: null\n\n"


def test_a_mark_is_not_json_and_a_comment_is_no_event() -> None:
    assert mark("[DONE]") == b"data: [DONE]\n\n"
    assert comment("still at work") == b": still at work\n\n"


def test_no_cache_keeps_a_stream_and_no_proxy_holds_it_back() -> None:
    headers = stream([]).headers
    assert headers["content-type"].startswith("text/event-stream")
    assert (headers["cache-control"], headers["x-accel-buffering"]) == ("no-store", "no")
