"""``POST /api/v1/widget/call-backs``: somebody on the website leaves a number.  Public, like the widget's other calls."""

from typing import Annotated, Any

from litestar import Request, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta

from server.agents.authentication import PUBLIC, Authentication
from server.visits.api import CameFrom
from server.visits.call_backs import CallBack, CallBacks
from server.visits.model import lines_of

_BODY_BYTES = 16_384


class NewCallBack(CameFrom, frozen=True, kw_only=True, forbid_unknown_fields=True):
    phone: Annotated[str, Meta(max_length=40)]
    name: Annotated[str, Meta(max_length=80)] = ""
    question: Annotated[str, Meta(max_length=500)] = ""
    wording: Annotated[str, Meta(max_length=500)] = ""
    """What the form told about the use of the number; kept as the consent."""
    website: Annotated[str, Meta(max_length=200)] = ""
    """A field that people don't see: what is filled in by a robot is answered like others, and thrown away."""


@post(
    "/api/v1/widget/call-backs",
    operation_id="askForCallBack",
    opt={PUBLIC: True},
    request_max_body_size=_BODY_BYTES,
    status_code=204,
    tags=["widget"],
)
async def ask_for_call_back(
    data: JSONBody[NewCallBack],
    request: Request[Any, Any, Any],
    call_backs: NamedDependency[CallBacks],
    authentication: NamedDependency[Authentication],
) -> None:
    """Leave a number to be answered at; opens a dialog on the configured SMS channel, and sends nothing."""
    if data.website:
        return
    asked = CallBack(
        phone=data.phone,
        name=lines_of(data.name),
        question=lines_of(data.question),
        wording=lines_of(data.wording),
        visit=data.visit(),
    )
    await call_backs.ask(asked, authentication.client_address(request))


ROUTES: list[Any] = [ask_for_call_back]
