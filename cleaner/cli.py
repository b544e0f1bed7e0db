"""The command line: arguments in, the verbs called, exit codes out. The one place that turns an error into an exit code."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cleaner import __version__
from cleaner.folders import UsageError

if TYPE_CHECKING:
    from cleaner.model.options import Options

OK, FINDINGS, USAGE = 0, 1, 2
PATHS = click.Path(path_type=Path)
COLORS = click.Choice(["auto", "always", "never"])


class Verbs(click.Group):
    """A group whose verb may be left out: `clean PATH... -o OUT` is `clean run PATH... -o OUT`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ("--help", "-h", "--version"):
            args = ["run", *args]
        return super().parse_args(ctx, args)


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="article-cleaner")
def cli() -> None:
    """Clean a folder of messy articles: one canonical document per story, with proof of where every character came from.

    \b
    clean seeds/ -o cleaned/          clean a folder (the verb `run` may be left out)
    clean verify cleaned/             prove that nothing was lost and nothing invented
    clean explain cleaned/ articles/x.md:12
    """


@cli.command()
@click.argument("paths", nargs=-1, required=True, type=PATHS, metavar="PATH...")
@click.option(
    "-o",
    "--output",
    type=PATHS,
    metavar="OUT",
    help="The folder to write; replaced as a whole. Required but for --dry-run.",
)
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(0),
    default=0,
    metavar="N",
    help="Processes; 0 is one for each core.  [default: 0]",
)
@click.option("--engine", type=click.Choice(["local"]), default="local", help="Where to run.")
@click.option(
    "--min-jaccard",
    type=click.FloatRange(0.05, 1),
    metavar="F",
    help="Near-duplicates have this Jaccard at least.  [default: 0.6]",
)
@click.option(
    "--min-containment",
    type=click.FloatRange(0.05, 1),
    metavar="F",
    help="A contained text has this share in the longer one.  [default: 0.9]",
)
@click.option(
    "--keep",
    metavar="POLICY",
    help="What makes a copy the one to keep: criteria, the most important first, with commas between.",
)
@click.option(
    "--include", multiple=True, metavar="GLOB", help="Read only files that match (.gitignore syntax; repeatable)."
)
@click.option(
    "--exclude", multiple=True, metavar="GLOB", help="Leave out files that match (.gitignore syntax; repeatable)."
)
@click.option(
    "--config", type=PATHS, metavar="FILE", help="Options from this file, not from cleaner.toml or pyproject.toml here."
)
@click.option("--force", is_flag=True, help="Replace OUT even if this tool did not write it.")
@click.option("--dry-run", is_flag=True, help="Do everything but write.")
@click.option("--no-cache", is_flag=True, help="Use no cache. (This version keeps none.)")
@click.option("-q", "--quiet", is_flag=True, help="Print no summary.")
@click.option("-v", "--verbose", is_flag=True, help="List every problem.")
@click.option("--no-progress", is_flag=True, help="Show no progress bar.")
@click.option("--color", type=COLORS, default="auto", help="Colour in the summary.")
@click.option(
    "--output-format",
    multiple=True,
    metavar="FORMAT[=FILE]",
    help="The summary as text, json or markdown, to standard output or a file (repeatable).",
)
def run(paths: tuple[Path, ...], output: Path | None, **given: Any) -> int:
    """Clean the files and folders PATH... into the folder OUT.

    Exit code 0; 1 if an input could not be converted (the others come out); 2 for a wrong use.
    """
    from cleaner.pipeline import run as run_pipeline

    missing = next((path for path in paths if not path.exists()), None)
    if missing is not None:
        near = get_close_matches(str(missing), cli.commands, 1)
        hint = f" Did you mean the verb {near[0]}?" if near and missing == paths[0] else ""
        raise UsageError(f"{missing}: there is no such file or folder.{hint}")
    if output is None and not given["dry_run"]:
        raise UsageError("Say with -o where to write: clean PATH... -o OUT (or --dry-run to write nothing).")
    formats = [_format(value) for value in given["output_format"]]
    with _progress(given["quiet"] or given["no_progress"]) as progress:
        cleaning = run_pipeline(
            paths, output, _options(given), force=given["force"], write=not given["dry_run"], progress=progress
        )
    color = _wants_color(given["color"])
    shown = None if given["dry_run"] else str(output)
    for name, place in formats or ([] if given["quiet"] else [("text", None)]):
        _put(_rendered(name, cleaning.report, shown, color=color and place is None, verbose=given["verbose"]), place)
    return FINDINGS if cleaning.failed else OK


@cli.command()
@click.argument("output", type=PATHS, metavar="OUT")
@click.option(
    "--sources",
    multiple=True,
    type=PATHS,
    metavar="DIR",
    help="The sources that OUT was made from (repeatable); without them the texts can't be compared.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print nothing but problems.")
def verify(output: Path, sources: tuple[Path, ...], quiet: bool) -> int:
    """Prove the five laws on an output folder: nothing lost, nothing invented, nothing twice, evidence for all, the same bytes.

    Exit code 0 if they hold; 1 if not; 2 if it can't be checked.
    """
    from cleaner.reports.terminal import render_problems
    from cleaner.verification import verify as verify_output

    problems = verify_output(output, sources)
    if problems:
        _say(render_problems(problems, color=_wants_color("auto")))
    elif not quiet:
        _say(
            f"{_clean(output)}: the account holds{'' if sources else '; the sources were not compared (--sources)'}.\n"
        )
    return FINDINGS if problems else OK


@cli.command()
@click.argument("output", type=PATHS, metavar="OUT")
@click.argument("where", metavar="WHERE")
@click.option(
    "--sources",
    multiple=True,
    type=PATHS,
    metavar="DIR",
    help="The sources that OUT was made from (repeatable): the answer then quotes them.",
)
@click.option("--json", "as_json", is_flag=True, help="The answer for programs.")
def explain(output: Path, where: str, sources: tuple[Path, ...], as_json: bool) -> int:
    """Say where a line came from (WHERE is articles/x.md:LINE), or where it went and why (SOURCE:LINE).

    Exit code 0; 1 if nothing is there; 2 for a wrong use.
    """
    import json

    from cleaner.explanation import explain as explain_place

    answer = explain_place(output, where, sources)
    if answer is None:
        raise NothingThere(
            f"{where}: nothing is known of this place. Is it a line of an article in {output}, or of one of its sources?"
        )
    _say(json.dumps(answer.as_json(), ensure_ascii=False, indent=2) + "\n" if as_json else answer.text())
    return OK


@cli.command()
@click.argument("output", type=PATHS, metavar="OUT")
@click.option("--color", type=COLORS, default="auto", help="Colour in the summary.")
def report(output: Path, color: str) -> int:
    """Render report.html, and the summary on the terminal, again from OUT/report.json."""
    from cleaner.folders import rewrite_report
    from cleaner.reports.html import render_html
    from cleaner.reports.terminal import render_summary

    found = rewrite_report(output, render_html)
    _say(render_summary(found, color=_wants_color(color), output=str(output)))
    return OK


@cli.command()
@click.argument("code", required=False)
def rules(code: str | None) -> int:
    """List the rules, or explain one (by its code or name)."""
    from cleaner.rules import RULES

    chosen = [rule for rule in RULES.values() if code is None or code.upper() == rule.code or code.lower() == rule.name]
    if not chosen:
        raise UsageError(f"{code}: there is no such rule. `clean rules` lists them.")
    if code is None:
        _say("".join(f"{rule.code}  {rule.severity:<7}  {rule.name:<22}  {rule.summary}\n" for rule in chosen))
    else:
        rule = chosen[0]
        _say(f"{rule.code} {rule.name} ({rule.severity})\n\n{rule.summary}\nWhat to do: {rule.remedy}\n")
    return OK


class NothingThere(Exception):
    """The place that was asked for is not known."""


def main() -> None:
    """The entry point: every error becomes a message and an exit code here, and no traceback reaches a user."""
    # Documents are trees of tuples and strings; to look for cycles among them thousands of times finds none.
    gc.set_threshold(100_000, 50, 50)
    try:
        code = cli.main(prog_name="clean", standalone_mode=False)
    except UsageError as error:
        code = _told(error, USAGE)
    except NothingThere as error:
        code = _told(error, FINDINGS)
    except click.exceptions.Exit as error:
        code = error.exit_code
    except click.UsageError as error:
        error.show()
        code = USAGE
    except click.ClickException as error:
        error.show()
        code = USAGE
    except (click.Abort, KeyboardInterrupt):
        code = _told("Interrupted. The old output, if there was one, stands as it was.", 130)
    except BrokenPipeError:
        # The reader of our standard output has gone; there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = OK
    except ModuleNotFoundError as error:
        code = _told(
            f"The package {error.name} is not installed here. Install article-cleaner with pip, which brings what it needs.",
            USAGE,
        )
    except OSError as error:
        code = _told(f"{error.filename or 'The system'}: {error.strerror or error}. Nothing was replaced.", USAGE)
    except Exception as error:  # the last resort, so that no user reads a traceback
        code = _told(_internal(error), USAGE)
    sys.exit(code if isinstance(code, int) else OK)


def _internal(error: Exception) -> str:
    if os.environ.get("CLEANER_TRACEBACK"):
        import traceback

        traceback.print_exc()
    return (
        f"This is a bug in article-cleaner: {type(error).__name__}: {error}. The old output, if there was one, stands as it was. "
        "Run again with CLEANER_TRACEBACK=1 in the environment and report what it prints."
    )


def _told(error: object, code: int) -> int:
    print(f"clean: {_clean(error)}", file=sys.stderr)
    return code


def _clean(value: object) -> str:
    """A message or name without characters that a terminal would obey."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in str(value))


def _options(given: dict[str, Any]) -> Options:
    from cleaner.config import keep_policy, load_options

    options = load_options(given["config"], Path.cwd())
    if given["min_jaccard"] is not None:
        options = replace(options, min_jaccard=round(100 * given["min_jaccard"]))
    if given["min_containment"] is not None:
        options = replace(options, min_containment=round(100 * given["min_containment"]))
    if given["keep"]:
        options = replace(options, keep=keep_policy(given["keep"].split(","), "--keep"))
    return replace(
        options,
        include=(*options.include, *given["include"]),
        exclude=(*options.exclude, *given["exclude"]),
        jobs=given["jobs"] or options.jobs,
    )


def _format(value: str) -> tuple[str, Path | None]:
    name, _, place = value.partition("=")
    if name not in ("text", "json", "markdown"):
        raise UsageError(f"--output-format {name}: expected text, json or markdown.")
    return name, Path(place) if place else None


def _rendered(name: str, report: dict[str, Any], output: str | None, *, color: bool, verbose: bool) -> str:
    if name == "json":
        from cleaner.reports.json import dumped

        return dumped(report).decode()
    if name == "markdown":
        from cleaner.reports.markdown import render_markdown

        return render_markdown(report)
    from cleaner.reports.terminal import render_problems, render_summary

    summary = render_summary(report, color=color, output=output)
    return (render_problems(report["problems"], color=color) + "\n" if verbose else "") + summary


def _put(text: str, place: Path | None) -> None:
    if place is None:
        _say(text)
    else:
        from cleaner.folders import write_file

        write_file(place, text.encode("utf-8", "replace"))


def _say(text: str) -> None:
    """Text on standard output, whatever that can encode."""
    stream = sys.stdout
    stream.write(text.encode(stream.encoding or "utf-8", "replace").decode(stream.encoding or "utf-8"))
    stream.flush()


def _wants_color(choice: str) -> bool:
    """Colour where it was asked for; by itself only on a terminal, and as NO_COLOR and FORCE_COLOR say (no-color.org, force-color.org)."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or sys.stdout.isatty()


@contextmanager
def _progress(hidden: bool) -> Iterator[Callable[[str, int, int], None] | None]:
    """A progress bar on standard error, if that is a terminal."""
    if hidden or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:>10}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, Any] = {}

        def show(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage, total=total)
            bar.update(tasks[stage], completed=done, total=max(total, done))

        yield show
