"""Who may ask: requests that another site's page makes with a visitor's browser are refused before anything reads them.

Such a page can reach a studio on its visitor's own machine in two ways. It can send requests there and not read the answers:
the browser then names the page's origin, and only forms' content types are possible without asking first. Or its name starts to
mean this machine (DNS rebinding), and the browser takes both for one site: then the request's Host is the page's name.
"""

import ipaddress
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from pix2pix.studio.middleware import is_upload

LOOPBACK = ("127.0.0.1", "localhost", "::1")
EVERY_NETWORK = ("0.0.0.0", "::")
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
# Names under which only Gradio's relay and the Hub's Spaces serve. Nobody can make them mean somebody's own machine.
RELAY, SPACES = ".gradio.live", ".hf.space"


@dataclass(frozen=True)
class Hosts:
    """The names under which this studio is served: without ports, because whoever forwards a port chooses it.

    `allowed` are those that its owner named, as `host` or `host:port`: their pages may also ask from elsewhere. One that starts
    with a dot stands for all names that end so. With `numbers` any IP address will do: no page can take one for its name.
    """

    bound: tuple[str, ...] = LOOPBACK
    allowed: tuple[str, ...] = ()
    endings: tuple[str, ...] = ()
    numbers: bool = False

    def serve(self, host: str) -> bool:
        """Return whether a request's Host is this studio."""
        name = _name_of(host)
        if name in self.bound or self.trust(host) or name.endswith(self.endings):
            return True
        return self.numbers and _is_number(name)

    def trust(self, host: str) -> bool:
        """Return whether the owner named this host."""
        return host.lower() in self.allowed or _name_of(host) in self.allowed


def hosts_of(host: str, allowed: Sequence[str] = (), space: str = "", share: bool = False) -> Hosts:
    """Return the hosts of a studio that is bound to `host`. `space` is what the Hub calls the Space it runs in, if it does."""
    bound = {*LOOPBACK, _name_of(host)}
    if host in EVERY_NETWORK:
        machine = socket.gethostname().lower()
        bound |= {machine, f"{machine}.local"}
    endings = (*((RELAY,) if share else ()), *((SPACES,) if space else ()))
    named = [*allowed, *([space] if space else [])]
    return Hosts(tuple(bound), tuple(each.lower() for each in named), endings, numbers=host in EVERY_NETWORK)


def _name_of(host: str) -> str:
    """Return a host without its port and an IPv6 address without its brackets, in lower case."""
    if host.count(":") > 1 and not host.startswith("["):
        return host.lower()
    name = host.rpartition("]")[0].removeprefix("[") if host.startswith("[") else host.partition(":")[0]
    return name.lower().removesuffix(".")


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


class Gate:
    """ASGI middleware: 421 for a Host that is not this studio, 403 for pages of other origins, and, where something may change
    or cost, 415 for what is no JSON. Programs, which name no origin, pass.
    """

    def __init__(self, app: ASGIApp, hosts: Hosts):
        self.app, self.hosts = app, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refuse(scope) if scope["type"] == "http" else None
        await (refusal or self.app)(scope, receive, send)

    def _refuse(self, scope: Scope) -> PlainTextResponse | None:
        headers, changes = Headers(scope=scope), scope["method"] not in SAFE_METHODS
        host = headers.get("host", "")
        if not self.hosts.serve(host):
            return _answer(421, "This studio is not served under this name. Its owner can allow it with --allow-host.")
        origin = headers.get("origin")
        if origin is not None and not self._is_own(origin, headers):
            return _answer(403, "Pages of other sites cannot use this studio. Its owner can allow them with --allow-host.")
        # What browsers that name no origin say of a request that another site's page makes.
        if origin is None and changes and headers.get("sec-fetch-site") in ("cross-site", "same-site"):
            return _answer(403, "Pages of other sites cannot use this studio.")
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        expected = "multipart/form-data" if is_upload(scope) else "application/json"
        if changes and scope["method"] != "DELETE" and kind != expected:
            return _answer(415, f"The content type has to be {expected}.")
        return None

    def _is_own(self, origin: str, headers: Headers) -> bool:
        """Return whether a page has this studio's origin.

        A proxy may put the name that the browser asked for into X-Forwarded-Host, which a page of another origin cannot send
        without asking first, and that is refused.
        """
        scheme, _, host = origin.partition("://")
        if scheme not in ("http", "https") or not host:
            return False
        forwarded = headers.get("x-forwarded-host", "").partition(",")[0].strip()
        return host.lower() in (headers["host"].lower(), forwarded.lower()) or self.hosts.trust(host)


def _answer(status: int, words: str) -> PlainTextResponse:
    return PlainTextResponse(words, status_code=status)


def in_front(hosts: Hosts) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    """Return a lifespan that puts the gate in front of everything: Gradio puts its own CORS in front of an app's middleware,
    and that answers and allows pages of other origins.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        assert app.middleware_stack is not None  # built by the first thing that an app is asked, which is to start
        app.middleware_stack = Gate(app.middleware_stack, hosts)
        yield

    return lifespan
