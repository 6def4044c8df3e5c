"""The page's modules: all are there, served as what they are, and asked about each time."""

import re

import gradio as gr
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from pix2pix.studio.app import build
from pix2pix.studio.engine import Engine
from pix2pix.studio.middleware import BodyLimit, ClosedPaths
from pix2pix.studio.page import WEB, modules, route
from pix2pix.studio.theme import head

IMPORT = re.compile(r'^(?:import|export) .*?from "(.+?)";$|^import "(.+?)";$', re.MULTILINE)


def client() -> TestClient:
    return TestClient(Starlette(routes=[route()], middleware=[Middleware(ClosedPaths), Middleware(BodyLimit)]))


def test_every_module_is_served_as_a_script() -> None:
    with client() as browser:
        for module in modules():
            response = browser.get(f"/{module}")
            assert response.status_code == 200, module
            assert "javascript" in response.headers["content-type"]


def test_browsers_ask_each_time_and_are_sent_what_is_new() -> None:
    with client() as browser:
        first = browser.get("/web/draw/draw.js")
        assert first.headers["cache-control"] == "no-cache"
        again = browser.get("/web/draw/draw.js", headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.headers["cache-control"]) == (304, "no-cache")


def test_nothing_outside_of_the_folder_is_served() -> None:
    with client() as browser:
        for path in ("/web/../page.py", "/web/%2e%2e/page.py", "/web/draw", "/web/absent.js"):
            assert browser.get(path).status_code == 404, path


def test_every_import_is_of_a_module() -> None:
    known = {(WEB.parent / module).resolve() for module in modules()}
    for path in known:
        for names in IMPORT.findall(path.read_text(encoding="utf-8")):
            name = next(filter(None, names))
            assert name.startswith("."), f"{path} imports {name}: browsers know no packages"
            assert (path.parent / name).resolve() in known, f"{path} imports {name}"


def test_every_part_of_the_page_loads_a_module_that_is_there(tmp_path) -> None:
    app = build(Engine(tmp_path, "cpu"))
    scripts = [block.js_on_load for block in app.blocks.values() if isinstance(block, gr.HTML)]
    named = {re.search(r'import\(new URL\("(.+?)"', script)[1] for script in scripts}
    assert named == {"web/header.js", *(f"web/{tab}/{tab}.js" for tab in ("draw", "photo", "networks", "models"))}
    assert named <= set(modules())


def test_the_page_fetches_its_modules_at_once() -> None:
    for module in modules():
        assert f'<link rel="modulepreload" href="{module}">' in head()
