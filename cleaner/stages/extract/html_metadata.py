"""Takes a page, gives what it says of its article: from JSON-LD, meta elements, links, and what a reader sees."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import partial
from html import unescape
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

from cleaner.model.documents import Alternatives, Metadata
from cleaner.stages.extract.fields import LANGUAGE, language_tag
from cleaner.stages.extract.html_runs import Element, Page

# Where each member is looked for, the best first. ld: JSON-LD of the article; meta: <meta> by name, property or
# itemprop; the rest below.
PREFERENCE: dict[str, tuple[str, ...]] = {
    "title": (
        "ld:headline", "meta:og:title", "meta:citation_title", "meta:parsely-title", "meta:sailthru.title",
        "meta:dc.title",
        "meta:dcterms.title", "meta:twitter:title", "meta:headline", "meta:title", "page:title", "ld:name",
    ),
    "author": (
        "ld:author", "meta:author", "meta:article:author", "meta:parsely-author", "meta:sailthru.author",
        "meta:byl", "meta:citation_author",
        "meta:dc.creator", "meta:dcterms.creator", "meta:article:author_name", "meta:authors", "page:byline",
        "page:by", "meta:twitter:data1", "ld:creator",
    ),
    "date": (
        # What the page shows its readers just below the headline is right more often than what it tells machines: of 366
        # labelled pages 19 contradict themselves here, and 15 of them are right in what they show.
        "page:below-headline", "ld:datePublished", "meta:article:published_time", "meta:og:article:published_time",
        "meta:datepublished", "meta:parsely-pub-date",
        "meta:sailthru.date", "meta:publish-date", "meta:publish_date", "meta:publication_date",
        "meta:pubdate", "meta:publishdate",
        "meta:article.published", "meta:citation_publication_date", "meta:citation_date",
        "meta:dc.date.issued", "meta:dcterms.created",
        "meta:dc.date", "meta:date", "meta:published-date", "page:published", "ld:dateCreated", "url:date",
        "page:time", "ld:uploadDate", "page:near-headline",
        # The day of the last change is no publication, but the text stood there by then.
        "ld:dateModified", "meta:article:modified_time", "meta:og:updated_time", "page:modified",
    ),
    "updated": (
        "ld:dateModified", "meta:article:modified_time", "meta:og:updated_time", "meta:datemodified",
        "meta:dcterms.modified",
        "meta:last-modified", "page:modified",
    ),
    "section": ("ld:articleSection", "meta:article:section", "meta:parsely-section", "meta:section"),
    "lang": ("page:lang", "ld:inLanguage", "meta:content-language", "meta:og:locale", "meta:dc.language"),
    "description": (
        "meta:description", "meta:og:description", "ld:description", "meta:twitter:description",
        "meta:dc.description",
        "meta:sailthru.description",
    ),
    "tags": (
        "ld:keywords", "meta:article:tag", "meta:news_keywords", "meta:keywords",
        "meta:parsely-tags", "meta:sailthru.tags",
    ),
    "publisher": (
        "ld:publisher", "meta:og:site_name", "meta:publisher", "meta:dc.publisher",
        "meta:application-name", "meta:article:publisher",
    ),
    "url": ("meta:og:url", "ld:url", "ld:mainEntityOfPage", "meta:twitter:url", "page:saved-from"),
    "canonical_url": ("link:canonical",),
}  # fmt: skip

POSTINGS = frozenset(
    """BlogPosting LiveBlogPosting SocialMediaPosting DiscussionForumPosting Report Review Recipe HowTo Course
    PodcastEpisode""".split()
)
THREADS = frozenset(("DiscussionForumPosting", "QAPage"))
REPLIES = ("mainEntity", "acceptedAnswer", "suggestedAnswer", "comment")
PAGES = frozenset(("WebPage", "ItemPage", "AboutPage", "FAQPage", "QAPage", "CollectionPage", "MedicalWebPage"))

SITE_SEPARATOR = re.compile(
    r"(?<!\s)\s+[|:~/\N{EN DASH}\N{EM DASH}\N{MIDDLE DOT}\N{BULLET}\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}"
    r"\N{STAR OPERATOR}-]+(?:\s+|$)"
)
SITE_NAME_WORDS = 4

YEAR = "(?:19[89]|20[0-9])[0-9]"
ISO_DATE = re.compile(
    rf"""({YEAR})[-/.](0?[1-9]|1[0-2])[-/.](0?[1-9]|[12][0-9]|3[01])(?![0-9])
    (?:[T ]\s*([0-9]{{2}}:[0-9]{{2}}(?::[0-9]{{2}})?)(?:[.,][0-9]+)?\s*(Z|UTC|GMT|[+-][0-9]{{2}}:?[0-9]{{2}})?)?""",
    re.VERBOSE,
)
COMPACT_DATE = re.compile(rf"\b({YEAR})(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])(?![0-9])")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH = rf"({'|'.join(MONTHS)})[a-z]*\.?"
MONTH_FIRST = re.compile(rf"\b{MONTH}\s+([0-3]?[0-9])(?:st|nd|rd|th)?,?\s+({YEAR})\b", re.IGNORECASE)
DAY_FIRST = re.compile(
    rf"\b([0-3]?[0-9])(?:st|nd|rd|th)?[\s.-]+(?:de\s+)?{MONTH}[\s,-]+(?:de\s+)?({YEAR})\b", re.IGNORECASE
)
# The months as dates name them: German, French, Spanish, Italian, Portuguese and Russian whole and short, Arabic as in Egypt and as in the Levant,
# Polish, Czech, Slovak, Croatian, Ukrainian, Bulgarian, Romanian, Dutch, the languages of the North, Greek, Turkish, Hungarian, Indonesian.
MONTH_NAMES = {
    name: number
    for number, names in enumerate(
        (
            "januar jänner jan janvier janv enero ene gennaio gen janeiro января янв يناير stycznia "
            "ledna januára siječnja січня януари ianuarie januari tammikuuta ιανουαρίου ocak január",
            "februar feber feb février févr fév febrero febbraio fevereiro fev февраля февр фев "
            "فبراير شباط lutego února februára veljače лютого февруари februarie februari helmikuuta "
            "φεβρουαρίου şubat február pebruari",
            "märz mär mrz mars marzo mar março марта мар مارس آذار marca března ožujka березня март "
            "martie maart maaliskuuta μαρτίου mart március maret",
            "april apr avril avr abril abr aprile апреля апр أبريل ابريل نيسان kwietnia dubna apríla "
            "travnja квітня април aprilie huhtikuuta απριλίου nisan április",
            "mai mayo may maggio mag maio мая май مايو أيار ايار maja května mája svibnja травня mei "
            "maj toukokuuta μαΐου mayıs május",
            "juni jun juin junio giugno giu junho июня июн يونيو يونيه حزيران czerwca června júna "
            "lipnja червня юни iunie kesäkuuta ιουνίου haziran június",
            "juli jul juillet juil julio luglio lug julho июля июл يوليو يوليه تموز lipca července "
            "júla srpnja липня юли iulie heinäkuuta ιουλίου temmuz július",
            "august aug août agosto ago августа авг أغسطس اغسطس آب sierpnia srpna augusta kolovoza "
            "серпня август augustus augusti elokuuta αυγούστου ağustos augusztus agustus",
            "september sept sep septembre septiembre setiembre settembre setembro set сентября сент "
            "сен سبتمبر أيلول ايلول września září septembra rujna вересня септември septembrie "
            "syyskuuta σεπτεμβρίου eylül szeptember",
            "oktober okt octobre oct octubre ottobre ott outubro out октября окт أكتوبر اكتوبر "
            "października října októbra жовтня октомври octombrie lokakuuta οκτωβρίου ekim október",
            "november nov novembre noviembre novembro ноября нояб ноя نوفمبر listopada listopadu "
            "novembra studenoga studenog листопада ноември noiembrie marraskuuta νοεμβρίου kasım",
            "dezember dez décembre déc diciembre dic dicembre dezembro декабря дек ديسمبر grudnia "
            "prosince decembra prosinca грудня декември decembrie december joulukuuta δεκεμβρίου "
            "aralık desember",
        ),
        start=1,
    )
    for name in names.split()
}
# The same word for two months; the language decides.
MONTH_NAMES_OF = {"hr": {"listopada": 10}, "bs": {"listopada": 10}}
# "12. März 2024", "1er août 2023", "3 de mayo de 2024", "12 марта 2024"; in Arabic the names of both calendars: "4 آب/أغسطس 2013"
DAY_AND_NAME = re.compile(
    rf"(?<![0-9])([0-3]?[0-9])(?:\.|er|º|°)?\s*(?:de\s+)?([^\W\d_]{{2,12}})(?:/[^\W\d_]{{2,12}})?\.?,?\s+(?:de\s+|del\s+)?({YEAR})(?![0-9])",
    re.IGNORECASE,
)
# Hungarian: "2015. augusztus 15."
YEAR_AND_NAME = re.compile(rf"\b({YEAR})\.?\s+([^\W\d_]{{3,12}})\s+([0-3]?[0-9])(?![0-9:])")
# Chinese and Japanese: 2024年3月12日; Korean: 2024년 3월 12일
YEAR_FIRST = re.compile(rf"({YEAR})\s*[年년]\s*(1[0-2]|0?[1-9])\s*[月월]\s*([12][0-9]|3[01]|0?[1-9])\s*[日일号號]")
NUMERIC = re.compile(rf"(?<![0-9./-])([0-3]?[0-9])([./-])([0-3]?[0-9])\2({YEAR})(?![0-9./-])")
# Languages whose numeric dates begin with the day, and English where it is written so.
DAY_FIRST_LANGUAGES = frozenset(
    """ar be bg bn ca cs cy da de el es et fi fr ga gl he hi hr id is it kk lv mk ms nb nl nn no pl pt ro ru sk sl sq
    sr sv sw ta te th tr uk ur uz vi""".split()
)
DAY_FIRST_REGIONS = frozenset(("au", "gb", "ie", "in", "nz", "uk"))
MONTH_FIRST_REGIONS = frozenset(("us",))

# A section may stand between the year and the month: /2024/politics/05/14/.
URL_DATE = re.compile(
    rf"/({YEAR})[/-](?:[a-z_]+/)?(0?[1-9]|1[0-2]|{'|'.join(MONTHS)})[/-](0?[1-9]|[12][0-9]|3[01])(?:[/-]|$)",
    re.IGNORECASE,
)

BY = re.compile(
    r"""^(?:
      (?:view\s+)?all\s+(?:posts|articles|stories)\s+by
    | (?:(?:article|story|post|text|words?)\s+)?(?:(?:written|posted|published|reported)\s+)?by
    | authors? | von | par | por | di | da
    )\b[:\s]+""",
    re.VERBOSE | re.IGNORECASE,
)
ROLE = "writer|editor|reporter|correspondent|columnist|contributor|founder|journalist|author"
RANK = "senior|staff|contributing|freelance|lead|chief|managing|former|associate|news|special"
AFTER_NAME = re.compile(
    rf"""\s*(?:
      [|\N{{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}}\N{{BULLET}}\N{{MIDDLE DOT}}\N{{EN DASH}}\N{{EM DASH}}(/@]   # a mark that parts the name from what follows
    | \s-\s
    | ,?\s*\b(?:published|updated|posted|on|last|min\sread|usa\stoday|says)\b     # what else stands in a byline
    | \s[0-9]
    | \s(?:(?:{RANK})\s+(?:[A-Z]\w+\s+){{0,2}})*(?:{ROLE})\b                      # what the author is
    | \s(?:mon|tues|wednes|thurs|fri|satur|sun)day\b                            # a day of the week
    | \b(?:{"|".join(MONTHS)})[a-z]*\.?\s+[0-9]                                   # a date
    ).*""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
NAME_SEPARATOR = re.compile(r"\s*(?:;|,|\band\b|&|\bund\b|\bet\b|\by\b)\s*")
NAME = re.compile(
    r"(?:[^\W\d_][\w.'\N{RIGHT SINGLE QUOTATION MARK}-]*\s+){1,3}[^\W\d_][\w.'\N{RIGHT SINGLE QUOTATION MARK}-]*"
)
NO_NAME = re.compile(
    r"""https?: | www\. | @ | [0-9]:[0-9] | \b(?:
      about | admin | administrator | articles? | authors? | comments? | contributors? | editor | follow | guest
    | guidelines | links? | log\ in | login | members? | more | posts? | read | reviewed | share | sign\ in | social
    | staff\ writer | subscribe | view
    )\b""",
    re.VERBOSE | re.IGNORECASE,
)
# "Current time: 08:48"
LABELLED_NUMBER = re.compile(r"[^:0-9]{1,40}:\s*[0-9]")
CREDENTIAL = re.compile(r"(?=.*[A-Z].*[A-Z])(?:[A-Z][a-z]{0,2}\.?){1,6}")
# What pages put around a script's JSON: a comment, a section of XML.
WRAPPING = re.compile(r"\A\s*(?:<!--|/\*.*?\*/|//\s*<!\[CDATA\[|<!\[CDATA\[)")
WRAPPED = re.compile(r"(?:-->|(?://)?(?<!\s)\s*\]\]>)\Z")
# What browsers write at the top of a page that they save: the address, and its length.
SAVED_FROM = re.compile(r"<!--\s*saved from url=\([0-9]+\)(\S+)\s*-->", re.IGNORECASE)
SAVED_FROM_WITHIN = 2000
MAX_ALTERNATIVES = 5
MAX_HEADLINE = 300
MAX_HEADLINE_RUNS = 30
MAX_TIME_RUNS = 4
MAX_BYLINE = 120
MAX_BYLINE_RUNS = 12
RUNS_BETWEEN_AUTHORS = 3
MAX_DATE_LINE = 60
RUNS_BEFORE_HEADLINE = 12
RUNS_AFTER_HEADLINE = 40
RUNS_BELOW_HEADLINE = 12
SPEAKS_OF_CHANGE = re.compile(
    r"updat|modif|edited|revis|aktualisiert|mis(?:e)? \N{LATIN SMALL LETTER A WITH GRAVE} jour|actualiz", re.IGNORECASE
)


class Said(NamedTuple):
    """What a page says of its article.

    `runs` are the numbers of the text runs that the metadata were read from; `is_article`, whether the page calls
    itself one article; `is_thread`, whether it calls itself a thread of posts; `is_product`, whether it offers a product; `article_body`, the article's text as the page gives it to search engines, often cut short or
    empty; `posts`, the texts of a
    thread's posts; `is_paid`, whether the page says that it can't be read for free; `said_words`, how many words it says the
    article has, 0 if it doesn't; `alternatives`, what it says of its metadata besides what was taken.
    """

    metadata: Metadata
    runs: frozenset[int]
    is_article: bool
    is_thread: bool
    is_product: bool
    article_body: str
    posts: tuple[str, ...]
    is_paid: bool
    said_words: int
    alternatives: Alternatives


def metadata_of(page: Page) -> Said:
    """What the page says of its article."""
    nodes = [node for script in _linked_data_scripts(page) for node in _nodes(_json(script))]
    known = dict(_known(page, nodes))
    values = {
        member: [value for key in keys for value in known.get(key, ()) if value] for member, keys in PREFERENCE.items()
    }
    publisher = _first(values["publisher"], _publisher)
    url = _first(values["url"], _web_address)
    canonical = _first(values["canonical_url"], lambda address: _web_address(urljoin(url, address)))
    known["url:date"] = [match for address in (canonical, url) if (match := url_date(address))]
    dates = [value for key in PREFERENCE["date"] for value in known.get(key, ())]
    lang = _page_language(page)
    author = _authors(known, publisher)
    metadata = Metadata(
        title=_title(page, values["title"], publisher),
        author=author,
        date=_date(dates, lang),
        updated=_first(values["updated"], partial(iso_date, lang=lang)),
        section=_first(values["section"], str),
        lang=_first(values["lang"], _language),
        description=_first(values["description"], str),
        tags=_tags(known),
        publisher=publisher,
        url=url,
        canonical_url=canonical,
    )
    return Said(
        metadata,
        _runs_read(page, metadata),
        _is_article(nodes, known),
        _is_thread(nodes),
        _is_product(nodes, known),
        _article_body(nodes),
        tuple(_posts(nodes)),
        _is_paid(nodes),
        _said_words(nodes),
        tuple(_alternatives(metadata, values, lang)),
    )


def _alternatives(metadata: Metadata, values: dict[str, list[str]], lang: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What contradicts the values taken: other words, another day, other names; not the same in other letters or with the site's name."""
    authors = ["; ".join(names) for value in values["author"] if (names := names_of(value))]
    days = [good[:10] for value in values["date"] if (good := iso_date(value, lang))]
    said = (
        ("title", (metadata.title,), [without_site(value, metadata.publisher) for value in values["title"]]),
        ("author", (*metadata.author, "; ".join(metadata.author)), authors),
        ("date", (metadata.date[:10], metadata.updated[:10]), days),
        ("section", (metadata.section,), values["section"]),
        ("lang", (metadata.lang,), [_language(value) for value in values["lang"]]),
        ("publisher", (metadata.publisher,), [_publisher(value) for value in values["publisher"]]),
    )
    for member, taken, found in said:
        known = {_key(value) for value in taken}
        lost: dict[str, str] = {}
        for value in found:
            if (key := _key(value)) and key not in known:
                lost.setdefault(key, value)
        if lost and any(taken):
            yield member, tuple(lost.values())[:MAX_ALTERNATIVES]


def _is_article(nodes: list[dict[str, Any]], known: dict[str, list[str]]) -> bool:
    """Whether the page calls itself one article, and not a thread of posts."""
    types = {name for node in nodes for name in _types(node)}
    if _is_thread(nodes):
        return False
    return known.get("meta:og:type") == ["article"] or any(
        name.endswith("Article") or name == "BlogPosting" for name in types
    )


def _is_product(nodes: list[dict[str, Any]], known: dict[str, list[str]]) -> bool:
    """Whether the page calls itself that of a product, and not an article about one."""
    is_product = known.get("meta:og:type") == ["product"] or any("Product" in _types(node) for node in nodes)
    return is_product and not _is_article(nodes, known)


def _is_thread(nodes: list[dict[str, Any]]) -> bool:
    """Whether the page calls itself a thread of posts."""
    return any(name in THREADS for node in nodes for name in _types(node))


def _article_body(nodes: list[dict[str, Any]]) -> str:
    bodies = [body for node in nodes if _rank(node) == 0 and isinstance(body := node.get("articleBody"), str)]
    return _plain(max(bodies, key=len, default=""))


def _posts(nodes: list[dict[str, Any]]) -> Iterator[str]:
    """The texts of a thread: of its first post, its answers and comments, and theirs."""
    waiting: list[Any] = [node for node in nodes if THREADS.intersection(_types(node))]
    seen: set[int] = set()
    while waiting:
        value = waiting.pop(0)
        if isinstance(value, list):
            waiting += value
        elif isinstance(value, dict) and id(value) not in seen:
            seen.add(id(value))
            said = value.get("text") or value.get("articleBody")
            if isinstance(said, str):
                yield _plain(said)
            waiting += [value[name] for name in REPLIES if name in value]


def _is_paid(nodes: list[dict[str, Any]]) -> bool:
    return any(str(node.get("isAccessibleForFree")).lower() == "false" for node in nodes if _rank(node) is not None)


def _said_words(nodes: list[dict[str, Any]]) -> int:
    counts = [str(node.get("wordCount", "")) for node in nodes if _rank(node) == 0]
    return max((int(count) for count in counts if count.isascii() and count.isdecimal() and len(count) < 7), default=0)


def _date(values: list[str], lang: str) -> str:
    """The day of the first value that is a date, with its time if another value of that day has one."""
    dates = [good for value in values if (good := iso_date(value, lang))]
    return next((timed for timed in dates if "T" in timed and timed[:10] == dates[0][:10]), dates[0] if dates else "")


def _first(values: Iterable[str], read: Callable[[str], str]) -> str:
    return next((good for value in values if (good := read(value))), "")


def _known(page: Page, nodes: list[dict[str, Any]]) -> Iterator[tuple[str, list[str]]]:
    """Everything found, by the keys of PREFERENCE."""
    yield from _linked_data(nodes)
    yield from _meta(page)
    for link in page.links:
        attributes = link.attributes()
        if "canonical" in attributes.get("rel", "").lower().split() and attributes.get("href", "").strip():
            yield "link:canonical", [attributes["href"].strip()]
            break
    yield "page:title", [text for element in page.titles[:1] if (text := page.text_of(element))]
    yield "page:lang", [_page_language(page)]
    yield "page:saved-from", [match[1] for match in [SAVED_FROM.search(page.source, 0, SAVED_FROM_WITHIN)] if match]
    yield "page:byline", list(_bylines(page))
    yield "page:by", list(_by_lines_near_headline(page))
    yield "page:near-headline", list(_dates_near_headline(page))
    yield "page:below-headline", list(_dates_below_headline(page))
    yield from _times(page)


# JSON-LD


def _linked_data(nodes: list[dict[str, Any]]) -> Iterator[tuple[str, list[str]]]:
    by_id = {identity: node for node in nodes if isinstance(identity := node.get("@id"), str) and len(node) > 1}
    ranked = sorted((rank, number) for number, node in enumerate(nodes) if (rank := _rank(node)) is not None)
    found: dict[str, list[str]] = {}
    for rank, number in ranked:
        # Several articles on a page are teasers but for the first; a page's node fills what its article leaves out.
        if rank == ranked[0][0] and number != ranked[0][1]:
            continue
        for name, value in nodes[number].items():
            texts = _people(value, by_id) if name in ("author", "creator") else list(_texts(value, by_id))
            if texts and f"ld:{name}" not in found and not (rank > 0 and name in ("author", "publisher") and not texts):
                found[f"ld:{name}"] = texts
    yield from found.items()


def _linked_data_scripts(page: Page) -> Iterator[str]:
    for script, start, end in page.scripts:
        if "ld+json" in page.source[script.start : script.end].lower():
            yield page.source[start:end]


def _json(script: str) -> Any:
    """The script as JSON; some pages wrap it in a comment, or leave a comma before a closing bracket."""
    text = WRAPPING.sub("", script, count=1)
    text = WRAPPED.sub("", text.rstrip("; \t\r\n\f"), count=1)
    for attempt in (text, re.sub(r",(?=\s*[}\]])", "", text)):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _nodes(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """The typed objects of a JSON-LD script: at the top, in lists and graphs, and as the main thing of another."""
    if depth > 6:
        return
    if isinstance(value, list):
        for part in value:
            yield from _nodes(part, depth + 1)
    elif isinstance(value, dict):
        yield value
        for key in ("@graph", "mainEntity", "mainEntityOfPage", "author", "publisher"):
            if isinstance(value.get(key), dict | list):
                yield from _nodes(value[key], depth + 1)


def _rank(node: dict[str, Any]) -> int | None:
    """How far a node speaks of the article: an article first, then a page."""
    names = _types(node)
    if any(name.endswith("Article") or name in POSTINGS for name in names):
        return 0
    return 1 if any(name in PAGES for name in names) else None


def _types(node: dict[str, Any]) -> list[str]:
    types = node.get("@type")
    return [name for name in (types if isinstance(types, list) else [types]) if isinstance(name, str)]


def _texts(value: Any, by_id: dict[str, dict[str, Any]]) -> Iterator[str]:
    """The readable strings of a value: itself, or the name of a thing."""
    if isinstance(value, str):
        if text := _plain(value):
            yield text
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part, by_id)
    elif isinstance(value, dict):
        thing = value if "name" in value or "@id" not in value else by_id.get(str(value["@id"]), value)
        name = thing.get("name") or thing.get("@id") or ""
        if isinstance(name, list):
            name = next((part for part in name if isinstance(part, str)), "")
        if isinstance(name, str) and (text := _plain(name)):
            yield text


def _people(value: Any, by_id: dict[str, dict[str, Any]]) -> list[str]:
    """The names of authors; organisations only if there is no person."""
    parts = value if isinstance(value, list) else [value]
    things = [
        by_id.get(str(part.get("@id")), part) if isinstance(part, dict) and "name" not in part else part
        for part in parts
    ]
    people = [thing for thing in things if not (isinstance(thing, dict) and "Organization" in str(thing.get("@type")))]
    return [text for text in _texts(people or things, by_id) if not text.startswith(("http:", "https:", "#", "/"))]


def _plain(text: str) -> str:
    """The text without markup and with plain single spaces."""
    if "&" in text:
        text = unescape(unescape(text))
    if "<" in text:
        text = re.sub(r"<[a-zA-Z/][^<>]*>", " ", text)
    return " ".join(text.split())


# Meta elements


def _meta(page: Page) -> Iterator[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    for element in page.meta:
        attributes = element.attributes()
        content = _plain(attributes.get("content", ""))
        if not content:
            continue
        for kind in ("property", "name", "itemprop", "http-equiv"):
            if name := attributes.get(kind, "").strip().lower().replace("dc:", "dc."):
                found.setdefault(f"meta:{name}", []).append(content)
    yield from found.items()


# What a reader sees


def _bylines(page: Page) -> Iterator[str]:
    """Names in elements that say they name the author: the first one of the surest kind and what stands close to it."""
    ranked: list[tuple[int, int, Element]] = []
    for number, element in enumerate(page.bylines):
        size = element.end_run - element.first_run
        if 0 < size <= MAX_BYLINE_RUNS and len(text := page.text_of(element)) <= MAX_BYLINE and names_of(text):
            ranked.append((_byline_rank(element), number, element))
    ranked.sort(key=lambda entry: entry[:2])
    last: Element | None = None
    for rank, _, element in ranked:
        is_near = last is None or 0 <= element.first_run - last.end_run <= RUNS_BETWEEN_AUTHORS
        if rank == ranked[0][0] and is_near:
            last = element
            yield page.text_of(element)


def _near_headline(page: Page) -> Iterator[tuple[int, str]]:
    """The texts around the headline, from some before it to many after it, with the numbers of their text blocks."""
    first = min((element.first_run for element in page.headlines if element.end_run > element.first_run), default=0)
    for run in page.runs[max(0, first - RUNS_BEFORE_HEADLINE) : first + RUNS_AFTER_HEADLINE]:
        # "Written by", at the head of a table's row, tells who made what the article is about.
        if run.element.tag not in ("title", "option") and "th" not in run.element.tags:
            yield run.block, " ".join(unescape(page.source[run.start : run.end]).split())


def _by_lines_near_headline(page: Page) -> Iterator[str]:
    """Short texts that begin with "by"; where the name is an element of its own, both. A "by" behind half a sentence is none."""
    before = ""
    last_block = at = 0
    for block, text in _near_headline(page):
        at = at if block == last_block else 0
        last_block = block
        if before and len(text) <= MAX_BYLINE:
            yield text
        is_far = at > MAX_DATE_LINE
        at += len(text)
        if is_far:
            before = ""
            continue
        before = text if _leads_to_name(text) else ""
        if re.match(r"(?:written |posted |published )?by:?\s+[A-Z]", text, re.IGNORECASE) and len(text) <= MAX_BYLINE:
            yield text


def _leads_to_name(text: str) -> bool:
    """Whether a name follows: "by", "Author:", "14 May 2024 by"."""
    if re.fullmatch(r"(?:written |posted |published )?by:?|authors?:?|contributors?:?", text, re.IGNORECASE):
        return True
    return len(text) <= MAX_DATE_LINE and text.lower().endswith(" by") and bool(iso_date(text))


def _dates_near_headline(page: Page) -> Iterator[str]:
    """Short texts with a date, those that speak of a change last."""
    lang = _page_language(page)
    dated = [text for _, text in _near_headline(page) if len(text) <= MAX_DATE_LINE and iso_date(text, lang)]
    yield from sorted(dated, key=lambda text: bool(SPEAKS_OF_CHANGE.search(text)))


def _dates_below_headline(page: Page) -> Iterator[str]:
    """The first short text just below the headline that has a date and does not speak of a change."""
    first = min((element.end_run for element in page.headlines if element.end_run > element.first_run), default=None)
    if first is None:
        return
    lang = _page_language(page)
    for run in page.runs[first : first + RUNS_BELOW_HEADLINE]:
        text = " ".join(unescape(page.source[run.start : run.end]).split())
        if len(text) <= MAX_DATE_LINE and not SPEAKS_OF_CHANGE.search(text) and iso_date(text, lang):
            yield text
            return


def _byline_rank(element: Element) -> int:
    attributes = element.attributes()
    if "author" in attributes.get("rel", "").lower().split():
        return 0
    if "author" in attributes.get("itemprop", "").lower():
        return 1
    names = f"{attributes.get('class', '')} {attributes.get('id', '')}".lower()
    if re.search(r"author[-_]{0,2}(?:name|link)|byline[-_]{0,2}(?:name|author)", names):
        return 2
    return 3 if re.search(r"\bauthor\b|\bbyline\b", names) else 4


def _times(page: Page) -> Iterator[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {"page:published": [], "page:modified": [], "page:time": []}
    for element in page.times:
        attributes = element.attributes()
        if element.tag == "abbr" and not ISO_DATE.match(attributes.get("title", "")):
            continue
        said = f"{attributes.get('itemprop', '')} {attributes.get('class', '')}"
        said += " published" if "pubdate" in attributes else ""
        value = attributes.get("title" if element.tag == "abbr" else "datetime", "")
        if not value and element.end_run - element.first_run <= MAX_TIME_RUNS:
            value = page.text_of(element)
        if re.search(r"modif|updat", said, re.IGNORECASE):
            found["page:modified"].append(value)
        elif re.search(r"publi|entry-date|posted", said, re.IGNORECASE):
            found["page:published"].append(value)
        else:
            found["page:time"].append(value)
    yield from found.items()


# Members


def _title(page: Page, titles: list[str], publisher: str) -> str:
    """The headline as the page shows it; else the best title given, without the site's name."""
    headlines = [element for element in page.headlines if element.end_run - element.first_run <= MAX_HEADLINE_RUNS]
    shown = [text for element in headlines if 0 < len(text := page.text_of(element)) <= MAX_HEADLINE]
    wanted = [_key(title) for title in titles]
    # A forum shows its own name in the largest letters.
    sites = {_site(title, publisher) for title in titles}
    shown = [text for text in shown if _key(text) not in sites]
    for text in shown:
        if len(key := _key(text)) >= 8 and any(title.startswith(key) for title in wanted):
            return text
    for text in shown:
        words = set(_words(text))
        if len(words) > 1 and any(2 * len(words & set(_words(title))) >= len(words) for title in titles):
            return text
    if len(shown) == 1 and len(_words(shown[0])) >= 4:
        return shown[0]
    if titles:
        return without_site(titles[0], publisher)
    return shown[0] if shown else ""


def without_site(title: str, publisher: str = "") -> str:
    """The title without the site's name at its end or start.

    >>> without_site("Bees sleep, too | The Daily Hive")
    'Bees sleep, too'
    """
    separators = list(SITE_SEPARATOR.finditer(title))
    if not separators:
        return title
    head, tail = title[: separators[-1].start()], title[separators[-1].end() :]
    first, rest = title[: separators[0].start()], title[separators[0].end() :]
    if publisher and _key(first) == _key(publisher) and rest:
        return without_site(rest, publisher) if rest != title else rest
    if not tail or (publisher and _key(tail) == _key(publisher)):
        return without_site(head, publisher) if tail else head
    is_short = len(_words(tail)) <= SITE_NAME_WORDS and (
        "|" in separators[-1][0] or len(_words(tail)) < len(_words(head))
    )
    if is_short and ":" not in separators[-1][0]:
        return head
    return title


def _site(title: str, publisher: str) -> str:
    """The site's name at the end of a title, for comparing; empty without one."""
    key = _key(without_site(title, publisher))
    return _key(title).removeprefix(key).strip() if key else ""


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _key(text: str) -> str:
    return " ".join(_words(text))


def _authors(known: dict[str, list[str]], publisher: str) -> tuple[str, ...]:
    """The names of the first place that has any; an organisation or a lone word serves if no place has a person."""
    spare: tuple[str, ...] = ()
    for key in PREFERENCE["author"]:
        values = known.get(key, [])
        if key == "page:by":
            values = [value for value in values if _name_parts(value)][:1] or values[:1]
        names = tuple(dict.fromkeys(name for value in values for name in names_of(value)))
        if any(NAME.fullmatch(name) and _key(name) != _key(publisher) for name in names):
            return names
        spare = spare or names
    return spare


def _name_parts(text: str) -> bool:
    return any(NAME.fullmatch(name) for name in names_of(text))


def names_of(byline: str) -> tuple[str, ...]:
    """The names in a byline.

    >>> names_of("By Ada Low and Ben Ahn | 3 May 2024")
    ('Ada Low', 'Ben Ahn')
    """
    text = BY.sub("", byline.strip())
    if re.match(r"https?:|www\.|/", text) or LABELLED_NUMBER.match(text):
        return ()
    text = AFTER_NAME.sub("", " ".join(text.split())).strip(" ,;:-")
    parts = [part for part in NAME_SEPARATOR.split(text) if part]
    if len(parts) > 1 and all(NAME.fullmatch(part) for part in parts):
        return tuple(parts)
    if len(parts) > 1 and NAME.fullmatch(parts[0]) and all(CREDENTIAL.fullmatch(part) for part in parts[1:]):
        return (text,)
    if len(parts) > 1 and ("," in text or ";" in text) and NAME.fullmatch(parts[0]):
        # What follows is a role or a title: "Ada Low, Senior Writer"; "Ben Ahn, MD".
        return tuple(part for part in parts[:1])
    if not 1 < len(text) <= 80 or len(text.split()) > 8 or NO_NAME.search(text) or _is_phrase(text):
        return ()
    return (text,)


def _is_phrase(text: str) -> bool:
    """Whether a text begins like a name and ends like none: "Radio Kestrel's book service"."""
    words = text.split()
    return len(words) > 1 and words[0][0].isupper() and words[-1][0].islower()


def _tags(known: dict[str, list[str]]) -> tuple[str, ...]:
    for key in PREFERENCE["tags"]:
        if tags := [tag for value in known.get(key, ()) for part in re.split(r"[,;]", value) if (tag := part.strip())]:
            return tuple(dict.fromkeys(tags))
    return ()


def _publisher(name: str) -> str:
    return "" if re.match(r"https?:|/|#", name) else name.lstrip("@")


def _web_address(address: str) -> str:
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return ""
    return address.strip() if parts.scheme in ("http", "https") and parts.netloc else ""


def _page_language(page: Page) -> str:
    """The language that the page's root element states."""
    return _language(page.root.attributes().get("lang", "")) if page.root else ""


def _language(tag: str) -> str:
    found = language_tag(tag)
    return found if LANGUAGE.fullmatch(found) else ""


def url_date(address: str) -> str:
    """The date in a URL's path, if it has year, month and day."""
    match = URL_DATE.search(address)
    if not match:
        return ""
    month = match[2].lower()
    return _iso(match[1], str(MONTHS.index(month) + 1) if month in MONTHS else month, match[3])


def iso_date(text: str, lang: str = "") -> str:
    """A date as YYYY-MM-DD, or the whole timestamp if there is a time; nothing without a day.

    Numbers alone, of which either may be the month, are a date only where the language says which is.

    >>> iso_date("Dec. 22, 2023")
    '2023-12-22'
    >>> iso_date("2023-12-22 08:05 Z")
    '2023-12-22T08:05Z'
    >>> iso_date("12. M\N{LATIN SMALL LETTER A WITH DIAERESIS}rz 2024"), iso_date("12.03.2024", "de"), iso_date("12.03.2024")
    ('2024-03-12', '2024-03-12', '')
    """
    if match := ISO_DATE.search(text):
        day = _iso(match[1], match[2], match[3])
        zone = {"UTC": "Z", "GMT": "Z"}.get(match[5], match[5] or "")
        zone = f"{zone[:3]}:{zone[3:]}" if re.fullmatch("[+-][0-9]{4}", zone) else zone
        return f"{day}T{match[4]}{zone}" if day and match[4] and _is_time(match[4]) else day
    if match := MONTH_FIRST.search(text):
        return _iso(match[3], str(MONTHS.index(match[1].lower()) + 1), match[2])
    if match := DAY_FIRST.search(text):
        return _iso(match[3], str(MONTHS.index(match[2].lower()) + 1), match[1])
    if match := YEAR_FIRST.search(text):
        return _iso(match[1], match[2], match[3])
    for match in DAY_AND_NAME.finditer(text):
        if month := _month(match[2], lang):
            return _iso(match[3], str(month), match[1])
    if (match := YEAR_AND_NAME.search(text)) and (month := _month(match[2], lang)):
        return _iso(match[1], str(month), match[3])
    if match := NUMERIC.search(text):
        return _numeric_date(match[1], match[3], match[4], lang)
    match = COMPACT_DATE.search(text)
    return _iso(match[1], match[2], match[3]) if match else ""


def _month(name: str, lang: str) -> int:
    """The number of the month of that name; 0 if it is none."""
    names = MONTH_NAMES_OF.get(lang.partition("-")[0].lower(), {})
    return names.get(name.lower(), MONTH_NAMES.get(name.lower(), 0))


def _numeric_date(first: str, second: str, year: str, lang: str) -> str:
    """The date of two numbers and a year: the one above 12 is the day, else the language decides; nothing where it does not."""
    language, _, region = lang.lower().partition("-")
    if int(first) > 12 or first == second:
        return _iso(year, second, first)
    if int(second) > 12:
        return _iso(year, first, second)
    if language in DAY_FIRST_LANGUAGES or (language == "en" and region in DAY_FIRST_REGIONS):
        return _iso(year, second, first)
    return _iso(year, first, second) if language == "en" and region in MONTH_FIRST_REGIONS else ""


def _iso(year: str, month: str, day: str) -> str:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""


def _is_time(text: str) -> bool:
    hours, minutes = text.split(":")[:2]
    return int(hours) < 24 and int(minutes) < 60


def _runs_read(page: Page, metadata: Metadata) -> frozenset[int]:
    """The runs of the title element, and of a byline or a date that says just what the metadata say."""
    read = {
        number
        for element in page.titles
        for number in range(element.first_run, max(element.end_run, element.first_run))
    }
    for element in page.bylines:
        size = element.end_run - element.first_run
        if metadata.author and size <= MAX_BYLINE_RUNS and names_of(page.text_of(element)) == metadata.author:
            read.update(range(element.first_run, element.end_run))
    lang = _page_language(page)
    for element in page.times:
        size = element.end_run - element.first_run
        if metadata.date and size <= MAX_TIME_RUNS and iso_date(page.text_of(element), lang) == metadata.date[:10]:
            read.update(range(element.first_run, element.end_run))
    return frozenset(read)
