"""What a check lets pass: chosen rules, accepted files and pairs."""

from __future__ import annotations

from dataclasses import dataclass, field

from cleaner.model.problems import Severity


@dataclass(frozen=True, slots=True)
class Policy:
    """Which rules a check looks for, where it does not, and from which severity on it fails.

    `select` and `ignore` hold codes (`DUP004`), the start of codes (`TXT`), names (`near-copy`) or `ALL`; `per_file_ignores` the same for the files that
    match a pattern (.gitignore syntax). `baseline` names the file of accepted findings, if there is one.
    """

    select: tuple[str, ...] = ("ALL",)
    ignore: tuple[str, ...] = ()
    per_file_ignores: dict[str, tuple[str, ...]] = field(default_factory=dict)
    fail_level: Severity = Severity.ERROR
    baseline: str = ""
