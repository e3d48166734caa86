#!/usr/bin/env python3
"""Asks a real Alloy what it says of every case: `record.py ALLOY VERSION` prints rows of `verdicts.tsv`.

Run it as root in a network namespace of its own (`unshare -n`): one process per level of stability is started there and loads one case
after the other, so that listeners and clients reach nothing. What the engine answers goes to standard error and is not kept.
"""
import json, os, re, subprocess, sys, tempfile, time, tomllib, urllib.error, urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))


def number(version):
    return tuple(int(n) for n in version.split("."))


def split(entry):
    """The bounds of an entry and its text."""
    match = re.match(r"((?:[<>]=?[0-9.]+ ?)+): ?", entry)
    return (match.group(1).split(), entry[match.end():]) if match else ([], entry)


def holds(bounds, version):
    for bound in bounds:
        op, limit = re.match(r"([<>]=?)(.*)", bound).groups()
        limit = number(limit)
        if not {"<": version < limit, "<=": version <= limit, ">": version > limit, ">=": version >= limit}[op]:
            return False
    return True


def text(base, entry):
    """The block of a case: the entry takes the place of what it names again."""
    names = set(re.findall(r"^(\w+)(?= =| \{)", entry, re.M)) if entry else set()
    kept, depth, drop = [], 0, False
    for line in base["text"].splitlines():
        if depth == 0:
            name = re.match(r"(\w+)(?= =| \{)", line)
            drop = bool(name and name.group(1) in names)
        depth += line.count("{") - line.count("}")
        if not drop:
            kept.append(line)
    label = base.get("label", "a")
    head = base["block"] + (f' "{label}"' if label else "")
    return head + " {\n" + "\n".join(kept + entry.splitlines()) + "\n}\n" + base.get("extra", "")


# What the cases ask of the environment: values that the engine takes.
KNOWN = {"A": "root@tcp(a:1)/", "A_DURATION": "1m", "A_ACTION": "replace", "A_SIZE": "100MiB"}
# The version lacks what the case writes, or has it at a looser level only: no verdict.
LACKS = re.compile(r'unrecognized (attribute|block)|cannot find the definition of component|component "[^"]*" is at stability level')


class Engine:
    """A running engine that is handed one file after the other."""

    def __init__(self, alloy, version, level, folder):
        self.config = os.path.join(folder, "config.alloy")
        listen = "127.0.0.1:12345"
        self.url = f"http://{listen}/-/reload"
        self.command = [alloy, "run", "--disable-reporting", "--storage.path", folder, "--server.http.listen-addr", listen]
        self.command += ["--stability.level", level]
        # The flag is as old as the first component that needs it.
        self.command += ["--feature.community-components.enabled"] * (number(version) >= (1, 3)) + [self.config]
        self.start()

    def start(self):
        open(self.config, "w").write("")
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(self.command, env={**os.environ, **KNOWN}, **quiet)
        for _ in range(200):
            try:
                return self.load("")
            except OSError:
                time.sleep(0.2)
        raise SystemExit("the engine does not start")

    def load(self, content):
        open(self.config, "w").write(content)
        try:
            urllib.request.urlopen(urllib.request.Request(self.url, method="POST"), timeout=20).read()
            return ""
        except urllib.error.HTTPError as error:
            return error.read().decode()

    def ask(self, content):
        # What an earlier case left behind may end the process: only a case that does so alone is a crash.
        for _ in range(2):
            try:
                answer = self.load(content)
                self.load("")
                return answer
            except OSError:
                self.stop()
                self.start()
        return "the process ended"

    def stop(self):
        self.process.kill()
        self.process.wait()


def main():
    alloy, version = sys.argv[1], sys.argv[2]
    cases = tomllib.load(open(os.path.join(HERE, "cases.toml"), "rb"))
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for level in ["generally-available", "experimental"]:
        with tempfile.TemporaryDirectory() as folder:
            engine = Engine(alloy, version, level, folder)
            for base in cases["base"]:
                for entry in base["refused"] + base["accepted"]:
                    bounds, body = split(entry)
                    if not holds(bounds, number(version)):
                        continue
                    answer = engine.ask(text(base, body))
                    first = (answer.strip().splitlines() or [""])[0]
                    verdict = "lacks" if LACKS.search(answer) else "refused" if answer else "accepted"
                    row = f"{version}\t{level}\t{base['block']}\t{json.dumps(entry)}\t{verdict}"
                    if verdict != "lacks":
                        print(row, flush=True)
                    side = "refused" if entry in base["refused"] else "accepted"
                    print(f"{row}\t{side}\t{first[:300]}", file=sys.stderr)
            engine.stop()


main()
