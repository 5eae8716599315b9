"""Validates files against a JSON Schema: prints one line a file, `accepts NAME` or `refuses NAME`.

Usage: validate_schema.py SCHEMA FILE...; exit status 77 where a library is missing."""

import json
import pathlib
import sys

try:
    import jsonschema
    import yaml
except ImportError as missing:
    print(missing, file=sys.stderr)
    sys.exit(77)

schema = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)
for name in sys.argv[2:]:
    path = pathlib.Path(name)
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    print("accepts" if validator.is_valid(document) else "refuses", path.name)
