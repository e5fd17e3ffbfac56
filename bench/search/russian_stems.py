"""Stems of all Russian words of the vocabulary by the public package snowballstemmer (3.1.1), as an independent answer for
find's stemmer: python bench/search/russian_stems.py > find/testdata/russian_stems.tsv"""

import re
from pathlib import Path

import snowballstemmer

data = Path(__file__).parents[2] / "vocabulary" / "data"
text = "".join((data / part / "ru.csv").read_text(encoding="utf-8") for part in ("words", "thesaurus"))
words = sorted({w for w in re.findall("[а-яё]+", text.lower()) if len(w) > 2})
stem = snowballstemmer.stemmer("russian").stemWord
for word in words:
    print(word, stem(word), sep="\t")
