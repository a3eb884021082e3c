#!/usr/bin/env python3
"""Writes tests/golden/vectors/: what other programs save of word vectors trained for a moment on a
made-up text, for tests/io/test_vectors.c. Run it from anywhere as

    make_vectors_golden.py WORD2VEC FASTTEXT GLOVE_BUILD

with the paths of word2vec.c's and fastText's programs and of the folder with GloVe's four; needs
the Python modules gensim (made with 4.2.0) and fasttext (0.9.2, as the program).
"""

import pathlib
import random
import subprocess
import sys
import tempfile

import fasttext
import gensim

FOLDER = pathlib.Path(__file__).resolve().parent / "vectors"
UNSEEN = ["queens", "kin", "x", "Größe", "日本語", "</s>", "unbelievable"]


def make_text():
    rng = random.Random(1)
    people = "king queen man woman prince princess könig 女王 naïve 2003".split()
    verbs = "sees likes crowns follows".split()
    return "".join(f"the {rng.choice(people)} {rng.choice(verbs)} a {rng.choice(people)} .\n"
                   for _ in range(300))


def run_word2vec(program, text):
    for name, binary in (("word2vec.bin", 1), ("word2vec.txt", 0)):
        subprocess.run([program, "-train", text, "-output", FOLDER / name, "-size", "6", "-window",
                        "3", "-min-count", "1", "-iter", "2", "-threads", "1", "-sample", "0",
                        "-binary", str(binary)], check=True, stdout=subprocess.DEVNULL)


def run_gensim(text):
    sentences = [line.split() for line in text.read_text().splitlines()]
    vectors = gensim.models.Word2Vec(sentences, vector_size=5, min_count=1, workers=1, seed=1,
                                     epochs=2).wv
    vectors.save_word2vec_format(FOLDER / "gensim.bin", binary=True)
    vectors.save_word2vec_format(FOLDER / "gensim.txt", binary=False)


def run_fasttext(program, text):
    subprocess.run([program, "skipgram", "-input", text, "-output", FOLDER / "fasttext",
                    "-dim", "4", "-bucket", "97", "-minn", "2", "-maxn", "4", "-minCount", "1",
                    "-epoch", "20", "-thread", "1", "-verbose", "0"], check=True)
    model = fasttext.load_model(str(FOLDER / "fasttext.bin"))
    for name, words in (("words", model.words), ("unseen", UNSEEN)):
        rows = (f"{word} {' '.join(repr(float(x)) for x in model[word])}\n" for word in words)
        (FOLDER / f"fasttext_{name}.txt").write_text("".join(rows))


def run_glove(build, text, scratch):
    def run(program, args, source, target):
        with open(source, "rb") as i, open(target, "wb") as o:
            subprocess.run([build / program, "-verbose", "0", *args], stdin=i, stdout=o, check=True)

    vocab, counts, shuffled = FOLDER / "vocab.txt", scratch / "counts", scratch / "shuffled"
    run("vocab_count", [], text, vocab)
    run("cooccur", ["-vocab-file", vocab, "-overflow-file", scratch / "overflow"], text, counts)
    run("shuffle", ["-temp-file", scratch / "temp", "-seed", "1"], counts, shuffled)
    subprocess.run([build / "glove", "-verbose", "0", "-input-file", shuffled, "-vocab-file", vocab,
                    "-save-file", FOLDER / "glove", "-vector-size", "5", "-threads", "1", "-iter",
                    "2", "-binary", "2", "-seed", "1"], check=True, stdout=subprocess.DEVNULL)


def main():
    word2vec, fasttext_program, glove = map(pathlib.Path, sys.argv[1:])
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        scratch = pathlib.Path(name)
        text = scratch / "text.txt"
        text.write_text(make_text())
        run_word2vec(word2vec, text)
        run_gensim(text)
        run_fasttext(fasttext_program, text)
        run_glove(glove, text, scratch)


main()
