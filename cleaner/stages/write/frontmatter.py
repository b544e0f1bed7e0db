"""Metadata in, YAML front matter out that every YAML reader reads back as the same strings."""

from __future__ import annotations

import json
import re

from cleaner.model.documents import Metadata

# Words, and nothing that YAML could take for a number, a date, a truth value or a mark.
PLAIN = re.compile(
    r"[A-Za-z\u00c0-\u024f][\w\u00c0-\u024f]*(?:[ ,'.\u2019\u2013\u2014/&+-]+[\w\u00c0-\u024f]+)*[.!?)]?"
)
KEYWORDS = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"])
# With the characters that reorder text: a title must not be shown as another.
ESCAPED = re.compile(
    "[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]"
)


def front_matter(metadata: Metadata, identity: str, sources: tuple[str, ...], text_sha256: str) -> str:
    """The front matter, its members in the order of the contract, unknown ones left out, closed by `---` and an empty line."""
    lines = ["---"]
    members = [(name, getattr(metadata, name)) for name in metadata.__dataclass_fields__]
    for name, value in [*members, ("id", identity), ("sources", sources), ("text_sha256", text_sha256)]:
        if isinstance(value, tuple):
            if value:
                lines.append(f"{name}:")
                lines += [f"  - {scalar(item)}" for item in value]
        elif value:
            lines.append(f"{name}: {scalar(value)}")
    return "\n".join([*lines, "---", "", ""])


def scalar(value: str) -> str:
    """A string as a YAML scalar: plain where no reader can mistake it, else double-quoted."""
    if PLAIN.fullmatch(value) and value.lower() not in KEYWORDS:
        return value
    quoted = json.dumps(value, ensure_ascii=False)
    return ESCAPED.sub(lambda match: f"\\u{ord(match.group()):04x}", quoted)
