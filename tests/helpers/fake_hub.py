"""A small Hub on 127.0.0.1 for the tests: what huggingface_hub asks of it, over bare git repositories, with faults on demand."""

import base64
import hashlib
import json
import re
import socket
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import yaml

from tests.helpers.bare_repositories import BareRepositories

TOKEN = "hf_test"
USER = "ada"
# What the Hub keeps outside of git: such files have another hash, and another way up.
LARGE = ".safetensors"


@dataclass
class Fault:
    """What to do to the next `times` requests whose "METHOD /path" matches `pattern`.

    Either an answer of `status` with `headers` and `page`; or a file whose connection breaks after some bytes, that has
    other content, or that comes `whole` though a part was asked for.
    """

    pattern: str
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    cut_after: int | None = None
    content: bytes | None = None
    page: bytes | None = None
    whole: bool = False
    times: int = 1


class FakeHub(BareRepositories):
    """Serves repositories at `root`/models|spaces/owner/name, and plain files of `root`/files. Writing needs TOKEN."""

    def __init__(self, root: Path):
        super().__init__(root)
        (root / "files").mkdir(parents=True)
        self.faults: list[Fault] = []
        self.requests: list[str] = []
        self.authorised: list[str] = []
        self.committed: list[list[str]] = []
        self.large: dict[str, bytes] = {}
        hub = self

        class Handler(_Handler):
            server_hub = hub

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def fail(self, pattern: str, status: int | None = None, **how: object) -> None:
        self.faults.append(Fault(pattern, status, **how))

    def downloads(self, name: str) -> list[str]:
        """The GET requests for a file so far."""
        return [request for request in self.requests if request.startswith("GET") and request.split(" ")[1].endswith(f"/{name}")]


class _Handler(BaseHTTPRequestHandler):
    server_hub: FakeHub
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments: object) -> None:
        pass

    def answer(self, content: object, status: int = 200, headers: dict[str, str] | None = None, cut: int | None = None) -> None:
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data[:cut])
        if cut is not None and self.command != "HEAD":
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True

    def missing(self, what: str, status: int = 404) -> None:
        self.answer({"error": f"{what} not found"}, status, {"X-Error-Code": what, "X-Error-Message": f"{what} not found"})

    def do_GET(self) -> None:
        self.serve()

    do_HEAD = do_POST = do_PUT = do_GET  # noqa: N815

    def read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def serve(self) -> None:
        hub = self.server_hub
        self.url = urlsplit(self.path)
        self.body = self.read_body()
        line = f"{self.command} {unquote(self.url.path)}"
        hub.requests.append(line + (f" {self.headers['Range']}" if "Range" in self.headers else ""))
        if "Authorization" in self.headers:
            hub.authorised.append(line)
        fault = next((fault for fault in hub.faults if fault.times > 0 and re.search(fault.pattern, line)), None)
        self.fault = fault
        if fault:
            fault.times -= 1
            if fault.status:
                self.answer(fault.page or {"error": "injected"}, fault.status, fault.headers, fault.cut_after)
                return
        if self.command == "POST" and self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self.answer({"error": "Invalid username or password."}, 401)
            return
        for pattern, method in ROUTES.items():
            if match := re.fullmatch(pattern, line):
                method(self, *match.groups())
                return
        self.answer({"error": "no such route"}, 404)

    def repository(self, kind: str, repo_id: str, revision: str = "main") -> tuple[Path, str] | None:
        repo = self.server_hub.root / kind / repo_id
        if not repo.is_dir():
            self.missing("RepoNotFound")
            return None
        commit = self.server_hub.sha(repo, revision)
        if commit is None:
            self.missing("RevisionNotFound")
            return None
        return repo, commit

    def whoami(self) -> None:
        self.answer({"type": "user", "name": USER, "orgs": [{"name": "club"}]})

    def create(self) -> None:
        asked = json.loads(self.body)
        kind, repo_id = f"{asked.get('type') or 'model'}s", f"{asked.get('organization') or USER}/{asked['name']}"
        url = f"{self.server_hub.endpoint}/{'spaces/' if kind == 'spaces' else ''}{repo_id}"
        if (self.server_hub.root / kind / repo_id).exists():
            self.answer({"error": "You already created this repo", "url": url}, 409)
            return
        self.server_hub.create(kind, repo_id)
        self.answer({"url": url, "name": repo_id})

    def validate(self) -> None:
        self.answer({"errors": [], "warnings": []})

    def card(self, repo: Path, commit: str) -> dict:
        text = (self.server_hub.read(repo, commit, "README.md") or b"").decode()
        return yaml.safe_load(text.split("---")[1]) if text.startswith("---") else {}

    def describe(self, repo: Path, commit: str) -> dict:
        card = self.card(repo, commit)
        repo_id = repo.relative_to(self.server_hub.root).as_posix().split("/", 1)[1]
        siblings = [{"rfilename": path} for path, _, _ in self.server_hub.tree(repo, commit)]
        about = {"id": repo_id, "sha": commit, "tags": card.get("tags", []), "cardData": card, "downloads": 3, "likes": 1}
        return {**about, "siblings": siblings, "lastModified": "2026-01-02T03:04:05.000Z", "private": False}

    def info(self, kind: str, repo_id: str, revision: str | None = None) -> None:
        if found := self.repository(kind, repo_id, revision or "main"):
            self.answer(self.describe(*found))

    def tree(self, kind: str, repo_id: str, revision: str) -> None:
        if found := self.repository(kind, repo_id, revision):
            files = self.server_hub.tree(*found)
            entries = [{"type": "file", "path": path, "oid": blob, "size": size} for path, blob, size in files]
            for entry in entries:
                if entry["path"].endswith(LARGE):
                    content = self.server_hub.git(found[0], "cat-file", "blob", entry["oid"])
                    entry["lfs"] = {"oid": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 134}
            self.answer(entries)

    def models(self) -> None:
        wanted = set(parse_qs(self.url.query).get("filter", []))
        repos = [repo for repo in sorted(self.server_hub.root.glob("models/*/*"))]
        found = [self.describe(repo, self.server_hub.sha(repo, "main")) for repo in repos]
        self.answer([model for model in found if wanted <= set(model["tags"])])

    def preupload(self, kind: str, repo_id: str, revision: str) -> None:
        if found := self.repository(kind, repo_id, revision):
            stored = {path: blob for path, blob, _ in self.server_hub.tree(*found)}
            asked = [file["path"] for file in json.loads(self.body)["files"]]
            modes = {path: "lfs" if path.endswith(LARGE) else "regular" for path in asked}
            files = [{"path": path, "uploadMode": modes[path], "shouldIgnore": False, "oid": stored.get(path)} for path in asked]
            self.answer({"files": files})

    def large_batch(self, repo_id: str) -> None:
        place = f"{self.server_hub.endpoint}/large"
        objects = [
            {
                **each,
                "actions": {"upload": {"href": f"{place}/{each['oid']}"}, "verify": {"href": f"{place}/{each['oid']}/verify"}},
            }
            for each in json.loads(self.body)["objects"]
        ]
        self.answer({"transfer": "basic", "objects": objects})

    def large_put(self, oid: str) -> None:
        self.server_hub.large[oid] = self.body
        self.answer({})

    def large_verify(self, oid: str) -> None:
        right = hashlib.sha256(self.server_hub.large.get(oid, b"")).hexdigest() == oid
        self.answer({}, 200 if right else 400)

    def commit(self, kind: str, repo_id: str, revision: str) -> None:
        if found := self.repository(kind, repo_id, revision):
            lines = [json.loads(line) for line in self.body.splitlines()]
            if lines[0]["value"].get("parentCommit", found[1]) != found[1]:
                self.answer({"error": "A commit has happened since."}, 412)
                return
            files = {line["value"]["path"]: base64.b64decode(line["value"]["content"]) for line in lines if line["key"] == "file"}
            large = {line["value"]["path"]: line["value"]["oid"] for line in lines if line["key"] == "lfsFile"}
            files |= {path: self.server_hub.large[oid] for path, oid in large.items()}
            deleted = [line["value"]["path"] for line in lines if line["key"] == "deletedFile"]
            self.server_hub.committed.append([*files, *(f"-{path}" for path in deleted)])
            commit = self.server_hub.commit(found[0], files, deleted)
            url = f"{self.server_hub.endpoint}/{repo_id}/commit/{commit}"
            self.answer({"success": True, "commitUrl": url, "commitOid": commit})

    def resolve(self, spaces: str | None, repo_id: str, revision: str, path: str) -> None:
        if found := self.repository("spaces" if spaces else "models", repo_id, revision):
            blobs = {name: blob for name, blob, _ in self.server_hub.tree(*found)}
            if path not in blobs:
                self.missing("EntryNotFound")
                return
            self.file(self.server_hub.read(*found, path), {"X-Repo-Commit": found[1], "ETag": f'"{blobs[path]}"'})

    def plain(self, name: str) -> None:
        path = self.server_hub.root / "files" / name
        if path.is_file():
            self.file(path.read_bytes(), {"ETag": f'"{path.stat().st_mtime_ns}"'})
        else:
            self.answer(b"<html>not here</html>", 404)

    def file(self, content: bytes, headers: dict[str, str]) -> None:
        """A file, or the part of it that is asked for, as a fault may have it."""
        if self.fault and self.fault.content is not None:
            content = self.fault.content
        status, cut = 200, self.fault.cut_after if self.fault else None
        match = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if match and not (self.fault and self.fault.whole):
            start = int(match[1])
            headers = headers | {"Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"}
            content, status = content[start:], 206
        self.answer(content, status, headers, cut)


ID = r"([\w.-]+/[\w.-]+)"
ROUTES = {
    r"GET /api/whoami-v2": _Handler.whoami,
    r"POST /api/repos/create": _Handler.create,
    r"POST /api/validate-yaml": _Handler.validate,
    rf"POST /(?:spaces/)?{ID}\.git/info/lfs/objects/batch": _Handler.large_batch,
    r"PUT /large/(\w+)": _Handler.large_put,
    r"POST /large/(\w+)/verify": _Handler.large_verify,
    r"GET /api/models": _Handler.models,
    rf"GET /api/(models|spaces)/{ID}": _Handler.info,
    rf"GET /api/(models|spaces)/{ID}/revision/(.+)": _Handler.info,
    rf"GET /api/(models|spaces)/{ID}/tree/([^/]+)": _Handler.tree,
    rf"POST /api/(models|spaces)/{ID}/preupload/(.+)": _Handler.preupload,
    rf"POST /api/(models|spaces)/{ID}/commit/(.+)": _Handler.commit,
    rf"(?:GET|HEAD) /(spaces/)?{ID}/resolve/([^/]+)/(.+)": _Handler.resolve,
    r"(?:GET|HEAD) /files/(.+)": _Handler.plain,
}
