"""`clean check`: new files validated, by themselves and against a corpus; nothing is written but what is asked for."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cleaner import __version__
from cleaner.cli.terminal import (
    COLORS,
    FINDINGS,
    OK,
    PATHS,
    bound_option,
    config_option,
    jobs_option,
    progress,
    put,
    say,
    tell_idle,
    wants_color,
)
from cleaner.folders import UsageError

if TYPE_CHECKING:
    from cleaner.model.findings import Checked
    from cleaner.model.options import Options
    from cleaner.model.policy import Policy
    from cleaner.reports.checks import Style

STDIN = "-"


@click.command()
@click.argument("paths", nargs=-1, required=True, type=PATHS, metavar="PATH...")
@click.option(
    "--against",
    multiple=True,
    type=PATHS,
    metavar="PATH_OR_OUT",
    help="Find copies of what is in this folder of sources, or in this output folder, too (repeatable).",
)
@click.option(
    "--select", metavar="CODES", help="Look for these rules only: codes, their first letters, or names, with commas."
)
@click.option("--ignore", metavar="CODES", help="Leave these rules out.")
@click.option(
    "--fail-level",
    type=click.Choice(["error", "warning", "info"]),
    help="Exit with 1 from this severity on.  [default: error]",
)
@click.option("--exit-zero", is_flag=True, help="Exit with 0 whatever was found.")
@click.option("--baseline", type=PATHS, metavar="FILE", help="Leave out the findings that this file lists.")
@click.option("--update-baseline", is_flag=True, help="Write today's findings into the baseline, and say what changed.")
@click.option("--fix", is_flag=True, help="Mend the files where that is safe: encoding, line ends, damaged characters.")
@click.option("--diff", is_flag=True, help="Show what --fix would change, and change nothing.")
@click.option("--stdin-filename", metavar="NAME", help="The name of what is read from standard input (PATH is -).")
@click.option(
    "--output-format",
    multiple=True,
    metavar="FORMAT[=FILE]",
    help="full, concise, json, github, gitlab, junit, sarif or markdown, to standard output or a file (repeatable).  [default: full]",
)
@click.option(
    "--include", multiple=True, metavar="GLOB", help="Check only files that match (.gitignore syntax; repeatable)."
)
@click.option(
    "--exclude", multiple=True, metavar="GLOB", help="Leave out files that match (.gitignore syntax; repeatable)."
)
@config_option
@bound_option
@jobs_option
@click.option("-q", "--quiet", is_flag=True, help="Print nothing but findings.")
@click.option("-v", "--verbose", is_flag=True, help="List notes too.")
@click.option("--no-progress", is_flag=True, help="Show no progress bar.")
@click.option("--color", type=COLORS, default="auto", help="Colour in the findings.")
def check(paths: tuple[Path, ...], **given: Any) -> int:
    """Check the files and folders PATH..., without writing anything: can they be read, are they whole, and are they new?

    PATH - is standard input. Exit code 0 if nothing was found that fails; 1 if something was; 2 for a wrong use.
    """
    from cleaner.pipeline.checking import check as checked_by

    options, policy = _configured(given)
    formats = [_format(value) for value in given["output_format"]] or [("full", None)]
    stdin = _stdin(paths, given["stdin_filename"])
    files = [path for path in paths if str(path) != STDIN]
    if given["fix"] or given["diff"]:
        if stdin:
            raise UsageError("--fix and --diff need files; standard input can't be mended in place.")
        if given["diff"] or not files:
            return _fixed(files, options, policy, write=False, quiet=given["quiet"])
        _fixed(files, options, policy, write=True, quiet=given["quiet"])
    with progress(given["quiet"] or given["no_progress"]) as show:
        checked = checked_by(files, given["against"], options, policy, stdin=stdin, progress=show)
    checked = _with_baseline(checked, policy.baseline, update=given["update_baseline"])
    _report(checked, formats, policy, given)
    if not given["quiet"]:
        tell_idle(checked.idle)
    from cleaner.reports.checks.order import fails

    failed = any(fails(found, policy.fail_level) for found in checked.findings)
    return FINDINGS if failed and not given["exit_zero"] else OK


def _configured(given: dict[str, Any]) -> tuple[Options, Policy]:
    """Options and policy: the command line's word goes before that of the configuration; `--ignore` is added to it."""
    from cleaner.config import bounded, load, rule_names
    from cleaner.model.problems import Severity

    options, policy = load(given["config"], Path.cwd())
    options = replace(
        bounded(options, given["bound"]),
        include=(*options.include, *given["include"]),
        exclude=(*options.exclude, *given["exclude"]),
        jobs=given["jobs"] or options.jobs,
    )
    if given["select"] is not None:
        policy = replace(policy, select=rule_names(given["select"].split(","), "--select"))
    if given["ignore"] is not None:
        policy = replace(policy, ignore=(*policy.ignore, *rule_names(given["ignore"].split(","), "--ignore")))
    if given["fail_level"]:
        policy = replace(policy, fail_level=Severity(given["fail_level"]))
    if given["baseline"]:
        policy = replace(policy, baseline=str(given["baseline"]))
    return options, policy


def _format(value: str) -> tuple[str, Path | None]:
    from cleaner.reports.checks import FORMATS

    name, _, place = value.partition("=")
    if name not in FORMATS:
        raise UsageError(f"--output-format {name}: expected one of {', '.join(FORMATS)}.")
    return name, Path(place) if place else None


def _stdin(paths: tuple[Path, ...], name: str | None) -> tuple[str, bytes] | None:
    """What stands on standard input, with its name, where it is asked for."""
    if all(str(path) != STDIN for path in paths):
        if name:
            raise UsageError("--stdin-filename names what is read from standard input; say - as PATH to read it.")
        return None
    from cleaner.pipeline.checking import shown_path

    return (shown_path(Path(name)) if name else "stdin.txt"), sys.stdin.buffer.read()


def _with_baseline(checked: Checked, name: str, *, update: bool) -> Checked:
    """The check without what the baseline knows; with `update` the baseline is written first."""
    if not name:
        if update:
            raise UsageError("--update-baseline: say with --baseline FILE which file to write.")
        return checked
    from cleaner.disk import replace_file
    from cleaner.pipeline.baseline import dumped, parsed, updated, without_known

    path = Path(name)
    if not update and not path.is_file():
        raise UsageError(f"{name}: there is no such baseline. Write it with --update-baseline.")
    known = parsed(path.read_bytes(), name) if path.is_file() else []
    if update:
        fresh = updated(checked, known, os.path.exists)
        replace_file(path, dumped(fresh))
        _say_changes(name, known, fresh)
        known = fresh
    return without_known(checked, known, os.path.exists)


def _say_changes(name: str, before: list[Any], after: list[Any]) -> None:
    from collections import Counter

    from cleaner.cli.terminal import printable

    came, went = Counter(after) - Counter(before), Counter(before) - Counter(after)
    for sign, entries in (("+", came), ("-", went)):
        for entry in sorted(entries.elements()):
            print(f"{sign} {printable(entry.path)}: {entry.rule}", file=sys.stderr)
    print(f"{printable(name)}: {came.total()} came, {went.total()} went, {len(after)} in all.", file=sys.stderr)


def _report(checked: Checked, formats: list[tuple[str, Path | None]], policy: Policy, given: dict[str, Any]) -> None:
    from cleaner.model.problems import Severity
    from cleaner.reports.checks import TEXT_FORMATS, Style, render

    verbose = given["verbose"] or policy.fail_level is Severity.INFO or given["select"] is not None
    color = wants_color(given["color"])
    for name, place in formats:
        style = Style(color and place is None, verbose, policy.fail_level, __version__)
        if name in TEXT_FORMATS and place is None and given["quiet"] and not checked.findings:
            continue
        put(render(name, checked, style), place)
        if name == "github":
            _summarize(checked, style)


def _summarize(checked: Checked, style: Style) -> None:
    """The table in the summary of a GitHub job; other steps write into the same file."""
    from cleaner.reports.checks import render

    if place := os.environ.get("GITHUB_STEP_SUMMARY"):
        with open(place, "a", encoding="utf-8", errors="replace") as summary:
            summary.write(render("markdown", checked, style))


def _fixed(files: list[Path], options: Options, policy: Policy, *, write: bool, quiet: bool) -> int:
    """Mend the files, or show what that would change."""
    from cleaner.pipeline.fixing import fix

    found = False
    for change in fix(files, options, policy):
        found = True
        if not write:
            say(change.diff())
            continue
        said = change.said() if change.write() else change.left()
        if not quiet:
            print(said, file=sys.stderr)
    return FINDINGS if found else OK
