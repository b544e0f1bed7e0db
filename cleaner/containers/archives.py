"""A zip or tar in, the files in it out, under names that can't lead anywhere: a name is a name, and nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from cleaner.containers.kinds import Form

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


class Archive:
    """A zip or tar that is open. Hidden members, folders, links and devices are passed over, as in a folder."""

    def __init__(self, stream: BinaryIO, form: Form) -> None:
        self.is_packed = form is Form.ZIP
        self.archive: Any = _unzipped(stream) if self.is_packed else _untarred(stream)

    def close(self) -> None:
        self.archive.close()

    def is_office(self) -> bool:
        """Whether this is a document of an office program or an electronic book."""
        return self.is_packed and any(info.filename in OFFICE for info in self.archive.infolist())

    def members(self) -> Iterator[Member]:
        """The files in the archive, in its own order; of several with one name the later ones are numbered."""
        seen: Counter[str] = Counter()
        for member in self._files():
            name = safe_name(member.name)
            if not name or any(step.startswith(".") or step == "__MACOSX" for step in name.split("/")):
                continue
            seen[name] += 1
            yield Member(
                name if seen[name] == 1 else f"{name}~{seen[name]}", member.record, member.size, member.encrypted
            )

    def _files(self) -> Iterator[Member]:
        if self.is_packed:
            for info in self.archive.infolist():
                if not info.is_dir() and not _is_link(info):
                    yield Member(info.filename, info, info.file_size, bool(info.flag_bits & ENCRYPTED))
        else:
            for entry in self.archive:
                # A sparse file claims more bytes than are there.
                if entry.isfile() and not entry.issparse():
                    yield Member(entry.name, entry, entry.size)

    def open(self, member: Member) -> Any:
        """The stream of a member's bytes."""
        if self.is_packed:
            return self.archive.open(member.record)
        return self.archive.extractfile(member.record)


# Both are loaded for an archive only; most runs read none.


def _unzipped(stream: BinaryIO) -> Any:
    import zipfile

    return zipfile.ZipFile(stream)


def _untarred(stream: BinaryIO) -> Any:
    import tarfile

    return tarfile.TarFile.open(fileobj=stream, mode="r:")


def _is_link(info: zipfile.ZipInfo) -> bool:
    return (info.external_attr >> 16) & 0o170000 == 0o120000


def safe_name(name: str) -> str:
    """A member's name without what could lead out of a folder.

    >>> safe_name("../../etc/./passwd"), safe_name(chr(92).join(("C:", "a", "b.txt")))
    ('etc/passwd', 'C:/a/b.txt')
    """
    steps = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace").replace("\\", "/").split("/")
    return "/".join(step for step in steps if step not in ("", ".", ".."))
