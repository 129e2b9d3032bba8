"""Prints the sources and defines of the addon for a system, from binding.gyp, as JSON.

A gyp file is a Python literal, and its conditions are Python expressions.
"""

import ast
import json
import sys


def merge(target, variables, into):
    for name in into:
        into[name] += target.get(name, [])
    for condition, found, *otherwise in target.get("conditions", []):
        if eval(condition, {"__builtins__": {}}, variables):
            merge(found, variables, into)
        elif otherwise:
            merge(otherwise[0], variables, into)
    return into


system = sys.argv[1]
with open("binding.gyp", encoding="utf-8") as file:
    target = ast.literal_eval(file.read())["targets"][0]
variables = {
    "OS": system,
    "multiplexer": "epoll" if system == "linux" else "kqueue",
    "sanitizer": "",
}
print(json.dumps(merge(target, variables, {"sources": [], "defines": []})))
