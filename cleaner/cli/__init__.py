"""The command line, one file a verb: arguments in, the verbs called, exit codes out. The one place that turns an error into an exit code."""

from __future__ import annotations

import errno
import gc
import os
import signal
import sys
from importlib import import_module

import click

from cleaner import __version__
from cleaner.cli.terminal import FINDINGS, OK, USAGE, NothingThere, ReaderGone, silence, told

# The exit code of a process that a signal ended is this and the number of the signal, as shells have it.
SIGNALLED = 128
# What holds of an output folder whenever a run ends.
WHOLE = "No output folder is half written: it is as it was, or new."
# Each is a command of its name in a file of its name.
VERBS = ("cache", "check", "explain", "report", "rules", "run", "verify")


class Verbs(click.Group):
    """A group whose verb may be left out: `clean PATH... -o OUT` is `clean run PATH... -o OUT`. Only the verb that is called is imported."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        command: click.Command = getattr(import_module(f"cleaner.cli.{cmd_name}"), cmd_name)
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in VERBS and args[0] not in ("--help", "-h", "--version"):
            args = ["run", *args]
        return super().parse_args(ctx, args)


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="article-cleaner")
def cli() -> None:
    """Clean a folder of messy articles: one canonical document per story, with proof of where every character came from.

    \b
    clean seeds/ -o cleaned/          clean a folder (the verb `run` may be left out)
    clean check new/ --against cleaned/   validate new files before they come in
    clean verify cleaned/             prove that nothing was lost and nothing invented
    clean explain cleaned/ articles/x.md:12
    """


class Ended(BaseException):
    """The process was asked to end, by the signal `number`."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def main() -> None:
    """The entry point: every error becomes a message and an exit code here, and no traceback reaches a user."""
    # Documents are trees of tuples and strings; to look for cycles among them thousands of times finds none.
    gc.set_threshold(100_000, 50, 50)
    try:
        _prepare_streams()
        _prepare_signals()
        code = cli.main(prog_name="clean", standalone_mode=False)
    except BaseException as error:
        code = _code_of(error)
    # The end of a process frees all that it holds; to look for cycles in it before is lost time.
    gc.freeze()
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        silence(sys.stdout)
    sys.exit(code if isinstance(code, int) else OK)


def _prepare_streams() -> None:
    """Standard streams that were closed lead nowhere: else the next file that is opened would be taken for one."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w" if number else "r", encoding="utf-8"))  # noqa: SIM115 - for good


def _prepare_signals() -> None:
    """To be ended from outside is an exception like the key that interrupts: what is half done is cleared away. What is ignored stays ignored (nohup)."""

    def end(number: int, frame: object) -> None:
        raise Ended(number)

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, end)


def _code_of(error: BaseException) -> int:
    """The exit code of an error, which is told on standard error."""
    from cleaner.folders import UsageError

    match error:
        case UsageError():
            return told(error, USAGE)
        case NothingThere():
            return told(error, FINDINGS)
        case click.exceptions.Exit():
            return error.exit_code
        case click.ClickException():
            error.show()
            return USAGE
        case click.Abort() | KeyboardInterrupt():
            return told(f"Interrupted. {WHOLE}", SIGNALLED + signal.SIGINT)
        case Ended():
            return told(f"Ended by {signal.Signals(error.number).name}. {WHOLE}", SIGNALLED + error.number)
        case ReaderGone():
            # There is nobody left to tell.
            return SIGNALLED + getattr(signal, "SIGPIPE", 13)
        case ModuleNotFoundError():
            return told(
                f"The package {error.name} is not installed here. Install article-cleaner with pip, which brings what it needs.",
                USAGE,
            )
        case OSError():
            return told(f"{_where(error)}: {error.strerror or error}.{_advice(error)} {WHOLE}", USAGE)
        case MemoryError():
            return told(
                f"There is not enough memory. Run again with a smaller --jobs, or on fewer files. {WHOLE}", USAGE
            )
        case SystemExit():
            return error.code if isinstance(error.code, int) else OK
        case _:  # the last resort, so that no user reads a traceback
            return told(_internal(error), USAGE)


def _where(error: OSError) -> str:
    name = error.filename
    return os.fsdecode(name) if isinstance(name, str | bytes) else "The system"


def _advice(error: OSError) -> str:
    """What to do about an error of the disk, after a space."""
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", None)):
        return " Make room there, or choose another place."
    if error.errno == errno.EFBIG:
        return " A limit on the size of files is in the way (ulimit -f)."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return " See to its permissions, or choose another place."
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return " Raise the limit of open files (ulimit -n)."
    return ""


def _internal(error: BaseException) -> str:
    if os.environ.get("CLEANER_TRACEBACK"):
        import traceback

        traceback.print_exception(error)
    return (
        f"This is a bug in article-cleaner: {type(error).__name__}: {error}. {WHOLE} "
        "Run again with CLEANER_TRACEBACK=1 in the environment and report what it prints."
    )
