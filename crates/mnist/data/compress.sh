#!/bin/sh
# Makes the four .zst files beside this script from MNIST's originals: compress.sh FOLDER, where FOLDER holds
# train-images-idx3-ubyte.gz and its three companions. Needs gzip and zstd 1.5.
set -eu
here=$(dirname "$0")
for name in train-images-idx3-ubyte train-labels-idx1-ubyte t10k-images-idx3-ubyte t10k-labels-idx1-ubyte; do
    gzip -dc "$1/$name.gz" >"$here/$name"
    # A file rather than a pipe, so that the frame states its size; --long=27 lets matches reach across the whole file.
    zstd --ultra -22 --long=27 --quiet --force --rm "$here/$name" -o "$here/$name.zst"
done
