"""What is seen and said where it was not: the invitation, the keyboard's place on the canvas, the critic beside Compare."""

from tests.helpers.person import clear


def test_the_critic_puts_the_pictures_side_by_side_and_compare_ends_it(page):
    critic = page.get_by_role("button", name="Critic's view")
    page.get_by_role("button", name="Compare").click()
    critic.click()
    page.wait_for_selector(".patch-scores:visible")
    assert page.locator(".board .patch-scores:visible").count() == 2
    assert critic.get_attribute("aria-pressed") == "true"
    page.get_by_role("button", name="Compare").click()
    assert critic.get_attribute("aria-pressed") == "false"
    assert page.locator(".patch-scores:visible").count() == 0


def test_the_invitation_stands_on_a_card_that_any_paper_leaves_readable(page):
    clear(page)
    style = page.locator(".invitation").evaluate("(one) => [getComputedStyle(one).color, getComputedStyle(one).backgroundColor]")
    assert style == ["rgb(86, 93, 107)", "rgb(255, 255, 255)"]


def test_the_keyboard_shows_its_square_and_its_cross(page):
    square = page.locator(".drawing .square")
    assert square.evaluate("(one) => getComputedStyle(one).outlineStyle") == "none"
    page.locator(".unzoom").evaluate("() => document.querySelector('.starts button:last-child').focus()")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "paper"
    assert square.evaluate("(one) => getComputedStyle(one).outlineStyle") == "solid"
    page.keyboard.press("ArrowRight")
    assert page.locator(".board .ring").evaluate("(one) => getComputedStyle(one, '::before').width") == "25px"
