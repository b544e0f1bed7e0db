"""A message of RFC 5322 in (a mail, or a page saved as MHTML), the same as a value out: its headers by name, its text, its page.

The value is what provenance points into: `/text` is the decoded plain text of the message, `/html` its page. Attachments that may be articles are files of
their own, as those in an archive are; the others are named.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from cleaner.containers.archives import safe_name
from cleaner.containers.charsets import character_set
from cleaner.containers.kinds import suffix_of
from cleaner.containers.names import Names

if TYPE_CHECKING:
    from email.message import EmailMessage

HEADERS = ("subject", "from", "to", "date", "message-id", "list-id", "snapshot-content-location", "content-location")
# The longest line of an address list that was seen has some thousand characters.
MAX_HEADER_CHARACTERS = 20_000
READ_SUFFIXES = frozenset(".txt .text .md .markdown .html .htm .xhtml .json".split())
TAG = re.compile(r"<(?:style|script|head)\b.*?(?:</(?:style|script|head)>|\Z)|<[^<>]*>", re.DOTALL | re.IGNORECASE)
# What a mailbox writes as `>From` began with the word, or with as many marks less one.
QUOTED_FROM = re.compile(rb"^>(?=>*From )", re.MULTILINE)
CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)


class Mail(NamedTuple):
    """A message as a value, the encoding of its body, and the JSON Pointer of the part that is the article."""

    value: dict[str, Any]
    encoding: str
    body: str


def read_mail(data: bytes) -> Mail:
    """The message that the bytes hold."""
    message = _parsed(data)
    value: dict[str, Any] = {}
    for name in HEADERS:
        if said := _header(message, name):
            value[name] = said
    parts = [part for part in message.walk() if not part.is_multipart()]
    attached = [part for part in parts if _is_attached(part)]
    encodings: dict[str, str] = {}
    for part in parts:
        kind = {"text/html": "html", "application/xhtml+xml": "html", "text/plain": "text"}.get(part.get_content_type())
        if kind and kind not in value and part not in attached:
            value[kind], encodings[kind] = _decoded(part)
            if kind == "html" and "content-location" in part and "content-location" not in value:
                value["content-location"] = _header(part, "content-location")
    if names := [_file_name(part) or part.get_content_type() for part in attached]:
        value["attachments"] = names
    body = _body(value)
    return Mail(value, encodings.get(body.lstrip("/"), "ascii"), body)


def attachments(data: bytes) -> list[tuple[str, bytes]]:
    """The attachments of a message that may be articles, in its order: their names, made safe and different from one another, and their bytes."""
    if b"attachment" not in data.lower():
        return []
    names = Names()
    found: list[tuple[str, bytes]] = []
    for part in _parsed(data).walk():
        if not part.is_multipart() and _is_attached(part) and is_read(_file_name(part)):
            name = safe_name(_file_name(part))
            payload = part.get_payload(decode=True)
            found.append((names.apart(name), payload if isinstance(payload, bytes) else b""))
    return found


def _parsed(data: bytes) -> EmailMessage:
    """The message; a broken one is read as far as it goes."""
    from email import message_from_bytes
    from email.policy import EmailPolicy

    class Policy(EmailPolicy):
        """Makes strings of headers, whatever they are encoded in; of longer ones than anybody writes nothing, for the parser takes gigabytes for them."""

        def header_fetch_parse(self, name: str, value: str) -> Any:
            return super().header_fetch_parse(name, value if len(value) <= MAX_HEADER_CHARACTERS else "")

    message: EmailMessage = message_from_bytes(_without_envelope(data), policy=Policy())  # type: ignore[arg-type]
    return message


def is_read(name: str) -> bool:
    """Whether an attachment of that name may be an article."""
    return suffix_of(safe_name(name)) in READ_SUFFIXES


def _is_attached(part: EmailMessage | Any) -> bool:
    return bool(part.get_content_disposition() == "attachment")


def _file_name(part: EmailMessage | Any) -> str:
    return str(part.get_filename() or "")


def _without_envelope(data: bytes) -> bytes:
    """A message as it was before a mailbox kept it: without the line above its headers, and without the mark before lines that begin like one."""
    data = data.lstrip(b"\r\n").removeprefix(codecs.BOM_UTF8)
    return QUOTED_FROM.sub(b"", data.split(b"\n", 1)[1]) if data.startswith(b"From ") and b"\n" in data else data


def _header(message: EmailMessage | Any, name: str) -> str:
    """A header's value on one line; empty where it is missing or can't be read."""
    try:
        said = " ".join(str(message.get(name, "")).split())
    except (ValueError, LookupError, IndexError, TypeError, AttributeError):
        # The parser of headers fails on some that strangers made up.
        return ""
    # Half a pair of surrogates, which an escape of a header can name, is no character.
    return said.encode("utf-8", "replace").decode("utf-8")


def _decoded(part: Any) -> tuple[str, str]:
    """The text of a part and its encoding: the declared one, UTF-8, or the one that has a character for every byte."""
    raw: bytes = part.get_payload(decode=True) or b""
    declared = str(part.get_content_charset() or "")
    said = CHARSET.search(raw[:2048]) if not declared and b"<" in raw[:2048] else None
    for name in (declared, said.group(1).decode("ascii") if said else "", "utf-8"):
        try:
            if encoding := character_set(name):
                text = raw.decode(encoding)
                text.encode("utf-8")
                return text.replace("\r\n", "\n"), encoding
        except ValueError:
            # Not in that encoding, or with halves of surrogate pairs, as UTF-7 may have them.
            continue
    return raw.decode("cp1252", "replace").replace("\r\n", "\n"), "cp1252"


def _body(value: dict[str, Any]) -> str:
    """The pointer of the part that says more: a plain text that only sends the reader to the page is no article."""
    text, page = str(value.get("text", "")), str(value.get("html", ""))
    if not text.strip() or ("snapshot-content-location" in value and page):
        return "/html" if page else ""
    return "/html" if 2 * len(text.split()) < len(TAG.sub(" ", page).split()) else "/text"
