"""Feeds as values: RSS, Atom, RSS 1.0, broken ones, and hostile ones."""

from __future__ import annotations

import pytest

from cleaner.containers.feed import Malformed, is_feed, read_feed

RSS = """<?xml version="1.0" encoding="windows-1252"?>
<!-- made -->
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:d="http://purl.org/dc/elements/1.1/">
<channel><title>Harbour</title><language>en</language>
<item><title>Ferry &amp; quay</title><link>https://x.example/1</link><category>sea</category><category>quay</category>
<d:creator>Ann Orr</d:creator><content:encoded><![CDATA[<p>It left &amp; came.</p>]]></content:encoded><enclosure url="a.mp3" type="audio"/></item>
</channel></rss>"""


def test_rss() -> None:
    assert is_feed(RSS)
    assert read_feed(RSS) == {
        "title": "Harbour",
        "language": "en",
        "items": [
            {
                "title": "Ferry & quay",
                "link": "https://x.example/1",
                "category": ["sea", "quay"],
                "dc:creator": "Ann Orr",
                "content:encoded": "<p>It left &amp; came.</p>",
                "enclosure": {"url": "a.mp3", "type": "audio"},
            }
        ],
    }


def test_atom_with_xhtml_and_links() -> None:
    feed = read_feed(
        """<feed xmlns="http://www.w3.org/2005/Atom"><title>H</title><link rel="self" href="https://x.example/f"/>
        <entry><link rel="edit" href="https://x.example/e"/><link href="https://x.example/1"/><author><name>Ann Orr</name></author>
        <category term="sea" label="Sea"/><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p class="a">It <b>left</b> &amp; <br/>came.</p></div></content>
        </entry></feed>"""
    )
    assert feed["links"] == [{"rel": "self", "href": "https://x.example/f"}]
    (entry,) = feed["items"]
    assert (entry["link"], entry["author"], entry["category"]) == ("https://x.example/1", {"name": "Ann Orr"}, "Sea")
    assert entry["content"] == '<div><p class="a">It <b>left</b> &amp; <br>came.</p></div>'


def test_rss_1_has_its_items_beside_the_channel() -> None:
    feed = read_feed(
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel><title>H</title></channel>'
        "<item><title>A</title></item><item><title>B</title></item></rdf:RDF>"
    )
    assert feed == {"title": "H", "items": [{"title": "A"}, {"title": "B"}]}


def test_feed_put_together_by_hand_is_read_all_the_same() -> None:
    feed = read_feed(
        "<rss><channel><item><title>Fish & chips &mdash; &copy; &nope; \x01</title><description><![CDATA[a & b]]></description></item></channel></rss>"
    )
    assert feed["items"] == [{"title": "Fish & chips \N{EM DASH} \N{COPYRIGHT SIGN} &nope; ", "description": "a & b"}]


def test_broken_feed_says_where() -> None:
    with pytest.raises(Malformed) as caught:
        read_feed("<rss>\n<channel>\n<item></channel></rss>")
    assert caught.value.line == 3


def test_entities_of_the_files_own_are_not_expanded_and_nothing_is_fetched() -> None:
    laughs = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
    bomb = f'<!DOCTYPE rss [<!ENTITY l0 "ha">{laughs}<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    (item,) = read_feed(f"{bomb}<rss><channel><item><title>&l9;|&f;</title></item></channel></rss>")["items"]
    assert item == {"title": "&l9;|&f;"}


@pytest.mark.parametrize("text", ["<html><body>", "<rsst>", "<p>&lt;rss&gt;", "text", ""])
def test_other_texts_are_no_feeds(text: str) -> None:
    assert not is_feed(text)


@pytest.mark.parametrize("sign", ["<!-- a -->\n", "<!DOCTYPE a ", "<?a ", "<?a ?>", "<!--"])
def test_page_of_many_signs_is_told_at_once(sign: str) -> None:
    """A pattern that tries every way to end a comment never ends here."""
    assert not is_feed(sign * 20_000 + "<p>")
