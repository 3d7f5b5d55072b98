#!/usr/bin/env python3
"""Writes fields.tsv from generated/ecs/ecs_flat.yml of a release of elastic/ecs: compact.py v9.4.0 < ecs_flat.yml > fields.tsv

One field per line: name, type, `array` or nothing, allowed values separated by blanks or nothing. Only the roots that
gully writes to are kept, no objects that only hold others, and of nested field sets only those of users.
"""

import sys

import yaml

ROOTS = """@timestamp destination ecs event group host http log message observer orchestrator process related source span
tags trace url user user_agent""".split()

flat = yaml.safe_load(sys.stdin)
print("# elastic/ecs", sys.argv[1])
for name, field in sorted(flat.items()):
    is_user = name.startswith(("user.effective.", "user.target.")) and name.count(".") == 2
    if name.split(".")[0] in ROOTS and field["type"] != "object" and ("original_fieldset" not in field or is_user):
        values = " ".join(value["name"] for value in field.get("allowed_values", []))
        print(name, field["type"], "array" if "array" in field["normalize"] else "", values, sep="\t")
