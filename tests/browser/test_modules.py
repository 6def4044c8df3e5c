"""The page's modules in a browser: one that does not load is told of, and tabs share no state."""

from tools.bench.browser import READY

TWIN = """async () => {
    const { default: start } = await import(new URL("web/draw/draw.js", document.baseURI));
    const twin = document.createElement("div");
    twin.innerHTML = document.querySelector(".board .studio").outerHTML;
    document.body.append(twin);
    start(twin, { catalog: async () => ({ version: "1", tasks: [] }) });
    while (twin.firstChild.dataset.state !== "none") await new Promise((resolve) => setTimeout(resolve, 10));
    const state = document.querySelector(".board .studio").dataset.state;
    twin.remove();
    return state;
}"""


def test_a_part_that_does_not_load_says_so_and_stops_no_other(browser, address):
    page = browser.new_page()
    page.route("**/web/draw/pen.js", lambda route: route.abort())
    page.goto(address)
    words = page.locator(".board .unloaded")
    words.wait_for(timeout=60_000)
    assert words.text_content() == "This part of the page could not be loaded. Reload the page to try again."
    page.get_by_role("tab", name="Models").click()
    page.locator(".usable .item").first.wait_for()
    page.close()


def test_modules_keep_nothing_of_one_board_for_another(page):
    assert page.evaluate(TWIN) == "ready"
    assert page.locator(READY).count()
