"""The rule registry: every rule once; messages, reports, `clean rules`, SARIF and the pages of docs/rules/ are made from it."""

from __future__ import annotations

from cleaner.model.duplicates import Relation
from cleaner.model.problems import Severity
from cleaner.rules.documents import DOCUMENTS
from cleaner.rules.duplicates import DUPLICATES
from cleaner.rules.encoding import ENCODING
from cleaner.rules.provenance import PROVENANCE
from cleaner.rules.rule import Rule
from cleaner.rules.text import TEXT

RULES: dict[str, Rule] = {rule.code: rule for rule in (*ENCODING, *TEXT, *DOCUMENTS, *DUPLICATES, *PROVENANCE)}

# The rule that a confirmed pair of documents falls under.
RULE_OF = {
    Relation.EXACT: "DUP003",
    Relation.NEAR: "DUP004",
    Relation.REVISION: "DUP005",
    Relation.CONTAINED: "DUP006",
    Relation.REUSE: "DUP002",
}

FAMILIES = {
    "ENC": "Encoding and format",
    "TXT": "Text",
    "DOC": "The document as a whole",
    "DUP": "Duplicates",
    "PRV": "Provenance (found by `clean verify`)",
}

# How a part of a source came to be left out or a separator to be put in, where no rule of the table found fault with it.
MARKUP = "markup"
METADATA = "metadata"
NOT_ARTICLE = "not-article"
SEPARATOR = "separator"
LIST_MARK = "list-mark"
# What a reader calls trimmed: notices, a site's furniture, and what of a page is beside its article.
TRIMMED = ("DOC004", "DOC009", NOT_ARTICLE)
LEDGER_NAMES: dict[str, str] = {
    MARKUP: "white space and markup: no words of the article",
    METADATA: "read into the metadata",
    NOT_ARTICLE: "on the page, but not part of the article",
    SEPARATOR: "put between blocks, cells or joined lines",
    LIST_MARK: "marks an item of a list",
}


def severity(code: str) -> Severity:
    """The severity of the rule `code`."""
    return RULES[code].severity


def explained(rule: Rule) -> str:
    """A rule in full, as Markdown: what `clean rules CODE` prints and its page in docs/rules/ says."""
    quoted = {
        name: "\n".join(f"    {line}".rstrip() for line in getattr(rule, name).split("\n"))
        for name in ("before", "after")
    }
    mended = f"Mended, it is:\n\n{quoted['after']}\n\n" if rule.after else ""
    return (
        f"# {rule.code} {rule.name} ({rule.severity})\n\n{rule.summary}\n\n"
        f"**Why it matters.** {rule.why}\n\n**Example.** The rule finds fault with:\n\n{quoted['before']}\n\n{mended}"
        f"**What to do.** {rule.remedy}\n"
    )


def named(codes: str) -> list[str]:
    """The codes that a selector stands for: a code, the start of one (`TXT`), a name, or ALL; none where there is no such rule."""
    wanted = codes.strip()
    if wanted.upper() == "ALL":
        return list(RULES)
    if not wanted:
        return []
    return [rule.code for rule in RULES.values() if rule.code.startswith(wanted.upper()) or rule.name == wanted.lower()]
