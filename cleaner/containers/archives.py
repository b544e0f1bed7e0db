"""A zip, a tar or a mailbox in, the files in it out, under names that can't lead anywhere: a name is a name, and nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BufferedReader
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from cleaner.containers.kinds import HEAD_BYTES, Form
from cleaner.containers.mailbox import Message, messages
from cleaner.containers.names import Names

if TYPE_CHECKING:
    import zipfile

ENCRYPTED = 0x1
# How an office document or an electronic book, which are zips, can be told from an archive of articles.
OFFICE = ("[Content_Types].xml", "mimetype")


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive: its name as it is told, and the archive's own record of it."""

    name: str
    record: Any
    size: int
    encrypted: bool = False


class _Kept(Protocol):
    """A kind of archive that is open."""

    is_packed: bool

    def files(self) -> Iterator[Member]:
        """Its files in their order, under the names that stand in it."""

    def opened(self, record: Any) -> Any:
        """The stream of a file's bytes."""

    def close(self) -> None: ...


class Archive:
    """A zip, a tar or a mailbox that is open. Hidden members, folders, links and devices are passed over, as in a folder."""

    def __init__(self, stream: BinaryIO, form: Form) -> None:
        self.kept: _Kept = KEPT[form](stream)
        self.is_packed = self.kept.is_packed

    def close(self) -> None:
        self.kept.close()

    def is_office(self) -> bool:
        """Whether this is a document of an office program or an electronic book."""
        return self.is_packed and any(member.name in OFFICE for member in self.kept.files())

    def members(self) -> Iterator[Member]:
        """The files in the archive, in its own order; of several with one name the later ones are numbered, and so is what has the name of a record of another."""
        names = Names()
        for member in self.kept.files():
            name = safe_name(member.name)
            if not name or any(step.startswith(".") or step == "__MACOSX" for step in name.split("/")):
                continue
            yield Member(names.apart(name), member.record, member.size, member.encrypted)

    def open(self, member: Member) -> Any:
        """The stream of a member's bytes."""
        return self.kept.opened(member.record)


class _Zip:
    is_packed = True

    def __init__(self, stream: BinaryIO) -> None:
        # This and what a tar needs is loaded for an archive only; most runs read none.
        import zipfile

        self.archive = zipfile.ZipFile(stream)

    def files(self) -> Iterator[Member]:
        for info in self.archive.infolist():
            if not info.is_dir() and not _is_link(info):
                yield Member(info.filename, info, info.file_size, bool(info.flag_bits & ENCRYPTED))

    def opened(self, record: Any) -> Any:
        return self.archive.open(record)

    def close(self) -> None:
        self.archive.close()


class _Tar:
    is_packed = False

    def __init__(self, stream: BinaryIO) -> None:
        import tarfile

        self.archive = tarfile.TarFile.open(fileobj=stream, mode="r:")

    def files(self) -> Iterator[Member]:
        for entry in self.archive:
            # A sparse file claims more bytes than are there.
            if entry.isfile() and not entry.issparse():
                yield Member(entry.name, entry, entry.size)

    def opened(self, record: Any) -> Any:
        return self.archive.extractfile(record)

    def close(self) -> None:
        self.archive.close()


class _Mailbox:
    """The messages are its files, called by their numbers."""

    is_packed = False

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream

    def files(self) -> Iterator[Member]:
        for number, (start, end) in enumerate(messages(self.stream), 1):
            yield Member(f"{number}.eml", (start, end), end - start)

    def opened(self, record: Any) -> Any:
        return BufferedReader(Message(self.stream, *record), HEAD_BYTES)

    def close(self) -> None:
        """The stream is its owner's."""


KEPT: dict[Form, Callable[[BinaryIO], _Kept]] = {Form.ZIP: _Zip, Form.TAR: _Tar, Form.MAILBOX: _Mailbox}


def _is_link(info: zipfile.ZipInfo) -> bool:
    return (info.external_attr >> 16) & 0o170000 == 0o120000


def safe_name(name: str) -> str:
    """A member's name without what could lead out of a folder.

    >>> safe_name("../../etc/./passwd"), safe_name(chr(92).join(("C:", "a", "b.txt")))
    ('etc/passwd', 'C:/a/b.txt')
    """
    steps = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace").replace("\\", "/").split("/")
    return "/".join(step for step in steps if step not in ("", ".", ".."))
