"""Takes a decoded HTML page, gives its text runs with their positions and the elements that they stand in."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import unescape
from itertools import accumulate, count, islice, repeat
from operator import add, itemgetter
from typing import NamedTuple

# Elements without content; they never have an end tag.
VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())

# Elements whose content is no text for a reader, whatever it looks like; the annotations of a formula say it again in the words of a program.
RAW = frozenset("annotation annotation-xml iframe noembed noframes script style xmp".split())

# Elements whose content is text up to their own end tag, even where it looks like tags.
ESCAPABLE = frozenset(("textarea", "title"))

# Elements that begin and end a block of text; all others (a, em, span, ...) stand inside one.
BLOCK_LEVEL = frozenset(
    """address article aside blockquote body button caption center dd details dialog dir div dl dt fieldset
    figcaption figure footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html iframe legend li main menu nav
    noscript object ol optgroup option p picture pre section select summary svg table tbody td textarea tfoot th thead
    title tr ul video""".split()
)

HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))

# The marks that documentation puts after a heading, for a link to it.
ANCHORS = frozenset(("#", "\N{PILCROW SIGN}", "\N{SECTION SIGN}", "\N{LINK SYMBOL}"))

# A start tag of the key closes an open element of the values, unless one of BARRIERS stands between (HTML standard,
# 13.2.6.4.7).
CLOSED_BY_START = {
    "li": ("li",),
    "dt": ("dt", "dd"),
    "dd": ("dt", "dd"),
    "tr": ("tr", "td", "th"),
    "td": ("td", "th"),
    "th": ("td", "th"),
    "tbody": ("tbody", "thead", "tfoot"),
    "tfoot": ("tbody", "thead", "tfoot"),
    "option": ("option",),
    "body": ("head",),
    "a": ("a",),
}
CLOSES_PARAGRAPH = frozenset(
    """address article aside blockquote center details dialog dir div dl dd dt fieldset figcaption figure footer form
    h1 h2 h3 h4 h5 h6 header hgroup hr li main menu nav ol p pre section summary table ul""".split()
)
BARRIERS = {
    "li": frozenset(("ul", "ol", "menu", "table", "td", "th")),
    "dt": frozenset(("dl", "table", "td", "th")),
    "dd": frozenset(("dl", "table", "td", "th")),
    "p": frozenset(("button", "table", "td", "th", "object")),
}
TABLE_PARTS = frozenset(("table", "tbody", "thead", "tfoot", "tr", "td", "th", "caption"))
CELL_BARRIERS = frozenset(("table",))
CELL_SCOPE = frozenset(("td", "th"))
NO_BARRIERS: frozenset[str] = frozenset()

CLOSES_ANOTHER = CLOSES_PARAGRAPH | HEADINGS | frozenset(CLOSED_BY_START)

# What is counted in what.
PART_OF = {"li": ("ul", "ol", "menu"), "tr": ("table",), "td": ("tr",), "th": ("tr",)}

# A table around one of these arranges the page, it doesn't tabulate.
MAKES_LAYOUT = frozenset(("table", *HEADINGS))

# Elements that tell something of the page by their names alone.
TELLING = MAKES_LAYOUT | frozenset(PART_OF) | frozenset("abbr html link meta time title".split())

TAG = re.compile(
    r"""
    <!--(?:-?>|.*?(?:--!?>|\Z))                                              # a comment
    | <(?P<name>[a-zA-Z][^\s/>]*+)
      (?P<attributes>(?:[^>"'=]++|=\s*+(?:"[^"]*+"|'[^']*+')?+|["'])*+)(?:>|\Z)   # a start tag
    | </(?P<end>[a-zA-Z][^\s/>]*+)[^>]*+(?:>|\Z)                             # an end tag
    | <[!?/][^>]*+(?:>|\Z)                                          # a doctype, an instruction, a broken end tag
    """,
    re.VERBOSE | re.DOTALL,
)

ATTRIBUTES, END = TAG.groupindex["attributes"], TAG.groupindex["end"]

# Elements nested deeper are taken for their container; lxml reads no deeper either.
MAX_DEPTH = 256

# White space between two tags, or a line break: what parts the words of two runs.
GAP = re.compile(r">\s+<|<br\b", re.IGNORECASE)

# What an element that names the author has in its attributes; the last, in the reading view of a browser.
BYLINE = re.compile(
    r"""(?<![\w-])(?:rel|itemprop|class|id|data-[a-z-]+)\s*=\s*["']?[\w\s:.-]*(?:author|byline|reader-credits)""",
    re.IGNORECASE,
)

ATTRIBUTE = re.compile(r"""([^\s"'>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+)))?""")

# A tag of more attributes is crowded: the parser looks each up among all others.
MAX_ATTRIBUTES = 1000

REFERENCE = r"&(?:\#[0-9]+;?|\#[xX][0-9a-fA-F]+;?|[A-Za-z][A-Za-z0-9]*;?)"

# A piece of a word: a character reference, or a stretch without white space and references.
PIECE = re.compile(rf"{REFERENCE}|[^\s&]+|&", re.VERBOSE)

# Characters that lxml drops or can't hold, and invisible ones that extraction may lose.
UNCOMPARED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ufffd\N{SOFT HYPHEN}\N{ZERO WIDTH SPACE}\ufeff]")


@dataclass(slots=True, eq=False)
class Element:
    """An element of the page: its name, the element around it, and where its attributes stand in the source.

    `parts` are the items of a list, the rows of a table and the cells of a row; `number` is an element's place among
    those, from 0. A table is layout when it holds another table or a heading. The runs `first_run` to `end_run`
    (half-open) stand in the element. `tags` are the names of the element and of all around it. `line` is kept by `lineage`.
    """

    tag: str
    parent: Element | None
    source: str
    start: int
    end: int
    first_run: int = 0
    end_run: int = 0
    tags: frozenset[str] = frozenset()
    number: int = 0
    parts: Sequence[Element] = ()
    is_layout: bool = False
    line: tuple[Element, ...] = ()

    def attributes(self) -> dict[str, str]:
        """Names in lower case to values with their character references replaced; the first of equal names counts."""
        found: dict[str, str] = {}
        for match in ATTRIBUTE.finditer(self.source, self.start, self.end):
            value = match[2] or match[3] or match[4] or ""
            found.setdefault(match[1].lower(), unescape(value) if "&" in value else value)
        return found

    def is_crowded(self) -> bool:
        """Whether it has more attributes than anybody writes."""
        found = ATTRIBUTE.finditer(self.source, self.start, self.end)
        return next(islice(found, MAX_ATTRIBUTES, None), None) is not None

    def lineage(self) -> tuple[Element, ...]:
        """The element and all around it, from the inside out."""
        if not self.line:
            self.line = (self, *self.parent.lineage()) if self.parent is not None else (self,)
        return self.line


class TextRun(NamedTuple):
    """A stretch of the source that is text, the element it stands in, and the number of its text block."""

    start: int
    end: int
    element: Element
    block: int


class Piece(NamedTuple):
    """A part of a word that is one source span: what it reads as, and the number of its run."""

    start: int
    end: int
    text: str
    run: int


@dataclass(slots=True)
class Page:
    """The text runs of a page and the elements that tell of it; `crowded` is where the attributes of crowded tags stand."""

    source: str
    runs: list[TextRun] = field(default_factory=list)
    breaks: set[int] = field(default_factory=set)
    meta: list[Element] = field(default_factory=list)
    links: list[Element] = field(default_factory=list)
    times: list[Element] = field(default_factory=list)
    scripts: list[tuple[Element, int, int]] = field(default_factory=list)
    headlines: list[Element] = field(default_factory=list)
    bylines: list[Element] = field(default_factory=list)
    titles: list[Element] = field(default_factory=list)
    crowded: list[tuple[int, int]] = field(default_factory=list)
    root: Element | None = None

    def is_anchor(self, text: str, run: TextRun) -> bool:
        """Whether a text of the run is the mark of a link to the heading that it stands in."""
        if text not in ANCHORS:
            return False
        lineage = run.element.lineage()
        is_to_itself = any(
            element.tag == "a" and element.attributes().get("href", "").startswith("#") for element in lineage
        )
        return is_to_itself and any(element.tag in HEADINGS for element in lineage)

    def text_of(self, element: Element) -> str:
        """The text in an element as a reader sees it, with plain single spaces."""
        parts: list[str] = []
        before: TextRun | None = None
        for run in self.runs[element.first_run : element.end_run]:
            if self.is_anchor(self.source[run.start : run.end].strip(), run):
                continue
            if before is not None and (run.block != before.block or GAP.search(self.source, before.end, run.start)):
                parts.append(" ")
            parts.append(self.source[run.start : run.end])
            before = run
        return " ".join(unescape("".join(parts)).split())


def read_page(source: str, *, is_part: bool = False) -> Page:
    """The text runs of an HTML page, in order, with the element and the text block of each.

    A script or the like that nothing ends takes the rest of a page (HTML standard, 13.2.5.4); where the page is a part of a text, it is a stray tag.
    """
    return _Reader(source, is_part=is_part).read()


def pieces_of(source: str, runs: list[TextRun]) -> list[Piece]:
    """The words of the runs, cut at character references; references to white space are white space."""
    pieces: list[Piece] = []
    # A page has thousands of pieces; made so, each takes half the time.
    made, pattern, after = tuple.__new__, PIECE.finditer, (1).__add__
    for number, (start, end, _, _) in enumerate(runs):
        text = source[start:end]
        words = text.split()
        if "&" not in text:
            # Words with a space between any two stand where their lengths say.
            if len(words) > 1 and (at := text.find(" ".join(words))) >= 0:
                sizes = list(map(len, words))
                starts = list(accumulate(map(after, sizes), initial=start + at))
                pieces += map(made, repeat(Piece), zip(starts, map(add, starts, sizes), words, repeat(number)))
                continue
            end = start
            for word in words:
                start = source.find(word, end)
                end = start + len(word)
                pieces.append(made(Piece, (start, end, word, number)))
            continue
        for match in pattern(source, start, end):
            text = match[0]
            start, end = match.span()
            if text[0] == "&" and end - start > 1:
                text = unescape(text)
                if not text.strip():
                    continue
            pieces.append(made(Piece, (start, end, text, number)))
    return pieces


def ends_of_runs(pieces: Sequence[Piece]) -> dict[int, int]:
    """By the number of each run that has a piece, in order: the number of its last piece, and one."""
    return dict(zip(map(itemgetter(3), pieces), count(1)))


class Compact:
    """The words of a page, `texts`, written without any white space, so that text can be looked up however it was spaced."""

    def __init__(self, texts: list[str]) -> None:
        self.text = "".join(texts)
        if UNCOMPARED.search(self.text):
            texts = [text if text.isascii() and text.isprintable() else comparable(text) for text in texts]
            self.text = "".join(texts)
        self.starts = list(accumulate(map(len, texts), initial=0))[: len(texts)]

    def pieces_between(self, start: int, end: int) -> range:
        """The numbers of the pieces that the code points `start` to `end` of the compact text come from."""
        first = bisect_right(self.starts, start) - 1
        return range(max(first, 0), bisect_right(self.starts, end - 1))


def comparable(text: str) -> str:
    """The text without white space and without the characters that extraction may lose."""
    joined = "".join(text.split())
    return UNCOMPARED.sub("", joined) if not joined.isascii() or not joined.isprintable() else joined


class _Reader:
    """Reads a page tag by tag, keeping the open elements in a stack as a browser does, forgivingly."""

    def __init__(self, source: str, *, is_part: bool) -> None:
        self.source = source
        self.is_part = is_part
        self.page = Page(source)
        self.element = Element("", None, source, 0, 0)
        self.tags: dict[tuple[frozenset[str], str], frozenset[str]] = {}
        self.open: dict[str, int] = defaultdict(int)
        self.depth = 0
        self.block = 0
        self.broken_line = False
        self.unclosed: set[str] = set()

    def read(self) -> Page:
        at = 0
        source, search = self.source, TAG.search
        while match := search(source, at):
            start, end = match.span()
            if at < start:
                self.text(at, start)
            at = end
            # The group that matched last tells the kind of tag.
            kind = match.lastindex
            if kind == ATTRIBUTES:
                at = self.start_tag(match[1].lower(), match, at)
            elif kind == END:
                self.end_tag(match[END].lower())
        self.text(at, len(self.source))
        self.close_up_to(None)
        return self.page

    def text(self, start: int, end: int) -> None:
        if start >= end:
            return
        if self.source[start:end].isspace():
            if not self.open["pre"]:
                return
        else:
            self.broken_line = False
        # A page has thousands of runs; made so, each takes half the time.
        self.page.runs.append(tuple.__new__(TextRun, (start, end, self.element, self.block)))

    def start_tag(self, tag: str, match: re.Match[str], at: int) -> int:
        """Opens the element; gives where reading goes on, which for raw text is the end of it."""
        if tag == "br":
            self.line_break()
            return at
        if tag in BLOCK_LEVEL:
            self.block += 1
        if tag in CLOSES_ANOTHER:
            self.close_implied(tag)
        run = len(self.page.runs)
        start, end = match.span(ATTRIBUTES)
        outer = self.element
        tags = outer.tags if tag in outer.tags else self.tags_within(outer, tag)
        element = Element(tag, outer, self.source, start, end, run, run, tags)
        if tag in TELLING:
            self.note(element)
        if start < end:
            self.note_byline(element)
        if end - start > 2 * MAX_ATTRIBUTES and element.is_crowded():
            self.page.crowded.append((start, end))
        if tag in VOID:
            return at
        if tag in RAW or tag in ESCAPABLE:
            return self.raw_text(element, at)
        if self.depth >= MAX_DEPTH:
            return at
        self.depth += 1
        self.element = element
        self.open[tag] += 1
        return at

    def tags_within(self, outer: Element, tag: str) -> frozenset[str]:
        """The names of an element in another and of all around it; equal sets are one."""
        key = (outer.tags, tag)
        return self.tags.get(key) or self.tags.setdefault(key, outer.tags | {tag})

    def line_break(self) -> None:
        """A second line break in a row ends the text block; a first one is white space."""
        if self.broken_line and not self.open["pre"]:
            self.block += 1
        self.broken_line = True
        self.page.breaks.add(len(self.page.runs))

    def raw_text(self, element: Element, at: int) -> int:
        """Reads to the element's end tag, whatever stands before it; gives where that is."""
        closing = None
        if element.tag not in self.unclosed:
            closing = re.compile(rf"</{element.tag}(?=[\s/>]|\Z)", re.IGNORECASE).search(self.source, at)
        if closing is None and (element.tag in ESCAPABLE or self.is_part):
            # Remembered, for a page of nothing but these would be searched to its end for each.
            self.unclosed.add(element.tag)
            return at
        end = closing.start() if closing else len(self.source)
        if element.tag in ESCAPABLE:
            outside, self.element = self.element, element
            self.text(at, end)
            self.element = outside
            self.block += 1
            element.end_run = len(self.page.runs)
        elif element.tag == "script":
            self.page.scripts.append((element, at, end))
        return end

    def note(self, element: Element) -> None:
        """Keeps the elements whose names tell something of the page."""
        tag = element.tag
        if tag in MAKES_LAYOUT and self.open["table"]:
            self.around(element, "table").is_layout = True
        if tag == "meta":
            self.page.meta.append(element)
        elif tag == "link":
            self.page.links.append(element)
        elif tag in ("time", "abbr"):
            # Microformats give a time as what an abbreviation stands for.
            self.page.times.append(element)
        elif tag == "h1":
            self.page.headlines.append(element)
        elif tag == "title":
            self.page.titles.append(element)
        elif tag == "html" and self.page.root is None:
            self.page.root = element
        elif tag in PART_OF:
            self.note_part(element)

    def note_byline(self, element: Element) -> None:
        """Keeps an element whose attributes say that it names the author."""
        attributes = self.source[element.start : element.end]
        # Plain searches keep the expression from the thousands of elements that don't matter.
        is_near = "uthor" in attributes or "yline" in attributes or "reader-credits" in attributes
        if is_near and element.tag not in VOID and BYLINE.search(attributes):
            self.page.bylines.append(element)

    def note_part(self, element: Element) -> None:
        """Counts an item in its list, a row in its table, a cell in its row."""
        whole = element.parent
        while whole is not None and whole.tag not in PART_OF[element.tag]:
            whole = whole.parent
        if whole is not None:
            element.number = len(whole.parts)
            if not isinstance(whole.parts, list):
                whole.parts = []
            whole.parts.append(element)

    def around(self, element: Element, tag: str) -> Element:
        """The nearest element of that name around an element."""
        outer = element.parent
        while outer is not None and outer.tag != tag:
            outer = outer.parent
        return outer or element

    def close_implied(self, tag: str) -> None:
        if tag in CLOSES_PARAGRAPH and self.open["p"]:
            self.close("p", BARRIERS["p"])
        if tag in HEADINGS and self.element.tag in HEADINGS:
            self.close(self.element.tag, NO_BARRIERS)
        for closed in CLOSED_BY_START.get(tag, ()):
            if self.open[closed]:
                self.close(closed, BARRIERS.get(tag, CELL_BARRIERS))

    def end_tag(self, tag: str) -> None:
        if tag in BLOCK_LEVEL:
            self.block += 1
        element = self.element
        if element.tag == tag and element.parent is not None:
            # Nearly always; what closes no other needs no search.
            self.close_up_to(element.parent)
        elif tag == "br":
            self.line_break()
        elif self.open[tag]:
            self.close(tag, NO_BARRIERS if tag in TABLE_PARTS or tag in ("body", "html") else CELL_SCOPE)

    def close(self, tag: str, barriers: frozenset[str]) -> None:
        """Closes the innermost open `tag` and all inside it, unless one of the barriers stands between."""
        element: Element | None = self.element
        while element is not None and element.tag != tag:
            if element.tag in barriers:
                return
            element = element.parent
        if element is None or element.parent is None:
            return
        self.close_up_to(element.parent)

    def close_up_to(self, outer: Element | None) -> None:
        """Closes the open elements inside `outer`; all but the page itself if that is None."""
        element, runs = self.element, len(self.page.runs)
        while element is not outer and element.parent is not None:
            self.open[element.tag] -= 1
            self.depth -= 1
            element.end_run = runs
            element = element.parent
        self.element = element
