#!/usr/bin/env python3
"""validate.py SCHEMA [FILE]: are all lines of FILE what SCHEMA says, with no field beside?"""
import json
import sys

import jsonschema


def closed(schema):
    """The schema with nothing allowed that it does not name: what is not documented is an error."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    done = {key: closed(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        done.setdefault("additionalProperties", False)
    return done


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    types = {ref["$ref"].split("/")[-1] for ref in schema["oneOf"]}
    judges = {}
    for name in types:
        one = {key: value for key, value in schema.items() if key != "oneOf"}
        one["$ref"] = "#/$defs/" + name
        judges[name] = jsonschema.Draft202012Validator(closed(one))
    lines, bad, seen = 0, 0, set()
    with open(sys.argv[2] if len(sys.argv) > 2 else 0, encoding="utf-8") as file:
        for lines, text in enumerate(file, 1):
            line = json.loads(text)
            seen.add(line["type"])
            if line["type"] not in types:
                print(f"line {lines}: no such type: {line['type']}")
                bad += 1
                continue
            for error in judges[line["type"]].iter_errors(line):
                print(f"line {lines}, {line['type']}: {error.json_path}: {error.message}")
                bad += 1
    print(f"{lines} lines, {bad} errors; types: {' '.join(sorted(seen))}")
    return 1 if bad or not lines else 0


sys.exit(main())
