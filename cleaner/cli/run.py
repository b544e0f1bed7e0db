"""`clean run`: files and folders cleaned into an output folder."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

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
    tell_idle,
    wants_color,
)
from cleaner.folders import Layout, UsageError

if TYPE_CHECKING:
    from cleaner.engines import Engine
    from cleaner.model.options import Options


@click.command()
@click.argument("paths", nargs=-1, required=True, type=PATHS, metavar="PATH...")
@click.option(
    "-o",
    "--output",
    type=PATHS,
    metavar="OUT",
    help="The folder to write; replaced as a whole. Required but for --dry-run.",
)
@jobs_option
@click.option(
    "--engine",
    type=click.Choice(["local", "spark"]),
    default="local",
    help="Where to run: in processes of this machine, or on a Spark cluster.",
)
@click.option(
    "--master",
    metavar="URL",
    help="The Spark cluster, such as spark://HOST:7077.  [default: what Spark's configuration says]",
)
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
@config_option
@bound_option
@click.option("--force", is_flag=True, help="Replace OUT even if this tool did not write it.")
@click.option("--dry-run", is_flag=True, help="Do everything but write.")
@click.option("--prov", is_flag=True, help="Write provenance.jsonld too: the account as PROV-O in JSON-LD.")
@click.option(
    "--layout",
    type=click.Choice(["files", "shards", "both"]),
    default="files",
    help="A file for each article; parts of many rows and accounts, for corpora of millions; or such parts and articles too.",
)
@click.option("--no-cache", is_flag=True, help="Make everything anew, and keep nothing for the next run.")
@click.option(
    "--cache-dir",
    type=PATHS,
    metavar="DIR",
    help="Where to keep what the next run can use. [default: what CLEANER_CACHE_DIR says, or the place of the system]",
)
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
    from cleaner.cache import default_folder
    from cleaner.pipeline import run as run_pipeline

    missing = next((path for path in paths if not path.exists()), None)
    if missing is not None:
        near = get_close_matches(str(missing), _verbs(), 1)
        hint = f" Did you mean the verb {near[0]}?" if near and missing == paths[0] else ""
        raise UsageError(f"{missing}: there is no such file or folder.{hint}")
    if output is None and not given["dry_run"]:
        raise UsageError("Say with -o where to write: clean PATH... -o OUT (or --dry-run to write nothing).")
    formats = [_format(value) for value in given["output_format"]]
    cache_folder = None if given["no_cache"] else given["cache_dir"] or default_folder()
    options = _options(given)
    engine = _engine(given["engine"], given["master"], options)
    with progress(given["quiet"] or given["no_progress"]) as show:
        cleaning = run_pipeline(
            paths,
            output,
            options,
            force=given["force"],
            write=not given["dry_run"],
            cache_folder=cache_folder,
            prov=given["prov"],
            layout=Layout(given["layout"]),
            progress=show,
            engine=engine,
        )
    color = wants_color(given["color"])
    shown = None if given["dry_run"] else str(output)
    for name, place in formats or ([] if given["quiet"] else [("text", None)]):
        put(_rendered(name, cleaning.lines, shown, color=color and place is None, verbose=given["verbose"]), place)
    if not given["quiet"]:
        tell_idle(cleaning.idle)
    return FINDINGS if cleaning.failed else OK


def _engine(name: str, master: str | None, options: Options) -> Engine | None:
    """The engine that is asked for; None for the processes of this machine."""
    if name == "local":
        if master:
            raise UsageError("--master belongs to --engine spark. Give both, or neither.")
        return None
    from cleaner.engines.spark import SparkEngine
    from cleaner.pipeline.identity import identity

    return SparkEngine(master, identity, cpu_seconds=options.max_cpu_seconds)


def _verbs() -> list[str]:
    root = click.get_current_context().find_root()
    return root.command.list_commands(root) if isinstance(root.command, click.Group) else []


def _options(given: dict[str, Any]) -> Options:
    from cleaner.config import bounded, keep_policy, load

    options, _ = load(given["config"], Path.cwd())
    if given["min_jaccard"] is not None:
        options = replace(options, min_jaccard=round(100 * given["min_jaccard"]))
    if given["min_containment"] is not None:
        options = replace(options, min_containment=round(100 * given["min_containment"]))
    if given["keep"]:
        options = replace(options, keep=keep_policy(given["keep"].split(","), "--keep"))
    return replace(
        bounded(options, given["bound"]),
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
