#!/usr/bin/env python3
"""Every package in the three locks has a licence that the deny.toml beside it allows."""
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

WORD = re.compile(r"[\w.+-]+(?: WITH [\w.-]+)?|[()]")


def allows(allowed, expression):
    """Whether the licences allowed are enough for an SPDX expression; "/" is an old "OR"."""

    def answer(match):
        word = match[0]
        return word.lower() if word in ("AND", "OR") or word in "()" else str(word.removesuffix("+") in allowed)

    words = WORD.sub(answer, expression.replace("/", " OR "))
    if not re.fullmatch(r"(?:True|False|and|or|[() ])+", words):
        raise ValueError(f"{expression!r} is no licence")
    return eval(words, {"__builtins__": {}})


def packages(manifest):
    command = ["cargo", "metadata", "--locked", "--format-version", "1", "--manifest-path", manifest]
    metadata = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return [package for package in metadata["packages"] if package["source"]]


def main():
    assert allows({"MIT"}, "(MIT OR GPL-2.0) AND MIT") and not allows({"MIT"}, "MIT AND GPL-2.0")
    refused, seen = [], {}
    for folder in (Path("."), Path("compare"), Path("ecosystem")):
        allowed = set(tomllib.loads((folder / "deny.toml").read_text())["licenses"]["allow"])
        for package in packages(folder / "Cargo.toml"):
            name = f"{package['name']} {package['version']}"
            seen[name] = licence = package["license"] or "none"
            if not allows(allowed, licence):
                refused.append(f"{name} ({folder}): {licence}")
    print("\n".join(refused), end="\n" if refused else "")
    print(f"{len(seen)} packages, {len(refused)} with a licence that is not allowed")
    return 1 if refused or not seen else 0


sys.exit(main())
