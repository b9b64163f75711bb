"""The search engines and word cutters among the systems (`bot/bench/systems.py`)."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.bench.systems import MOST, Matters, bigrams

HEAP = 64_000_000  # bytes that tantivy's writer may take


class Tantivy:
    """tantivy with its n-gram tokenizer; any bigram of the phrase may match."""

    def build(self, matters: Matters, folder: Path) -> None:
        """See System."""
        import tantivy

        place = folder / "tantivy"
        place.mkdir()
        schema = tantivy.SchemaBuilder()
        schema.add_text_field("code", stored=True, tokenizer_name="raw")
        schema.add_text_field("text", tokenizer_name="grams", index_option="freq")
        self._index: Any = tantivy.Index(schema.build(), path=str(place))
        self._register()
        writer = self._index.writer(HEAP, num_threads=1)
        for code, texts in matters:
            writer.add_document(tantivy.Document(code=[code], text=list(texts)))
        writer.commit()
        writer.wait_merging_threads()
        self.load(folder)

    def _register(self) -> None:
        import tantivy

        grams = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.ngram(2, 2)).build()
        self._index.register_tokenizer("grams", grams)

    def load(self, folder: Path) -> None:
        """See System."""
        import tantivy

        self._index = tantivy.Index.open(str(folder / "tantivy"))
        self._register()
        self._searcher: Any = self._index.searcher()
        self._schema = self._index.schema
        self._term, self._any = tantivy.Query.term_query, tantivy.Query.boolean_query
        self._should = tantivy.Occur.Should

    def best(self, phrase: str) -> list[str]:
        """See System."""
        grams = [(self._should, self._term(self._schema, "text", gram, "freq")) for gram in set(bigrams(phrase))]
        hits = self._searcher.search(self._any(grams), MOST).hits
        return [self._searcher.doc(address)["code"][0] for _, address in hits]


class Fts5:
    """SQLite's FTS5: a table that is told how to cut, or that is given texts cut already, and BM25."""

    def __init__(self, tokenizer: str, cut: Callable[[str], str], terms: Callable[[str], list[str]]) -> None:
        self._tokenizer, self._cut, self._terms = tokenizer, cut, terms

    def build(self, matters: Matters, folder: Path) -> None:
        """See System."""
        self.load(folder)
        options = f"code UNINDEXED, text, content='', contentless_unindexed=1, tokenize='{self._tokenizer}'"
        if sqlite3.sqlite_version_info < (3, 47):  # a contentless table keeps no code yet
            options = f"code UNINDEXED, text, tokenize='{self._tokenizer}'"
        self._database.execute(f"CREATE VIRTUAL TABLE matter USING fts5({options})")
        rows = ((code, "\n".join(map(self._cut, texts))) for code, texts in matters)
        self._database.executemany("INSERT INTO matter (code, text) VALUES (?, ?)", rows)
        self._database.execute("INSERT INTO matter(matter) VALUES ('optimize')")
        self._database.commit()

    def load(self, folder: Path) -> None:
        """See System."""
        self._database = sqlite3.connect(folder / "fts5.db")

    def best(self, phrase: str) -> list[str]:
        """See System."""
        asked = " OR ".join('"' + term.replace('"', '""') + '"' for term in dict.fromkeys(self._terms(phrase)))
        found = "SELECT code FROM matter WHERE text MATCH ? ORDER BY rank LIMIT ?"
        return [code for (code,) in self._database.execute(found, (asked or '""', MOST))]


def fts5_trigrams() -> Fts5:
    """FTS5's own trigrams: a phrase of two characters finds nothing."""
    return Fts5("trigram", str, lambda phrase: [phrase[at : at + 3] for at in range(len(phrase) - 2)])


def fts5_bigrams() -> Fts5:
    """FTS5 over texts that are cut into bigrams before."""
    return Fts5("unicode61", lambda text: " ".join(bigrams(text)), bigrams)


class Cutter:
    """A word cutter alone: the floor under whatever works with words. It finds nothing."""

    def __init__(self, module: str) -> None:
        self._module = module

    def build(self, matters: Matters, folder: Path) -> None:
        """See System; nothing is indexed."""
        self.load(folder)

    def load(self, folder: Path) -> None:
        """See System: read the dictionary, not a cache of it."""
        import importlib

        os.environ["TMPDIR"] = str(folder)
        self._cut: Any = importlib.import_module(self._module).cut
        list(self._cut("低保怎么申请"))

    def best(self, phrase: str) -> list[str]:
        """See System."""
        list(self._cut(phrase))
        return []
