"""Writes that a crash, a full disk or a second run can't halve: folders and files that are ours while we live, bytes that are on the disk before their name is, two names exchanged in one step."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from threading import Thread
from typing import TypeVar

Name = TypeVar("Name")

TOOL = "article-cleaner"
LOCKING = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
# The file in a folder of ours that its process holds locked. The system lets go of it when the process ends, however it ends.
LOCK = "lock"
# Names of what a process has open, whatever that is.
STREAMS = ("/dev/std", "/dev/fd/", "/proc/")
# So long the processes of a killed one are waited for.
PATIENCE_SECONDS = 10
# The longest name of a file that the usual file systems take, in bytes.
MAX_NAME_BYTES = 255
# So many files and folders are synced by themselves; more are synced with all that their disk holds.
MAX_SYNCED_PATHS = 64
# So many files are synced, or removed, at once: a disk may wait for each, and serves those that wait together at once.
FILES_AT_ONCE = 16
# What fsync and syncfs say of places that know no syncing; whatever else they say is a write that was lost.
NOT_SYNCED = frozenset({errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EBADF, errno.EROFS, errno.EACCES})


class Busy(Exception):
    """Another process holds this; the message says which one, `is_alive` whether it is alive as far as can be told, or others that it has left hold it."""

    def __init__(self, said: str) -> None:
        words = said.split()
        is_told = len(words) == 2 and words[0] == TOOL and words[1].isdecimal()
        super().__init__(f"process {words[1]}" if is_told else "another process")
        self.is_alive = not is_told or _is_alive(int(words[1]))


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def beside(place: Path, suffix: str) -> Path:
    """A hidden name beside `place`, on the same disk; that of a name which leaves no room for the suffix is told by its hash."""
    name = f".{place.name}{suffix}"
    if len(os.fsencode(name)) > MAX_NAME_BYTES:
        name = f".{blake2b(os.fsencode(place.name), digest_size=8).hexdigest()}{suffix}"
    return place.parent / name


class Claim:
    """A folder of ours, locked as long as this process, or one that it forked, lives and has not released it."""

    def __init__(self, folder: Path) -> None:
        """Make the folder, or take over what a dead process left of it. Raises Busy if it is that of a process alive, FileExistsError if it is a stranger's."""
        self.folder = folder
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                self.lock = _claimed(folder)
                break
            except FileNotFoundError:
                # Whoever cleared it away was quicker than we are. It is made once more, if its parent is there.
                if not folder.parent.is_dir():
                    raise
            except Busy as busy:
                # The processes that a killed one has left see it at the end of what they are at.
                if busy.is_alive or time.monotonic() > until:
                    raise
                time.sleep(0.02)
        # On a full disk it is ours without a word on whose process it is.
        with suppress(OSError):
            os.truncate(self.lock, 0)
            os.write(self.lock, f"{TOOL} {os.getpid()}\n".encode())

    def release(self, remove: Callable[[Path], None]) -> None:
        """Have `remove` take away what is in the folder, then the folder itself; what can't be removed is left for a later run."""
        with suppress(OSError):
            remove(self.folder)
            if os.listdir(self.folder) == [LOCK]:
                (self.folder / LOCK).unlink()
                self.folder.rmdir()
        with suppress(OSError):
            os.close(self.lock)


def _claimed(folder: Path) -> int:
    """The descriptor of the lock of a folder, new or left by a dead process. Raises FileNotFoundError if it was cleared away meanwhile."""
    try:
        folder.mkdir(mode=0o700)
        is_new = True
    except FileExistsError:
        is_new = False
    if not is_new and not _is_ours_or_empty(folder):
        raise FileExistsError(
            errno.EEXIST, "It is in the way, and was not made by this tool. Move it away", str(folder)
        )
    descriptor, is_locked = locked(folder / LOCK)
    if not is_new and not is_locked:
        os.close(descriptor)
        # Whether a process that is alive holds it can't be told here.
        raise Busy("")
    return descriptor


def _is_ours_or_empty(folder: Path) -> bool:
    """Whether a folder was made by a `Claim`, or holds nothing."""
    try:
        said = (folder / LOCK).read_bytes()[:64]
    except FileNotFoundError:
        return not any(folder.iterdir())
    # A process that was killed between making the file and writing into it left it empty.
    return said.startswith(TOOL.encode()) or not said


def clear_left(parent: Path, prefix: str, remove: Callable[[Path], None]) -> None:
    """Clear away the folders of dead processes in `parent` whose names begin so. What is a stranger's, or can't be told or removed, stays."""
    try:
        with os.scandir(parent) as entries:
            found = [Path(entry.path) for entry in entries if entry.name.startswith(prefix)]
    except OSError:
        return
    for folder in found:
        with suppress(OSError, Busy):
            if folder.is_dir() and not folder.is_symlink():
                Claim(folder).release(remove)


def locked(path: Path) -> tuple[int, bool]:
    """A descriptor of a file, made if it is not there, that this process alone holds; and whether the system could lock it. Raises Busy, and FileNotFoundError where its folder is gone."""
    while True:
        descriptor = os.open(path, LOCKING, 0o600)
        try:
            is_locked = _lock(descriptor)
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise FileExistsError(errno.EEXIST, "It is in the way, and is no file. Move it away", str(path))
            if is_same(descriptor, path):
                return descriptor, is_locked
        except BlockingIOError:
            said = os.pread(descriptor, 64, 0).decode("ascii", "replace")
            os.close(descriptor)
            raise Busy(said) from None
        except BaseException:
            os.close(descriptor)
            raise
        # It went between the two calls.
        os.close(descriptor)


def is_same(descriptor: int, path: Path) -> bool:
    """Whether the open file is the one of this name."""
    try:
        there = path.stat(follow_symlinks=False)
    except OSError:
        return False
    held = os.fstat(descriptor)
    return (held.st_dev, held.st_ino) == (there.st_dev, there.st_ino)


def _lock(descriptor: int) -> bool:
    """Whether it is locked now; some systems and network disks have no such locks. Raises BlockingIOError where another process holds it."""
    try:
        import fcntl
    except ImportError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError:
        return False
    return True


def sync(paths: Iterable[Path], folder: Path) -> None:
    """Have files and folders, all of which are in `folder`, on the disk. Raises OSError where the system says that something of them was lost."""
    others = iter(paths)
    few = list(islice(others, MAX_SYNCED_PATHS + 1))
    if len(few) > MAX_SYNCED_PATHS and _synced_whole(folder):
        # One call for thousands of files: to sync them one by one costs more than to write them.
        return
    errors: list[OSError] = []
    _side_by_side(lambda share: _sync(share, errors), [*few, *others])
    if errors:
        raise errors[0]


def remove(folder: Path) -> None:
    """Remove a folder with all that is in it; what can't be removed stays. Nothing is followed out of it."""
    for room, _, names in os.walk(folder):
        _side_by_side(_unlink, [os.path.join(room, name) for name in names])
    shutil.rmtree(folder, ignore_errors=True)


def _side_by_side(work: Callable[[Sequence[Name]], None], names: Sequence[Name]) -> None:
    """Do the work on shares of the names in several threads."""
    shares = [names[first::FILES_AT_ONCE] for first in range(min(len(names), FILES_AT_ONCE))]
    threads = [Thread(target=work, args=(share,)) for share in shares]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _unlink(paths: Sequence[str]) -> None:
    for path in paths:
        with suppress(OSError):
            os.unlink(path)


def _sync(paths: Sequence[Path], errors: list[OSError]) -> None:
    for path in paths:
        try:
            with _opened(path) as descriptor:
                os.fsync(descriptor)
        except OSError as error:
            if error.errno not in NOT_SYNCED:
                errors.append(OSError(error.errno, error.strerror, str(path)))


def _synced_whole(folder: Path) -> bool:
    """Sync all that the folder's disk holds (syncfs, Linux), if that can be done."""
    import ctypes

    try:
        call = ctypes.CDLL(None, use_errno=True).syncfs
    except (OSError, AttributeError, TypeError):
        return False
    with _opened(folder) as descriptor:
        if call(descriptor) == 0:
            return True
    if ctypes.get_errno() in NOT_SYNCED:
        return False
    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(folder))


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def exchanged(one: Path, other: Path) -> bool:
    """Whether two names were exchanged in one step (renameat2 with RENAME_EXCHANGE, Linux)."""
    import ctypes

    at_current, exchange = -100, 2
    try:
        call = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError, TypeError):
        return False
    return bool(call(at_current, os.fsencode(one), at_current, os.fsencode(other), exchange) == 0)


@contextmanager
def named(path: Path | str) -> Iterator[None]:
    """Errors of the system that name no file name this one: what writes by a descriptor does not know where."""
    try:
        yield
    except OSError as error:
        if error.filename is not None:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error


def replace_file(path: Path, data: bytes, *, before: bytes | None = None) -> bool:
    """Put a file that holds `data` into the place of the one at `path`, whole: through links to it, and with its permissions and owner. A pipe or a device is written to.

    With `before` only if the file still holds that; the answer is whether it did. Raises Busy where another process does the same.
    """
    if str(path).startswith(STREAMS) or (path.exists() and not path.is_file()):
        with named(path), path.open("wb") as stream:
            stream.write(data)
        return True
    place = Path(os.path.realpath(path))
    old = place.stat() if place.exists() else None
    fresh = beside(place, ".new")
    descriptor, _ = locked(fresh)
    try:
        os.truncate(descriptor, 0)
        with named(path):
            with os.fdopen(os.dup(descriptor), "wb") as stream:
                stream.write(data)
            _dressed(descriptor, old)
            os.fsync(descriptor)
        if before is not None and place.read_bytes() != before:
            return False
        fresh.replace(place)
        sync([place.parent], place.parent)
        return True
    finally:
        if is_same(descriptor, fresh):
            fresh.unlink()
        os.close(descriptor)


def _dressed(descriptor: int, old: os.stat_result | None) -> None:
    """Permissions and owner: those of the file that was there; those of a new file else."""
    if not hasattr(os, "fchmod"):
        return
    if old:
        # Nobody but root may give a file away; the group may be one of ours.
        for owner, group in ((old.st_uid, old.st_gid), (-1, old.st_gid)):
            with suppress(OSError):
                os.fchown(descriptor, owner, group)
                break
    os.fchmod(descriptor, stat.S_IMODE(old.st_mode) if old else 0o666 & ~umask())


def umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
