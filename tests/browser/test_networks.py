"""The Networks tab: any installed model's networks are drawn, light and dark, and can be saved."""

from urllib.parse import unquote
from xml.etree import ElementTree

import pytest


@pytest.fixture
def networks(page):
    page.get_by_role("tab", name="Networks").click()
    page.locator(".nets figure").first.wait_for()
    return page


def titles_of(page) -> list[str]:
    return page.locator(".nets figure img").evaluate_all(
        "pictures => pictures.map((each) => each.alt.split(': ').slice(0, 2).join(': '))"
    )


def test_the_networks_of_an_installed_model(networks):
    assert titles_of(networks) == ["paper: generator", "paper: discriminator, patch 70"]
    assert "54.41 M parameters" in networks.locator(".nets figcaption").first.inner_text()
    choice = networks.locator(".nets select")
    assert "edges2shoes-mine" in choice.locator("option").all_inner_texts()
    choice.select_option("edges2shoes-l1")
    networks.wait_for_function("document.querySelectorAll('.nets figure').length === 1")
    assert titles_of(networks) == ["edges2shoes-l1: generator"]


def test_a_drawing_is_saved(networks):
    with networks.expect_download() as download:
        networks.locator(".nets a", has_text="Save as SVG").first.click()
    assert download.value.suggested_filename == "paper-generator.svg"
    svg = ElementTree.parse(download.value.path()).getroot()
    assert svg.get("aria-label") == "paper: generator"


def test_a_drawing_fits_its_page(networks):
    seen = networks.locator(".nets figure img").first
    assert seen.evaluate("image => image.complete && image.naturalWidth > 500")
    networks.set_viewport_size({"width": 390, "height": 844})
    assert networks.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert "svg" in unquote(seen.get_attribute("src"))[:200]
