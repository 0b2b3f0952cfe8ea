"""Write web/src/api/schema.d.ts from the server's OpenAPI document and its catalogue of events.

Nothing is started and nothing is asked over the network: the application is put together on an empty data folder.
"""

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import msgspec

from server.app import Inbox, create_app
from server.config import Config, Data
from server.entities import Entity
from server.events.model import EVENTS, AgentAccessChanged
from server.realtime.frames import ClientFrame, ResetReason

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "web/src/api/schema.d.ts"

HEAD = """\
/* Made by scripts/generate-types from the server's own types; change those instead. */
/* oxlint-disable */
"""
Schema = Mapping[str, Any]


def openapi() -> dict[str, Any]:
    """The document that the server shows at /schema/openapi.json."""
    with tempfile.TemporaryDirectory() as folder:
        document: dict[str, Any] = create_app(Inbox(Config(data=Data(dir=folder)))).openapi_schema.to_schema()
    # Through JSON, so that nothing but JSON is left in it.
    found: dict[str, Any] = json.loads(msgspec.json.encode(document))
    return found


def structs(of: type[Entity] = Entity) -> Iterator[type[Entity]]:
    for each in of.__subclasses__():
        yield each
        yield from structs(each)


def always_there(struct: type[Entity] | None) -> bool:
    """Whether we write every field of it: so it is with what we send, unless it leaves out defaults."""
    config = struct.__struct_config__ if struct is not None else None
    return config is not None and not config.omit_defaults and not config.forbid_unknown_fields


def typed(schema: Schema) -> str:
    """One JSON schema as a TypeScript type."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "enum" in schema:
        return " | ".join(json.dumps(value, ensure_ascii=False) for value in schema["enum"])
    for word in ("oneOf", "anyOf"):
        if word in schema:
            # An empty schema beside others is what is left of a constraint.
            return " | ".join(dict.fromkeys(typed(each) for each in schema[word] if each))
    kind = schema.get("type")
    if isinstance(kind, list):
        return " | ".join(typed({**schema, "type": each}) for each in kind)
    if kind == "array":
        item = typed(schema.get("items", {}))
        return f"({item})[]" if " | " in item else f"{item}[]"
    if kind == "object":
        if "properties" in schema:
            return "{ " + " ".join(f"{line};" for line in fields(schema, None)) + " }"
        more = schema.get("additionalProperties")
        return f"Record<string, {typed(more) if isinstance(more, dict) and more else 'unknown'}>"
    return {
        "string": "string",
        "integer": "number",
        "number": "number",
        "boolean": "boolean",
        "null": "null",
    }.get(str(kind), "unknown")


def fields(schema: Schema, struct: type[Entity] | None) -> Iterator[str]:
    required = set(schema.get("required", ()))
    omits_defaults = struct is not None and struct.__struct_config__.omit_defaults
    for name, of in schema.get("properties", {}).items():
        shown = typed(of)
        if name in required or always_there(struct):
            yield f"{name}: {shown}"
        else:
            # Where defaults are left out, null is one of them.
            yield f"{name}?: {shown.removesuffix(' | null') if omits_defaults else shown}"


def declared(name: str, schema: Schema, struct: type[Entity] | None) -> str:
    if schema.get("type") != "object":
        return f"export type {name} = {typed(schema)};\n"
    lines = "".join(f"  {line};\n" for line in fields(schema, struct))
    return f"export interface {name} {{\n{lines}}}\n"


def events() -> tuple[dict[str, Schema], str]:
    """What socket frames and events hold besides the API's shapes, and the two types that name them all."""
    sent = [event for event in EVENTS if event is not AgentAccessChanged]
    _, found = msgspec.json.schema_components([*sent, ClientFrame], ref_template="#/$defs/{name}")
    lines = [f'  "{event.name}": {event.__name__};\n' for event in sent]
    lines.append('  "dialog.hidden": { id: string };\n')
    clients = " | ".join(each.__name__ for each in get_args(ClientFrame))
    reasons = typed({"enum": get_args(ResetReason)})
    named = f"export type ClientFrame = {clients};\n\nexport type ResetReason = {reasons};\n"
    return dict(found), f"export interface EventData {{\n{''.join(sorted(lines))}}}\n\n{named}"


def operations(document: Schema) -> str:
    """Every call of the API by its operation id."""
    lines = []
    for path, methods in document["paths"].items():
        for method, of in methods.items():
            parameters = of.get("parameters", ())
            query = {each["name"]: each["schema"] for each in parameters if each["in"] == "query"}
            required = [each["name"] for each in parameters if each["in"] == "query" and each["required"]]
            asked = {"type": "object", "properties": query, "required": required}
            body = _json(of.get("requestBody", {}))
            answer = next((_json(r) for status, r in of["responses"].items() if status.startswith("2")), None)
            lines.append(
                f"  {of['operationId']}: {{\n    method: {json.dumps(method.upper())};\n    path: {json.dumps(path)};\n"
                f"    query: {typed(asked) if query else 'Record<string, never>'};\n"
                f"    body: {typed(body) if body else 'undefined'};\n"
                f"    result: {typed(answer) if answer else 'undefined'};\n  }};\n"
            )
    return f"export interface Operations {{\n{''.join(sorted(lines))}}}\n"


def _json(holder: Schema) -> Schema | None:
    found: Schema | None = holder.get("content", {}).get("application/json", {}).get("schema")
    return found if found != {"type": "null"} else None


def generate() -> str:
    document = openapi()
    by_name = {struct.__name__: struct for struct in structs()}
    frames, names = events()
    schemas = frames | document["components"]["schemas"]
    shapes = [declared(name, schemas[name], by_name.get(name)) for name in sorted(schemas)]
    return "\n".join([HEAD, *shapes, names, operations(document)])


def main() -> int:
    wanted = generate()
    if "--check" not in sys.argv:
        TARGET.write_text(wanted, encoding="utf-8")
    elif not TARGET.exists() or TARGET.read_text(encoding="utf-8") != wanted:
        print("web/src/api/schema.d.ts is out of date: run scripts/generate-types", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
