#!/usr/bin/env python3
"""Times Hugging Face tokenizers at what `gradus bench tokenizer` does, for bench/tokenizer.sh.

    hf_tokenizers.py train TEXT --vocab_size 8192 --threads 2
    hf_tokenizers.py encode TEXT --tokenizer tokenizer.json|DIR --threads 2

Training is byte-level BPE split as GPT-2 does, from the file to the merges. Encoding takes a text
that is in memory, as one batch of its lines; DIR holds GPT-2's vocab.json and merges.txt, or
tokenizer.json.
"""
import argparse
import os
import resource
import time


def open_tokenizer(path):
    from tokenizers import Tokenizer, models, pre_tokenizers

    if os.path.isdir(path):
        name = os.path.join(path, "tokenizer.json")
        if not os.path.exists(name):
            tok = Tokenizer(models.BPE.from_file(os.path.join(path, "vocab.json"),
                                                 os.path.join(path, "merges.txt")))
            tok.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
            return tok
        path = name
    return Tokenizer.from_file(path)


def time_training(text, vocab_size):
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    tok = Tokenizer(models.BPE())
    tok.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(vocab_size=vocab_size, show_progress=False,
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    start = time.perf_counter()
    tok.train([text], trainer)
    return time.perf_counter() - start


def time_encoding(text, tokenizer):
    tok = open_tokenizer(tokenizer)
    with open(text, encoding="utf-8", newline="") as f:
        lines = f.read().splitlines(keepends=True)
    start = time.perf_counter()
    tok.encode_batch(lines, add_special_tokens=False)
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", choices=["train", "encode"])
    parser.add_argument("text")
    parser.add_argument("--vocab_size", type=int, default=8192)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--tokenizer")
    a = parser.parse_args()
    # The library reads both when it is loaded.
    os.environ["RAYON_NUM_THREADS"] = str(a.threads)
    os.environ["TOKENIZERS_PARALLELISM"] = "true" if a.threads > 1 else "false"
    import tokenizers

    mb = os.path.getsize(a.text) / 1e6
    if a.task == "train":
        seconds = time_training(a.text, a.vocab_size)
    else:
        seconds = time_encoding(a.text, a.tokenizer)
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peer tokenizers {tokenizers.__version__} {a.task} mb {mb:.1f} seconds {seconds:.2f} "
          f"mb_per_s {mb / seconds:.1f} rss_mib {rss:.0f}")


if __name__ == "__main__":
    main()
