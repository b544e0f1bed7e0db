"""`clean rules`: the rules listed, or one explained."""

from __future__ import annotations

import click

from cleaner.cli.terminal import OK, say
from cleaner.folders import UsageError


@click.command()
@click.argument("code", required=False)
def rules(code: str | None) -> int:
    """List the rules, or explain one (by its code or name)."""
    from cleaner.rules import RULES, explained

    chosen = [rule for rule in RULES.values() if code is None or code.upper() == rule.code or code.lower() == rule.name]
    if not chosen:
        raise UsageError(f"{code}: there is no such rule. `clean rules` lists them.")
    if code is None:
        say("".join(f"{rule.code}  {rule.severity:<7}  {rule.name:<22}  {rule.summary}\n" for rule in chosen))
    else:
        say(explained(chosen[0]))
    return OK
