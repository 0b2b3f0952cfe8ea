"""A text with buttons, as the Cloud API checks it.

Facts: developers.facebook.com, business-messaging/whatsapp/messages: interactive-reply-buttons-messages and
interactive-cta-url-messages (2 July 2026).
"""

from connectors.simulator.meta import Json
from connectors.simulator.whatsapp_templates import CloudError, Shown
from connectors.simulator.world import Button

_TEXT = 1024
_TITLE = 20
_ID_BYTES = 256


def interactive(value: Json) -> Shown:
    """Raises CloudError, and what a body of another form makes Python raise."""
    text = str(value["body"]["text"])
    match value["type"]:
        case "button":
            buttons = _answers(value["action"]["buttons"])
        case "cta_url":
            buttons = (_link(value["action"]),)
        case _:
            raise CloudError("parameter")
    if not 0 < len(text) <= _TEXT or any(not 0 < len(button.title) <= _TITLE for button in buttons):
        raise CloudError("parameter")
    return Shown(text, None, buttons)


def _answers(wanted: list[Json]) -> tuple[Button, ...]:
    """One to three, each with an id and a title of its own."""
    replies = [button["reply"] for button in wanted]
    buttons = tuple(Button(title=reply["title"], payload=reply["id"]) for reply in replies)
    titles = {button.title for button in buttons}
    if not 0 < len(buttons) <= 3 or len(titles) != len(buttons):
        raise CloudError("parameter")
    if any(not 0 < len(button.payload) <= _ID_BYTES for button in buttons):
        raise CloudError("parameter")
    return buttons


def _link(action: Json) -> Button:
    parameters = action["parameters"]
    if action["name"] != "cta_url" or not parameters["url"].startswith(("http://", "https://")):
        raise CloudError("parameter")
    return Button(title=parameters["display_text"], url=parameters["url"])
