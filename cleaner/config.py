"""`[tool.article-cleaner]` of pyproject.toml, or cleaner.toml, in; options out. An unknown key is an error with a suggestion."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from cleaner.folders import UsageError
from cleaner.model.documents import Metadata
from cleaner.model.options import Keep, Options, OwnWrapper

SECTION = "article-cleaner"
OWN_FILE = "cleaner.toml"
WRAPPER_FORMATS = ("plain", "markdown", "html", "blocks")


def load_options(config: Path | None, folder: Path) -> Options:
    """The options of the file `config`; without one, of cleaner.toml or pyproject.toml in `folder`; else the defaults."""
    if config is not None:
        return options_from(_parsed(config), config) if config.name != "pyproject.toml" else _of_project(config)
    if (folder / OWN_FILE).is_file():
        return options_from(_parsed(folder / OWN_FILE), folder / OWN_FILE)
    return _of_project(folder / "pyproject.toml") if (folder / "pyproject.toml").is_file() else Options()


def _of_project(path: Path) -> Options:
    tool = _parsed(path).get("tool", {})
    return options_from(tool.get(SECTION, {}) if isinstance(tool, dict) else {}, path)


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: the configuration can't be read: {error.strerror or error}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: the configuration is no valid TOML: {error}.") from error


def options_from(members: dict[str, Any], path: Path) -> Options:
    """The options that a table holds; names with `-` or `_`. Raises UsageError for an unknown name or a value of the wrong type."""
    options = Options()
    for name, value in members.items():
        known = name.replace("-", "_")
        if known not in Options.__dataclass_fields__:
            near = get_close_matches(known, Options.__dataclass_fields__, 1)
            hint = f" Did you mean {near[0]}?" if near else f" Known names: {', '.join(Options.__dataclass_fields__)}."
            raise UsageError(f"{path}: {name} is no option.{hint}")
        options = replace(options, **{known: _value(known, value, getattr(options, known), path)})
    return options


def _value(name: str, value: Any, default: Any, path: Path) -> Any:
    if name == "wrapper":
        return _wrappers(value, path)
    if name == "keep":
        return keep_policy(value if isinstance(value, list) else str(value).split(","), str(path))
    if isinstance(default, tuple) and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    if isinstance(default, int) and isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    expected = "a list of strings" if isinstance(default, tuple) else "a whole number, 0 or more"
    raise UsageError(f"{path}: {name} is {value!r}; expected {expected}.")


def _wrappers(tables: Any, path: Path) -> tuple[OwnWrapper, ...]:
    """The wrappers of the tables `[[wrapper]]`. Raises UsageError for one that names no body, or knows a key that is none."""
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise UsageError(f"{path}: wrapper is {tables!r}; expected tables [[wrapper]], each with a name and a body.")
    return tuple(_wrapper(table, path) for table in tables)


def _wrapper(table: dict[str, Any], path: Path) -> OwnWrapper:
    known = ("name", "body", "format", *Metadata.__dataclass_fields__)
    for name, value in table.items():
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f" Did you mean {near[0]}?" if near else f" Known names: {', '.join(known)}."
            raise UsageError(f"{path}: {name} is no key of a [[wrapper]].{hint}")
        if not isinstance(value, str) or not value:
            raise UsageError(
                f'{path}: {name} of a [[wrapper]] is {value!r}; expected a dotted path, such as "story.body".'
            )
    if not table.get("name") or not table.get("body"):
        raise UsageError(f"{path}: a [[wrapper]] needs a name, and a body: the dotted path of the article's text.")
    if table.get("format", "html") not in WRAPPER_FORMATS:
        raise UsageError(
            f"{path}: format of a [[wrapper]] is {table['format']!r}; known are {', '.join(WRAPPER_FORMATS)}."
        )
    metadata = tuple((name, table[name]) for name in Metadata.__dataclass_fields__ if name in table)
    return OwnWrapper(table["name"], table["body"], table.get("format", ""), metadata)


def keep_policy(names: list[str], where: str) -> tuple[Keep, ...]:
    """A policy from the names of its criteria, the most important first."""
    try:
        return tuple(Keep(name.strip()) for name in names)
    except ValueError as error:
        raise UsageError(f"{where}: {error}. Criteria are {', '.join(Keep)}.") from error
