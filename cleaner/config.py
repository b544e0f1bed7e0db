"""`[tool.article-cleaner]` of pyproject.toml, or cleaner.toml, in; options and policy out. An unknown key is an error with a suggestion."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from cleaner.folders import UsageError
from cleaner.model.documents import Metadata
from cleaner.model.options import BOUNDS, Acceptance, Keep, Options, OwnWrapper
from cleaner.model.policy import Policy
from cleaner.model.problems import Severity
from cleaner.rules import RULES, named

SECTION = "article-cleaner"
OWN_FILE = "cleaner.toml"
KEYS = (*Options.__dataclass_fields__, *Policy.__dataclass_fields__)
WRAPPER_FORMATS = ("plain", "markdown", "html", "blocks")


def load(config: Path | None, folder: Path) -> tuple[Options, Policy]:
    """The options and the policy of the file `config`; without one, of cleaner.toml or pyproject.toml in `folder`; else the defaults."""
    if config is None and (folder / OWN_FILE).is_file():
        config = folder / OWN_FILE
    elif config is None and (folder / "pyproject.toml").is_file():
        config = folder / "pyproject.toml"
    if config is None:
        return Options(), Policy()
    members = _parsed(config)
    if config.name == "pyproject.toml":
        tool = members.get("tool", {})
        members = tool.get(SECTION, {}) if isinstance(tool, dict) else {}
    members = {name.replace("-", "_"): (name, value) for name, value in members.items()}
    for name, (written, _) in members.items():
        if name not in KEYS:
            near = get_close_matches(name, KEYS, 1)
            hint = f" Did you mean {near[0]}?" if near else f" Known names: {', '.join(KEYS)}."
            raise UsageError(f"{config}: {written} is no option.{hint}")
    options = {name: value for name, (_, value) in members.items() if name in Options.__dataclass_fields__}
    policy = {name: value for name, (_, value) in members.items() if name in Policy.__dataclass_fields__}
    return options_from(options, config), policy_from(policy, config)


def _parsed(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: the configuration can't be read: {error.strerror or error}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: the configuration is no valid TOML: {error}.") from error


def options_from(members: dict[str, Any], path: Path) -> Options:
    """The options that a table holds. Raises UsageError for a value of the wrong type."""
    options = Options()
    for name, value in members.items():
        options = replace(options, **{name: _value(name, value, getattr(options, name), path)})
    return options


def _value(name: str, value: Any, default: Any, path: Path) -> Any:
    if name == "wrapper":
        return _wrappers(value, path)
    if name == "keep":
        return keep_policy(value if isinstance(value, list) else str(value).split(","), str(path))
    if name == "accept":
        return _accepted(value, path)
    if isinstance(default, tuple) and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    if isinstance(default, int) and isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    expected = "a list of strings" if isinstance(default, tuple) else "a whole number, 0 or more"
    raise UsageError(f"{path}: {name} is {value!r}; expected {expected}.")


def bounded(options: Options, said: Iterable[str]) -> Options:
    """The options with the bounds that are said as NAME=VALUE; the `max_` of a name may be left out. Raises UsageError for what is no bound."""
    for one in said:
        written, _, value = one.partition("=")
        name = written.strip().replace("-", "_")
        name = name if name.startswith("max_") else f"max_{name}"
        if name not in BOUNDS:
            near = get_close_matches(name, BOUNDS, 1)
            hint = f"Did you mean {near[0].removeprefix('max_')}?" if near else f"Known are {', '.join(BOUNDS)}."
            raise UsageError(f"--bound {one}: {written} is no bound. {hint}")
        number = value.strip().replace("_", "").replace(",", "")
        if not (number.isascii() and number.isdigit()):
            raise UsageError(
                f"--bound {one}: expected a whole number, as in --bound {written or 'file_bytes'}=1000000."
            )
        found: dict[str, Any] = {name: int(number)}
        options = replace(options, **found)
    return options


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


def _accepted(value: Any, path: Path) -> tuple[Acceptance, ...]:
    """The entries of `[[accept]]`. Each needs its files and a reason."""
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise UsageError(
            f"{path}: accept is {value!r}; expected tables: [[accept]] with files, reason and, if you like, rule."
        )
    entries = []
    for number, entry in enumerate(value, 1):
        where = f"{path}: entry {number} of accept"
        for name in entry:
            if name not in Acceptance._fields:
                near = get_close_matches(name, Acceptance._fields, 1)
                hint = f"Did you mean {near[0]}?" if near else f"Known names: {', '.join(Acceptance._fields)}."
                raise UsageError(f"{where}: {name} is no member of it. {hint}")
        files, reason, rule = entry.get("files"), entry.get("reason"), entry.get("rule", "")
        if not isinstance(files, list) or not files or not all(isinstance(file, str) and file for file in files):
            raise UsageError(f"{where}: files is {files!r}; expected a list of file names.")
        if not isinstance(reason, str) or not reason.strip():
            raise UsageError(f"{where} has no reason. Say in `reason` why these files may stand as they are.")
        if not isinstance(rule, str) or (rule and len(named(rule)) != 1):
            raise UsageError(f"{where}: rule is {rule!r}, which is no rule. `clean rules` lists them.")
        if len(files) == 1 and not rule:
            raise UsageError(f"{where} names one file and no rule. Name the rule that it may break, or a second file.")
        entries.append(Acceptance(tuple(files), reason.strip(), *(named(rule)[:1] if rule else ())))
    return tuple(entries)


def policy_from(members: dict[str, Any], path: Path) -> Policy:
    """The policy that a table holds. Raises UsageError for a rule that does not exist and a value of the wrong type."""
    policy = Policy()
    for name, value in members.items():
        if name == "select":
            policy = replace(policy, select=_rules(name, value, path))
        elif name == "ignore":
            policy = replace(policy, ignore=_rules(name, value, path))
        elif name == "per_file_ignores":
            if not isinstance(value, dict):
                raise UsageError(f"{path}: {name} is {value!r}; expected a table of patterns and lists of rules.")
            policy = replace(
                policy,
                per_file_ignores={
                    pattern: _rules(f"{name}.{pattern}", rules, path) for pattern, rules in value.items()
                },
            )
        elif name == "fail_level":
            if value not in tuple(Severity):
                raise UsageError(f"{path}: {name} is {value!r}; expected one of {', '.join(Severity)}.")
            policy = replace(policy, fail_level=Severity(value))
        elif not isinstance(value, str):
            raise UsageError(f"{path}: {name} is {value!r}; expected the name of a file.")
        else:
            policy = replace(policy, baseline=value)
    return policy


def _rules(name: str, value: Any, path: Path) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise UsageError(f"{path}: {name} is {value!r}; expected a list of rules.")
    return rule_names(value, f"{path}: {name}")


def rule_names(names: Iterable[str], where: str) -> tuple[str, ...]:
    """The names of rules, each known. Raises UsageError for one that is not, with a suggestion."""
    names = tuple(name.strip() for name in names if name.strip())
    for name in names:
        if not named(name):
            known = [*RULES, *(rule.name for rule in RULES.values())]
            near = get_close_matches(name.upper() if name[-1:].isdigit() else name.lower(), known, 1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise UsageError(f"{where}: {name} is no rule.{hint} `clean rules` lists them.")
    return names


def keep_policy(names: list[str], where: str) -> tuple[Keep, ...]:
    """A policy from the names of its criteria, the most important first."""
    try:
        return tuple(Keep(name.strip()) for name in names)
    except ValueError as error:
        raise UsageError(f"{where}: {error}. Criteria are {', '.join(Keep)}.") from error
