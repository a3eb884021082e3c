#!/usr/bin/env python3
"""Times gensim's skip-gram on a text file, vocabulary scan included; prints one line.

    apt-get install python3-gensim
    gensim_word2vec.py TEXT [--epochs N] [--threads N] [--cbow]
"""
import argparse
import os
import resource
import tempfile
import time

import gensim
from gensim.models import Word2Vec

SENTENCE = 1000  # words, as word2vec.c cuts; gensim's own files want a sentence a line


def write_sentences(text, out):
    """Copies the words of each line in stretches of at most SENTENCE; returns how many words."""
    n = 0
    for line in text:
        words = line.split()
        for i in range(0, len(words), SENTENCE):
            out.write(" ".join(words[i:i + SENTENCE]) + "\n")
        n += len(words)
    return n


def main():
    p = argparse.ArgumentParser()
    p.add_argument("text")
    p.add_argument("--epochs", type=int, default=1)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--cbow", action="store_true")
    a = p.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "sentences.txt")
        with open(a.text, encoding="utf-8", errors="replace") as text, open(path, "w", encoding="utf-8") as out:
            n = write_sentences(text, out) * a.epochs
        start = time.perf_counter()
        Word2Vec(corpus_file=path, sg=int(not a.cbow), vector_size=100, window=5, negative=5, sample=1e-4,
                 min_count=5, alpha=0.05 if a.cbow else 0.025, epochs=a.epochs, workers=a.threads)
        seconds = time.perf_counter() - start
    mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peer gensim {gensim.__version__} words {n} seconds {seconds:.2f} words_per_s {n / seconds:.0f} rss_mib {mib:.0f}")


if __name__ == "__main__":
    main()
