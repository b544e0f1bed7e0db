"""The rule registry: what each code means, how bad it is, and what to do; messages, reports and `clean rules` are made from it."""

from __future__ import annotations

from typing import NamedTuple

from cleaner.model.problems import Severity


class Rule(NamedTuple):
    """One rule: its code, kebab-case name, severity, what it says in one line, and how to mend what it found."""

    code: str
    name: str
    severity: Severity
    summary: str
    remedy: str


E, W, I = Severity.ERROR, Severity.WARNING, Severity.INFO  # noqa: E741 - the letters of the table

RULES: dict[str, Rule] = {
    rule.code: rule
    for rule in (
        Rule("ENC001", "undecodable", E, "The bytes are text in no encoding that could be told.", "Save the file as UTF-8."),
        Rule("ENC002", "wrong-declared-charset", W, "The declared character set does not fit the bytes.", "Correct the declaration, or save as UTF-8."),
        Rule("ENC003", "binary", E, "The file is not text.", "Remove it, or exclude it with --exclude."),
        Rule("ENC004", "empty", E, "The file holds no text.", "Remove it, or save the article again."),
        Rule("ENC005", "malformed-json", E, "The JSON can't be parsed.", "Mend the JSON at the line and column given."),
        Rule("ENC006", "malformed-front-matter", W, "The front matter can't be parsed.", "Mend the YAML or TOML at the top of the file."),
        Rule("ENC007", "too-large", E, "The file is larger than the limit.", "Split it, or raise max_file_bytes."),
        Rule("ENC008", "unsupported-format", E, "There is no reader for this format.", "Convert the file to text, Markdown, HTML or JSON."),
        Rule("ENC009", "malformed-record", W, "A row of a table does not have the shape of the table.", "Mend the row; see to its quotation marks."),
        Rule("ENC010", "malformed-xml", E, "The XML of a feed can't be parsed.", "Mend the XML at the line and column given."),
        Rule("ENC011", "ended-process", E, "Each process that read the input came to a sudden end.", "Look at what is odd in the input, or give more memory."),
        Rule("ENC012", "too-slow", E, "The input used up the processor time that one is given.", "Look at what is odd in the input."),
        Rule("TXT001", "mojibake", W, "Text was decoded with the wrong encoding and saved again.", "Nothing: the run mends it."),
        Rule("TXT002", "invisible-characters", W, "Zero-width or other invisible characters stand in the text.", "Nothing: the run drops them."),
        Rule("TXT003", "bidi-control", W, "Controls that reorder text stand where no right-to-left text is.", "Nothing: the run drops them."),
        Rule("TXT004", "leftover-markup", W, "Markup or character references are left in the text.", "Nothing: the run mends it."),
        Rule("TXT005", "control-characters", W, "Control characters stand in the text.", "Nothing: the run drops them."),
        Rule("TXT006", "not-nfc", I, "The text is not in Unicode Normalization Form C.", "Nothing: the run composes it."),
        Rule("TXT007", "broken-hyphenation", I, "Words are broken by hyphens at line ends.", "Nothing: the run joins them."),
        Rule("TXT008", "mixed-newlines", I, "The file mixes line endings.", "Save it with one kind of line ending."),
        Rule("TXT009", "glued-sentences", W, "Sentences or list items are glued together without a break.", "Nothing: the run puts the break back."),
        Rule("DOC001", "no-title", W, "The article has no title.", "Add a headline or a `title` to the front matter."),
        Rule("DOC002", "bad-date", W, "A date can't be read.", "Write it as YYYY-MM-DD."),
        Rule("DOC003", "no-source-url", I, "Nothing says where the article came from.", "Add a `url` to the front matter."),
        Rule("DOC004", "boilerplate", I, "Text that is not part of the article: prompts, notices, source lines.", "Nothing: the run trims it."),
        Rule("DOC005", "truncated", W, "The article is cut off.", "Fetch the whole article."),
        Rule("DOC006", "too-short", W, "The article is very short.", "See whether the whole of it was saved."),
        Rule("DOC007", "no-article-text", E, "The file holds no article.", "Remove it, or save the article again."),
        Rule("DUP001", "repeated-block", W, "A part of the document stands in it twice.", "Nothing: the run keeps one copy."),
        Rule("DUP002", "shared-block", I, "A passage stands in several documents.", "Nothing: it is reported only."),
        Rule("DUP003", "exact-copy", E, "The document has the same words as another.", "Remove one of the two."),
        Rule("DUP004", "near-copy", E, "The document is nearly the same as another.", "Remove one of the two."),
        Rule("DUP005", "revision", W, "The document is another revision of an article.", "Keep the later one."),
        Rule("DUP006", "contained", W, "The document's text stands in a longer one.", "Remove the shorter one."),
        Rule("PRV001", "hash-mismatch", E, "A file is not the one that was recorded.", "Run `clean` again, or restore the file."),
        Rule("PRV002", "replay-mismatch", E, "Text does not follow from the source that it names.", "Run `clean` again."),
        Rule("PRV003", "uncovered-span", E, "A part of a source is neither kept nor accounted for.", "Run `clean` again."),
    )
}  # fmt: skip

# How a part of a source came to be left out or a separator to be put in, where no rule of the table found fault with it.
MARKUP = "markup"
METADATA = "metadata"
NOT_ARTICLE = "not-article"
SEPARATOR = "separator"
LIST_MARK = "list-mark"
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
