"""Compare: one picture over the other with a line between them, on every tab that has it."""

import pytest

from tests.browser.test_photo_tab import file_of, give, opened, shoe

LINE = "(square) => parseFloat(getComputedStyle(square, '::after').left) / square.clientWidth"


@pytest.mark.parametrize("tab", ["board", "photo"])
def test_the_line_stands_where_one_picture_ends(page, tab):
    if tab == "photo":
        give(opened(page), file_of(shoe()))
    page.locator(f".{tab} [data-view=compare]").click()
    divider = page.locator(f".{tab} .divider")
    for split in (50, 20, 85):
        divider.fill(str(split))
        assert f"{split}%" in page.locator(f".{tab} .over").get_attribute("style")
        assert page.locator(f".{tab} .output .square").first.evaluate(LINE) == pytest.approx(split / 100, abs=0.005)
