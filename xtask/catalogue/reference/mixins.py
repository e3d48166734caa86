"""Lists the series that an engine's own dashboards and alerts read of the engine, one a line.

    mixins.py NAMESPACES CHECKOUT TAG FOLDER… >reference/mixins/ENGINE-VERSION.txt

NAMESPACES are joined by commas. Only names are kept, and only those that stand before a selector: others may be no series.
"""

import re
import subprocess
import sys


def main(namespaces, checkout, tag, *folders):
    begins = "|".join(re.escape(n) for n in namespaces.split(","))
    command = ["git", "-C", checkout, "grep", "-hI", "", tag, "--", *folders]
    text = subprocess.run(command, capture_output=True).stdout.decode("utf8", "replace")
    names = re.findall(r"(?<![a-zA-Z0-9_:])((?:%s)[a-z0-9_]*[a-z0-9])(?=[{\[])" % begins, text)
    for name in sorted(set(names)):
        print(name)


main(*sys.argv[1:])
