"""An output folder in either layout in, its rows and their accounts out: one file each, or parts of many rows each, an account to a row."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

from cleaner.folders import PART_OF_ACCOUNTS, PART_OF_CORPUS, UsageError
from cleaner.verification.account import CORPUS

PART = re.compile(re.escape(PART_OF_CORPUS).replace(r"\{:06\}", r"(\d{6})"))


class Row(NamedTuple):
    """A line of the corpus, the file and the line that it stands on, and the bytes of its account; None where that is a file of its own."""

    file: str
    line: int
    data: bytes
    account: bytes | None


def parts_of(output: Path) -> list[str]:
    """The parts of a corpus that is written in parts, by their names; none for another one."""
    names = (path.relative_to(output).as_posix() for path in (output / PART_OF_CORPUS).parent.glob("*"))
    return sorted(name for name in names if PART.fullmatch(name))


def rows_of(output: Path) -> Iterator[Row]:
    """The rows of an output folder in their order. OSError where a file can't be read."""
    for name in parts_of(output) or [CORPUS]:
        number = PART.fullmatch(name)
        with (output / name).open("rb") as rows:
            if number is None:
                yield from (Row(name, line, data, None) for line, data in enumerate(rows, 1))
                continue
            with (output / PART_OF_ACCOUNTS.format(int(number[1]))).open("rb") as accounts:
                for line, (data, account) in enumerate(zip_longest(rows, accounts, fillvalue=b""), 1):
                    yield Row(name, line, data, account)


def require_articles(output: Path, wanted: str) -> None:
    """Raise UsageError where an output holds its texts in parts only, and no articles for what is `wanted`."""
    if parts_of(output) and not (output / "articles").is_dir():
        raise UsageError(
            f"{output} holds its texts in parts only; {wanted} needs the articles too. Run `clean` again with --layout both."
        )
