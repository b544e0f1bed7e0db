"""The name of a character set as a file declares it in, Python's name for it out."""

from __future__ import annotations

import codecs

# What Python calls encodings too: escapes of programs and of the names of hosts.
NO_CHARACTER_SETS = frozenset(("unicode-escape", "raw-unicode-escape", "idna", "punycode", "undefined", "mbcs", "oem"))


def character_set(name: str) -> str:
    """Python's name of a declared character set; empty where it is not known, or is none."""
    try:
        encoding = codecs.lookup(name).name
        # A compression is no encoding of text, and says so.
        b"a".decode(encoding)
    except (LookupError, ValueError):
        return ""
    return "" if encoding in NO_CHARACTER_SETS else encoding
