"""When something is painted, in milliseconds by the browser's own clock."""

from playwright.sync_api import Browser, Page

from tests.browser.conftest import visiting

FIRST_PAINT = """() => new Promise((done) => {
    const find = (list) => list.getEntriesByName("first-contentful-paint").forEach((each) => done(each.startTime));
    new PerformanceObserver(find).observe({ type: "paint", buffered: true });
})"""
# From the click to the frame in which the answer is painted; `wanted` is what it is an answer to.
WATCH_ANSWER = """(wanted) => {
    let clicked = 0;
    addEventListener("click", (event) => { clicked = event.timeStamp; }, { capture: true, once: true });
    window.answered = new Promise((done) => {
        new MutationObserver((_, observer) => {
            const asked = document.querySelector(".asked");
            if (asked?.textContent !== wanted || !document.querySelector("#verdict")) return;
            observer.disconnect();
            requestAnimationFrame(() => setTimeout(() => done(performance.now() - clicked)));
        }).observe(document.body, { childList: true, subtree: true });
    });
}"""
# From a request for this page itself to the frame in which it is painted.
FETCHED = """async () => {
    const started = performance.now();
    document.body.innerHTML = await (await fetch("/")).text();
    return new Promise((done) => {
        requestAnimationFrame(() => setTimeout(() => done(performance.now() - started)));
    });
}"""


def first_paint(browser: Browser, service: str, path: str) -> float:
    """How long until something of a page is seen, in a context that has cached nothing."""
    with visiting(browser, service) as page:
        page.goto(path)
        return float(page.evaluate(FIRST_PAINT))


def answer_paint(page: Page, question: str) -> float:
    """How long after the click the answer to a question is seen, on a page that can be asked."""
    page.fill("#q", question)
    page.evaluate(WATCH_ANSWER, question)
    page.click("form.ask button[type=submit]")
    return float(page.evaluate("window.answered"))


def fetched_paint(page: Page) -> float:
    """How long after a bare request what came is seen."""
    return float(page.evaluate(FETCHED))
