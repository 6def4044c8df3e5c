"""Pages of other sites in a visitor's browser, and names that do not mean this studio: nothing changes, and nothing is read."""

import http.client
import http.server
import json
import threading
import urllib.parse
import urllib.request

import pytest

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def body(address) -> dict:
    """The Models tab's question, which anybody may ask of a page of the studio."""
    with urllib.request.urlopen(address + "/config") as response:
        parts = json.load(response)["components"]
    number = next(each["id"] for each in parts if "shelf-page" in each["props"].get("elem_classes", []))
    return {"data": {}, "component_id": number, "fn_name": "look", "session_hash": "test"}


def ask(address: str, path: str, headers: dict, body: str | None = None, method: str = "") -> tuple[int, dict, str]:
    """Status, headers and text of what the studio says; a header that is None is not sent."""
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(address).netloc, timeout=30)
    connection.putrequest(method or ("POST" if body is not None else "GET"), path, skip_host="Host" in headers)
    for name, value in {**headers, **({"Content-Length": str(len(body))} if body is not None else {})}.items():
        if value is not None:
            connection.putheader(name, value)
    connection.endheaders(body.encode() if body is not None else None)
    response = connection.getresponse()
    answer = response.status, {name.lower(): value for name, value in response.getheaders()}, response.read().decode()
    connection.close()
    return answer


def call(address: str, body: dict, **headers: str | None) -> tuple[int, dict, str]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return ask(address, "/gradio_api/component_server/", JSON | named, json.dumps(body))


@pytest.mark.parametrize("host", ["evil.example", "evil.example:7860", "127.0.0.1.evil.example", "[::2]", "10.0.0.1", ""])
def test_a_name_that_does_not_mean_this_studio_gets_nothing(address, body, host):
    assert ask(address, "/", {"Host": host})[0] == 421
    assert ask(address, "/config", {"Host": host, "X-Forwarded-Host": "127.0.0.1"})[0] == 421
    status, headers, _ = call(address, body, Host=host, Origin=f"http://{host}")
    assert status == 421
    assert "access-control-allow-origin" not in headers


def test_this_machine_s_own_names_are_served_whatever_the_port(address, body):
    for host in ("localhost", "localhost:1234", "LOCALHOST", "127.0.0.1:80", "[::1]:9000"):
        assert call(address, body, Host=host)[0] == 200
        assert call(address, body, Host=host, Origin=f"http://{host}")[0] == 200
    assert call(address, body, Host="127.0.0.1", X_Forwarded_Host="studio.example", Origin="https://studio.example")[0] == 200


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://127.0.0.1:1", "http://localhost", "file://", "http://", "chrome-extension://x"],
)
def test_other_origins_get_no_answer_that_a_browser_would_give_them(address, body, origin):
    for status, headers, text in (
        call(address, body, Origin=origin),
        ask(address, "/config", {"Origin": origin}),
        ask(address, "/gradio_api/upload", {"Origin": origin, "Access-Control-Request-Method": "POST"}, method="OPTIONS"),
    ):
        assert status == 403
        assert "access-control-allow-origin" not in headers
        assert "other sites" in text


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", None])
def test_what_a_form_could_send_is_no_call(address, body, kind):
    assert call(address, body, Content_Type=kind)[0] == 415
    assert ask(address, "/gradio_api/queue/join", {"Content-Type": kind}, "{}")[0] == 415
    if kind != "multipart/form-data; boundary=x":
        assert ask(address, "/gradio_api/upload", {"Content-Type": kind}, "{}")[0] == 415


def test_browsers_that_name_no_origin_say_at_least_that_it_is_another_one(address, body):
    assert call(address, body, Sec_Fetch_Site="cross-site")[0] == 403
    assert call(address, body, Sec_Fetch_Site="same-origin")[0] == 200
    assert call(address, body)[0] == 200  # a program


@pytest.fixture
def elsewhere():
    """The address of another site: the same machine, another port."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>elsewhere</title>")

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


ATTACK = """async ([address, body]) => {
  const called = (options) => fetch(address + "/gradio_api/component_server/", {method: "POST", body, ...options})
    .then((answer) => answer.type === "opaque" ? "sent" : "read", () => "refused");
  const form = new FormData();
  for (const [name, value] of Object.entries(JSON.parse(body))) form.append(name, value);
  const read = await fetch(address + "/config").then(() => "read", () => "refused");
  return {
    plain: await called({mode: "no-cors", headers: {"content-type": "text/plain"}}),
    form: await called({mode: "no-cors", body: form}),
    json: await called({headers: {"content-type": "application/json"}}),
    beacon: navigator.sendBeacon(address + "/gradio_api/component_server/", new Blob([body], {type: "text/plain"})) ? "sent" : "",
    read,
  };
}"""


def test_another_site_s_page_can_neither_pull_nor_read(address, body, browser, elsewhere):
    pull = body | {"fn_name": "pull", "data": {"source": "a/b", "me": "m" * 30}}
    page = browser.new_page()
    page.goto(elsewhere)
    seen = page.evaluate(ATTACK, [address, json.dumps(pull)])
    page.close()
    assert seen == {"plain": "sent", "form": "sent", "json": "refused", "beacon": "sent", "read": "refused"}
    assert json.loads(call(address, body)[2])["pulls"] == []


def test_another_site_may_show_the_studio_in_a_frame(address, browser, elsewhere):
    page = browser.new_page()
    page.goto(elsewhere)
    page.set_content(f"<iframe src={address}/ width=1200 height=800></iframe>")
    page.frame_locator("iframe").locator(".board .card").first.wait_for(timeout=60_000)
    page.frame_locator("iframe").get_by_role("tab", name="Models").click()
    page.frame_locator("iframe").locator(".shelf .usable .item").first.wait_for(timeout=30_000)
    page.close()
