"""Under which names a studio is served."""

import socket

import pytest

from pix2pix.studio.gate import hosts_of


@pytest.mark.parametrize("bound", ["127.0.0.1", "localhost", "::1"])
def test_a_studio_of_this_machine_has_only_this_machine_s_names(bound):
    hosts = hosts_of(bound)
    assert all(map(hosts.serve, ("127.0.0.1:7860", "localhost:1", "[::1]:7860", "[::1]", "::1", "LocalHost", "localhost.")))
    assert not any(
        map(hosts.serve, ("evil.example", "192.168.0.9:7860", socket.gethostname() + ".evil", "x.hf.space", "", ":7860"))
    )
    assert not hosts.trust("127.0.0.1:7860")


def test_a_bound_address_or_name_is_served_and_no_other():
    assert hosts_of("192.168.0.9").serve("192.168.0.9:7860")
    assert not hosts_of("192.168.0.9").serve("192.168.0.8:7860")
    assert hosts_of("Box.lan").serve("box.lan:7860")


def test_on_every_network_numbers_and_the_machine_s_name_are_served():
    for bound in ("0.0.0.0", "::"):
        hosts = hosts_of(bound)
        assert all(map(hosts.serve, ("192.168.0.9:7860", "[fe80::1]:7860", socket.gethostname(), "127.0.0.1:1")))
        assert not any(map(hosts.serve, ("evil.example", "10.0.0.1.evil.example", "x.hf.space", "x.gradio.live")))


def test_names_that_the_owner_allows_are_served_and_their_pages_trusted():
    hosts = hosts_of("0.0.0.0", ["Studio.example", "tools.example:6274"])
    assert all(map(hosts.serve, ("studio.example", "studio.example:443", "tools.example:6274")))
    assert not any(map(hosts.serve, ("other.studio.example", "tools.example")))
    assert hosts.trust("studio.example:8443")
    assert not hosts.trust("tools.example:1")


def test_a_space_and_a_shared_studio_have_the_names_of_their_relays():
    space = hosts_of("0.0.0.0", space="ada-studio.hf.space")
    assert all(map(space.serve, ("ada-studio.hf.space", "ada-studio--dev.hf.space")))
    assert space.trust("ada-studio.hf.space")
    assert not space.trust("eve-studio.hf.space")
    assert hosts_of("127.0.0.1", share=True).serve("abc123.gradio.live")
    assert not hosts_of("127.0.0.1").serve("abc123.gradio.live")
