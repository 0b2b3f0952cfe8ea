"""What Meta posts for a WhatsApp number."""

import json
from typing import Any

from connectors.whatsapp.inbound import parse_post

WABA = "102290129340398"
NUMBER, PERSON, BSUID = "1122334455667", "48799123456", "PL.13491208655302741918"
CONTACT = {"profile": {"name": "Zofia Żółw"}, "wa_id": PERSON, "user_id": BSUID}
METADATA = {"display_phone_number": "48732001002", "phone_number_id": NUMBER}


def post(value: Any, field: str = "messages", **entry: Any) -> tuple[Any, ...]:
    whole = {"id": WABA, "changes": [{"value": value, "field": field}], **entry}
    return parse_post(json.dumps({"object": "whatsapp_business_account", "entry": [whole]}).encode())


def conversation(field: str = "messages", **value: Any) -> tuple[Any, ...]:
    return post(
        {"messaging_product": "whatsapp", "metadata": METADATA, "contacts": [CONTACT], **value}, field
    )


def status(**fields: Any) -> Any:
    (item,) = conversation(
        statuses=[{"id": "wamid.1", "status": "sent", "timestamp": "1785300000", **fields}]
    )
    return item


def raw_message(**fields: Any) -> dict[str, Any]:
    return {"from": PERSON, "id": "wamid.1", "timestamp": "1785300000", **fields}
