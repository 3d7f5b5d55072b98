#!/usr/bin/env python3
"""Writes schema.json from a checkout of a release of ocsf/ocsf-schema: compact.py <checkout> > schema.json

Resolves `extends`, `$include` and the dictionary for the classes that gully writes and the objects that they lead to,
and keeps of every attribute its type, whether it is an array, what it requires, its enumeration, and whether it is
deprecated. Attributes of profiles are left out: no document names a profile.
"""

import json
import pathlib
import sys

ROOT = pathlib.Path(sys.argv[1])
CLASSES = [
    "base_event",
    "iam/account_change",
    "iam/authentication",
    "iam/authorize_session",
    "iam/user_access",
    "iam/entity_management",
    "iam/group_management",
    "application/application_lifecycle",
    "application/api_activity",
]
OBJECTS = """actor api endpoint group http_header http_request http_response key_value_object managed_entity metadata network_endpoint
object observable organization policy product reporter request resource_details response service session url user""".split()


def load(path):
    return json.loads((ROOT / path).read_text())


def named(folder):
    return {item["name"]: item for item in (load(path.relative_to(ROOT)) for path in ROOT.glob(f"{folder}/**/*.json"))}


DICTIONARY = load("dictionary.json")
EVENTS, KINDS = named("events"), named("objects")
CATEGORIES = load("categories.json")["attributes"]


def resolve(item, items):
    """An item with what it inherits; its own words come last."""
    attributes, constraints = {}, {}
    parent = item.get("extends")
    if parent:
        inherited = resolve(items[parent], items)
        attributes, constraints = dict(inherited["attributes"]), dict(inherited["constraints"])
    for name, own in item.get("attributes", {}).items():
        if name == "$include":
            continue
        merged = dict(attributes.get(name, {}))
        merged["enum"] = {**merged.get("enum", {}), **own.get("enum", {})}
        merged.update({key: value for key, value in own.items() if key != "enum"})
        attributes[name] = merged
    # An own constraint of a kind takes the place of the inherited one.
    constraints.update(item.get("constraints", {}))
    return {"attributes": attributes, "constraints": constraints}


def compact(item, items):
    resolved = resolve(item, items)
    attributes = {}
    for name, own in sorted(resolved["attributes"].items()):
        if own.get("profile"):
            continue
        entry = DICTIONARY["attributes"][name]
        attribute = {"type": own.get("type", entry["type"])}
        if own.get("is_array", entry.get("is_array")):
            attribute["is_array"] = True
        if own.get("requirement") == "required":
            attribute["required"] = True
        values = list({**entry.get("enum", {}), **own["enum"]})
        if values:
            attribute["enum"] = values
        if "@deprecated" in own or "@deprecated" in entry:
            attribute["deprecated"] = True
        attributes[name] = attribute
    result = {"attributes": attributes}
    if resolved["constraints"]:
        result["constraints"] = resolved["constraints"]
    return result


classes = {}
for name in CLASSES:
    event = load(f"events/{name}.json")
    category, parent = event.get("category"), event
    while category is None:
        parent = EVENTS[parent["extends"]]
        category = parent.get("category")
    category_uid = CATEGORIES.get(category, {"uid": 0})["uid"]
    class_uid = category_uid * 1000 + event.get("uid", 0)
    compacted = compact(event, EVENTS)
    attributes = compacted["attributes"]
    # The values of these follow from the class.
    attributes["category_uid"]["enum"] = [str(category_uid)]
    attributes["class_uid"]["enum"] = [str(class_uid)]
    activities = attributes["activity_id"]["enum"]
    attributes["type_uid"]["enum"] = [str(class_uid * 100 + int(activity)) for activity in activities]
    deprecated = {"deprecated": True} if "@deprecated" in event else {}
    classes[str(class_uid)] = {"name": event["name"], **deprecated, **compacted}

objects = {name: compact(KINDS[name], KINDS) for name in OBJECTS}
# The types of observables are numbers that stand with types, attributes and objects.
numbers = set()


def collect(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "observable" and type(inner) is int:
                numbers.add(inner)
            elif key == "observables" and isinstance(inner, dict):
                numbers.update(number for number in inner.values() if type(number) is int)
            collect(inner)


for source in (DICTIONARY, EVENTS, KINDS):
    collect(source)
objects["observable"]["attributes"]["type_id"]["enum"] = [str(number) for number in sorted(numbers | {0, 99})]

types = {
    name: {key: kind[key] for key in ("type", "regex", "max_len", "range", "values") if key in kind}
    for name, kind in sorted(DICTIONARY["types"]["attributes"].items())
}
print(json.dumps({
    "version": load("version.json")["version"],
    "types": types,
    "classes": classes,
    "objects": objects,
}, indent=1))
