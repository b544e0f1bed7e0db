"""The page in a real browser: nothing leaves it, nothing complains, and all of it works by mouse, by keyboard, on a phone and without JavaScript."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

import cleaner
from cleaner.reports.html import render_html

SEEDS = Path(__file__).parents[2] / "seeds"
FLAGS = """--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update
    --disable-sync""".split()
NAMES = ("chromium", "chromium-browser", "google-chrome")
HOSTILE = (
    "\"'></title></style><script>window.pwned=1</script><img src=x onerror=window.pwned=1><svg onload=window.pwned=1> "
)
HEBREW = "הספרייה תיפתח בימי ראשון החל מחודש מאי, כך הודיעה העירייה אתמול בערב."

Made = Callable[..., dict[str, Any]]
Opened = Callable[..., Any]


def executable() -> str:
    """The browser to use: what CHROMIUM names, else one on the path. In CI there must be one."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        told = "no Chromium here: install Debian's chromium, or name one in CHROMIUM"
        (pytest.fail if os.environ.get("CI", "").lower() in ("1", "true") else pytest.skip)(told)
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    path = executable()
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def open_page(browser: Any, tmp_path: Path) -> Iterator[Opened]:
    """A function that opens a report as a page; at the end nothing may have left it, and nothing may have complained."""
    told: list[str] = []
    contexts: list[Any] = []

    def opened(report: dict[str, Any], anchor: str = "", width: int = 1280, **settings: Any) -> Any:
        place = tmp_path / "report.html"
        place.write_bytes(render_html(report))
        context = browser.new_context(viewport={"width": width, "height": 800}, **settings)
        context.set_default_timeout(15_000)
        contexts.append(context)

        def aborted(route: Any) -> None:
            if route.request.url.split("#")[0] == place.as_uri():
                route.continue_()
            else:
                told.append(f"a request: {route.request.url}")
                route.abort()

        context.route("**/*", aborted)
        page = context.new_page()
        page.on("console", lambda message: told.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: told.append(str(error)))
        page.on("dialog", lambda dialog: told.append("a dialog"))
        page.goto(place.as_uri() + anchor)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert told == []


@pytest.fixture(scope="module")
def seeds() -> dict[str, Any]:
    return cleaner.clean(SEEDS).report


def open_all(page: Any) -> None:
    page.evaluate("document.querySelectorAll('details').forEach((part) => (part.open = true))")


def is_in_view(page: Any, selector: str) -> bool:
    box = page.locator(selector).bounding_box()
    return bool(box) and 0 <= box["y"] < 800


def test_the_page_opens_without_a_word(open_page: Opened, seeds: dict[str, Any]) -> None:
    page = open_page(seeds)
    assert (
        page.locator("h1")
        .inner_text()
        .startswith(f"{len(seeds['sources'])} sources became {len(seeds['documents'])} articles")
    )
    assert page.evaluate("document.documentElement.className") == "js"


def test_hostile_text_is_inert(open_page: Opened, made: Made) -> None:
    page = open_page(made(name="{}" + HOSTILE, text=HOSTILE, title=HOSTILE))
    open_all(page)
    assert page.evaluate("window.pwned") is None
    assert page.evaluate("document.scripts.length") == 1
    assert page.locator("img").count() == 0
    assert page.get_by_text("window.pwned=1").count() > 20


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
def test_axe_finds_nothing(open_page: Opened, seeds: dict[str, Any], scheme: str, width: int) -> None:
    axe = pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
    page = open_page(seeds, width=width, color_scheme=scheme)
    open_all(page)
    page.evaluate(files(axe).joinpath("axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("axe.run()")
    assert [(entry["id"], [node["html"][:200] for node in entry["nodes"][:3]]) for entry in found["violations"]] == []
    assert len(found["passes"]) > 20


def test_a_narrow_phone_has_no_horizontal_scroll(open_page: Opened, seeds: dict[str, Any], made: Made) -> None:
    for report in (seeds, made(name="a-name-without-any-break-" * 4 + "{}.txt", text="word " * 40 + "x" * 300)):
        page = open_page(report, width=320)
        open_all(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_table_of_sources_is_filtered_and_sorted(open_page: Opened, seeds: dict[str, Any]) -> None:
    page = open_page(seeds)
    section = page.locator("#sources")
    rows = section.locator("tbody tr:visible")
    assert rows.count() == len(seeds["sources"])
    section.get_by_label("Show").select_option("dropped")
    assert rows.count() == 3
    section.get_by_label("Find in this table").fill("library json")
    assert rows.count() == 1
    assert section.locator("output").inner_text() == f"1 of {len(seeds['sources'])} shown"
    section.get_by_label("Find in this table").fill("")
    section.get_by_label("Show").select_option("all")
    sizes = []
    for _ in range(2):
        section.get_by_role("button", name="Bytes").click()
        sizes.append([int(text.replace(",", "")) for text in section.locator("tbody td.n").all_inner_texts()])
    assert sizes[0] == sorted(sizes[0])
    assert sizes[1] == sizes[0][::-1]
    assert section.locator("th[aria-sort=descending]").inner_text().strip().startswith("Bytes")


def test_a_deep_link_opens_what_it_leads_to(open_page: Opened, seeds: dict[str, Any]) -> None:
    page = open_page(seeds, anchor="#repeats-1-5")
    assert page.locator("#repeats-1-5").is_visible()
    assert is_in_view(page, "#repeats-1-5")
    page.locator("#eye .links a").first.click()
    assert "#pair-" in page.url
    assert is_in_view(page, "#" + page.url.split("#")[1])


def test_a_click_on_a_stream_leads_to_its_passage(open_page: Opened, seeds: dict[str, Any]) -> None:
    page = open_page(seeds)
    page.locator("#repeats-1 a[href='#repeats-1-2'] path").dispatch_event("click")
    assert page.locator("#repeats-1-2").is_visible()
    assert is_in_view(page, "#repeats-1-2")


def test_keys_step_through_the_passages(open_page: Opened, seeds: dict[str, Any]) -> None:
    page = open_page(seeds)

    def focused() -> str:
        return str(page.evaluate("document.activeElement.getAttribute('href')"))

    stops = page.evaluate("[...document.querySelectorAll('.stop')].map((stop) => stop.getAttribute('href'))")
    page.locator(f"a.stop[href='{stops[0]}']").focus()
    walked = []
    for key in "nnjpk":
        page.keyboard.press(key)
        walked.append(focused())
    assert walked == [stops[1], stops[2], stops[3], stops[2], stops[1]]
    assert is_in_view(page, f".stop[href='{stops[1]}']")
    page.locator("#sources input").click()
    page.keyboard.press("n")
    assert page.locator("#sources input").input_value() == "n"


def test_the_keys_begin_where_the_reader_is(open_page: Opened, seeds: dict[str, Any]) -> None:
    page = open_page(seeds)
    page.keyboard.press("n")
    assert page.evaluate("document.activeElement.className") == "stop"


def test_an_entry_can_be_copied(open_page: Opened, seeds: dict[str, Any]) -> None:
    page = open_page(seeds, permissions=["clipboard-read", "clipboard-write"])
    page.locator(".accept summary").first.click()
    page.locator(".accept button").first.click()
    page.locator(".accept button", has_text="Cop").first.wait_for()
    assert page.locator(".accept pre").first.inner_text().startswith("[[accept]]\nfiles = [")


def test_it_reads_without_javascript(open_page: Opened, seeds: dict[str, Any]) -> None:
    page = open_page(seeds, java_script_enabled=False)
    assert page.locator("#sources tbody tr").count() == len(seeds["sources"])
    assert page.locator(".keys").is_hidden()
    page.locator("#repeats summary").first.click()
    assert page.locator("#repeats-1-1").is_visible()
    page.locator("#map a").first.click()
    assert page.url.endswith("#cluster-1")


def test_print_opens_everything(open_page: Opened, seeds: dict[str, Any]) -> None:
    page = open_page(seeds)
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
    assert page.locator("body > nav").is_hidden()
    assert page.pdf()[:5] == b"%PDF-"


def test_text_from_right_to_left_reads_so(open_page: Opened, made: Made) -> None:
    page = open_page(made(text=HEBREW))
    open_all(page)
    texts = page.locator(".rows [dir=auto]", has_text=HEBREW[:20])
    assert texts.count() > 3
    assert texts.first.evaluate("(text) => getComputedStyle(text).direction") == "rtl"


def test_a_page_of_twelve_thousand_documents_opens_and_filters(open_page: Opened, made: Made) -> None:
    page = open_page(made(12_000))
    section = page.locator("#sources")
    section.get_by_label("Find in this table").fill("news/1.txt")
    assert section.locator("tbody tr:visible").count() == 1
    page.keyboard.press("Escape")
    assert page.locator("#map svg").count() > 100
