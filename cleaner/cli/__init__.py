"""The command line, one file a verb: arguments in, the verbs called, exit codes out. The one place that turns an error into an exit code."""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module

import click

from cleaner import __version__
from cleaner.cli.terminal import FINDINGS, OK, USAGE, NothingThere, told

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


def main() -> None:
    """The entry point: every error becomes a message and an exit code here, and no traceback reaches a user."""
    # Documents are trees of tuples and strings; to look for cycles among them thousands of times finds none.
    gc.set_threshold(100_000, 50, 50)
    from cleaner.folders import UsageError

    try:
        code = cli.main(prog_name="clean", standalone_mode=False)
    except UsageError as error:
        code = told(error, USAGE)
    except NothingThere as error:
        code = told(error, FINDINGS)
    except click.exceptions.Exit as error:
        code = error.exit_code
    except click.UsageError as error:
        error.show()
        code = USAGE
    except click.ClickException as error:
        error.show()
        code = USAGE
    except (click.Abort, KeyboardInterrupt):
        code = told("Interrupted. The old output, if there was one, stands as it was.", 130)
    except BrokenPipeError:
        # The reader of our standard output has gone; there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = OK
    except ModuleNotFoundError as error:
        code = told(
            f"The package {error.name} is not installed here. Install article-cleaner with pip, which brings what it needs.",
            USAGE,
        )
    except OSError as error:
        code = told(f"{error.filename or 'The system'}: {error.strerror or error}. Nothing was replaced.", USAGE)
    except Exception as error:  # the last resort, so that no user reads a traceback
        code = told(_internal(error), USAGE)
    # The end of a process frees all that it holds; to look for cycles in it before is lost time.
    gc.freeze()
    sys.exit(code if isinstance(code, int) else OK)


def _internal(error: Exception) -> str:
    if os.environ.get("CLEANER_TRACEBACK"):
        import traceback

        traceback.print_exc()
    return (
        f"This is a bug in article-cleaner: {type(error).__name__}: {error}. The old output, if there was one, stands as it was. "
        "Run again with CLEANER_TRACEBACK=1 in the environment and report what it prints."
    )
