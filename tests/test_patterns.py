"""Every regular expression of the package takes a time that grows with the text, not with its square: each is given long texts made of pieces of what it matches."""

from __future__ import annotations

import ast
import importlib
import random
import re
import signal
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

import pytest

import cleaner

ROOT = Path(cleaner.__file__).parent
CALLS = {"compile": 1, "match": 2, "search": 2, "fullmatch": 2, "findall": 2, "finditer": 2, "split": 3, "sub": 4}
# A pattern whose time is quadratic takes at three times the length nine times as long; one that is linear, three times.
LENGTH, TIMES = 1500, 4
MOST_TIMES = 9.0
# Below this many seconds of the processor a time says nothing.
NOISE = 0.004
MOST_SECONDS = 0.3
# Patterns that are never given a long text, and why.
SHORT = {
    "SENTENCE_END": "looks at a token of 200 characters",
    "LAST_WORD": "looks at 12 characters",
    "CUT_OFF": "looks at the last 200 characters",
    "INSERTED": "is tried at the start of a text only",
    "COMMENT_TAG_OR_REFERENCE": "is given a text that ends with a comment",
    "AFTER_NAME": "is given one line of a byline, each space alone",
    "NAME_SEPARATOR": "is given one line of a byline, each space alone",
}


class Pattern(NamedTuple):
    """A pattern with its name (empty where it has none), where it stands, and whether it is tried at every place of a text or at its start."""

    name: str
    where: str
    found: re.Pattern[Any]
    everywhere: bool


def patterns() -> Iterator[Pattern]:
    """The patterns of the package: what its modules hold by name, in tables too, and what their functions compile on the spot."""
    code = {path: path.read_text(encoding="utf-8") for path in sorted(ROOT.rglob("*.py")) if path.name != "__main__.py"}
    modules = {
        path: importlib.import_module(
            ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__")
        )
        for path in code
    }
    known = set()
    for path, text in code.items():
        name, members = modules[path].__name__, vars(modules[path])
        for member, value in list(members.items()):
            # What is imported is told of where it is made.
            for found in held(value) if re.search(rf"^{member}\b[^=\n]* = ", text, re.MULTILINE) else ():
                if found not in known:
                    known.add(found)
                    users = (code[other] for other in code if vars(modules[other]).get(member) is value)
                    yield Pattern(member, f"{name}.{member}", found, found is not value or is_searched(member, users))
        for call in ast.walk(ast.parse(text)):
            if (found := compiled(call, members)) is not None and found not in known:
                known.add(found)
                attribute = call.func.attr  # type: ignore[attr-defined]
                yield Pattern("", f"{name}, line {call.lineno}", found, attribute not in ("match", "fullmatch"))  # type: ignore[attr-defined]


def is_searched(name: str, users: Iterable[str]) -> bool:
    """Whether a pattern of this name is tried at more places than the start of a text, in any code that has it."""
    return any(re.search(rf"\b{name}\.(?:search|sub|subn|finditer|findall|split)\b", text) for text in users)


def held(value: object, depth: int = 3) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth and isinstance(value, dict):
        yield from held(tuple(value.values()), depth)
    elif depth and isinstance(value, tuple | list | frozenset):
        for item in value:
            yield from held(item, depth - 1)


def compiled(call: ast.AST, members: dict[str, Any]) -> re.Pattern[Any] | None:
    """The pattern of a call of the module `re`; None where it depends on what the function is given."""
    if not (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "re"
        and call.func.attr in CALLS
    ):
        return None
    flags = [*call.args[CALLS[call.func.attr] :], *(word.value for word in call.keywords if word.arg == "flags")]
    try:
        values = [
            eval(compile(ast.Expression(node), "pattern", "eval"), dict(members)) for node in (call.args[0], *flags[:1])
        ]
    except NameError:
        return None
    return re.compile(*values)


def sample(parsed: Iterable[Any], chance: random.Random) -> str:
    """A text that the parsed pattern matches, or nearly: what it looks ahead for and back at is left out."""
    parts = []
    for operation, value in parsed:
        if operation is op.LITERAL:
            parts.append(chr(value))
        elif operation is op.NOT_LITERAL:
            parts.append("b" if value == ord("a") else "a")
        elif operation is op.ANY:
            parts.append(chance.choice("a <"))
        elif operation is op.IN:
            parts.append(one_of(value, chance))
        elif operation is op.BRANCH:
            parts.append(sample(chance.choice(value[1]), chance))
        elif operation is op.SUBPATTERN:
            parts.append(sample(value[3], chance))
        elif operation is op.ATOMIC_GROUP:
            parts.append(sample(value, chance))
        elif operation in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
            least, most, inner = value
            parts += [sample(inner, chance) for _ in range(chance.randint(least, min(int(most), max(least, 3))))]
    return "".join(parts)


CATEGORIES = {op.CATEGORY_SPACE: " ", op.CATEGORY_DIGIT: "1", op.CATEGORY_NOT_WORD: "-"}


def one_of(items: list[Any], chance: random.Random) -> str:
    if items[0][0] is op.NEGATE:
        return next((char for char in 'a 1-<"\n.' if not any(is_in(item, char) for item in items[1:])), "\u4e00")
    operation, value = chance.choice(items)
    if operation is op.LITERAL:
        return chr(value)
    return chr(chance.randint(*value)) if operation is op.RANGE else CATEGORIES.get(value, "a")


def is_in(item: tuple[Any, Any], char: str) -> bool:
    operation, value = item
    if operation is op.LITERAL:
        return bool(value == ord(char))
    if operation is op.RANGE:
        return bool(value[0] <= ord(char) <= value[1])
    name = str(value).rpartition("_")[2]
    fits = {"SPACE": char.isspace(), "DIGIT": char.isdigit(), "WORD": char.isalnum() or char == "_"}[name]
    return not fits if "_NOT_" in str(value) else fits


def attacks(found: re.Pattern[Any], chance: random.Random) -> list[tuple[str, str, str]]:
    """Texts to try: what each begins with, what follows again and again, and what it ends with."""
    source = found.pattern if isinstance(found.pattern, str) else found.pattern.decode("latin-1")
    parsed = _parser.parse(source, found.flags & ~re.UNICODE if isinstance(found.pattern, bytes) else found.flags)
    pieces = {("", char): None for char in " \t\na1-<[(*\"'."}
    for _ in range(8):
        text = sample(parsed, chance)[:60]
        for end in {len(text), len(text) // 2, len(text) - 1, 1, 2, chance.randint(0, len(text))}:
            if text[:end]:
                pieces["", text[:end]] = None
        if len(text) > 3:
            start = chance.randrange(len(text) - 1)
            pieces["", text[start : start + chance.randint(1, 3)]] = None
            pieces[text[0], text[1]] = None
    return [(head, piece, tail) for head, piece in pieces for tail in ("", "\x01")]


class Late(BaseException):
    """A pattern takes longer than any should."""


def seconds(pattern: Pattern, text: str) -> float:
    """The processor seconds that a pattern takes for a text, some tenths of one at most."""
    given: Any = text.encode("utf-8", "replace") if isinstance(pattern.found.pattern, bytes) else text
    begun = time.process_time()
    signal.setitimer(signal.ITIMER_VIRTUAL, MOST_SECONDS)
    try:
        if pattern.everywhere:
            for _ in pattern.found.finditer(given):
                pass
        else:
            pattern.found.match(given)
            pattern.found.fullmatch(given)
    except Late:
        return MOST_SECONDS
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return time.process_time() - begun


def _late(*_: object) -> None:
    raise Late


@pytest.fixture
def alarm() -> Iterator[None]:
    before = signal.signal(signal.SIGVTALRM, _late)
    yield
    signal.signal(signal.SIGVTALRM, before)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs the timers of POSIX")
def test_no_pattern_takes_the_square_of_a_text(alarm: None) -> None:
    chance = random.Random(7)
    slow = {}
    tried = 0
    for pattern in patterns():
        tried += 1
        if pattern.name in SHORT:
            continue
        for head, piece, tail in attacks(pattern.found, chance):
            long = f"{head}{piece * (TIMES * LENGTH // len(piece))}{tail}"
            if pattern.where in slow or seconds(pattern, long) < NOISE:
                continue
            short = f"{head}{piece * (LENGTH // len(piece))}{tail}"
            # The best of three, for what else the machine does can only make it slower.
            first, last = (min(seconds(pattern, text) for _ in range(3)) for text in (short, long))
            if last > NOISE and last > MOST_TIMES * first:
                slow[pattern.where] = f"{head!r} and then {piece!r} again and again"
    assert tried > 200
    assert not slow, "\n".join(f"{where}: {text}" for where, text in sorted(slow.items()))


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs the timers of POSIX")
def test_a_pattern_that_does_would_be_found(alarm: None) -> None:
    pattern = Pattern("", "", re.compile(r"\w+:"), True)
    times = [seconds(pattern, "a" * size) for size in (LENGTH, TIMES * LENGTH)]
    assert times[1] > MOST_TIMES * times[0]
