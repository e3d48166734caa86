"""Lists the keys that an engine's own documentation and examples write, one JSON array of a path a line.

    documented.py ENGINE CHECKOUT TAG >reference/documented/ENGINE-VERSION.jsonl

Only names are kept. A list is "[]". Needs PyYAML.
"""

import json
import re
import subprocess
import sys

import yaml


def git(checkout, *arguments):
    run = subprocess.run(["git", "-C", checkout, *arguments], capture_output=True)
    return run.stdout.decode("utf8", "replace")


def paths(document, at=()):
    if isinstance(document, dict):
        for key, value in document.items():
            yield at + (str(key),)
            yield from paths(value, at + (str(key),))
    elif isinstance(document, list):
        for value in document:
            yield from paths(value, at + ("[]",))


def manifest(text):
    """Tempo prints its whole default configuration as YAML."""
    blocks = re.findall(r"```yaml\n(.*?)```", text, re.S)
    yield from paths(yaml.safe_load(max(blocks, key=len)))


def rows(body):
    """The rows of a block of the reference that dskit's documentation generator writes: (path, type)."""
    stack = []
    for line in body.split("\n"):
        bare = line.strip()
        match = re.match(r"\[?(- )?([A-Za-z0-9_<>-]+):\s*(.*?)\]?$", bare)
        if not match or bare.startswith("#"):
            continue
        indent = len(line) - len(line.lstrip())
        while stack and stack[-1][0] >= indent:
            stack.pop()
        at = tuple(name for _, name in stack) + (match.group(2),)
        yield at, match.group(3).split(" | ")[0]
        if not bare.startswith("["):
            stack.append((indent, match.group(2)))


def reference(text):
    blocks = {}
    for section in re.split(r"\n#{2,4} ", text):
        body = re.search(r"```yaml\n(.*?)```", section, re.S)
        if body:
            blocks[section.split("\n")[0].strip().strip("`")] = list(rows(body.group(1)))
    top = max((b for b in blocks.values() if any(at == ("server",) for at, _ in b)), key=len)

    def walk(block, at, open_blocks):
        for path, kind in block:
            yield at + path
            name = kind.strip("<>")
            if name in blocks and name not in open_blocks:
                yield from walk(blocks[name], at + path, open_blocks + (name,))

    yield from walk(top, (), ())


def examples(checkout, tag, mark):
    for name in git(checkout, "ls-tree", "-r", "--name-only", tag).split("\n"):
        if re.search(r"(^config/testdata/|^doc(umentation)?/examples/|^examples/).*\.ya?ml$", name) and "bad" not in name:
            try:
                document = yaml.safe_load(git(checkout, "show", f"{tag}:{name}"))
            except yaml.YAMLError:
                continue
            if isinstance(document, dict) and mark & set(document):
                yield from paths(document)


def main():
    engine, checkout, tag = sys.argv[1:]
    if engine == "prometheus":
        found = examples(checkout, tag, {"scrape_configs", "global"})
    elif engine == "alertmanager":
        found = examples(checkout, tag, {"route"})
    else:
        files = {
            "tempo": ["docs/sources/tempo/configuration/manifest.md"],
            "pyroscope": ["docs/sources/configure-server/reference-configuration-parameters/index.md"],
            "loki": ["docs/sources/shared/configuration.md", "docs/sources/configure/_index.md"],
        }
        texts = [git(checkout, "show", f"{tag}:{name}") for name in files[engine]]
        text = next(t for t in texts if "```yaml" in t)
        found = manifest(text) if engine == "tempo" else reference(text)
    for path in sorted(set(found)):
        print(json.dumps(path))


main()
