"""The rules of an article as a whole: what it lacks, and what is no part of it."""

from __future__ import annotations

from cleaner.rules.rule import ERROR, INFO, WARNING, Rule

DOCUMENTS = (
    Rule(
        "DOC001", "no-title", WARNING,
        "The article has no title.",
        "No title is invented; the article is named by its file, and revisions of it can't be told by their headline.",
        "The bakery by the harbour opens at four, long before the first boats come in.",
        "The bakery by the harbour\n\nThe bakery by the harbour opens at four, long before the first boats come in.",
        "Put the headline on a line of its own above the text, or add a `title` to the front matter.",
    ),
    Rule(
        "DOC002", "bad-date", WARNING,
        "A date can't be read.",
        "Without its date the article can't be told from its later revision.",
        "date: last Tuesday",
        "date: 2026-03-17",
        "Write it as YYYY-MM-DD.",
    ),
    Rule(
        "DOC003", "no-source-url", INFO,
        "Nothing says where the article came from.",
        "The address is the best evidence that two files are one article.",
        "---\ntitle: A bridge\n---",
        "---\ntitle: A bridge\nurl: https://news.example/bridge\n---",
        "Add a `url` to the front matter or the record, if it is known.",
        settled=True,
    ),
    Rule(
        "DOC004", "boilerplate", INFO,
        "Text that is not part of the article: prompts, notices, source lines.",
        "The same prompt in a thousand articles is noise to search and to models.",
        "Subscribe to our newsletter to get updates in your inbox.",
        "",
        "Nothing: `clean run` leaves it out of its output, and accounts for it.",
        settled=True,
    ),
    Rule(
        "DOC005", "truncated", WARNING,
        "The article is cut off.",
        "A teaser passes for the whole article, and the rest of it is missing from the corpus.",
        "The council will decide on the bridge in the spring, but the ferry\u2026 [+2104 chars]",
        "The council will decide on the bridge in the spring, but the ferry runs until then.",
        "Fetch the whole article.",
    ),
    Rule(
        "DOC006", "too-short", WARNING,
        "The article is very short.",
        "A caption, a consent notice or an error page was saved in place of the article more often than not.",
        "Please enable JavaScript.",
        "the article",
        "See whether the whole of it was saved.",
    ),
    Rule(
        "DOC007", "no-article-text", ERROR,
        "The file holds no article.",
        "Nothing is written for it.",
        '{"status": 404, "ok": false}',
        '{"title": "A bridge", "body": "The bridge was closed on Monday, and nobody knew for how long."}',
        "Remove it, or save the article again.",
    ),
    Rule(
        "DOC008", "uncertain-text", WARNING,
        "It can't be told for sure which text of a page is the article.",
        "The page's own prose and the extractor do not agree: what was kept may be a teaser or a menu, and the article among what was left out.",
        "<body><div>Wheel, oak, 40 kg</div><div>Axle, iron, 90 kg</div></body>",
        "<body><article><p>The wheel is of oak and weighs forty kilograms, and its axle, of iron, more than twice as much as that.</p></article></body>",
        "Read what was kept, and what was left out.",
    ),
    Rule(
        "DOC009", "site-template", INFO,
        "A block at the head or foot that many articles of the same site have there.",
        "The pages of one site share their furniture; one page alone does not show which of its lines that are.",
        "It came back at dusk.\n\nMore from the harbour desk",
        "It came back at dusk.",
        "Nothing: `clean run` leaves it out of its output, and accounts for it. To keep such blocks, set `min_template_share` to 0.",
        settled=True,
    ),
)  # fmt: skip
