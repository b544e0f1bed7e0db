"""The rules of the text itself: damaged, invisible and misplaced characters."""

from __future__ import annotations

from cleaner.rules.rule import INFO, WARNING, Rule

FIX = "`clean check --fix` mends the file; `clean run` mends it in its output."
RUN = "`clean run` mends it in its output."

TEXT = (
    Rule(
        "TXT001", "mojibake", WARNING,
        "Text was decoded with the wrong encoding and saved again.",
        "Search, comparison and readers see letters that nobody wrote.",
        "Caf\u00c3\u00a9 M\u00c3\u00bcller",
        "Caf\u00e9 M\u00fcller",
        FIX, settled=True, fixable=True,
    ),
    Rule(
        "TXT002", "invisible-characters", WARNING,
        "Zero-width or other invisible characters stand in the text.",
        "Two words that look the same are not; a search for one does not find the other.",
        "type<U+200B>writer",
        "typewriter",
        FIX, settled=True, fixable=True,
    ),
    Rule(
        "TXT003", "bidi-control", WARNING,
        "Controls that reorder text stand where no right-to-left text is.",
        "They make a line read otherwise than it is stored, which has been used to deceive.",
        "the sum is <U+202E>001 pounds",
        "the sum is 001 pounds",
        FIX, settled=True, fixable=True,
    ),
    Rule(
        "TXT004", "leftover-markup", WARNING,
        "Markup or character references are left in the text.",
        "The mark is no part of what the author wrote.",
        "Fish &amp; chips at the ** harbour",
        "Fish & chips at the harbour",
        RUN, settled=True,
    ),
    Rule(
        "TXT005", "control-characters", WARNING,
        "Control characters stand in the text.",
        "Terminals obey them, XML and many programs refuse them.",
        "a bell<U+0007> in the text",
        "a bell in the text",
        FIX, settled=True, fixable=True,
    ),
    Rule(
        "TXT006", "not-nfc", INFO,
        "The text is not in Unicode Normalization Form C.",
        "The same letter in two forms is two letters to a program that compares bytes.",
        "cafe<U+0301>",
        "caf\u00e9",
        FIX, settled=True, fixable=True,
    ),
    Rule(
        "TXT007", "broken-hyphenation", INFO,
        "Words are broken by hyphens at line ends.",
        "Neither half is a word.",
        "the light-\nhouse keeper",
        "the lighthouse keeper",
        RUN, settled=True,
    ),
    Rule(
        "TXT008", "mixed-newlines", INFO,
        "The file mixes line endings.",
        "Editors and version control show changes where nothing changed.",
        "one line<CR LF>another<LF>",
        "one line<LF>another<LF>",
        "`clean check --fix` gives all lines the ending that most of them have.",
        settled=True, fixable=True,
    ),
    Rule(
        "TXT009", "glued-sentences", WARNING,
        "Sentences or list items are glued together without a break.",
        "A paragraph break was lost when the page was saved; the two sentences count as one.",
        "It closed in May.The owners moved on.",
        "It closed in May.\n\nThe owners moved on.",
        RUN, settled=True,
    ),
    Rule(
        "TXT010", "script-link", WARNING,
        "A link runs a script, or carries a page of its own, instead of leading to one.",
        "Who follows it in a rendered copy runs what a stranger wrote.",
        "[Print this page](javascript:print())",
        "Print this page",
        "`clean run` keeps its text without the link. In the file, take it out by hand.", settled=True,
    ),
)  # fmt: skip
