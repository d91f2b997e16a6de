#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads csv on standard input as strictly as Python can; prints each row's values in hex, commas between."""
import csv
import io
import sys

text = io.TextIOWrapper(sys.stdin.buffer, encoding="latin-1", newline="")
for row in csv.reader(text, strict=True):
    print(",".join(value.encode("latin-1").hex() for value in row))
