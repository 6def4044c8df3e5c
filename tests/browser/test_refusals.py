"""What the server refuses, and how it says so."""

import json
import urllib.error
import urllib.request

import pytest

from tests.helpers.person import png_url


@pytest.fixture
def call(address):
    """Calls the board's server function as the page does, with any body."""
    with urllib.request.urlopen(address + "/config") as response:
        component = next(
            each["id"] for each in json.load(response)["components"] if "board" in each["props"].get("elem_classes", [])
        )

    def called(data) -> dict:
        body = {"data": data, "component_id": component, "fn_name": "translate", "session_hash": "test"}
        request = urllib.request.Request(
            address + "/gradio_api/component_server/", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request) as response:
            return json.load(response)

    return called


def test_bad_requests_get_a_sentence(call):
    assert "256 x 256" in call({"task": "labels2facade", "drawing": png_url(255)})["error"]
    assert "256 x 256" in call({"task": "labels2facade", "drawing": png_url(4000)})["error"]
    assert "too large" in call({"task": "labels2facade", "drawing": "data:image/png;base64," + "A" * 400_000})["error"]
    assert "not a readable" in call({"task": "labels2facade", "drawing": "data:image/png;base64,AAAA"})["error"]
    assert "PNG" in call({"task": "labels2facade", "drawing": "/etc/passwd"})["error"]
    assert "installed" in call({"task": "../../etc", "drawing": png_url(256)})["error"]
    assert "seed" in call({"task": "labels2facade", "drawing": png_url(256), "noise": True, "seed": -1})["error"]
    assert "JSON" in call([1, 2])["error"]
    assert call({"task": "labels2facade", "drawing": png_url(256)})["pictures"].keys() == {"l1", "l1+cgan"}


def test_an_oversized_body_is_refused_unread(call):
    with pytest.raises((urllib.error.HTTPError, ConnectionError, urllib.error.URLError)) as refusal:
        call({"drawing": "A" * 30_000_000})
    assert getattr(refusal.value, "code", 413) == 413
