"""A body that is a tree of nodes in, blocks out: what editors save instead of a text (Editor.js, Portable Text, Contentful, ProseMirror, Slate, Draft.js, Quill, Notion).

Every string of the tree keeps its own JSON Pointer. What a node is goes by one table of the names that these editors give; a node of an unknown name is
looked through for nodes that are known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html import unescape
from typing import Any, NamedTuple

from cleaner.model.documents import Block, Kind, Mark, MarkKind
from cleaner.model.text import Span, TracedText
from cleaner.rules import MARKUP, SEPARATOR

# Names of nodes in lower case, without `-`, `_`, digits and the name of a collection ("core/heading" is "heading").
BLOCKS = {
    "paragraph": Kind.PARAGRAPH, "p": Kind.PARAGRAPH, "normal": Kind.PARAGRAPH, "unstyled": Kind.PARAGRAPH, "block": Kind.PARAGRAPH,
    "text": Kind.PARAGRAPH, "lead": Kind.PARAGRAPH, "callout": Kind.PARAGRAPH, "warning": Kind.PARAGRAPH, "alert": Kind.PARAGRAPH, "note": Kind.PARAGRAPH,
    "panel": Kind.PARAGRAPH, "toggle": Kind.PARAGRAPH,
    "heading": Kind.HEADING, "header": Kind.HEADING, "h": Kind.HEADING, "subheading": Kind.HEADING, "crosshead": Kind.HEADING,
    "listitem": Kind.ITEM, "li": Kind.ITEM, "unorderedlistitem": Kind.ITEM, "orderedlistitem": Kind.ITEM, "bulletedlistitem": Kind.ITEM,
    "numberedlistitem": Kind.ITEM, "todo": Kind.ITEM, "taskitem": Kind.ITEM, "bullet": Kind.ITEM, "number": Kind.ITEM,
    "blockquote": Kind.QUOTE, "quote": Kind.QUOTE, "pullquote": Kind.QUOTE,
    "code": Kind.CODE, "codeblock": Kind.CODE, "pre": Kind.CODE,
    "tablerow": Kind.ROW, "tr": Kind.ROW,
    "caption": Kind.CAPTION, "figcaption": Kind.CAPTION,
}  # fmt: skip
LISTS = frozenset(
    "list bulletlist orderedlist unorderedlist bulletedlist numberedlist checklist tasklist ul ol listbullet listnumber".split()
)
ORDERED = ("ordered", "numbered", "number", "ol")
CELLS = frozenset("tablecell tableheader tableheadercell td th".split())
TABLES = frozenset(("table",))
INLINE = frozenset(
    "text span link hyperlink a autolink entryhyperlink assethyperlink inline mention emoji code em strong mark".split()
)
BREAKS = frozenset("linebreak hardbreak break br".split())
MEDIA = frozenset(
    "image img figure video embed embeddedassetblock embeddedentryblock asset gallery horizontalrule hr delimiter divider thematicbreak oembed".split()
)
# Nodes that are no part of the article.
FOREIGN = frozenset(
    "promo ad advert advertisement newsletter newslettersignup signup related relatedlinks relatedarticles recirculation recommendation share social".split()
)
# Nodes that hold a text of another format whole.
CARDS = frozenset("html raw rawhtml freeform classic markdown cardmarkdown".split())
# Medium numbers its nodes.
NUMBERED = {1: "p", 2: "h", 3: "h", 4: "img", 6: "blockquote", 7: "pullquote", 8: "pre", 9: "li", 10: "orderedlistitem", 13: "h"}  # fmt: skip
NUMBERED_MARKS = {1: MarkKind.STRONG, 2: MarkKind.EMPHASIS, 10: MarkKind.CODE}
NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
# Where a node says its name, where it has the nodes inside it, and where its text; the first that is there is taken.
NAMES = ("_type", "nodeType", "type", "blockName", "__component")
CHILDREN = (
    "content", "children", "blocks", "nodes", "items", "rich_text", "root", "document", "content_elements", "elements", "data", "content_blocks", "rows", "innerBlocks", "results", "paragraphs",
)  # fmt: skip
TEXTS = (
    "text",
    "value",
    "content",
    "html",
    "markdown",
    "code",
    "body",
    "innerHTML",
    "message",
    "calloutText",
    "paragraph",
    "insert",
)
# What a part of a text is headed by.
HEADS = ("heading", "header", "subheading", "title")
PAYLOADS = ("data", "model", "attributes")
PARAGRAPH_END = re.compile(r"(?<!\s)\s*\n\s*")
MARKS = {
    "bold": MarkKind.STRONG, "strong": MarkKind.STRONG, "b": MarkKind.STRONG, "italic": MarkKind.EMPHASIS, "em": MarkKind.EMPHASIS,
    "i": MarkKind.EMPHASIS, "emphasis": MarkKind.EMPHASIS, "code": MarkKind.CODE,
}  # fmt: skip
# Lexical keeps the marks of a text in the bits of a number.
BITS = ((1, MarkKind.STRONG), (2, MarkKind.EMPHASIS), (16, MarkKind.CODE))
TAG_OR_REFERENCE = re.compile(
    r"</?(?P<name>[A-Za-z][A-Za-z0-9]*)\b[^<>]*>|&(?:#\d+|#[xX][0-9A-Fa-f]+|[A-Za-z]\w*);", re.DOTALL
)
COMMENT_TAG_OR_REFERENCE = re.compile(rf"<!--.*?-->|{TAG_OR_REFERENCE.pattern}", re.DOTALL)
HREF = re.compile(r"\bhref\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", re.IGNORECASE)
# A tree that is nested deeper than this was made to break something.
MAX_DEPTH = 60


class Leaf(NamedTuple):
    """A string of the tree, and its JSON Pointer."""

    pointer: str
    text: str


def is_rich(value: Any) -> bool:
    """Whether a value is a tree of nodes of a text: nodes with names from the table, or the operations of Quill."""
    if isinstance(value, dict):
        if isinstance(value.get("ops"), list):
            return any(isinstance(found, dict) and isinstance(found.get("insert"), str) for found in value["ops"])
        if _is_mobiledoc(value):
            return True
        return any(is_rich(value[name]) for name in CHILDREN if isinstance(value.get(name), dict | list))
    if not isinstance(value, list) or not value:
        return False
    nodes = [item for item in value if isinstance(item, dict)]
    known = sum(1 for node in nodes if _is_known(node))
    return known > 0 and 2 * known >= len(nodes) == len(value) and bool(next(_texts(value, 0), ""))


def is_parts(value: Any) -> bool:
    """Whether a value is a list of the parts of one text: objects without a name or an address of their own, each with a text or paragraphs."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(part, dict) and not {"title", "headline", "url", "link"} & part.keys() for part in value)
        and all(any(isinstance(part.get(name), str) for name in TEXTS) or "paragraphs" in part for part in value)
    )


def _is_mobiledoc(value: dict[str, Any]) -> bool:
    return isinstance(value.get("sections"), list) and isinstance(value.get("markups"), list) and "cards" in value


def text_size(value: Any) -> int:
    """How many characters the texts of a tree have."""
    return sum(map(len, _texts(value, 0)))


def rich_blocks(value: Any, pointer: str) -> tuple[list[Block], list[Leaf]]:
    """The blocks of a tree of nodes at `pointer`, and the strings that they were made of."""
    walk = _Walk()
    if isinstance(value, dict) and isinstance(value.get("ops"), list):
        walk.operations(value["ops"], f"{pointer}/ops")
    elif isinstance(value, dict) and _is_mobiledoc(value):
        walk.mobiledoc(value, pointer)
    else:
        walk.nodes(value, pointer, 0)
    return walk.blocks, walk.leaves


def _is_known(node: dict[str, Any]) -> bool:
    name = _name(node)
    if isinstance(node.get("title") or node.get("headline"), str):
        # An article in a list of them may say of itself that it is a text.
        return False
    return name in BLOCKS or name in LISTS or name in TABLES or name in MEDIA or name in CARDS


def _name(node: dict[str, Any]) -> str:
    """What a node is, by the table's spelling; a Portable Text block is what its style says, or an item."""
    said = next((str(node[name]) for name in NAMES if isinstance(node.get(name), str)), "")
    if not said and isinstance(node.get("type"), int) and "markups" in node:
        return NUMBERED.get(node["type"], "")
    if said == "block" and isinstance(node.get("listItem"), str):
        return "listitem"
    if said == "block" and isinstance(node.get("style"), str):
        said = str(node["style"])
    plain = re.sub(r"[-_\d]", "", said.rsplit("/", 1)[-1].rsplit(".", 1)[-1]).lower().removeprefix("extended")
    return next(
        (plain.removesuffix(number) for number in NUMBERS if plain.endswith(number) and plain.startswith("head")), plain
    )


def _texts(value: Any, depth: int) -> Iterator[str]:
    if depth > MAX_DEPTH:
        return
    if isinstance(value, list):
        for item in value:
            yield from _texts(item, depth + 1)
    elif isinstance(value, dict):
        for name in TEXTS:
            if isinstance(value.get(name), str) and value[name].strip():
                yield value[name]
        for member in value.values():
            if isinstance(member, dict | list):
                yield from _texts(member, depth + 1)


def _step(pointer: str, name: str | int) -> str:
    return f"{pointer}/{str(name).replace('~', '~0').replace('/', '~1')}"


def _payload(node: dict[str, Any], pointer: str) -> tuple[dict[str, Any], str]:
    """Where a node has what it holds: in itself, in its `data` (Editor.js), or in a member of its own name (Notion)."""
    for name in (*PAYLOADS, str(node.get("type", ""))):
        if (
            node.get(name)
            and isinstance(node[name], dict)
            and not any(isinstance(node.get(own), str | list) for own in ("text", "content", "children", "innerHTML"))
        ):
            return node[name], _step(pointer, name)
    return node, pointer


def _inside(node: dict[str, Any], pointer: str) -> Iterator[tuple[Any, str]]:
    """The nodes inside a node with their pointers; for a node of strings, those."""
    for name in CHILDREN:
        held = node.get(name)
        if isinstance(held, list):
            for number, child in enumerate(held):
                yield child, _step(_step(pointer, name), number)
            return
        if isinstance(held, dict) and (is_rich(held) or name in ("root", "document")):
            yield held, _step(pointer, name)
            return


def _holds_blocks(payload: dict[str, Any], at: str) -> bool:
    """Whether a node that is a block holds blocks of its own: a quotation of paragraphs, a panel with a list."""
    names = (_name(child) for child, _ in _inside(payload, at) if isinstance(child, dict))
    return any(name not in INLINE and (name in BLOCKS or name in LISTS or name in TABLES) for name in names)


def _level(node: dict[str, Any], payload: dict[str, Any]) -> int:
    """The level of a heading: a member `level`, or the number in the name of the node, its style or its tag."""
    attributes = node["attrs"] if isinstance(node.get("attrs"), dict) else {}
    for holder in (payload, attributes, node):
        if isinstance(holder.get("level"), int) and not isinstance(holder.get("level"), bool):
            return min(6, max(1, int(holder["level"])))
    for name in ("style", "tag", *NAMES):
        said = str(node.get(name, ""))
        if digits := re.search(r"[1-6]$", said):
            return int(digits.group())
        if word := next((number for number in NUMBERS if said.endswith(number)), ""):
            return NUMBERS[word]
    return 2


def _language(node: dict[str, Any], payload: dict[str, Any]) -> str:
    """The language of a code block, where its node says it in one word."""
    attributes = node["attrs"] if isinstance(node.get("attrs"), dict) else {}
    said = next(
        (str(holder["language"]) for holder in (payload, attributes, node) if isinstance(holder.get("language"), str)),
        "",
    )
    return said if re.fullmatch(r"[\w+#.-]+", said) else ""


@dataclass(slots=True)
class _Line:
    """The text of one block as it is put together."""

    parts: list[TracedText] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    size: int = 0

    def put(self, text: TracedText, marks: list[tuple[MarkKind, str]]) -> None:
        if len(text):
            self.marks += (Mark(self.size, self.size + len(text), kind, target) for kind, target in marks)
            self.parts.append(text)
            self.size += len(text)

    def block(self, kind: Kind, level: int = 0) -> Block:
        block = Block(kind, TracedText.join(self.parts), level, marks=tuple(_joined(self.marks)))
        return block if kind is Kind.CODE else block.stripped()


def _joined(marks: list[Mark]) -> Iterator[Mark]:
    """Marks of one kind and target that touch, as one."""
    last: dict[tuple[MarkKind, str], Mark] = {}
    for mark in sorted(marks):
        key = (mark.kind, mark.target)
        if key in last and last[key].end == mark.start:
            last[key] = last[key]._replace(end=mark.end)
        else:
            if key in last:
                yield last[key]
            last[key] = mark
    yield from last.values()


@dataclass(slots=True)
class _Walk:
    """Goes through a tree and gathers blocks and the strings that they are made of."""

    blocks: list[Block] = field(default_factory=list)
    leaves: list[Leaf] = field(default_factory=list)
    group: int = 0
    number: int = 0

    def nodes(self, value: Any, pointer: str, depth: int) -> None:
        """The blocks of a node, or of a list of nodes."""
        if depth > MAX_DEPTH:
            return
        if isinstance(value, list):
            for number, child in enumerate(value):
                self.nodes(child, _step(pointer, number), depth + 1)
        elif isinstance(value, str):
            self._add(self._line(value, pointer), Kind.PARAGRAPH)
        elif isinstance(value, dict):
            self._node(value, pointer, depth)

    def _node(self, node: dict[str, Any], pointer: str, depth: int) -> None:
        name = _name(node)
        payload, at = _payload(node, pointer)
        kind = BLOCKS.get(name)
        if name in LISTS:
            self.group += 1
            self._list(payload, at, _is_ordered(node, payload), 0, depth)
        elif name in TABLES:
            self.group += 1
            self._table(payload, at, depth)
        elif name in MEDIA:
            self._caption(payload, at, depth)
        elif name in FOREIGN:
            pass
        elif name in CARDS:
            self._card(name, payload, at)
        elif kind is Kind.ITEM:
            self._item(node, payload, at, depth)
        elif kind is Kind.PARAGRAPH and _holds_blocks(payload, at):
            self._head(payload, at, Kind.PARAGRAPH)
            for child, place in _inside(payload, at):
                self.nodes(child, place, depth + 1)
        elif kind is Kind.QUOTE and _holds_blocks(payload, at):
            self.group += 1
            before = len(self.blocks)
            for child, place in _inside(payload, at):
                self.nodes(child, place, depth + 1)
            self.blocks[before:] = [
                replace(block, kind=Kind.QUOTE, level=0, group=self.group) if block.kind is Kind.PARAGRAPH else block
                for block in self.blocks[before:]
            ]
        elif kind is not None:
            if kind is Kind.PARAGRAPH:
                self._head(payload, at, Kind.PARAGRAPH)
            line = _Line()
            self._inline(payload, at, [], line, depth, node)
            level = _level(node, payload) if kind is Kind.HEADING else 0
            self.group += kind is Kind.QUOTE
            self._add(line, kind, level, info=_language(node, payload) if kind is Kind.CODE else "")
            if kind is Kind.QUOTE:
                self._caption(payload, at, depth)
        else:
            self._unknown(name, payload, at, depth)

    def _unknown(self, name: str, payload: dict[str, Any], at: str, depth: int) -> None:
        """The blocks of a node that the table does not know, or of a part that has no name: those of the nodes inside, else its text."""
        before = len(self.blocks)
        if not name:
            self._head(payload, at, Kind.HEADING)
        headed = len(self.blocks)
        for child, place in _inside(payload, at):
            self.nodes(child, place, depth + 1)
        text = next((member for member in TEXTS if isinstance(payload.get(member), str)), "")
        if len(self.blocks) > headed or not text or (" " not in payload[text].strip() and headed == before):
            return
        if re.search(r"<(?:p|div|h[1-6]|ul|ol)\b", payload[text]):
            self._card("html", payload, at)
            return
        for start, end in _paragraphs(payload[text]):
            line = _Line()
            self._put(payload[text], _step(at, text), [], line, start, end)
            self._add(line, Kind.PARAGRAPH)

    def _head(self, payload: dict[str, Any], at: str, kind: Kind) -> None:
        """What a part or a panel is headed by, as a block of its own."""
        if head := next((name for name in HEADS if isinstance(payload.get(name), str)), ""):
            self._add(self._line(payload[head], _step(at, head)), kind, 2 if kind is Kind.HEADING else 0)

    def _card(self, name: str, payload: dict[str, Any], at: str) -> None:
        """The blocks of a node that holds a text of another format whole."""
        member = next((member for member in TEXTS if isinstance(payload.get(member), str)), "")
        if not member:
            return
        text, pointer = payload[member], _step(at, member)
        self.leaves.append(Leaf(pointer, text))
        before = self.group
        for block in _card_blocks(text, pointer, is_markdown=name.endswith("markdown")):
            self.group = max(self.group, before + block.group)
            self.blocks.append(replace(block, group=before + block.group if block.group else 0))

    def _add(self, line: _Line, kind: Kind, level: int = 0, **properties: Any) -> None:
        block = line.block(kind, level)
        if block.text.text.strip():
            group = self.group if kind is Kind.QUOTE else 0
            self.blocks.append(replace(block, **{"group": group, **properties}))

    def _item(self, node: dict[str, Any], payload: dict[str, Any], at: str, depth: int) -> None:
        """An item that stands alone among the blocks (Portable Text, Draft.js, Notion)."""
        said = (
            f"{node.get('listItem', '')} {next((node[name] for name in NAMES if isinstance(node.get(name), str)), '')}"
        )
        is_ordered = (any(sign in said for sign in ("number", "ordered-list")) and "unordered" not in said) or _name(
            node
        ) == "orderedlistitem"
        level = next(
            (int(node[name]) - (name == "level") for name in ("level", "depth") if isinstance(node.get(name), int)), 0
        )
        goes_on = bool(self.blocks) and self.blocks[-1].kind is Kind.ITEM
        self.group += not goes_on
        before = next((block for block in reversed(self.blocks) if block.level <= level), None) if goes_on else None
        counts_on = (
            before is not None and before.kind is Kind.ITEM and before.level == level and before.ordinal is not None
        )
        ordinal = ((before.ordinal or 0) + 1 if counts_on and before else 1) if is_ordered else None
        line = _Line()
        self._inline(payload, at, [], line, depth, node)
        self._add(line, Kind.ITEM, max(0, level), ordinal=ordinal, group=self.group)

    def _list(self, payload: dict[str, Any], at: str, is_ordered: bool, level: int, depth: int) -> None:
        ordinal = 1
        for child, place in _inside(payload, at):
            if depth > MAX_DEPTH:
                return
            if isinstance(child, dict) and _name(child) in LISTS:
                self._list(*_payload(child, place), _is_ordered(child, child), level + 1, depth + 1)
                continue
            line, nested = _Line(), []
            if isinstance(child, str):
                line = self._line(child, place)
            elif isinstance(child, dict):
                held, inside = _payload(child, place)
                nested = [
                    found
                    for found in _inside(held, inside)
                    if isinstance(found[0], dict)
                    and (_name(found[0]) in LISTS or ("items" in held and "content" in found[0]))
                ]
                self._inline(held, inside, [], line, depth, child, frozenset(pointer for _, pointer in nested))
            before = len(self.blocks)
            self._add(line, Kind.ITEM, level, ordinal=ordinal if is_ordered else None, group=self.group)
            ordinal += len(self.blocks) > before
            for found, pointer in nested:
                if _name(found) in LISTS:
                    self._list(*_payload(found, pointer), _is_ordered(found, found), level + 1, depth + 1)
            if (
                isinstance(child, dict)
                and isinstance(child.get("items"), list)
                and isinstance(child.get("content"), str)
            ):
                self._list({"items": child["items"]}, place, is_ordered, level + 1, depth + 1)

    def _table(self, payload: dict[str, Any], at: str, depth: int) -> None:
        for row, place in _inside(payload, at):
            cells: list[tuple[Any, str]] = []
            if isinstance(row, list):
                cells = [(cell, _step(place, number)) for number, cell in enumerate(row)]
            elif isinstance(row, dict):
                held, inside = _payload(row, place)
                cells = list(_inside(held, inside))
                if isinstance(held.get("cells"), list):
                    cells = [(cell, _step(_step(inside, "cells"), number)) for number, cell in enumerate(held["cells"])]
                if (
                    cells
                    and all(isinstance(cell, dict) and _name(cell) not in CELLS for cell, _ in cells)
                    and _name(row) not in BLOCKS
                    and "cells" not in held
                ):
                    # A body of rows inside the table.
                    self._table(held, inside, depth + 1)
                    continue
            self._row(cells, depth)

    def _row(self, cells: list[tuple[Any, str]], depth: int) -> None:
        parts: list[TracedText] = []
        marks: list[Mark] = []
        size = 0
        for number, (cell, place) in enumerate(cells):
            line = _Line()
            self._inline(cell, place, [], line, depth, None)
            text = line.block(Kind.ROW)
            if number:
                parts.append(TracedText.inserted(" | ", SEPARATOR))
                size += 3
            marks.append(Mark(size, size + len(text.text), MarkKind.CELL))
            marks += (mark._replace(start=mark.start + size, end=mark.end + size) for mark in text.marks)
            parts.append(text.text)
            size += len(text.text)
        if any(len(part) and part.spans() for part in parts):
            self.blocks.append(Block(Kind.ROW, TracedText.join(parts), marks=tuple(marks), group=self.group))

    def _caption(self, payload: dict[str, Any], at: str, depth: int) -> None:
        caption = payload.get("caption")
        if isinstance(caption, str | list | dict):
            line = _Line()
            self._inline(caption, _step(at, "caption"), [], line, depth, None)
            self._add(line, Kind.CAPTION)

    # -- inside a block --

    def _inline(
        self, value: Any, pointer: str, marks: list[tuple[MarkKind, str]], line: _Line, depth: int, holder: dict[str, Any] | None,
        passed_over: frozenset[str] = frozenset(),
    ) -> None:  # fmt: skip
        """The text inside a node, on one line with what stands before it; `holder` is the node that has the definitions of its marks."""
        if depth > MAX_DEPTH or pointer in passed_over:
            return
        if isinstance(value, str):
            self._put(value, pointer, marks, line)
        elif isinstance(value, list):
            for number, child in enumerate(value):
                self._inline(child, _step(pointer, number), marks, line, depth + 1, holder, passed_over)
        elif isinstance(value, dict):
            self._inline_node(value, pointer, marks, line, depth, holder, passed_over)

    def _inline_node(
        self, node: dict[str, Any], pointer: str, marks: list[tuple[MarkKind, str]], line: _Line, depth: int, holder: dict[str, Any] | None,
        passed_over: frozenset[str],
    ) -> None:  # fmt: skip
        if node is not holder and _name(node) in BREAKS:
            line.put(TracedText.inserted("\n", SEPARATOR), [])
            return
        own = [*marks, *_marks_of(node, holder or {})] if node is not holder else marks
        if isinstance(node.get("text"), str) and (ranges := _ranges(node)) is not None:
            self._ranged(node["text"], _step(pointer, "text"), ranges, line)
            return
        for name in TEXTS:
            held = node.get(name)
            if isinstance(held, str) and held:
                self._put(held, _step(pointer, name), own, line)
                return
            if isinstance(held, dict) and isinstance(held.get("content"), str):
                self._put(held["content"], _step(_step(pointer, name), "content"), own, line)
                return
        is_first = True
        for child, place in _inside(node, pointer):
            if place in passed_over:
                continue
            starts_line = isinstance(child, dict) and _name(child) in ("paragraph", "p", "listitem", "li")
            if starts_line and not is_first and line.size:
                line.put(TracedText.inserted("\n", SEPARATOR), [])
            self._inline(
                child,
                place,
                own,
                line,
                depth + 1,
                holder if holder is not None and holder.get("markDefs") else node,
                passed_over,
            )
            is_first = False

    def _ranged(self, text: str, pointer: str, ranges: list[tuple[int, int, MarkKind, str]], line: _Line) -> None:
        """A text whose marks are ranges of it, in units of UTF-16."""
        start = line.size
        self.leaves.append(Leaf(pointer, text))
        line.put(TracedText.copied(text, pointer=pointer), [])
        for first, last, kind, target in ranges:
            left, right = _code_points(text, first), _code_points(text, last)
            if left < right:
                line.marks.append(Mark(start + left, start + right, kind, target))

    def _line(self, text: str, pointer: str) -> _Line:
        line = _Line()
        self._put(text, pointer, [], line)
        return line

    def _put(
        self, text: str, pointer: str, marks: list[tuple[MarkKind, str]], line: _Line, start: int = 0, end: int | None = None
    ) -> None:  # fmt: skip
        """A string of the tree, or a part of one, its inline HTML read as marks."""
        self.leaves.append(Leaf(pointer, text))
        end = len(text) if end is None else end
        at = start
        open_tags: list[tuple[str, MarkKind, str]] = []
        for found in _inline_markup(text, start, end):
            inner = [*marks, *((kind, target) for _, kind, target in open_tags)]
            line.put(TracedText.copied(text, at, found.start(), pointer), inner)
            at = found.end()
            if found.group().startswith("&"):
                said = unescape(found.group())
                span = Span(found.start(), found.end(), pointer)
                same = said == found.group()
                line.put(
                    TracedText.copied(text, *span[:2], pointer) if same else TracedText.edited(said, span, MARKUP),
                    inner,
                )
            elif found["name"]:
                self._tag(found, open_tags, line)
        line.put(
            TracedText.copied(text, at, end, pointer), [*marks, *((kind, target) for _, kind, target in open_tags)]
        )

    def _tag(self, found: re.Match[str], open_tags: list[tuple[str, MarkKind, str]], line: _Line) -> None:
        name = found["name"].lower()
        if name in ("br", "p", "div", "li") and line.size:
            line.put(TracedText.inserted("\n", SEPARATOR), [])
        if found.group().startswith("</"):
            last = next((at for at in reversed(range(len(open_tags))) if open_tags[at][0] == name), None)
            if last is not None:
                del open_tags[last]
        elif name == "a" and (target := HREF.search(found.group())):
            address = unescape(next(filter(None, target.groups()), ""))
            if address:
                open_tags.append((name, MarkKind.LINK, address))
        elif name in MARKS:
            open_tags.append((name, MARKS[name], ""))

    # -- Mobiledoc --

    def mobiledoc(self, value: dict[str, Any], pointer: str) -> None:
        """The blocks of a Mobiledoc: sections of markers (text, list) and cards, each a list whose first member says what it is."""
        for number, section in enumerate(value["sections"]):
            place = _step(_step(pointer, "sections"), number)
            match section:
                case [1, str(tag), list(markers), *_]:
                    self.group += 1
                    self._markers(
                        value, markers, _step(place, 2), BLOCKS.get(tag.rstrip("123456"), Kind.PARAGRAPH), tag
                    )
                case [3, str(tag), list(items), *_]:
                    self.group += 1
                    for ordinal, markers in enumerate(items, 1):
                        at = _step(_step(place, 2), ordinal - 1)
                        self._markers(value, markers, at, Kind.ITEM, "", ordinal if tag == "ol" else None)
                case [10, int(card), *_] if 0 <= card < len(value["cards"]):
                    match value["cards"][card]:
                        case [str(name), dict(payload), *_]:
                            at = _step(_step(_step(pointer, "cards"), card), 1)
                            self._node({**payload, "type": name}, at, 1)

    def _markers(
        self, value: dict[str, Any], markers: Any, pointer: str, kind: Kind, tag: str, ordinal: int | None = None
    ) -> None:
        """One block of Mobiledoc: each marker opens marks by their numbers, and closes some of the last ones behind its text."""
        line = _Line()
        opened: list[tuple[MarkKind, str] | None] = []
        for number, marker in enumerate(markers if isinstance(markers, list) else []):
            match marker:
                case [int(said), list(opens), int(closes), text, *_]:
                    opened += [_markup(value["markups"], mark) for mark in opens]
                    if said == 0 and isinstance(text, str):
                        self.leaves.append(Leaf(at := _step(_step(pointer, number), 3), text))
                        line.put(TracedText.copied(text, pointer=at), [mark for mark in opened if mark])
                    opened = opened[: min(max(0, len(opened) - max(closes, 0)), MAX_DEPTH)]
        level = int(tag[1]) if re.fullmatch("h[1-6]", tag) else 0
        group = {"group": self.group} if kind is Kind.ITEM else {}
        self._add(line, kind, level, ordinal=ordinal, **group)

    # -- Quill --

    def operations(self, operations: list[Any], pointer: str) -> None:
        """The blocks of a Quill document: texts whose line feeds end a block and carry what it is."""
        line = _Line()
        for number, operation in enumerate(operations):
            said = operation.get("insert") if isinstance(operation, dict) else None
            if not isinstance(said, str):
                continue
            place = _step(_step(pointer, number), "insert")
            self.leaves.append(Leaf(place, said))
            attributes = operation.get("attributes") if isinstance(operation.get("attributes"), dict) else {}
            at = 0
            for feed in re.finditer("\n", said):
                line.put(TracedText.copied(said, at, feed.start(), place), _quill_marks(attributes))
                self._end_line(line, attributes)
                line, at = _Line(), feed.end()
            line.put(TracedText.copied(said, at, len(said), place), _quill_marks(attributes))
        self._end_line(line, {})

    def _end_line(self, line: _Line, attributes: dict[str, Any]) -> None:
        if isinstance(attributes.get("header"), int):
            self._add(line, Kind.HEADING, min(6, max(1, attributes["header"])))
        elif attributes.get("list"):
            goes_on = bool(self.blocks) and self.blocks[-1].kind is Kind.ITEM
            self.group += not goes_on
            is_ordered = attributes["list"] == "ordered"
            self.number = self.number + 1 if goes_on and is_ordered else 1
            level = attributes["indent"] if isinstance(attributes.get("indent"), int) else 0
            self._add(line, Kind.ITEM, min(level, 9), ordinal=self.number if is_ordered else None, group=self.group)
        else:
            kind = (
                Kind.QUOTE
                if attributes.get("blockquote")
                else Kind.CODE
                if attributes.get("code-block")
                else Kind.PARAGRAPH
            )
            self._add(line, kind)


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Where the paragraphs of a text stand: its lines."""
    at = 0
    for feed in PARAGRAPH_END.finditer(text):
        yield at, feed.start()
        at = feed.end()
    yield at, len(text)


def _card_blocks(text: str, pointer: str, *, is_markdown: bool) -> tuple[Block, ...]:
    if is_markdown:
        from cleaner.stages.extract.markdown import extract_markdown

        return extract_markdown(text, pointer, "").blocks
    from cleaner.stages.extract.html_body import body_blocks

    return tuple(body_blocks(text, pointer))


def _ranges(node: dict[str, Any]) -> list[tuple[int, int, MarkKind, str]] | None:
    """The marks of a node of Draft.js or Medium: first and last unit, kind, target; None where the node is none."""
    if isinstance(node.get("inlineStyleRanges"), list):
        return [found for mark in node["inlineStyleRanges"] for found in _style(mark)]
    if isinstance(node.get("markups"), list) and isinstance(node.get("type"), int):
        return [found for mark in node["markups"] for found in _numbered(mark)]
    return None


def _style(mark: Any) -> Iterator[tuple[int, int, MarkKind, str]]:
    match mark:
        case {"offset": int(at), "length": int(size), "style": str(style)} if style.lower() in MARKS:
            yield at, at + size, MARKS[style.lower()], ""


def _numbered(mark: Any) -> Iterator[tuple[int, int, MarkKind, str]]:
    match mark:
        case {"start": int(start), "end": int(end), "href": str(target)} if target:
            yield start, end, MarkKind.LINK, target
        case {"start": int(start), "end": int(end), "type": int(said)} if said in NUMBERED_MARKS:
            yield start, end, NUMBERED_MARKS[said], ""


def _markup(markups: list[Any], number: Any) -> tuple[MarkKind, str] | None:
    """One of the marks that a Mobiledoc lists: the name of a tag, and its attributes in turn with their values."""
    match markups[number] if isinstance(number, int) and 0 <= number < len(markups) else None:
        case ["a", ["href", str(target), *_]] if target:
            return MarkKind.LINK, target
        case [str(name), *_] if name in MARKS:
            return MARKS[name], ""
    return None


def _is_ordered(node: dict[str, Any], payload: dict[str, Any]) -> bool:
    said = [
        str(holder.get(name, "")).lower()
        for holder in (payload, node)
        for name in (*NAMES, "style", "listType", "format", "tag")
    ]
    return any(word.startswith(ORDERED) for word in said if word)


def _marks_of(node: dict[str, Any], holder: dict[str, Any]) -> Iterator[tuple[MarkKind, str]]:
    """The marks of an inline node: in its list of marks, in members of its own, or because of what it is."""
    defined = {str(found.get("_key")): found for found in holder.get("markDefs") or [] if isinstance(found, dict)}
    marks = node.get("marks")
    for mark in marks if isinstance(marks, list) else []:
        said = mark if isinstance(mark, str) else mark.get("type") if isinstance(mark, dict) else ""
        about = defined.get(str(said)) or (mark if isinstance(mark, dict) else {})
        if kind := MARKS.get(str(said)):
            yield kind, ""
        elif target := _target(about):
            yield MarkKind.LINK, target
    annotations = node.get("annotations")
    for members in (node, annotations if isinstance(annotations, dict) else {}):
        for name, kind in MARKS.items():
            if members.get(name) is True:
                yield kind, ""
    if isinstance(node.get("format"), int):
        for bit, kind in BITS:
            if node["format"] & bit:
                yield kind, ""
    if (target := _target(node)) and not isinstance(node.get("src"), str):
        yield MarkKind.LINK, target


def _target(node: dict[str, Any]) -> str:
    """Where a node or a mark leads to."""
    for holder in (
        node,
        *(node[name] for name in ("attrs", "data", "fields", "link", "text") if isinstance(node.get(name), dict)),
    ):
        for name in ("href", "uri", "url"):
            if isinstance(holder.get(name), str) and holder[name]:
                return str(holder[name])
    return _target(node["text"]) if isinstance(node.get("text"), dict) and node["text"].get("link") else ""


def _quill_marks(attributes: dict[str, Any]) -> list[tuple[MarkKind, str]]:
    marks = [(kind, "") for name, kind in MARKS.items() if attributes.get(name) is True]
    link = attributes.get("link")
    return [*marks, (MarkKind.LINK, link)] if isinstance(link, str) and link else marks


def _code_points(text: str, units: int) -> int:
    """How many code points so many units of UTF-16 are."""
    if text.isascii():
        return min(max(units, 0), len(text))
    return len(text.encode("utf-16-le", "surrogatepass")[: 2 * max(units, 0)].decode("utf-16-le", "ignore"))


def _inline_markup(text: str, start: int, end: int) -> Iterator[re.Match[str]]:
    """The comments, tags and references in a part of a text. Behind the last end of a comment none is looked for: a thousand that nothing ends would each be read to the end."""
    closed = text.rfind("-->", start, end)
    last = start if closed < 0 else closed + len("-->")
    yield from COMMENT_TAG_OR_REFERENCE.finditer(text, start, last)
    yield from TAG_OR_REFERENCE.finditer(text, last, end)
