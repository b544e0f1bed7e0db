"""The README and the docs are executed: their commands, samples, tables and links are tested against the program.

What the program prints stands in them between marks, or in `console` blocks. When it has changed on purpose, have it written anew:

    python tests/test_readme.py --update
"""

# ruff: noqa: E402 - as a script, this file puts its package on the path before it imports it.
from __future__ import annotations

import gzip
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import click
import pytest

ROOT = Path(__file__).resolve().parents[1]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

import cleaner
from cleaner import cache as kept_cache
from cleaner import containers
from cleaner.cli import VERBS, cli
from cleaner.config import options_from
from cleaner.engines import local, spark
from cleaner.model.options import Options
from cleaner.pipeline import rendering
from cleaner.rules import FAMILIES, LEDGER_NAMES, RULES, explained
from cleaner.stages import cluster, confirm, passages, propose, share, template, unrepeat

README = ROOT / "README.md"
PAGES = (README, *sorted((ROOT / "docs").glob("*.md")), ROOT / "docs" / "rules" / "README.md", *(ROOT / f"{name}.md" for name in ("CONTRIBUTING", "SECURITY", "CHANGELOG")))  # fmt: skip
HOW_TO_UPDATE = "if that is meant: python tests/test_readme.py --update"
COMMAND = [sys.executable, "-m", "cleaner"]
FENCE = re.compile(r"^```(?P<language>\w+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
MADE = re.compile(r"(?P<begin><!-- made: (?P<name>[\w-]+) -->\n)(?P<body>.*?)(?P<end><!-- end -->)", re.DOTALL)
# `min_jaccard` (60): a name of the options or of a constant, with its value.
NAMED_NUMBER = re.compile(r"`(?P<name>[A-Za-z_]+)` \((?P<number>[\d,]+)\)")
# A link or the address of an image that is no URL and no place on the same page.
LINK = re.compile(r"\]\((?!https?:|mailto:|#)(?P<target>[^)\s#]+)")


# -- a small world: seeds/ as the README has it, cleaned/ made of it --


@cache
def world() -> Path:
    """A folder with a copy of seeds/ in it; commands run there in the order of the page."""
    place = Path(tempfile.mkdtemp(prefix="readme-"))
    shutil.copytree(ROOT / "seeds", place / "seeds")
    assert run(place, "seeds/", "-o", "cleaned/").returncode == 1
    return place


def run(folder: Path, *arguments: str, python: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """`clean ARGUMENTS` (or Python with the given arguments), run in a folder without configuration, colour or terminal."""
    quiet = {name: value for name, value in os.environ.items() if name not in ("FORCE_COLOR", "COLUMNS")}
    environment = {
        **quiet,
        "PYTHONPATH": str(Path(cleaner.__file__).parents[1]),
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "NO_COLOR": "1",
    }
    command = [sys.executable, *python] if python else [*COMMAND, *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False)


def printed(console: str) -> str:
    """A `console` block with what its commands (`$ clean ...`) print today."""
    lines: list[str] = []
    for command in re.findall(r"^\$ (clean .*)$", console, re.MULTILINE):
        done = run(world(), *shlex.split(command)[1:])
        lines += [f"$ {command}", (done.stdout + done.stderr).rstrip("\n")]
    return "\n".join(lines) + "\n"


def articles() -> dict[str, str]:
    """For each source of the seeds: the article that it became, the source that it was dropped for, or `failed`."""
    report = json.loads((world() / "cleaned" / "report.json").read_bytes())
    came = {document["canonical_source"]: Path(document["article"]).stem for document in report["documents"]}
    dropped = {member["source"]: cluster["canonical"] for cluster in report["clusters"] for member in cluster["members"] if member["dropped"]}  # fmt: skip
    failed = {entry["source"]: "failed" for entry in report["sources"] if entry["status"] == "failed"}
    return {**came, **dropped, **failed}


# -- the parts that are made --


def options_table(verb: str = "run") -> str:
    """The options of a verb and what `--help` says of each."""
    command = cli.get_command(click.Context(cli), verb)
    assert command is not None
    context = click.Context(command, info_name=f"clean {verb}")
    rows = []
    for option in command.params:
        record = option.get_help_record(context) if isinstance(option, click.Option) else None
        if record:
            said = re.sub(r"\s*\[(?:0[.\d]*<=x<=1|x>=0)\]", "", record[1]).replace("  ", " ")
            rows.append((f"`{escaped(record[0])}`", escaped(said)))
    return table(("Option", "What it does"), rows)


def keys_table() -> str:
    """Every key of the configuration and its default."""
    said = meanings()
    return table(
        ("Key", "Default", "What it decides"),
        [
            (f"`{name}`", f"`{shown(getattr(Options(), name))}`", said.get(name, ""))
            for name in Options.__dataclass_fields__
        ],
    )


def meanings() -> dict[str, str]:
    """What the README says of each key: the one column of that table that a person writes."""
    rows = re.findall(r"^\| `(\w+)` \| [^|]* \| ([^|]*) \|$", README.read_text(encoding="utf-8"), re.MULTILINE)
    return dict(rows)


def shown(value: object) -> str:
    """A default as TOML writes it."""
    if isinstance(value, tuple):
        return json.dumps([str(item) for item in value])
    return f"{value}"


def rules_page() -> str:
    """The tables of docs/rules/README.md."""
    parts = []
    for area, title in FAMILIES.items():
        own = [rule for code, rule in RULES.items() if code.startswith(area)]
        rows = [(f"[{rule.code}]({rule.code}.md)", f"`{rule.name}`", rule.severity.value, escaped(rule.summary), escaped(rule.remedy)) for rule in own]  # fmt: skip
        parts.append(f"## {title}\n\n" + table(("Code", "Name", "Severity", "What it says", "What to do"), rows))
    rows = [(f"`{name}`", escaped(said)) for name, said in LEDGER_NAMES.items()]
    parts.append("## Names in the ledger that find no fault\n\n" + table(("Name", "What it says"), rows))
    return "\n".join(parts)


def rule_pages() -> dict[Path, str]:
    """The page of every rule in docs/rules/."""
    return {ROOT / "docs" / "rules" / f"{rule.code}.md": explained(rule) for rule in RULES.values()}


def s_curve() -> str:
    """How probable it is that the bands propose a pair, by its Jaccard: 1 - (1 - J**rows)**bands."""
    chances = {share: 1 - (1 - (share / 100) ** propose.ROWS) ** propose.BANDS for share in range(20, 100, 10)}
    rows = [(f"{share / 100:.1f}", f"{min(chance, 0.999):.3f}{' or more' * (chance > 0.999)}") for share, chance in chances.items()]  # fmt: skip
    return table(("Jaccard", "Proposed"), rows)


def example() -> tuple[dict[str, object], str, str]:
    """The provenance of the mojibake seed, the text of its article, and the text of its source."""
    cleaned = world() / "cleaned"
    slug = articles()["cafe-mojibake.txt"]
    account = json.loads((cleaned / "provenance" / f"{slug}.json").read_bytes())
    rows = [json.loads(line) for line in (cleaned / "corpus.jsonl").read_text(encoding="utf-8").splitlines()]
    text = next(row["text"] for row in rows if row["id"] == account["id"])
    return account, text, (world() / "seeds" / "cafe-mojibake.txt").read_text(encoding="utf-8")


def segments_table() -> str:
    """The first segments of the example, with both texts."""
    account, text, source = example()
    rows = []
    for segment in account["segments"][:9]:  # type: ignore[index]
        span = segment.get("span")
        rows.append(
            (
                str(segment["out"]),
                quoted(text[slice(*segment["out"])]),
                segment["op"],
                str(span) if span else "",
                quoted(source[slice(*span)]) if span else "",
                ", ".join(segment["rules"]),
            )
        )
    return table(("`out`", "says", "`op`", "`span`", "where the source says", "`rules`"), rows)


def dropped_table() -> str:
    """The first losses of the example, with the text of the source."""
    account, _, source = example()
    rows = [(str(loss["span"]), quoted(source[slice(*loss["span"])]), loss["rule"]) for loss in account["dropped"][:3]]  # type: ignore[index]
    return table(("`span`", "what stood there", "`rule`"), rows)


def selector() -> str:
    """The first edit of the example as a selector of the W3C Web Annotation Data Model."""
    account, _, _ = example()
    edit = next(segment for segment in account["segments"] if segment["op"] == "edit")  # type: ignore[attr-defined]
    made = {
        "source": account["sources"][edit["source"]]["source"],  # type: ignore[index]
        "selector": {"type": "TextPositionSelector", "start": edit["span"][0], "end": edit["span"][1]},
    }
    return f"```json\n{json.dumps(made, indent=2)}\n```\n"


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def escaped(text: str) -> str:
    return text.replace("|", "\\|")


def quoted(text: str) -> str:
    """A piece of text as code in a table; what can't be seen is escaped as in Python."""
    return f"`{escaped(ascii(text) if not text.isprintable() else text)}`"


MAKERS: dict[str, Callable[[], str]] = {
    "options": options_table,
    "check-options": lambda: options_table("check"),
    "keys": keys_table,
    "rules": rules_page,
    "s-curve": s_curve,
    "segments": segments_table,
    "dropped": dropped_table,
    "selector": selector,
}


def remade(page: str) -> str:
    """The page with everything in it that the program prints or defines as it is today."""
    page = MADE.sub(lambda found: f"{found['begin']}{MAKERS[found['name']]()}{found['end']}", page)
    return FENCE.sub(lambda found: f"```console\n{printed(found['body'])}```" if found["language"] == "console" else found[0], page)  # fmt: skip


# -- the tests --


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_what_the_program_prints_is_what_the_page_says(path: Path) -> None:
    page = path.read_text(encoding="utf-8")
    assert remade(page) == page, HOW_TO_UPDATE


def test_every_rule_has_its_page_and_every_page_its_rule() -> None:
    pages = rule_pages()
    found = {path: path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "rules").glob("[A-Z][A-Z][A-Z]*.md")}
    assert found == pages | {ROOT / "docs" / "rules" / "README.md": found[ROOT / "docs" / "rules" / "README.md"]}, (
        HOW_TO_UPDATE
    )


def test_every_part_that_can_be_made_is_in_a_page() -> None:
    found = [match["name"] for path in PAGES for match in MADE.finditer(path.read_text(encoding="utf-8"))]
    assert sorted(found) == sorted(MAKERS)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    targets = [match["target"] for match in LINK.finditer(path.read_text(encoding="utf-8"))]
    assert not [target for target in targets if not (path.parent / target).exists()]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_numbers_are_those_of_the_program(path: Path) -> None:
    known = {**{name: getattr(Options(), name) for name in Options.__dataclass_fields__}}
    for module in (
        cluster,
        propose,
        confirm,
        passages,
        share,
        template,
        unrepeat,
        local,
        spark,
        kept_cache,
        containers,
        rendering,
    ):
        known |= {name: value for name, value in vars(module).items() if name.isupper()}
    said = NAMED_NUMBER.findall(path.read_text(encoding="utf-8"))
    wrong = [
        (name, number, known.get(name)) for name, number in said if str(known.get(name)) != number.replace(",", "")
    ]
    assert not wrong


def blocks(language: str, page: str) -> list[str]:
    """The fenced blocks of a language."""
    return [found["body"] for found in FENCE.finditer(page) if found["language"] == language]


def rows_below(heading: str) -> Iterator[list[str]]:
    """The cells of the table below a heading of the README, its two head lines left out."""
    section = re.split(r"\n###? ", README.read_text(encoding="utf-8").split(f"\n## {heading}\n", 1)[1])[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    for line in lines[2:]:
        yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def test_the_commands_table_names_the_commands_and_their_options() -> None:
    rows = list(rows_below("Commands"))
    assert sorted(re.match(r"`clean (\w+)", row[0])[1] for row in rows) == list(VERBS)  # type: ignore[index]
    for usage, _, _ in rows:
        command = cli.get_command(click.Context(cli), usage.split()[1].strip("`"))
        assert command is not None
        known = {name for parameter in command.params for name in parameter.opts}
        assert not [name for name in re.findall(r"--?[a-z][a-z-]*", usage) if name not in known], usage


EXITS = (
    (["run", "seeds/kelp-farms.txt", "--dry-run", "-q"], 0),
    (["run", "seeds/broken-feed.json", "--dry-run", "-q"], 1),
    (["run", "seeds/"], 2),
    (["check", "seeds/chess-club.md"], 0),
    (["check", "seeds/"], 1),
    (["check", "seeds/", "--select", "TXT999"], 2),
    (["verify", "cleaned/", "--sources", "seeds/"], 0),
    (["verify", "cleaned/", "--sources", "seeds/wire"], 1),
    (["verify", "seeds/"], 2),
    (["explain", "cleaned/", "night-train.txt:3"], 0),
    (["explain", "cleaned/", "no-such-file.txt:3"], 1),
    (["explain", "cleaned/", "night-train.txt"], 2),
    (["report", "cleaned/"], 0),
    (["report", "seeds/"], 2),
    (["rules"], 0),
    (["rules", "XYZ999"], 2),
)


@pytest.mark.parametrize(("arguments", "code"), EXITS, ids=[" ".join(arguments) for arguments, _ in EXITS])
def test_exit_codes_are_those_of_the_commands_table(arguments: list[str], code: int) -> None:
    done = run(world(), *arguments)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    said = next(row[2] for row in rows_below("Commands") if row[0].startswith(f"`clean {arguments[0]}"))
    assert re.search(rf"\b{code}\b", said)


def test_the_seeds_table_names_every_file_once_and_what_became_of_it() -> None:
    rows = list(rows_below("The example: `seeds/`"))
    files = sorted(
        path.relative_to(ROOT / "seeds").as_posix() for path in (ROOT / "seeds").rglob("*") if path.is_file()
    )
    assert sorted(row[0].strip("`") for row in rows) == files
    became = articles()
    for name, _, outcome in rows:
        for source, where in became.items():
            if source.partition("#")[0] == name.strip("`"):
                assert f"`{where}`" in outcome, (source, where)


def test_the_listing_shows_what_is_in_the_folder() -> None:
    (listing,) = blocks("text", README.read_text(encoding="utf-8"))
    top = re.findall(r"^  ([\w.]+)", listing, re.MULTILINE)
    assert sorted(top) == sorted(path.name for path in (world() / "cleaned").iterdir())


def test_the_python_example_runs() -> None:
    (block,) = blocks("python", README.read_text(encoding="utf-8"))
    done = run(world(), python=("-c", block))
    assert done.returncode == 0, done.stderr


def test_the_configuration_example_is_valid() -> None:
    (block,) = blocks("toml", README.read_text(encoding="utf-8"))
    options = options_from(tomllib.loads(block)["tool"]["article-cleaner"], Path("pyproject.toml"))
    assert options != Options()


def test_shell_completion_is_there() -> None:
    script = "import os; os.environ['_CLEAN_COMPLETE'] = 'bash_source'; from cleaner.cli import main; main()"
    assert "_CLEAN_COMPLETE=bash_complete" in run(world(), python=("-c", script)).stdout


def commands_in(text: str) -> list[str]:
    """The commands of a shell script or a line, without what only makes a script strict."""
    lines = [line.strip() for line in text.splitlines()]
    kept = [line for line in lines if line and not line.startswith(("#", "set ", "cd "))]
    return [part.strip() for line in kept for part in line.split("&&")]


def test_ci_runs_exactly_the_test_command_of_the_readme() -> None:
    section = README.read_text(encoding="utf-8").split("\n## Run the tests\n", 1)[1]
    command = blocks("sh", section)[0]
    assert len(command.splitlines()) == 1
    # A bare machine has no browser for the tests of the report page.
    assert commands_in((ROOT / ".ci" / "run").read_text(encoding="utf-8")) == [
        ".ci/browser",
        ".ci/java",
        *commands_in(command),
    ]


def test_each_dependency_has_its_line() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = [requirement for group in project["dependency-groups"].values() for requirement in group if isinstance(requirement, str)]  # fmt: skip
    wanted = {re.split(r"[<>=!~ \[]", requirement)[0] for requirement in [*project["project"]["dependencies"], *groups]}
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `([\w-]+)` \|", page, re.MULTILINE)
    assert sorted(listed) == sorted(wanted)


# What SECURITY.md promises of every run: an audit hook (PEP 578) stops what would break it.
GUARD = """
import os, runpy, sys
# A socket by itself is allowed: an HTTP client that trafilatura loads opens and closes one, to see whether there is IPv6.
NETWORK = ("socket.connect", "socket.send", "socket.get", "urllib.", "http.client.", "ftplib.", "smtplib.")
PROGRAMS = ("subprocess.", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.system", "os.startfile")
PLACES = tuple(os.path.join(os.path.realpath(os.getcwd()), name) for name in ("out", ".out."))
TOUCHING = ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate")

def guard(event, arguments):
    writes = event in TOUCHING or (event == "open" and (arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
    writes = writes and not isinstance(arguments[0], int)  # what is open was looked at when it was opened
    elsewhere = writes and not os.path.realpath(os.fspath(arguments[0])).startswith(PLACES)
    elsewhere = elsewhere and not (event == "os.mkdir" and os.path.isdir(arguments[0]))  # it is there: nothing is made
    if elsewhere or event.startswith(NETWORK + PROGRAMS):
        sys.stderr.write(f"forbidden: {event} {arguments}")
        os._exit(9)

sys.argv = ["clean", "seeds/", "-o", "out/", "-q", "-j", "1"]
sys.addaudithook(guard)
runpy.run_module("cleaner", run_name="__main__")
"""


def test_a_run_opens_no_connection_starts_no_program_and_writes_into_its_output_only() -> None:
    done = run(world(), python=("-c", GUARD))
    assert (done.returncode, done.stderr) == (1, "")
    assert (world() / "out" / "manifest.json").is_file()


def test_a_strangers_folder_and_the_sources_are_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "story.txt").write_text("A story of a few words.\n", encoding="utf-8")
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "photo").write_text("precious", encoding="utf-8")
    for output in ("theirs", "in", "in/out", ".", "in/story.txt"):
        assert run(tmp_path, "in", "-o", output).returncode == 2, output
    files = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert files == {"in/story.txt", "theirs/photo"}


def statuses(folder: Path) -> dict[str, str]:
    """What became of each input, with the rule of its problem if it failed."""
    report = json.loads((folder / "out" / "report.json").read_bytes())
    rules = {problem["source"]: problem["rule"] for problem in report["problems"] if problem["severity"] == "error"}
    return {entry["source"]: rules.get(entry["source"], entry["status"]) for entry in report["sources"]}


def test_links_that_leave_the_folder_are_skipped_and_sizes_are_bounded(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "secret.txt").write_text("The secret of another folder.\n", encoding="utf-8")
    (tmp_path / "in" / "link.txt").symlink_to(tmp_path / "secret.txt")
    (tmp_path / "in" / "large.txt").write_text("word " * 2000, encoding="utf-8")
    (tmp_path / "in" / "bomb.txt.gz").write_bytes(gzip.compress(b"word " * 100_000))
    (tmp_path / "cleaner.toml").write_text("max_file_bytes = 5000\nmax_unpacked_bytes = 20000\n", encoding="utf-8")
    assert run(tmp_path, "in", "-o", "out", "-q").returncode == 1
    assert statuses(tmp_path) == {"bomb.txt.gz": "ENC007", "large.txt": "ENC007", "link.txt": "skipped"}


def update() -> None:
    """Write every page anew."""
    for path in PAGES:
        page = path.read_text(encoding="utf-8")
        if (fresh := remade(page)) != page:
            path.write_text(fresh, encoding="utf-8")
            print(f"updated {path.relative_to(ROOT)}")
    for path, page in rule_pages().items():
        path.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] != ["--update"]:
        sys.exit(__doc__)
    update()
