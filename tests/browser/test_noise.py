"""Noise is offered where it changes something, with what it changes."""

import pytest


@pytest.mark.parametrize(("spread", "offered"), [(0.7, False), (12.3, True)])
def test_another_seed_is_offered_only_where_it_can_be_seen(page, spread, offered):
    def measured(route):
        if '"fn_name":"spread"' in route.request.post_data:
            route.fulfill(json={"spread": spread})
        else:
            route.continue_()

    page.route("**/component_server/", measured)
    page.reload()
    page.locator(".noise-help", has_text=f"{spread} ").wait_for()
    assert page.get_by_role("button", name="Another one").is_visible() == offered
    said = page.locator(".noise-help").inner_text()
    assert ("hardly use their noise" in said) == (not offered)
    page.get_by_role("button", name="Noise", exact=True).click()  # who wants to see that nothing changes can
    assert page.get_by_role("button", name="Another one").is_visible()
