"""A JSON value in, and whether it has the shape that one of our schemas gives out; the members stand in the schema's order."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files
from typing import Any

Check = Callable[[Any], bool]

TYPES: dict[str, Check] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: type(value) is int,
    "number": lambda value: type(value) in (int, float),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}


@cache
def shape(name: str, *path: str) -> Check:
    """The check of one of the schemas `corpus`, `manifest`, `provenance`, `report`; of a part of it, where a path of members leads to one.

    Written for the keywords of JSON Schema (draft 2020-12) that these four use, so that checking an output needs no further package.
    """
    schema = json.loads(files("cleaner").joinpath("schemas", f"{name}.schema.json").read_text(encoding="utf-8"))
    part = schema
    for step in path:
        part = part["properties"][step] if step != "*" else part["items"]
    return _compiled(part, schema)


def _compiled(schema: Any, root: Any) -> Check:
    if isinstance(schema, bool):
        return lambda value: schema
    checks = list(_checks(schema, root))
    if len(checks) == 1:
        return checks[0]
    return _combined(checks, all)


def _checks(schema: dict[str, Any], root: Any) -> Iterator[Check]:
    """The checks of each keyword; those of one type of value hold for every other, as the standard says."""
    if "$ref" in schema:
        target = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        yield _compiled(target, root)
    if "type" in schema:
        names = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
        yield TYPES[names[0]] if len(names) == 1 else lambda value: any(TYPES[name](value) for name in names)
    if "enum" in schema or "const" in schema:
        allowed = schema.get("enum", [schema.get("const")])
        yield lambda value: any(type(value) is type(one) and value == one for one in allowed)
    for name in ("minimum", "maximum", "minLength", "pattern"):
        if name in schema:
            yield _limit(name, schema[name])
    if {"minItems", "maxItems", "uniqueItems", "items", "prefixItems"} & schema.keys():
        yield _list(schema, root)
    if {"properties", "required", "additionalProperties", "propertyNames"} & schema.keys():
        yield _object(schema, root)
    for name, quantifier in (("allOf", all), ("anyOf", any), ("oneOf", _exactly_one)):
        if name in schema:
            yield _combined([_compiled(one, root) for one in schema[name]], quantifier)
    if "if" in schema:
        condition, then, otherwise = (_compiled(schema.get(name, True), root) for name in ("if", "then", "else"))
        yield lambda value: then(value) if condition(value) else otherwise(value)


def _exactly_one(values: Any) -> bool:
    return bool(sum(values) == 1)


def _combined(checks: list[Check], quantifier: Callable[[Any], bool]) -> Check:
    return lambda value: bool(quantifier(check(value) for check in checks))


def _limit(name: str, limit: Any) -> Check:
    if name == "pattern":
        search = re.compile(limit).search
        return lambda value: not isinstance(value, str) or search(value) is not None
    if name == "minLength":
        return lambda value: not isinstance(value, str) or len(value) >= limit
    sign = 1 if name == "minimum" else -1
    return lambda value: type(value) not in (int, float) or bool(sign * value >= sign * limit)


def _list(schema: dict[str, Any], root: Any) -> Check:
    least, most = schema.get("minItems", 0), schema.get("maxItems")
    first = [_compiled(one, root) for one in schema.get("prefixItems", ())]
    rest = _compiled(schema.get("items", True), root)

    def check(value: Any) -> bool:
        if not isinstance(value, list):
            return True
        if len(value) < least or (most is not None and len(value) > most):
            return False
        if schema.get("uniqueItems") and any(one in value[:number] for number, one in enumerate(value)):
            return False
        return all((first[number] if number < len(first) else rest)(one) for number, one in enumerate(value))

    return check


def _object(schema: dict[str, Any], root: Any) -> Check:
    members = {name: _compiled(one, root) for name, one in schema.get("properties", {}).items()}
    # The order is told by the schema that names all members; one that only adds a condition names some.
    order = {name: number for number, name in enumerate(members)} if schema.get("additionalProperties") is False else {}
    required = frozenset(schema.get("required", ()))
    others = _compiled(schema.get("additionalProperties", True), root)
    names = _compiled(schema.get("propertyNames", True), root)

    def check(value: Any) -> bool:
        if not isinstance(value, dict):
            return True
        at = -1
        for name, member in value.items():
            place = order.get(name)
            if place is not None:
                if place < at:
                    return False
                at = place
            if not names(name) or not members.get(name, others)(member):
                return False
        return required <= value.keys()

    return check
