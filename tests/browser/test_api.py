"""The endpoints for programs, called through gradio_client on a running studio."""

import ast
import asyncio

import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from PIL import Image

TASK = "labels2facade"


@pytest.fixture(scope="module")
def client(address):
    return Client(address, verbose=False)


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "drawing.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (100, 180, 3), np.uint8)).save(path)
    return handle_file(str(path))


def test_list_names_tasks_and_models(client):
    listed = client.predict(api_name="/list")
    assert listed[TASK] == {"l1": f"{TASK}-l1", "l1+cgan": TASK}


def test_translate_keeps_any_size_and_repeats_with_its_seed(client, picture):
    plain, noisy, again = (
        client.predict(task=TASK, drawing=picture, noise=noise, seed=5, norm_statistics="", api_name="/translate")
        for noise in (False, True, True)
    )
    first, second, facts = (*(np.asarray(Image.open(path)) for path in plain[:2]), plain[2])
    assert first.shape == second.shape == (100, 180, 3)
    assert (first != second).any()
    assert facts["objectives"] == ["l1", "l1+cgan"]
    full = [np.asarray(Image.open(answer[1])).astype(int) for answer in (plain, noisy, again)]
    assert (full[0] != full[1]).any()
    np.testing.assert_array_equal(full[1], full[2])


def test_critic_gives_numbers_from_0_to_1(client, picture):
    scores = client.predict(task=TASK, drawing=picture, noise=False, seed=0, norm_statistics="", api_name="/patch_scores")
    values = np.array(scores["l1+cgan"])
    assert values.ndim == 2
    assert 0 <= values.min() <= values.max() <= 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"task": "../../etc"}, "installed"),
        ({"drawing": None}, "no picture"),
        ({"drawing": {"path": "http://127.0.0.1:9/x.png", "meta": {"_type": "gradio.FileData"}}}, "No picture can be had"),
        ({"noise": True, "seed": -1}, "seed"),
        ({"norm_statistics": "batch"}, "image or running"),
    ],
)
def test_bad_calls_get_a_sentence(client, picture, changes, words):
    call = {"task": TASK, "drawing": picture, "noise": False, "seed": 0, "norm_statistics": ""} | changes
    with pytest.raises(AppError, match=words):
        client.predict(**call, api_name="/translate")


def test_files_of_the_server_cannot_be_read(client):
    stolen = {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}
    with pytest.raises(AppError) as refusal:
        client.predict(task=TASK, drawing=stolen, noise=False, seed=0, norm_statistics="", api_name="/translate")
    assert "root:" not in str(refusal.value)


def test_mcp_clients_get_the_same_as_tools(address, client):
    async def asked():
        async with (
            streamable_http_client(f"{address}/gradio_api/mcp/") as (reading, writing, _),
            ClientSession(reading, writing) as session,
        ):
            await session.initialize()
            return (await session.list_tools()).tools, (await session.call_tool("models", {})).content[0].text

    tools, listed = asyncio.run(asked())
    tools = {tool.name: tool.inputSchema for tool in tools}
    assert {"translate", "patch_scores", "edges", "models"} <= set(tools)
    assert tools["translate"]["required"] == ["task", "drawing"]
    assert all(about["description"] for name in ("translate", "edges") for about in tools[name]["properties"].values())
    assert ast.literal_eval(listed) == client.predict(api_name="/list")


def test_nothing_else_is_offered(client):
    assert set(client.view_api(return_format="dict", print_info=False)["named_endpoints"]) == {
        "/translate",
        "/patch_scores",
        "/edges",
        "/list",
    }
