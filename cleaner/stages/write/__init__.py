"""A canonical document in, its files out: Markdown with front matter, the plain text, and where every character came from."""
