"""Seeds of strangers: whatever a file holds, it is told with its rule, its neighbours come out, and nothing outside the output is touched."""

from __future__ import annotations

import gzip
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from cleaner.verification import verify

ROOT = Path(__file__).parents[1]
SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu".split()
# The files in which `check --fix` mends characters; in the others nothing is certain enough, or nothing is damaged.
FIXED = {"accents.txt", "c1.txt", "code.md", "zlib.html", "escape.txt", "nul.txt", "utf32.txt"}
POSIX = pytest.mark.skipif(os.name != "posix", reason="needs the files and signals of POSIX")


def story(name: str) -> str:
    """A text of its own for each name: words that no other story has."""
    own = random.Random(name)
    lines = (" ".join("".join(own.choices(SYLLABLES, k=4)) for _ in range(14)).capitalize() for _ in range(4))
    return "\n\n".join(f"{line}." for line in lines) + "\n"


PAGE = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>{story('page').replace(chr(10), ' ')}".encode()
WARC = b"".join(
    [
        b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://\x1b[31m a.example/\r\nWARC-Record-ID: <urn:uuid:1>\r\n",
        b"Content-Type: application/http; msgtype=response\r\nContent-Length: %d\r\n\r\n" % len(PAGE),
        PAGE + b"\r\n\r\n",
    ]
)

# Each file's bytes, and the rule that must be told of it; none for one that must come out without an error.
FILES: dict[str, tuple[bytes, str]] = {
    "empty.txt": (b"", "ENC004"),
    "space.txt": (b" \n\n\t ", "ENC004"),
    "binary.txt": (bytes(range(256)) * 40, "ENC003"),
    "deep.json": (b'{"a":' * 5000 + b"1" + b"}" * 5000, "ENC014"),
    "arrays.json": (b"[" * 20000 + b"]" * 20000, "ENC014"),
    "surrogate.json": (b'{"title": "Lone \\ud800", "body": "and \\udfff end"}', "ENC005"),
    "nan.json": (b'{"title": "N", "body": NaN}', "ENC005"),
    "digits.json": (b'{"body": ' + b"9" * 20000 + b"}", "ENC005"),
    "cut.json": (b'{"body": "cut', "ENC005"),
    "list.json": (b"[1, 2, 3]", "DOC007"),
    "null.json": (b"null", "DOC007"),
    "bomb.txt.gz": (gzip.compress(b"\0" * (64 << 20), 1), "ENC007"),
    "bidi.txt": (
        f"\N{RIGHT-TO-LEFT OVERRIDE}Turned\N{POP DIRECTIONAL FORMATTING}\n\n{story('bidi')}".encode(),
        "TXT003",
    ),
    "nul.txt": (story("nul").replace("a", "a\0", 1).encode(), "TXT005"),
    "escape.txt": (f"\x1b]0;owned\x07\x1b[31mRed title\x1b[0m here\n\n{story('escape')}".encode(), "TXT005"),
    "deep.html": (f"<body>{'<div>' * 3000}{story('deep')}{'</div>' * 3000}".encode(), ""),
    "ampersands.html": (b"<p>" + b"&" * 5000, ""),
    "signs.txt": (b"!!! ??? ...\n\n" * 30, ""),
    "references.html": (b"<p>" + b"&amp;" * 5000, ""),
    "script.html": (
        f"<article><h1>Click</h1><p>{story('script')} <a href='javascript:alert(1)'>here</a> &lt;script&gt;alert(2)".encode(),
        "",
    ),
    "markup.md": (
        f"# Markup\n\n{story('markup')}\n<script>alert(1)</script>\n\n<img src=x onerror=alert(1)>\n\n[a](javascript:alert(1)) <b onclick=x>b</b>\n".encode(),
        "",
    ),
    "execute.md": (f"---\ntitle: !!python/object/apply:os.system ['touch pwned']\n---\n\n{story('run')}".encode(), ""),
    "laughs.md": (
        b"---\na: &a [x,x,x,x,x,x,x,x,x]\n"
        + b"".join(b"%c: &%c [%s]\n" % (98 + i, 98 + i, b",".join([b"*%c" % (97 + i)] * 9)) for i in range(8))
        + f"title: Laughs\n---\n\n{story('laughs')}".encode(),
        "",
    ),
    "path.md": (
        f"---\ntitle: ../../etc/passwd\ndate: NO\nauthor: [NO, 1e3]\n---\n\n{story('path')}".encode(),
        "DOC002",
    ),
    "con.md": (f"---\ntitle: CON\n---\n\n{story('con')}".encode(), ""),
    "nested.md": ("".join(f"{'  ' * depth}- item {depth}\n" for depth in range(300)).encode(), ""),
    "quotes.md": (("> " * 300 + "the innermost words\n").encode(), ""),
    "open.md": (f"# Open\n\n{story('open')}\n{'<!-- a' * 20_000}".encode(), ""),
    "blank.md": (f"# Blank\n\n{story('blank')}\n- {' ' * 20_000}{chr(10) * 20_000}last".encode(), ""),
    "brackets.md": (b"[" * 5000 + b"a" + b"](" * 2000, ""),
    "equal.txt": (b"The same line again and again stands here once more today.\n" * 3000, ""),
    "letters.txt": (b"a" * 200_000, ""),
    "utf32.txt": (story("utf32").encode("utf-32"), ""),
    "fences.md": (b"```\n```\n\n```python\n```\n", "DOC007"),
    "zlib.html": (f"<meta charset=zlib><p>{story('zlib')}caf".encode() + b"\xe9", ""),
    "half.eml": (
        f"From: a@b.example\nSubject: Half\nContent-Type: text/plain; charset=unicode_escape\n\n{story('eml')}\\ud800".encode(),
        "",
    ),
    "aliases.md": (
        b"---\na: &a [x, x, x, x, x, x, x, x, x]\n"
        + b"".join(b"%c: &%c [%s]\n" % (98 + i, 98 + i, b",".join([b"*%c" % (97 + i)] * 9)) for i in range(20))
        + f"title: *u\n---\n\n{story('aliases')}".encode(),
        "ENC006",
    ),
    "attributes.html": (f"<p {' '.join(f'a{n}=b' for n in range(30_000))}>{story('attributes')}".encode(), ""),
    "accents.txt": (
        f"{story('accents')}a".encode() + "\N{COMBINING ACUTE ACCENT}\N{COMBINING CEDILLA}".encode() * 30_000,
        "",
    ),
    "flow.md": (f"---\na: {'[' * 5000}\n---\n\n{story('flow')}".encode(), "ENC006"),
    "c1.txt": (f"{story('c1')}{''.join(map(chr, range(0x80, 0xA0))) * 500}".encode(), "TXT005"),
    "code.md": (
        f"# Code\n\n{story('code')}\n```\n\x1b]0;owned\x07 \x9b31m \N{RIGHT-TO-LEFT OVERRIDE}x\n```\n".encode(),
        "TXT005",
    ),
    "half.warc": (WARC + WARC[:-40] + b"\x1b[31mnot the end\r\n\r\nmore\r\n", ""),
    "shorter.warc": (WARC.replace(b"HTTP/1.1 200 OK", b"") + WARC, "ENC003"),
}


def write_hostile(folder: Path) -> dict[str, str]:
    """The hostile files, a good neighbour beside each; the rule for each name."""
    folder.mkdir()
    for name, (data, _) in FILES.items():
        (folder / name).write_bytes(data)
        (folder / f"{name}.good.txt").write_text(story(f"good {name}"), encoding="utf-8")
    for name in ("new\nline.txt", "\x1b[31mred.txt", "Case.txt", "case.txt", "x" * 251 + ".txt"):
        (folder / name).write_text(story(name), encoding="utf-8")
    with open(os.fsencode(folder) + b"/lone\xff.txt", "w", encoding="utf-8") as stream:
        stream.write(story("lone byte"))
    os.mkfifo(folder / "pipe.txt")
    for name, target in {"loop": ".", "self.txt": "self.txt", "gone.txt": "gone", "out.txt": "../secret.txt"}.items():
        (folder / name).symlink_to(target)
    rules = {name: rule for name, (_, rule) in FILES.items() if rule}
    if os.geteuid():
        (folder / "closed.txt").write_text("closed", encoding="utf-8")
        (folder / "closed.txt").chmod(0)
        rules["closed.txt"] = "ENC001"
    return rules


def clean(*args: object, cwd: Path, path: Path = ROOT) -> subprocess.CompletedProcess[str]:
    result = subprocess.run(
        [sys.executable, "-m", "cleaner", *map(str, args)],
        capture_output=True, text=True, timeout=300, check=False, cwd=cwd,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(dict.fromkeys([str(path), str(ROOT)]))},
    )  # fmt: skip
    assert "Traceback" not in result.stderr
    assert "This is a bug" not in result.stderr
    return result


def tree(folder: Path) -> dict[bytes, bytes]:
    """All there is below a folder: of a file its bytes, of a link its target."""
    found = {}
    for parent, folders, names in os.walk(os.fsencode(folder)):
        for name in folders + names:
            path = os.path.join(parent, name)
            if os.path.islink(path):
                found[path] = os.readlink(path)
            elif os.path.isfile(path) and os.access(path, os.R_OK):
                found[path] = Path(os.fsdecode(path)).read_bytes()
            else:
                found[path] = b""
    return found


@POSIX
def test_hostile_files_are_told_and_cost_no_neighbour(tmp_path: Path) -> None:
    world = tmp_path / "world"
    world.mkdir()
    (world / "secret.txt").write_text(story("secret"), encoding="utf-8")
    rules = write_hostile(world / "seeds")
    before = tree(world)
    result = clean("seeds", "-o", tmp_path / "out", "-j", 2, cwd=world)
    assert result.returncode == 1
    assert "\x1b" not in result.stdout
    # What libraries have to say of a file is for nobody to read.
    assert result.stderr == ""
    assert tree(world) == before

    report = json.loads((tmp_path / "out/report.json").read_bytes())
    told: dict[str, set[str]] = {}
    for problem in report["problems"]:
        told.setdefault(problem["source"], set()).add(problem["rule"])
    assert {name: rule for name, rule in rules.items() if rule not in told.get(name, ())} == {}
    failed = {source["source"] for source in report["sources"] if source["status"] == "failed"}
    assert failed <= set(rules)

    articles = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "out/articles").iterdir())
    wanted = [f"good {name}" for name in FILES]
    wanted += ["new\nline.txt", "\x1b[31mred.txt", "Case.txt", "case.txt", "x" * 251 + ".txt", "lone byte", "bidi"]
    wanted += [
        "zlib",
        "eml",
        "aliases",
        "attributes",
        "accents",
        "flow",
        "c1",
        "code",
        "deep",
        "script",
        "markup",
        "run",
        "laughs",
        "path",
        "con",
        "utf32",
        "escape",
    ]
    assert [name for name in wanted if story(name).split("\n")[0] not in articles] == []
    assert story("secret").split("\n")[0] not in articles
    assert "item 299" in articles
    assert "the innermost words" in articles
    # Two texts without a word are no copies of each other, and two of the same signs are.
    assert "!!! ??? ..." in articles
    assert articles.count("&" * 100) == 50
    assert "](javascript:" not in articles
    assert "\n<script" not in articles
    assert not {char for char in articles if char != "\n" and (ord(char) < 32 or 0x7F <= ord(char) < 0xA0)}
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in articles
    names = [path.stem for path in (tmp_path / "out/articles").iterdir()]
    assert len({name.casefold() for name in names}) == len(names)
    assert "con" not in names
    assert verify(tmp_path / "out", [world / "seeds"]) == []

    for code, *verb in ((1, "seeds"), (1, "--diff", "seeds"), (0, "seeds/con.md", "--against", "../out")):
        result = clean("check", *verb, "-j", 2, cwd=world)
        assert (result.returncode, result.stderr) == (code, "")
        assert "\x1b" not in result.stdout
    assert tree(world) == before
    result = clean("check", "--fix", "-q", "seeds", cwd=world)
    assert (result.returncode, result.stderr) == (1, "")
    after = tree(world)
    assert after.keys() == before.keys()
    # Damaged characters were mended, and nothing else was touched.
    assert {os.fsdecode(name).rpartition("/")[2] for name in after if after[name] != before[name]} == FIXED


SITE = """
import os, signal
from cleaner.engines import local
from cleaner.pipeline import noting

local.MIN_BYTES_FOR_POOL, local.CPU_SECONDS_PER_MEGABYTE = 1, 0
prepare = noting.prepare
from cleaner.pipeline import preparing
decode = preparing.decode

def decoded(data, source):
    if b"A bug." in data:
        raise RecursionError("a bug")
    return decode(data, source)

preparing.decode = decoded

def prepared(unit, *args, **named):
    if unit.source == "dies.txt":
        os.kill(os.getpid(), signal.SIGKILL)
    while unit.source == "spins.txt":
        pass
    return prepare(unit, *args, **named)

noting.prepare = prepared
"""


@POSIX
def test_files_that_processes_die_of_never_end_with_or_the_program_fails_on_cost_no_other(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site/sitecustomize.py").write_text(SITE, encoding="utf-8")
    (tmp_path / "seeds").mkdir()
    for name in ("dies", "good", "other", "spins"):
        (tmp_path / f"seeds/{name}.txt").write_text(story(name), encoding="utf-8")
    (tmp_path / "seeds/bug.txt").write_text(story("bug") + "A bug.", encoding="utf-8")
    records = [json.dumps({"text": text}) + "\n" for text in (story("one"), "A bug.", story("three"))]
    (tmp_path / "seeds/records.jsonl").write_text("".join(records), encoding="utf-8")
    result = clean("seeds", "-o", "out", "-j", 2, "--bound", "cpu_seconds=1", cwd=tmp_path, path=tmp_path / "site")
    assert result.returncode == 1
    report = json.loads((tmp_path / "out/report.json").read_bytes())
    told = {(one["source"], one["rule"]) for one in report["problems"] if one["severity"] == "error"}
    assert told == {
        ("bug.txt", "ENC011"), ("dies.txt", "ENC011"), ("records.jsonl#2", "ENC011"), ("spins.txt", "ENC012")
    }  # fmt: skip
    assert len(list((tmp_path / "out/articles").iterdir())) == 4
    assert verify(tmp_path / "out", [tmp_path / "seeds"]) == []
