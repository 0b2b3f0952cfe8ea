"""``/api/v1/contacts``."""

from typing import Any

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath

from server import reasons
from server.agents.access import Access
from server.contacts.model import ContactPage
from server.contacts.service import Contacts
from server.ids import named_id


@get("/api/v1/contacts/{contact_id:str}", operation_id="getContact", tags=["contacts"])
async def get_contact(
    contact_id: FromPath[str], access: NamedDependency[Access], contacts: NamedDependency[Contacts]
) -> ContactPage:
    """A contact with their addresses and newest dialogs, as far as the asker may see dialogs with them."""
    found = named_id(contact_id, reasons.NO_SUCH_CONTACT)
    return await contacts.page(access, found)


ROUTES: list[Any] = [get_contact]
