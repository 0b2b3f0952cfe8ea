"""The OpenAPI document says of errors what the server answers."""

from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator

from tests.support.backend import Backend
from tests.support.world import World

PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation["responses"]


async def test_errors_are_declared_and_are_as_declared(backend: Backend) -> None:
    world = World(backend)
    channel_id = await backend.add_channel()
    dialog_id = await world.dialog(channel_id, "Dzień dobry")
    await backend.add_agent("Ewa", "administrator", (channel_id,), token="ct_ewa-token")
    await backend.add_agent("Ala", "agent", (channel_id,), token="ct_ala-token")
    await backend.add_agent("Ola", "agent", (), token="ct_ola-token")
    async with backend.live() as live:
        _, document = await live.call("GET", "/schema/openapi.json")
        declared = {(method, path): answers for method, path, answers in operations(document)}
        for where, answers in declared.items():
            assert answers["default"]["content"] == PROBLEM, where
            errors = {status: each for status, each in answers.items() if status >= "400"}
            if where == ("GET", "/health/ready"):
                assert errors.pop("503")["content"] == answers["200"]["content"]
            assert all(each["content"] == PROBLEM for each in errors.values()), where

        of_dialog = "/api/v1/dialogs/{dialog_id}"
        agent = {"email": "ola@example.com", "name": "Ola", "role": "agent", "password": "short"}
        refused = [
            ("401", "GET", of_dialog, None, None),
            ("404", "GET", of_dialog, "ct_ola-token", None),
            ("400", "POST", "/api/v1/agents", "ct_ewa-token", {"email": 7}),
            ("403", "POST", "/api/v1/agents", "ct_ala-token", agent),
            ("422", "POST", "/api/v1/agents", "ct_ewa-token", agent),
            ("409", "POST", of_dialog + "/closure", "ct_ewa-token", None),
        ]
        assert (await live.call("POST", f"/api/v1/dialogs/{dialog_id}/closure", token="ct_ewa-token"))[
            0
        ] == 200
        schema = {"$ref": "#/components/schemas/ProblemDetails", "components": document["components"]}
        validator = Draft202012Validator(schema)
        assert not validator.is_valid({"status": 404})
        members = document["components"]["schemas"]["ProblemDetails"]["properties"].keys()
        seen = set()
        for status, method, path, token, body in refused:
            address = path.replace("{dialog_id}", str(dialog_id))
            answered, problem = await live.call(method, address, token=token, body=body)
            assert str(answered) == status, problem
            assert status in declared[method, path] or status == "409"  # any state may be against it: default
            validator.validate(problem)
            assert problem.keys() <= members
            seen |= problem.keys()
        assert {"errors", "dialog"} <= seen
