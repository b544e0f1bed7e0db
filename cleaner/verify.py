"""An output folder in, with its sources where they are at hand; every breach of the laws in it out.

It reads the output and the sources anew, with its own readers: a checker that shares the pipeline's code would share its bugs. Only the repairs are
run again by their names (`replay`), words and sentences are told by the common measure, and the numbers that decide are read where they stand.
"""

from __future__ import annotations

import bz2
import codecs
import gzip
import html
import importlib
import json
import lzma
import os
import re
import tempfile
import unicodedata
import zlib
from array import array
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice, pairwise
from pathlib import Path
from typing import IO, Any, NamedTuple

import orjson

from cleaner.folders import MANIFEST, TOOL, UsageError
from cleaner.measures.words import sentences_of, words_of
from cleaner.model.problems import Problem
from cleaner.model.text import Span
from cleaner.rules import LEDGER_NAMES, LIST_MARK, MARKUP, NOT_ARTICLE, RULES, SEPARATOR

CORPUS, REPORT, PAGE = "corpus.jsonl", "report.json", "report.html"
# What may stand beside the articles and their provenance.
OWN_FILES = frozenset({CORPUS, REPORT, PAGE, "report.md", "provenance.jsonld"})
HASH, REPLAY, UNCOVERED, REPEATED = "PRV001", "PRV002", "PRV003", "DUP001"
# A forged document breaks in a thousand places; so many of each kind are told.
MAX_TOLD = 5
CHUNK = 1 << 20
# The rule that accounts for the sentences of a dropped document, by its relation to the kept one.
RULE_OF_RELATION = {"exact": "DUP003", "near": "DUP004", "revision": "DUP005", "contained": "DUP006"}
DROPPED_WHOLE = frozenset(RULE_OF_RELATION.values())
FRONT_MATTER = (
    "title",
    "author",
    "date",
    "updated",
    "section",
    "lang",
    "description",
    "tags",
    "publisher",
    "url",
    "canonical_url",
    "id",
    "sources",
    "text_sha256",
)
INSERTED = {
    SEPARATOR: re.compile(r"\s+(?:\|\s+)*"),
    LIST_MARK: re.compile(r" *(?:-|\d{1,9}[.)]) "),
    "TXT009": re.compile(r"\n\n"),
}
# A file that was changed by hand can have any shape; these are what reading it can raise.
MISSHAPEN = (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError)


def verify(output: Path, sources: Iterable[Path] = ()) -> list[Problem]:
    """Every breach of the laws in the folder `output`; none means that they hold.

    Checked are: the hash of every file and, with `sources` (the folders and files that were cleaned), of every input; that segments tile each text and
    follow from their sources; that with what was dropped they tile the sources; that the surviving copy of each duplicate says the same; that no text
    says a sentence twice; and that articles, corpus, provenance, report and manifest agree. One document is in memory at a time.

    Raises `folders.UsageError` where there is nothing to check: no manifest, not one of ours, a source folder that does not exist.
    """
    output = Path(output)
    manifest = read_manifest(output)
    with closing(Sources(sources)) as found:
        return list(_Verification(output, manifest, found).problems())


def read_manifest(output: Path) -> dict[str, Any]:
    """The manifest of an output folder. Raises UsageError where there is none or it is not one of ours."""
    try:
        manifest = orjson.loads((output / MANIFEST).read_bytes())
    except OSError as error:
        raise UsageError(
            f"{output}: there is no {MANIFEST} that can be read ({error.strerror or error}). Give a folder that `clean` wrote."
        ) from error
    except ValueError as error:
        raise UsageError(f"{output / MANIFEST}: not JSON ({error}). Run `clean` again.") from error
    tool = manifest.get("tool") if isinstance(manifest, dict) else None
    if not isinstance(tool, dict) or tool.get("name") != TOOL or manifest.get("version") != 1:
        raise UsageError(
            f"{output / MANIFEST}: not a manifest of {TOOL}, version 1. Give a folder that this version of `clean` wrote."
        )
    return dict(manifest)


# -- the provenance of one article --


class Origin(NamedTuple):
    """One source string: the decoded text at `pointer` of the source."""

    source: str
    sha256: str
    encoding: str
    format: str
    pointer: str
    length: int


class Segment(NamedTuple):
    """The code points `start` to `end` of the text; of which origin (by number), at which span of it, by which operation and rules."""

    start: int
    end: int
    origin: int
    span: tuple[int, int]
    op: str
    rules: tuple[str, ...]


class Loss(NamedTuple):
    """A span of an origin that is not in the text, the rule that dropped it, and where in the text its surviving copy stands."""

    origin: int
    span: tuple[int, int]
    rule: str
    kept_at: tuple[int, int] | None


class Place(NamedTuple):
    """A block: the line of the article that it begins on (from 1), its kind, and its code points in the text."""

    line: int
    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Account:
    """A provenance file."""

    id: str
    article: str
    text_sha256: str
    origins: tuple[Origin, ...]
    segments: tuple[Segment, ...]
    losses: tuple[Loss, ...]
    blocks: tuple[Place, ...]
    unmapped: dict[str, list[str]]
    confidence: int

    def sources(self) -> list[str]:
        """The names of the sources, each once, the canonical one first."""
        return list(dict.fromkeys(origin.source for origin in self.origins))


def read_account(data: bytes) -> Account:
    """A provenance file's account. Raises one of MISSHAPEN where it does not have the shape that the contract gives."""
    found = orjson.loads(data)
    if found["version"] != 1:
        raise ValueError(f"version {found['version']!r} instead of 1")
    origins = tuple(_origin(entry) for entry in found["sources"])
    return Account(
        _string(found["id"]),
        _string(found["article"]),
        _string(found["text_sha256"]),
        origins,
        tuple(_segment(entry, origins) for entry in found["segments"]),
        tuple(_loss(entry, origins) for entry in found["dropped"]),
        tuple(_place(entry) for entry in found["blocks"]),
        {source: [_string(pointer) for pointer in pointers] for source, pointers in found.get("unmapped", {}).items()},
        _count(found.get("confidence", 100)),
    )


def _origin(entry: Any) -> Origin:
    names = ("source", "sha256", "encoding", "format", "pointer")
    source, digest, encoding, form, pointer = (_string(entry[name]) for name in names)
    if pointer and (form != "json" or not pointer.startswith("/")):
        raise ValueError(f"{pointer!r:.40} is no JSON Pointer into a {form} text")
    return Origin(source, digest, encoding, form, pointer, _count(entry["length"]))


def _segment(entry: Any, origins: Sequence[Origin]) -> Segment:
    out, rules = _range(entry["out"]), tuple(_string(rule) for rule in entry["rules"])
    if "span" not in entry:
        return Segment(*out, -1, (0, 0), _string(entry["op"]), rules)
    return Segment(*out, _index(entry["source"], origins), _range(entry["span"]), _string(entry["op"]), rules)


def _loss(entry: Any, origins: Sequence[Origin]) -> Loss:
    kept_at = _range(entry["kept_at"]) if "kept_at" in entry else None
    return Loss(_index(entry["source"], origins), _range(entry["span"]), _string(entry["rule"]), kept_at)


def _place(entry: Any) -> Place:
    # An item may hold nothing but the list below it, and a code block nothing at all.
    start, end = entry["out"]
    out = (_count(start), _count(end)) if start == end else _range(entry["out"])
    return Place(_count(entry["line"]), _string(entry["kind"]), *out)


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.40} instead of a string")
    return value


def _count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"{value!r:.40} instead of a count")
    return value


def _index(value: Any, of: Sequence[Any]) -> int:
    if _count(value) >= len(of):
        raise IndexError(f"there is no source number {value}")
    return int(value)


def _range(value: Any) -> tuple[int, int]:
    start, end = value
    if _count(start) >= _count(end):
        raise ValueError(f"[{start}, {end}] holds nothing")
    return start, end


# -- the sources, read anew --

OPENERS: dict[str, Callable[[Path], Any]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
MARKS = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}
# What opening, unpacking, decoding and parsing a file that is not what it was can raise.
DAMAGED = (
    OSError,
    EOFError,
    LookupError,
    TypeError,
    ValueError,
    RecursionError,
    zlib.error,
    lzma.LZMAError,
    ImportError,
)
RECORD = re.compile(r"(?P<line>\d+)?(?P<pointer>(?:/.*)?)", re.DOTALL)
# So many files are held parsed at once: those of one article's sources, as a rule.
MAX_HELD = 4


class Unreadable(Exception):
    """A source can't be read as the output says; the message tells why."""


class Located(NamedTuple):
    """The file that holds a source, the line of its record (0 where the file is no list of lines), and the JSON Pointer of the record."""

    path: Path
    line: int
    pointer: str


class Sources:
    """The strings that articles were made of, read from the folders and files that were cleaned."""

    def __init__(self, roots: Iterable[Path]) -> None:
        self.roots = [Path(root) for root in roots]
        for root in self.roots:
            if not root.exists():
                raise UsageError(f"{root}: there is no such file or folder.")
        self.digests: dict[Path, tuple[str, int]] = {}
        self.lines: dict[Path, _Lines] = {}
        self.held: dict[tuple[Path, int, str], Any] = {}
        self.walked: dict[str, list[Path]] | None = None

    def __bool__(self) -> bool:
        return bool(self.roots)

    def close(self) -> None:
        for lines in self.lines.values():
            lines.close()
        self.lines.clear()

    def located(self, source: str, digest: str = "") -> Located | None:
        """The file of a source, and the record in it. Of several that could be meant, the one with the SHA-256 `digest`, else the first."""
        for name, record in _readings(source):
            paths = self._paths(name)
            if paths:
                right = (
                    next((path for path in paths if self.digest(path)[0] == digest), paths[0])
                    if len(paths) > 1
                    else paths[0]
                )
                return Located(right, int(record["line"] or 0) if record else 0, record["pointer"] if record else "")
        return None

    def _paths(self, name: str) -> list[Path]:
        plain = re.sub(r"~\d+$", "", name)
        found = dict.fromkeys(
            path for root in self.roots for one in (name, plain) for path in _below(root, one) if path.is_file()
        )
        if not found:
            # A file name that is not UTF-8 is written with replacement characters; only a walk can find it.
            if self.walked is None:
                self.walked = _walked(self.roots)
            found = dict.fromkeys(path for one in (name, plain) for path in self.walked.get(one, ()))
        return list(found)

    def digest(self, path: Path) -> tuple[str, int]:
        """The SHA-256 and the size of a file."""
        if path not in self.digests:
            self.digests[path] = _digest(path)
        return self.digests[path]

    def text(self, origin: Origin) -> str:
        """The decoded text of an origin. Raises Unreadable where there is none such."""
        place = self.located(origin.source, origin.sha256)
        if place is None:
            raise Unreadable(
                f"{origin.source} is not below the folders given as sources. Restore the file, or give the folder that it is in."
            )
        try:
            value = self._value(place, origin)
        except DAMAGED as error:
            raise Unreadable(
                f"{origin.source} can't be read as {origin.encoding or 'text'}: {type(error).__name__}: {error}"
            ) from error
        if not isinstance(value, str):
            raise Unreadable(f"{origin.source} has no string at {origin.pointer or 'its top'}.")
        return value

    def record(self, origin: Origin) -> Any:
        """The JSON value of the record that an origin stands in. Raises Unreadable, as `text` does."""
        return self.text_or_record(origin._replace(pointer=""))

    def text_or_record(self, origin: Origin) -> Any:
        """The value at an origin's pointer, whatever it is."""
        place = self.located(origin.source, origin.sha256)
        if place is None:
            raise Unreadable(f"{origin.source} is not below the folders given as sources.")
        try:
            return self._value(place, origin)
        except DAMAGED as error:
            raise Unreadable(f"{origin.source} can't be read: {type(error).__name__}: {error}") from error

    def _value(self, place: Located, origin: Origin) -> Any:
        key = (place.path, place.line, origin.encoding)
        if key not in self.held:
            while len(self.held) >= MAX_HELD:
                del self.held[next(iter(self.held))]
            text = self._decoded(place, origin.encoding)
            self.held[key] = orjson.loads(text) if origin.format == "json" else text
        return pointed(self.held[key], place.pointer + origin.pointer)

    def _decoded(self, place: Located, encoding: str) -> str:
        if not place.line:
            with _opened(place.path) as stream:
                return _decoded(stream.read(), encoding)
        if encoding.startswith(("utf-16", "utf-32")):
            with _opened(place.path) as stream:
                return _decoded(stream.read(), encoding).split("\n")[place.line - 1]
        if place.path not in self.lines:
            self.lines[place.path] = _Lines(place.path)
        return _decoded(self.lines[place.path].line(place.line), encoding)


def _readings(source: str) -> Iterator[tuple[str, re.Match[str] | None]]:
    """The ways to read the name of a source: a file, or a record in a file; a file's name may hold a `#` itself."""
    yield source, None
    at = source.rfind("#")
    while at > 0:
        if record := RECORD.fullmatch(source, at + 1):
            yield source[:at], record
        at = source.rfind("#", 0, at)


def _below(root: Path, name: str) -> Iterator[Path]:
    """Where a file of that name may be: in the folder, the folder itself named first, or the file that was given itself."""
    first, _, rest = name.partition("/")
    own = root.absolute().name
    if root.is_dir():
        if ".." not in name.split("/") and not name.startswith("/"):
            yield root / name
            if rest and first == own:
                yield root / rest
    elif name == own or (rest == own and root.absolute().name == first):
        yield root


def _walked(roots: Sequence[Path]) -> dict[str, list[Path]]:
    named: dict[str, list[Path]] = defaultdict(list)
    for root in roots:
        for folder, _, files in os.walk(root):
            for name in files:
                path = Path(folder) / name
                mangled = (
                    path.relative_to(root).as_posix().encode("utf-8", "surrogateescape").decode("utf-8", "replace")
                )
                named[mangled].append(path)
                named[f"{root.absolute().name}/{mangled}"].append(path)
    return named


def _digest(path: Path) -> tuple[str, int]:
    digest, size = sha256(), 0
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return digest.hexdigest(), size


def _opened(path: Path) -> Any:
    if path.suffix.lower() == ".zst":
        # An optional package: only who has such files needs it.
        return importlib.import_module("zstandard").open(path, "rb")
    opener = OPENERS.get(path.suffix.lower())
    return opener(path) if opener else path.open("rb")


def _decoded(data: bytes, encoding: str) -> str:
    """The text of the bytes, without the byte order mark at its start."""
    mark = MARKS.get(encoding, b"")
    return (data[len(mark) :] if mark and data.startswith(mark) else data).decode(encoding)


class _Lines:
    """The lines of a file by number, read where they stand; eight bytes of memory a line. A compressed file is unpacked to the disk first."""

    def __init__(self, path: Path) -> None:
        is_packed = path.suffix.lower() in (*OPENERS, ".zst")
        # It stays open for the lines to come; `close` ends it.
        self.stream: IO[bytes] = tempfile.TemporaryFile() if is_packed else path.open("rb")  # noqa: SIM115
        if is_packed:
            with _opened(path) as packed:
                while chunk := packed.read(CHUNK):
                    self.stream.write(chunk)
            self.stream.seek(0)
        self.ends = array("Q")
        end = 0
        for line in self.stream:
            end += len(line)
            self.ends.append(end)

    def line(self, number: int) -> bytes:
        """The line of that number, from 1. Raises IndexError where there is none."""
        end = self.ends[number - 1]
        start = self.ends[number - 2] if number > 1 else 0
        self.stream.seek(start)
        return self.stream.read(end - start).rstrip(b"\n")

    def close(self) -> None:
        self.stream.close()


def pointed(value: Any, pointer: str) -> Any:
    """The value at a JSON Pointer (RFC 6901). Raises LookupError, TypeError or ValueError where there is none."""
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list):
            if not re.fullmatch(r"0|[1-9]\d*", name):
                raise LookupError(f"{name!r} is no place in a list")
            value = value[int(name)]
        else:
            value = value[name]
    return value


def strings_in(value: Any, pointer: str = "") -> Iterator[str]:
    """The JSON Pointers of all strings in a value, in its order."""
    if isinstance(value, str):
        yield pointer
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from strings_in(member, f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from strings_in(member, f"{pointer}/{index}")


# -- the text runs of a page --

TAG_NAME = re.compile(r"[A-Za-z][^\s/>]*")
BETWEEN_ATTRIBUTES = re.compile(r"[\s/]*")
ATTRIBUTE_NAME = re.compile(r"=?[^\s/>=]*")
ATTRIBUTE_VALUE = re.compile(r"\s*=\s*(?:\"[^\"]*(?:\"|\Z)|'[^']*(?:'|\Z)|(?![\"'])[^\s>]*)")
COMMENT_END = re.compile(r"--!?>|\Z")
UNREAD = frozenset("script style xmp iframe noembed noframes".split())
TO_THEIR_END = frozenset(("title", "textarea"))


def text_runs(page: str) -> list[tuple[int, int]]:
    """The stretches of a page between its tags that are text for a reader; scripts, styles and comments are none (HTML standard, 13.2.5).

    Written apart from the reader that extraction uses; `html.parser` would do, but reads broken pages in another way in each of its releases.
    """
    runs: list[tuple[int, int]] = []
    text = at = 0
    while (at := page.find("<", at)) >= 0:
        end, name = _markup_at(page, at)
        if end == at:
            at += 1
            continue
        if text < at:
            runs.append((text, at))
        text = at = end
        if name in UNREAD or name in TO_THEIR_END:
            closing_tag = re.compile(rf"</{re.escape(name)}(?=[\s/>]|\Z)", re.IGNORECASE).search(page, at)
            stop = closing_tag.start() if closing_tag else len(page)
            if name in UNREAD:
                text = at = stop
            elif closing_tag:
                at = stop
    if text < len(page):
        runs.append((text, len(page)))
    return runs


def _markup_at(page: str, at: int) -> tuple[int, str]:
    """Where the markup that begins at `at` ends (at `at` itself where it is none), and the name of a start tag."""
    if page.startswith("<!--", at):
        if page.startswith((">", "->"), at + 4):
            return page.index(">", at + 4) + 1, ""
        found = COMMENT_END.search(page, at + 4)
        return (found.end() if found else len(page)), ""
    if page.startswith(("<!", "<?"), at):
        return (page.find(">", at) + 1) or len(page), ""
    if page.startswith("</", at):
        if page.startswith("</>", at):
            return at + 3, ""
        return (page.find(">", at) + 1) or len(page), ""
    name = TAG_NAME.match(page, at + 1)
    if name is None:
        return at, ""
    return _tag_end(page, name.end()), name.group().lower()


def _tag_end(page: str, at: int) -> int:
    while at < len(page):
        at = _end(BETWEEN_ATTRIBUTES, page, at)
        if page[at : at + 1] == ">":
            return at + 1
        at = _end(ATTRIBUTE_NAME, page, at)
        if value := ATTRIBUTE_VALUE.match(page, at):
            at = value.end()
    return len(page)


def _end(pattern: re.Pattern[str], page: str, at: int) -> int:
    match = pattern.match(page, at)
    return match.end() if match else at


# -- the Markdown of an article, read back --

ESCAPE = r"\\(?P<escaped>[!-/:-@\[-`{-~])"
INLINE = re.compile(
    rf"""
      {ESCAPE}
    | \\\n                                                              # a hard break
    | (?<!`)(?P<fence>`+)(?!`)(?P<code>.*?)(?<!`)(?P=fence)(?!`)        # a code span
    | \]\((?:<(?:\\.|[^<>\\\n])*>|[^\s()<>\\]*)\)                       # the end of a link, with its target
    | \*+ | \[                                                          # emphasis, the start of a link
    """,
    re.VERBOSE | re.DOTALL,
)
BLOCK_START = {
    "heading": re.compile(r"#{1,6} "),
    "quote": re.compile(r"(?:> )+"),
    "item": re.compile(r" *(?P<mark>-|\d{1,9}[.)]) "),
    "paragraph": re.compile(r" *(?=\S)"),
    "caption": re.compile(r"(?=\S)"),
    "row": re.compile(r"\|"),
    "code": re.compile(r" *`{3,}"),
}
APART = re.compile(r"(?:> )*|<!-- -->")
FRONT_LINE = re.compile(r"(?P<name>\w+):(?: (?P<value>.+))?|  - (?P<item>.+)")


def read_front_matter(lines: Sequence[str]) -> tuple[dict[str, Any], int]:
    """The members of an article's front matter, and the number of lines until it is closed. Raises ValueError for what is none of ours."""
    members: dict[str, Any] = {}
    name = ""
    if lines[0] != "---":
        raise ValueError("no front matter")
    for number, line in enumerate(lines[1:], 1):
        if line == "---":
            return members, number + 1
        match = FRONT_LINE.fullmatch(line)
        if match is None or (match["item"] and not isinstance(members.get(name), list)) or match["name"] in members:
            raise ValueError(f"line {number + 1} of the front matter is none of ours: {line!r:.60}")
        if match["item"]:
            members[name].append(_scalar(match["item"]))
        else:
            name = match["name"]
            members[name] = _scalar(match["value"]) if match["value"] else []
    raise ValueError("the front matter is not closed")


def _scalar(value: str) -> str:
    return _string(json.loads(value)) if value.startswith('"') else value


def said_by(kind: str, lines: Sequence[str]) -> str:
    """What the Markdown lines of a block say, without their marks and with single spaces. Raises ValueError where they are no such block."""
    if not BLOCK_START[kind].match(lines[0] if lines else ""):
        raise ValueError(f"no {kind}")
    if kind == "code":
        return _plain_code(lines)
    if kind == "row":
        return _plain_row(lines)
    start = BLOCK_START[kind]
    rest = BLOCK_START["quote"] if kind == "quote" else BLOCK_START["paragraph"]
    bare = [(rest if number else start).sub("", line, count=1) for number, line in enumerate(_without_end(lines))]
    return plain_inline("\n".join(bare))


def plain_inline(markdown: str) -> str:
    """What inline Markdown says, with single spaces."""
    return " ".join(INLINE.sub(_unmarked, markdown).split())


def _unmarked(match: re.Match[str]) -> str:
    if match["escaped"]:
        return match["escaped"]
    code = match["code"]
    if code is None:
        return "\n" if match.group() == "\\\n" else ""
    return code[1:-1] if code[:1] == code[-1:] == " " and code.strip() else code


def _without_end(lines: Sequence[str]) -> Sequence[str]:
    """The lines without those at the end that only part blocks."""
    end = len(lines)
    while end and APART.fullmatch(lines[end - 1]):
        end -= 1
    return lines[:end]


def _plain_code(lines: Sequence[str]) -> str:
    fence = re.match(r" *`+", lines[0])
    closing_fence = fence.group() if fence else ""
    end = max((number for number, line in enumerate(lines) if number and line == closing_fence), default=0)
    if not end or _without_end(lines[end + 1 :]):
        raise ValueError("no code")
    return " ".join(" ".join(lines[1:end]).split())


def _plain_row(lines: Sequence[str]) -> str:
    rows = _without_end(lines)
    if len(rows) > 2 or (len(rows) == 2 and not re.fullmatch(r"\|(?: --- \|)+", rows[1])):
        raise ValueError("no row")
    cells = [plain_inline(cell.replace("\\|", "|")) for cell in re.split(r"(?<!\\)\|", rows[0])[1:-1]]
    return _plain_cells(cells)


def _plain_cells(cells: Sequence[str]) -> str:
    return " ".join(" | ".join(cells).split()).rstrip("| ")


# -- the laws --


@dataclass(slots=True)
class Case:
    """One canonical document with all that its checks look at; a string is None where its source is not at hand."""

    row: dict[str, Any]
    text: str
    account: Account
    article: str
    strings: list[str | None]
    told: Told
    sources: Sources

    @property
    def name(self) -> str:
        return self.account.article

    def problem(self, rule: str, message: str, origin: int = -1, span: tuple[int, int] | None = None) -> Problem:
        """A problem with the article, or with a span of one of its sources."""
        if origin < 0:
            return Problem(rule, f"{self.name}: {message}", self.name, Span(*span) if span else None)
        found = self.account.origins[origin]
        return Problem(rule, f"{self.name}: {message}", found.source, Span(*span, found.pointer) if span else None)


@dataclass(slots=True)
class Told:
    """What report.json and the manifest tell that provenance must agree with."""

    options: dict[str, Any] = field(default_factory=dict)
    inputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    repeats: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    meant: dict[str, list[tuple[str, int, int]]] = field(default_factory=dict)
    members: dict[str, dict[str, Any]] = field(default_factory=dict)


def text_is_tiled(case: Case) -> Iterator[Problem]:
    """Law 2: segments tile the text."""
    at = 0
    for segment in case.account.segments:
        if segment.start != at:
            yield case.problem(
                REPLAY,
                f"segments leave a gap or overlap at code point {at} of the text.",
                span=_between(at, segment.start),
            )
        at = segment.end
    if at != len(case.text):
        yield case.problem(
            REPLAY,
            f"segments end at code point {at} of {len(case.text)} of the text.",
            span=_between(at, len(case.text)),
        )


# What stands before a block, behind the one before it.
BEFORE_BLOCK = re.compile(r"(?:\A|\n\n)")
BEFORE_ITEM = re.compile(r"(?:\A|\n\n) *(?:-|\d{1,9}[.)]) ")


def blocks_stand_apart(case: Case) -> Iterator[Problem]:
    """Law 2: blocks stand in the text in their order, and between them an empty line and the marks of items only."""
    at = 0
    for place in case.account.blocks:
        if place.start < at or place.end > len(case.text) or place.kind not in BLOCK_START:
            yield case.problem(REPLAY, f"a block ({place.kind}) is out of place.", span=(place.start, place.end))
        elif not (BEFORE_ITEM if place.kind == "item" else BEFORE_BLOCK).fullmatch(case.text, at, place.start):
            yield case.problem(REPLAY, "text stands between two blocks.", span=_between(at, place.start))
        at = place.end
    if at != len(case.text):
        yield case.problem(REPLAY, "text stands behind the last block.", span=_between(at, len(case.text)))


def _between(one: int, other: int) -> tuple[int, int]:
    return min(one, other), max(one, other)


def text_follows(case: Case) -> Iterator[Problem]:
    """Law 2: a copy is its span, an edit is what its rules make of its span, and an insertion is one that its rule may make."""
    for segment in case.account.segments:
        here = case.text[segment.start : segment.end]
        if segment.op == "insert":
            yield from _inserted(case, segment, here)
        elif segment.origin < 0 or segment.op not in ("copy", "edit") or (segment.op == "copy") is bool(segment.rules):
            yield case.problem(
                REPLAY,
                f"a segment says {segment.op!r} with the rules {list(segment.rules)}, which can't be.",
                span=(segment.start, segment.end),
            )
        elif segment.op == "copy" and segment.span[1] - segment.span[0] != len(here):
            yield case.problem(REPLAY, "a copy has another length than its source span.", segment.origin, segment.span)
        elif (string := case.strings[segment.origin]) is not None:
            there = string[slice(*segment.span)]
            made = there if segment.op == "copy" else _replayed(segment.rules, there)
            if made != here or (segment.op == "edit" and here == there):
                yield case.problem(
                    REPLAY,
                    f"{here!r:.60} does not follow from {there!r:.60} ({', '.join(segment.rules) or 'a copy'}).",
                    segment.origin,
                    segment.span,
                )


def _replayed(rules: Sequence[str], text: str) -> str | None:
    from cleaner.stages.repair import replay

    try:
        return replay(rules, text)
    except KeyError:
        return None


def _inserted(case: Case, segment: Segment, here: str) -> Iterator[Problem]:
    allowed = INSERTED.get(segment.rules[0]) if len(segment.rules) == 1 else None
    if segment.origin >= 0 or allowed is None or not allowed.fullmatch(here):
        yield case.problem(
            REPLAY,
            f"{here!r:.60} is inserted in the name of {list(segment.rules)}, which may not insert it.",
            span=(segment.start, segment.end),
        )


def sources_are_tiled(case: Case) -> Iterator[Problem]:
    """Law 1: kept and dropped spans tile each string; of a page, its text runs."""
    spans: list[list[tuple[int, int]]] = [[] for _ in case.account.origins]
    for segment in case.account.segments:
        if segment.origin >= 0:
            spans[segment.origin].append(segment.span)
    for loss in case.account.losses:
        spans[loss.origin].append(loss.span)
    for number, (origin, own, string) in enumerate(zip(case.account.origins, spans, case.strings, strict=True)):
        own.sort()
        if string is not None and len(string) != origin.length:
            yield case.problem(
                UNCOVERED,
                f"{origin.source} has {len(string)} code points at {origin.pointer!r}, not {origin.length}.",
                number,
            )
        if own and own[-1][1] > origin.length:
            yield case.problem(UNCOVERED, f"a span ends behind the end of {origin.source}.", number, own[-1])
        runs = _runs_to_tile(origin, string, own)
        if runs is not None:
            yield from (case.problem(UNCOVERED, message, number, span) for message, span in _untiled(own, runs))
        else:
            yield from (
                case.problem(UNCOVERED, "kept or dropped twice.", number, b) for a, b in pairwise(own) if b[0] < a[1]
            )


Runs = list[tuple[int, int, bool]]


def _runs_to_tile(origin: Origin, string: str | None, own: Sequence[tuple[int, int]]) -> Runs | None:
    """The stretches that spans must tile, each with whether it must be; None where only the source could tell."""
    whole = [(0, origin.length, True)] if origin.length else []
    if origin.format not in ("html", "json"):
        return whole
    # Which format the body of a JSON source has is not recorded: one that is not covered from end to end is a page, or wrong.
    covered = (
        origin.format == "json"
        and own[:1]
        and own[0][0] == 0
        and own[-1][1] == origin.length
        and all(a[1] == b[0] for a, b in pairwise(own))
    )
    if covered:
        return whole
    if string is None:
        return None
    return [(start, end, not string[start:end].isspace()) for start, end in text_runs(string)]


def _untiled(spans: Sequence[tuple[int, int]], runs: Runs) -> Iterator[tuple[str, tuple[int, int]]]:
    """Where sorted spans overlap, leave a run's part out, or stand outside all runs."""
    number = 0
    for start, end, must in runs:
        at = start
        while number < len(spans) and spans[number][0] < end:
            left, right = spans[number]
            if left < start:
                yield "a span holds what is no text of the page.", (left, min(right, start))
            if left > at:
                yield "neither kept nor dropped.", (at, left)
            if left < at and at > start:
                yield "kept or dropped twice.", (left, min(right, at))
            at = max(at, right)
            number += 1
        if at > end:
            yield "a span holds what is no text of the page.", (end, at)
        if at < end and (must or at > start):
            yield "neither kept nor dropped.", (at, end)
    for left, right in spans[number:]:
        yield "a span holds what is no text of the page.", (left, right)


def losses_have_reasons(case: Case) -> Iterator[Problem]:
    """Law 1: every dropped span has a rule that is known; what is called markup says nothing."""
    dropped_by = _rules_of_members(case)
    for loss in case.account.losses:
        origin, string = case.account.origins[loss.origin], case.strings[loss.origin]
        if loss.rule not in RULES and loss.rule not in LEDGER_NAMES:
            yield case.problem(UNCOVERED, f"dropped by {loss.rule!r}, which is no rule.", loss.origin, loss.span)
        elif loss.kept_at and not loss.rule.startswith("DUP"):
            yield case.problem(
                UNCOVERED, f"dropped by {loss.rule}, and yet a copy is said to survive.", loss.origin, loss.span
            )
        elif loss.rule == NOT_ARTICLE and origin.format not in ("html", "json"):
            yield case.problem(
                UNCOVERED,
                f"{loss.rule} is said of a {origin.format} text, of which all is article.",
                loss.origin,
                loss.span,
            )
        elif loss.rule in DROPPED_WHOLE and loss.rule != dropped_by.get(origin.source):
            yield case.problem(
                UNCOVERED,
                f"dropped by {loss.rule}, but the report relates {origin.source} otherwise.",
                loss.origin,
                loss.span,
            )
        elif (
            loss.rule == MARKUP
            and string is not None
            and (words := _words_of_markup(origin.format, string[slice(*loss.span)]))
        ):
            yield case.problem(UNCOVERED, f"dropped as markup, but says {words!r:.60}.", loss.origin, loss.span)


def _rules_of_members(case: Case) -> dict[str, str]:
    return {
        source: RULE_OF_RELATION.get(case.told.members.get(source, {}).get("relation", ""), "")
        for source in case.account.sources()[1:]
    }


# Markdown's own markup that has letters in it: these are no words of the article.
LETTERED_MARKUP = re.compile(
    r"""
      !\[(?:\\.|!?\[[^\]]*\]|[^\]])*\](?:\([^\n]*\)|\[[^\]]*\])?       # an image and what stands for it
    | \]\([^\n]*(?:\n[^\n]*)?\) | \]\[[^\]]*\]                         # a link's target, or the name of it
    | ^[ >]*\[[^\]]+\]:[^\n]*(?:\n[ ]+["'(][^\n]*)?$                  # where a named link leads
    | <!--.*?--> | </?[A-Za-z][^<>]*> | <[!?][^>]*> | &\#?\w+;         # comments, tags, character references
    | ^[\s>]*(?:[-*+]|\d+[.)])?\s*(?:`{3,}|~{3,})[^\n]*$                # a fence and its language
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)


def _words_of_markup(form: str, markup: str) -> str:
    """What a span says that was dropped as markup, but for what a format writes in letters without saying it."""
    rest = markup
    if form == "html":
        rest = html.unescape(markup)
    elif form != "plain":
        rest = LETTERED_MARKUP.sub("", markup)
    return markup if any(char.isalpha() for char in rest) else ""


def copies_survive(case: Case) -> Iterator[Problem]:
    """Laws 1 and 4: what was dropped as a copy stands in the text, at the place that is named, in as many of its words as is said."""
    unique = _unique_words(case)
    for copy in copies_of(case.account, case.strings, case.account.losses):
        if copy.kept_at is None:
            if copy.rule == REPEATED and not (unique.get(case.account.origins[copy.origin].source)):
                yield case.problem(
                    UNCOVERED, "dropped as a repeat, but no copy is said to survive.", copy.origin, copy.span
                )
            continue
        start, end = copy.kept_at
        if copy.rule == "DUP002" or end > len(case.text):
            yield case.problem(UNCOVERED, "the place of the surviving copy is not in the text.", copy.origin, copy.span)
        elif not _ends_at_words(case, start, end):
            yield case.problem(
                UNCOVERED,
                f"the place of the surviving copy, {start} to {end}, begins or ends inside a word.",
                copy.origin,
                copy.span,
            )
        elif copy.words is not None and (share := copy.share(case.text)) < _least_share(copy.rule):
            yield case.problem(
                UNCOVERED,
                f"{share} % of the words dropped stand at the surviving copy, {case.text[start:end]!r:.60}; {_least_share(copy.rule)} % at least must.",
                copy.origin,
                copy.span,
            )


class Copy(NamedTuple):
    """A sentence that was dropped for a copy of it: where it stood, by which rule, where the copy stands, and its words (None: not known)."""

    origin: int
    span: tuple[int, int]
    rule: str
    kept_at: tuple[int, int] | None
    words: tuple[str, ...] | None

    def matched(self, text: str) -> int:
        """How many of the words stand at the surviving copy, in any order: never fewer than an alignment in order finds.

        Sentences side by side that one copy survives of are one here, so each of its words may stand for several.
        """
        if self.words is None or self.kept_at is None:
            return 0
        there = _mended_words(text[slice(*self.kept_at)])
        times = max(1, (2 * len(self.words) + len(there)) // (2 * len(there))) if there else 0
        return (Counter(self.words) & Counter(there * times)).total()

    def share(self, text: str) -> int:
        """The share of the words that stand at the surviving copy, in percent rounded down."""
        return 100 * self.matched(text) // len(self.words) if self.words else 100


def _least_share(rule: str) -> int:
    from cleaner.stages.confirm import MIN_SENTENCE_SHARE
    from cleaner.stages.unrepeat import MIN_SHARE_IN_RUN

    return MIN_SHARE_IN_RUN if rule == REPEATED else MIN_SENTENCE_SHARE


def copies_of(account: Account, strings: Sequence[str | None], losses: Iterable[Loss]) -> Iterator[Copy]:
    """The sentences that were dropped as copies: spans one after another with one rule and one surviving copy."""
    together: list[Loss] = []
    for loss in [*losses, None]:
        if loss is not None and not loss.rule.startswith("DUP"):
            continue
        if together and (
            loss is None
            or (loss.origin, loss.rule, loss.kept_at) != (together[0].origin, together[0].rule, together[0].kept_at)
        ):
            first, string = together[0], strings[together[0].origin]
            form = account.origins[first.origin].format
            words = None if string is None else _mended_words(_sentence(form, string, together))
            yield Copy(first.origin, (first.span[0], together[-1].span[1]), first.rule, first.kept_at, words)
            together = []
        if loss is not None:
            together.append(loss)


def _sentence(form: str, string: str, losses: Sequence[Loss]) -> str:
    """The text of spans that were one sentence, as one string: white space between lines stays, inline markup goes."""
    parts: list[str] = []
    for before, loss in zip([None, *losses], losses, strict=False):
        if before is not None:
            gap = re.sub(
                r"<(/?(?:p|div|li|td|br|h\d)\b)?[^>]*>",
                lambda tag: " " if tag[1] else "",
                string[before.span[1] : loss.span[0]],
            )
            parts.append(" " if gap != gap.strip() and not gap.startswith("-") else "")
        parts.append(string[slice(*loss.span)])
    text = "".join(parts)
    return html.unescape(text) if form in ("html", "json") else text


CONTROL_SEQUENCE = re.compile("\x1b\\[[\\d;]*[a-zA-Z]")


def _mended_words(text: str) -> tuple[str, ...]:
    """The words of a text as they are when it is mended. Code is not, so what is compared is mended on both sides."""
    mended = _replayed(("TXT004", "TXT001", "TXT006"), CONTROL_SEQUENCE.sub("", text)) or ""
    plain = "".join(char for char in mended if char in "\t\n" or unicodedata.category(char) not in ("Cf", "Cc"))
    return tuple(words_of(plain).norms)


def _ends_at_words(case: Case, start: int, end: int) -> bool:
    """Whether a place begins and ends as words do, or as an edit does, which is one whole."""
    segments = case.account.segments

    def is_edge(position: int) -> bool:
        index = bisect_left(segments, position, key=lambda segment: segment.start)
        beside = segments[max(0, index - 1) : index + 1]
        return any(segment.op != "copy" and position in (segment.start, segment.end) for segment in beside)

    words = words_of(case.text[max(0, start - 40) : end + 40])
    shift = max(0, start - 40)
    return (start - shift in words.starts or is_edge(start)) and (end - shift in words.ends or is_edge(end))


def _unique_words(case: Case) -> dict[str, Counter[str]]:
    members = case.told.members
    return {
        source: Counter(
            word for sentence in members.get(source, {}).get("unique_sentences", ()) for word in _mended_words(sentence)
        )
        for source in case.account.sources()[1:]
    }


def unique_sentences_are_told(case: Case) -> Iterator[Problem]:
    """Law 1: of a dropped document, what no copy survives of is listed in the report, and nothing else."""
    told = _unique_words(case)
    lost: dict[str, Counter[str]] = {source: Counter() for source in told}
    for copy in copies_of(case.account, case.strings, case.account.losses):
        source = case.account.origins[copy.origin].source
        if copy.rule in DROPPED_WHOLE and copy.kept_at is None and source in lost:
            if copy.words is None:
                return
            lost[source].update(copy.words)
    for source in told:
        if missing := lost[source] - told[source]:
            yield case.problem(
                UNCOVERED,
                f"{source} says what no other text does, and the report does not list it: {' '.join(missing)!r:.60}.",
            )
        if surplus := told[source] - lost[source]:
            yield case.problem(
                UNCOVERED,
                f"the report lists words as unique to {source} that were not dropped as such: {' '.join(surplus)!r:.60}.",
            )


def repeats_are_told(case: Case) -> Iterator[Problem]:
    """Laws 3 and 4: every run that the report calls a repeat was dropped, its copy stands where it says, as similar as it says; and no other was."""
    losses = [loss for loss in case.account.losses if loss.rule == REPEATED]
    told: set[Loss] = set()
    for source in case.account.sources():
        for repeat in case.told.repeats.get(source, ()):
            dropped = repeat["dropped"]
            own = [loss for loss in losses if _is_in(case.account.origins[loss.origin], loss.span[0], source, dropped)]
            told.update(own)
            if own:
                yield from _is_as_told(case, repeat, source, own)
            else:
                place = Span(dropped["start"], dropped["end"], dropped["pointer"])
                yield Problem(
                    UNCOVERED, f"{case.name}: the report tells of a repeat that was not dropped.", source, place
                )
    for copy in copies_of(case.account, case.strings, (loss for loss in losses if loss not in told)):
        if copy.words != ():
            yield case.problem(
                UNCOVERED, "dropped as a repeat of which the report does not tell.", copy.origin, copy.span
            )


def _is_in(origin: Origin, start: int, source: str, span: dict[str, Any]) -> bool:
    return origin.source == source and origin.pointer == span["pointer"] and span["start"] <= start < span["end"]


def _is_as_told(case: Case, repeat: dict[str, Any], source: str, losses: Sequence[Loss]) -> Iterator[Problem]:
    """The surviving copy of a run stands where the report says, and is as similar."""
    dropped, kept_at, first = repeat["dropped"], repeat["kept_at"], case.account.origins[losses[0].origin]
    run = list(copies_of(case.account, case.strings, losses))
    place = run[0].origin, run[0].span
    named = {dropped["source"], kept_at["source"]} == {source} and {dropped["pointer"], kept_at["pointer"]} == {
        first.pointer
    }
    string = case.strings[losses[0].origin]
    rest = "" if string is None else string[dropped["end"] : losses[-1].span[1]]
    if not named or dropped["start"] != losses[0].span[0] or dropped["end"] > losses[-1].span[1] or rest.strip():
        yield case.problem(UNCOVERED, "the report tells of a repeat that begins or ends elsewhere.", *place)
    told = kept_at["start"], kept_at["end"]
    if source == case.row["source"] and (hull := _hull(case.account, run)) != told:
        yield case.problem(
            UNCOVERED, f"the report says that the copy survives at {told} of the source; it is {hull}.", *place
        )
    total = sum(len(copy.words or ()) for copy in run)
    said, share = round(100 * repeat["similarity"]), 100 * sum(copy.matched(case.text) for copy in run) // max(total, 1)
    if total and share < said:
        yield case.problem(
            UNCOVERED,
            f"the report says that {said} % of a repeat survive; it is {share} %.",
            *place,
        )


def _hull(account: Account, run: Sequence[Copy]) -> tuple[int, int] | None:
    """The span of the source that the surviving copies of a run came from."""
    spans = [span for copy in run if copy.kept_at for _, span in origins_of(account, *copy.kept_at)]
    return (min(start for start, _ in spans), max(end for _, end in spans)) if spans else None


def origins_of(account: Account, start: int, end: int) -> list[tuple[int, tuple[int, int]]]:
    """The spans (each with the number of its origin) that the code points `start` to `end` of the text came from; an edit comes whole."""
    found = []
    first = bisect_right(account.segments, start, key=lambda segment: segment.end)
    for segment in islice(account.segments, first, None):
        if segment.start >= end:
            break
        if segment.op == "edit":
            found.append((segment.origin, segment.span))
        elif segment.op == "copy":
            left = segment.span[0] + max(0, start - segment.start)
            found.append((segment.origin, (left, segment.span[1] - max(0, segment.end - end))))
    return found


def nothing_stands_twice(case: Case) -> Iterator[Problem]:
    """Law 3: no sentence of enough words stands twice word for word, but in tables and code, or where the report says that it is meant."""
    least = case.told.options["min_repeat_tokens"]
    first: dict[tuple[str, ...], tuple[int, int]] = {}
    for place in case.account.blocks:
        if place.kind in ("code", "row"):
            continue
        text = case.text[place.start : place.end]
        for start, end in sentences_of(text):
            words = tuple(words_of(text[start:end]).norms)
            here = place.start + start, place.start + end
            there = first.setdefault(words, here)
            if len(words) >= least and there != here and not _is_meant(case, here) and not _is_meant(case, there):
                yield case.problem(REPEATED, f"{case.text[slice(*here)]!r:.80} stands twice.", span=here)


def _is_meant(case: Case, out: tuple[int, int]) -> bool:
    for number, (start, end) in origins_of(case.account, *out):
        origin = case.account.origins[number]
        if any(
            pointer == origin.pointer and left < end and start < right
            for pointer, left, right in case.told.meant.get(origin.source, ())
        ):
            return True
    return False


def article_agrees(case: Case) -> Iterator[Problem]:
    """The article's front matter and body say what the row of the corpus says, character for character but for marks and white space."""
    lines = case.article.split("\n")
    try:
        members, at = read_front_matter(lines)
    except ValueError as error:
        yield case.problem(REPLAY, f"{error}.")
        return
    known = {name: value for name, value in case.row["metadata"].items() if name != "article"}
    if members != {**known, "id": case.row["id"], "text_sha256": case.account.text_sha256}:
        yield case.problem(REPLAY, "the front matter does not say what corpus.jsonl says of the article.")
    if list(members) != [name for name in FRONT_MATTER if name in members]:
        yield case.problem(REPLAY, "the front matter's members are out of order.")
    starts = [place.line - 1 for place in case.account.blocks]
    if starts[:1] != [at + 1] or lines[at] or starts != sorted(set(starts)) or lines[-1]:
        yield case.problem(REPLAY, "the article's blocks are not on the lines that provenance names.")
        return
    for place, following in zip(case.account.blocks, [*starts[1:], len(lines)], strict=True):
        yield from _block_agrees(case, place, lines[place.line - 1 : following])


def _block_agrees(case: Case, place: Place, lines: Sequence[str]) -> Iterator[Problem]:
    said = case.text[place.start : place.end].encode("utf-8", "replace").decode("utf-8")
    try:
        found = said_by(place.kind, lines)
    except ValueError:
        yield case.problem(
            REPLAY, f"line {place.line} is no {place.kind}, as provenance says.", span=(place.start, place.end)
        )
        return
    if found != (_plain_cells(said.split(" | ")) if place.kind == "row" else " ".join(said.split())):
        yield case.problem(
            REPLAY, f"line {place.line} says {found!r:.60}, the text says {said!r:.60}.", span=(place.start, place.end)
        )
    mark = BLOCK_START["item"].match(lines[0]) if place.kind == "item" else None
    if mark and not case.text[: place.start].endswith(f"{mark['mark']} "):
        yield case.problem(
            REPLAY, f"line {place.line} is marked {mark['mark']!r}, the text is not.", span=(place.start, place.end)
        )


def records_agree(case: Case) -> Iterator[Problem]:
    """The row of the corpus, the provenance, the report and the manifest name the same sources, hashes and identities."""
    account, row = case.account, case.row
    digest = sha256(case.text.encode("utf-8", "surrogatepass")).hexdigest()
    if not (account.text_sha256 == digest and account.id == row["id"] == digest[:16]):
        yield case.problem(HASH, "the text is not the one whose hash is recorded.")
    if account.article != row["metadata"]["article"]:
        yield case.problem(REPLAY, "its provenance is that of another article.")
    if account.origins[0].source != row["source"] or not _names_its_sources(case):
        yield case.problem(REPLAY, "corpus.jsonl and provenance name different sources.")
    expected = {
        "id": row["id"],
        "article": case.name,
        "title": row["metadata"].get("title", ""),
        "canonical_source": row["source"],
        "sources": row["metadata"]["sources"],
    }
    if case.told.documents.get(case.name) != expected:
        yield case.problem(REPLAY, "report.json does not say of it what corpus.jsonl says.")
    for number, origin in enumerate(account.origins):
        listed = case.told.inputs.get(origin.source, {})
        status = "canonical" if origin.source == row["source"] else "duplicate"
        wanted = {
            "sha256": origin.sha256,
            "encoding": origin.encoding,
            "format": origin.format,
            "status": status,
            "documents": [row["id"]],
        }
        if any(listed.get(name) != value for name, value in wanted.items()):
            yield case.problem(HASH, f"the manifest does not list {origin.source} as provenance does.", number)
    if not 0 <= account.confidence <= 100:
        yield case.problem(REPLAY, "the confidence is no percentage.")


def _names_its_sources(case: Case) -> bool:
    """Whether the row names the sources of provenance; an article of ours that is cleaned again goes on naming those that it came from."""
    named: list[str] = []
    for source in case.account.sources():
        number = next(number for number, origin in enumerate(case.account.origins) if origin.source == source)
        origin, string = case.account.origins[number], case.strings[number]
        if origin.format == "markdown" and string is None:
            return True
        named += (_former_sources(string) if origin.format == "markdown" and string is not None else []) or [source]
    return bool(list(dict.fromkeys(named)) == case.row["metadata"]["sources"])


def _former_sources(text: str) -> list[str]:
    try:
        members, _ = read_front_matter(text.split("\n"))
    except MISSHAPEN:
        return []
    return [str(name) for name in members.get("sources", ())] if "id" in members and "text_sha256" in members else []


def fields_are_listed(case: Case) -> Iterator[Problem]:
    """Law 1: every string of a JSON record is accounted for, or listed as unmapped."""
    for source in case.account.sources():
        own = [number for number, origin in enumerate(case.account.origins) if origin.source == source]
        if case.account.origins[own[0]].format != "json" or any(case.strings[number] is None for number in own):
            continue
        pointers = {case.account.origins[number].pointer for number in own}
        unmapped = [
            pointer
            for pointer in strings_in(case.sources.record(case.account.origins[own[0]]))
            if pointer not in pointers
        ]
        if unmapped != case.account.unmapped.get(source, []):
            yield case.problem(
                UNCOVERED, f"the members listed as unmapped are not those that {source} has besides.", own[0]
            )
    if not set(case.account.unmapped) <= set(case.account.sources()):
        yield case.problem(UNCOVERED, "unmapped members are listed for a source that is none.")


# In this order, each on one document at a time.
CHECKS: tuple[Callable[[Case], Iterator[Problem]], ...] = (
    records_agree,
    text_is_tiled,
    blocks_stand_apart,
    text_follows,
    sources_are_tiled,
    losses_have_reasons,
    copies_survive,
    unique_sentences_are_told,
    repeats_are_told,
    nothing_stands_twice,
    article_agrees,
    fields_are_listed,
)


@dataclass(slots=True)
class _Verification:
    """One run of the checker over a folder."""

    output: Path
    manifest: dict[str, Any]
    sources: Sources
    told: Told = field(default_factory=Told)
    characters: Counter[str] = field(default_factory=Counter)
    edits: Counter[str] = field(default_factory=Counter)
    accounted: Counter[str] = field(default_factory=Counter)
    articles: list[str] = field(default_factory=list)

    def problems(self) -> Iterator[Problem]:
        yield from self._files()
        try:
            inputs = [dict(entry) for entry in self.manifest["inputs"]]
            self.told.inputs = {_string(entry["source"]): entry for entry in inputs}
            report = orjson.loads((self.output / REPORT).read_bytes())
            self._learn(report)
        except (OSError, *MISSHAPEN) as error:
            yield Problem(
                HASH,
                f"{REPORT} or {MANIFEST} is not in its shape ({type(error).__name__}: {error}). Run `clean` again.",
                REPORT,
            )
            return
        if self.sources:
            yield from self._inputs(inputs)
        yield from self._documents()
        try:
            yield from self._totals(report, inputs)
        except MISSHAPEN as error:
            yield Problem(
                HASH, f"{REPORT} is not in its shape ({type(error).__name__}: {error}). Run `clean` again.", REPORT
            )

    def _files(self) -> Iterator[Problem]:
        """Every output that is listed is there with its hash and size; nothing else is."""
        listed: set[str] = set()
        try:
            entries = [(_string(entry["path"]), entry["sha256"], entry["bytes"]) for entry in self.manifest["outputs"]]
        except MISSHAPEN as error:
            yield Problem(
                HASH, f"{MANIFEST}: the list of outputs is not in its shape ({error}). Run `clean` again.", MANIFEST
            )
            return
        for path, digest, size in entries:
            if path in listed or not _is_own_path(path):
                yield Problem(HASH, f"{path} is listed twice, or is no file that `clean` writes.", path)
                continue
            listed.add(path)
            place = self.output / path
            if not place.is_file() or place.is_symlink():
                yield Problem(HASH, f"{path} is missing. Run `clean` again, or restore it.", path)
            elif _digest(place) != (digest, size):
                yield Problem(
                    HASH,
                    f"{path} is not the file that was written: its hash or size differs. Run `clean` again, or restore it.",
                    path,
                )
        for name in {CORPUS, REPORT} - listed:
            yield Problem(HASH, f"{name} is not listed in {MANIFEST}.", name)
        for folder, folders, files in os.walk(self.output):
            names = [*files, *(name for name in folders if (Path(folder) / name).is_symlink())]
            for path in sorted((Path(folder) / name).relative_to(self.output).as_posix() for name in names):
                if path not in listed and path != MANIFEST:
                    yield Problem(
                        HASH, f"{path} is not listed in {MANIFEST}: `clean` did not write it. Remove it.", path
                    )

    def _learn(self, report: dict[str, Any]) -> None:
        """Keep of the report what the documents must agree with."""
        told = self.told
        told.options = dict(self.manifest["options"])
        told.documents = {_string(entry["article"]): entry for entry in report["documents"]}
        for repeat in report["repeats"]:
            told.repeats.setdefault(_string(repeat["source"]), []).append(
                {name: repeat[name] for name in ("dropped", "kept_at", "similarity")}
            )
        for repeat in report["meant_repeats"]:
            own = told.meant.setdefault(_string(repeat["source"]), [])
            own += (
                (_string(span["pointer"]), _count(span["start"]), _count(span["end"]))
                for span in (repeat["dropped"], repeat["kept_at"])
            )
        for cluster in report["clusters"]:
            for member in cluster["members"]:
                if member["dropped"]:
                    told.members[_string(member["source"])] = {**member, "canonical": cluster["canonical"]}

    def _inputs(self, inputs: Sequence[dict[str, Any]]) -> Iterator[Problem]:
        """Every input is below the sources, and is the file that was read."""
        for entry in inputs:
            digest, size, source = entry.get("sha256"), entry.get("bytes"), entry["source"]
            if entry.get("status") == "skipped" or not digest:
                continue
            place = self.sources.located(source, str(digest))
            if place is None:
                yield Problem(
                    HASH,
                    f"{source} is not below the folders given as sources. Restore it, or give the folder that it is in.",
                    source,
                )
            elif self.sources.digest(place.path) != (digest, size):
                yield Problem(
                    HASH,
                    f"{source} is not the file that was cleaned: its hash or size differs. Run `clean` again, or restore it.",
                    source,
                )

    def _documents(self) -> Iterator[Problem]:
        try:
            with (self.output / CORPUS).open("rb") as lines:
                for number, line in enumerate(lines, 1):
                    try:
                        yield from self._document(line)
                    except (OSError, *MISSHAPEN) as error:
                        yield Problem(
                            REPLAY,
                            f"{CORPUS}:{number}: the row, its article or its provenance is not in its shape ({type(error).__name__}: {error}).",
                            CORPUS,
                        )
        except OSError as error:
            yield Problem(HASH, f"{CORPUS} can't be read: {error.strerror or error}.", CORPUS)

    def _document(self, line: bytes) -> Iterator[Problem]:
        row = orjson.loads(line)
        path = _string(row["metadata"]["article"])
        if not _is_own_path(path):
            raise ValueError(f"{path!r} is no article")
        account = read_account((self.output / provenance_of(path)).read_bytes())
        article = (self.output / path).read_bytes().decode("utf-8")
        self.articles.append(path)
        self._count(account)
        strings: list[str | None] = []
        for origin in account.origins:
            try:
                strings.append(self.sources.text(origin) if self.sources else None)
            except Unreadable as error:
                strings.append(None)
                yield Problem(HASH, str(error), origin.source)
        case = Case(row, _string(row["text"]), account, article, strings, self.told, self.sources)
        for check in CHECKS:
            yield from islice(check(case), MAX_TOLD)

    def _count(self, account: Account) -> None:
        self.accounted.update(account.sources())
        for segment in account.segments:
            if segment.origin >= 0:
                self.characters["kept"] += segment.span[1] - segment.span[0]
            self.edits.update(rule for rule in segment.rules if segment.op == "edit" or rule == "TXT009")
        for loss in account.losses:
            self.characters[loss.rule] += loss.span[1] - loss.span[0]

    def _totals(self, report: dict[str, Any], inputs: Sequence[dict[str, Any]]) -> Iterator[Problem]:
        """What the parts say adds up to what the whole says."""
        listed = {entry["path"] for entry in self.manifest["outputs"]}
        rows = set(self.articles)
        if (
            len(rows) != len(self.articles)
            or rows != set(self.told.documents)
            or len(self.told.documents) != len(report["documents"])
        ):
            yield Problem(REPLAY, f"{CORPUS} and {REPORT} do not list the same articles.", REPORT)
        if {path for path in listed if "/" in path} != rows | {provenance_of(path) for path in rows}:
            yield Problem(HASH, f"{CORPUS} and {MANIFEST} do not list the same articles.", MANIFEST)
        if report["sources"] != inputs or report["method"]["options"] != self.manifest["options"]:
            yield Problem(HASH, f"{REPORT} and {MANIFEST} do not tell of the same inputs and options.", MANIFEST)
        yield from self._statuses(inputs)
        yield from self._measures(report)
        for name, (said, found) in self._sums(report, inputs).items():
            if said != found:
                yield Problem(
                    UNCOVERED, f"{REPORT}: the summary says {name} {said}; the parts add up to {found}.", REPORT
                )

    def _statuses(self, inputs: Sequence[dict[str, Any]]) -> Iterator[Problem]:
        for entry in inputs:
            wanted = int(entry["status"] in ("canonical", "duplicate"))
            if (
                entry["status"] not in ("canonical", "duplicate", "failed", "skipped")
                or self.accounted[entry["source"]] != wanted
            ):
                yield Problem(
                    UNCOVERED,
                    f"{entry['source']} is {entry['status']}, and stands in {self.accounted[entry['source']]} provenance files.",
                    entry["source"],
                )
            if (entry["status"] == "duplicate") != (entry["source"] in self.told.members):
                yield Problem(
                    UNCOVERED,
                    f"{entry['source']} is {entry['status']}; the report's clusters say otherwise.",
                    entry["source"],
                )
        if len(self.told.inputs) != len(inputs) or not set(self.accounted) <= set(self.told.inputs):
            yield Problem(
                HASH, f"{MANIFEST} lists an input twice, or provenance knows one that it does not list.", MANIFEST
            )

    def _measures(self, report: dict[str, Any]) -> Iterator[Problem]:
        """Law 4: the measures of a pair fit one another, and those of a cluster's member are those of its pair."""
        pairs = {frozenset((pair["a"], pair["b"])): pair for pair in report["pairs"]}
        for names, pair in pairs.items():
            fits = _fit(pair["jaccard"], pair["containment_a_in_b"], pair["containment_b_in_a"])
            if (
                len(names) != 2
                or not names <= set(self.accounted)
                or pair["relation"] not in (*RULE_OF_RELATION, "reuse")
                or not fits
            ):
                yield Problem(
                    UNCOVERED,
                    f"{REPORT}: the pair {pair['a']} and {pair['b']} can't be: its Jaccard and containments do not fit.",
                    pair["a"],
                )
        for cluster in report["clusters"]:
            if cluster["id"] != cluster["canonical"]:
                yield Problem(
                    UNCOVERED,
                    f"{REPORT}: the cluster {cluster['id']} has another name than its canonical source.",
                    REPORT,
                )
            for member in cluster["members"]:
                if not _is_pair(pairs.get(frozenset((cluster["canonical"], member["source"])), {}), member):
                    yield Problem(
                        UNCOVERED,
                        f"{REPORT}: what the cluster says of {member['source']} is not what the pair says.",
                        member["source"],
                    )

    def _sums(self, report: dict[str, Any], inputs: Sequence[dict[str, Any]]) -> dict[str, tuple[Any, Any]]:
        summary = report["summary"]
        statuses = Counter(entry["status"] for entry in inputs)
        severities = Counter(RULES[problem["rule"]].severity.value for problem in report["problems"])
        dropped = {rule: count for rule, count in sorted(self.characters.items()) if rule != "kept"}
        found = {
            "sources": len(inputs),
            "documents": len(self.articles),
            "duplicates": statuses["duplicate"],
            "failed": statuses["failed"],
            "skipped": statuses["skipped"],
            "by_relation": dict(sorted(Counter(member["relation"] for member in self.told.members.values()).items())),
            "pairs": len(report["pairs"]),
            "repeats": len(report["repeats"]),
            "characters": {"in": self.characters.total(), "kept": self.characters["kept"], "dropped": dropped},
            "edits": dict(sorted(self.edits.items())),
            "problems": {name: severities[name] for name in ("error", "warning", "info")},
        }
        return {name: (summary[name], value) for name, value in found.items()}


def _is_own_path(path: str) -> bool:
    return path in OWN_FILES or bool(
        re.fullmatch(r"articles/[a-z0-9-]{1,80}\.md|provenance/[a-z0-9-]{1,80}\.json", path)
    )


def provenance_of(article: str) -> str:
    """The path of the provenance file of an article."""
    return f"provenance/{article.removeprefix('articles/').removesuffix('.md')}.json"


def _is_pair(pair: dict[str, Any], member: dict[str, Any]) -> bool:
    """Whether a pair says what a cluster says of its member."""
    own, other = ("a_in_b", "b_in_a") if pair.get("a") == member["source"] else ("b_in_a", "a_in_b")
    said = {
        "relation": member["relation"],
        "jaccard": member["jaccard"],
        f"containment_{own}": member["containment"],
        f"containment_{other}": member["contained_in_it"],
    }
    return all(pair.get(name) == value for name, value in said.items())


def _fit(jaccard: float, a_in_b: float, b_in_a: float) -> bool:
    """Whether the three can be of one pair: 1/J = 1/A + 1/B - 1. Each is rounded down to four digits."""
    if not all(0 <= value <= 1 for value in (jaccard, a_in_b, b_in_a)):
        return False
    if not (jaccard and a_in_b and b_in_a):
        return min(a_in_b, b_in_a, jaccard) < 0.0002
    digit = 0.0001
    least = 1 / (1 / a_in_b + 1 / b_in_a - 1)
    most = 1 / (1 / min(1, a_in_b + digit) + 1 / min(1, b_in_a + digit) - 1)
    return bool(least - digit <= jaccard <= most)
