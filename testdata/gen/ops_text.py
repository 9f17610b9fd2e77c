"""Tables: strings."""
import numpy as np

from opcase import arr, op, row

WORDS = arr(["Hello world", "  a,b,,c ", "", "ÑANDÚ straße", "x"])


@op("StringConcat")
def string_concat(v, name):
    yield row("same", arr(["a", "", "ñ"]), arr(["b", "c", ""]))
    yield row("broadcast", arr([["a"], ["b"]]), arr(["x", "y", "z"]))
    yield row("scalar", arr(["a", "b"]), arr("!"))


@op("StringSplit")
def string_split(v, name):
    yield row("blank", WORDS, outs=2)
    yield row("comma", WORDS, outs=2, delimiter=",")
    yield row("maxsplit", arr(["a b c d", "e f", "g"]), outs=2, maxsplit=1)
    yield row("comma_maxsplit", arr(["a,b,c,d", "e,,f", "g"]), outs=2, delimiter=",", maxsplit=2)
    yield row("matrix", arr([["a b", "c"], ["", "d e f"]]), outs=2)


@op("RegexFullMatch")
def regex(v, name):
    yield row("word", arr(["abc", "ab1", "", "ABC"]), pattern="[a-z]+")
    yield row("mail", arr(["a@b.com", "a@b", "x.y@z.org"]), pattern=r"[\w.]+@\w+\.(com|org)")
    yield row("any", arr([["", "x"]]), pattern=".*")


@op("StringNormalizer")
def string_normalizer(v, name):
    words = arr(["Monday", "tuesday", "WEDNESDAY", "monday"])
    for case in ("LOWER", "UPPER"):
        yield row(case.lower(), words, case_change_action=case)
        yield row(case.lower() + "_stop", words, case_change_action=case, stopwords=["monday"])
    yield row("stop_sensitive", words, is_case_sensitive=1, stopwords=["monday"])
    yield row("stop_all", arr(["a", "a"]), is_case_sensitive=1, stopwords=["a"])
    yield row("matrix", arr([["Monday", "x", "monday"]]), case_change_action="LOWER", is_case_sensitive=1, stopwords=["monday"])


@op("TfIdfVectorizer")
def tfidf(v, name):
    common = dict(ngram_counts=[0, 4], ngram_indexes=[0, 1, 2, 3, 4, 5, 6], pool_int64s=[2, 3, 5, 4, 5, 6, 7, 8, 6, 7])
    x = np.array([[1, 1, 3, 3, 3, 7], [8, 6, 7, 5, 6, 8]], np.int64)
    for mode in ("TF", "IDF", "TFIDF"):
        kw = dict(weights=[0.5, 1.0, 2.0, 0.25, 3.0, 1.5, 0.75]) if mode != "TF" else {}
        yield row(mode.lower(), x, mode=mode, min_gram_length=1, max_gram_length=2, max_skip_count=0, **kw, **common)
    for skip in (1, 5):
        yield row(f"skip_{skip}", x, mode="TF", min_gram_length=2, max_gram_length=2, max_skip_count=skip, **common)
    yield row("vector", x[1], mode="TF", min_gram_length=1, max_gram_length=1, max_skip_count=0, **common)
    yield row("strings", arr(["b", "a", "b", "c"]), mode="TF", min_gram_length=1, max_gram_length=2, max_skip_count=0,
              ngram_counts=[0, 2], ngram_indexes=[0, 1, 2], pool_strings=["a", "b", "b", "c"])
