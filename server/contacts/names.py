"""How a contact is found by name and telephone number."""

from server.folding import phone_spellings, words


def contact_folded(name: str, phone: str | None) -> str:
    """What ``contact.folded`` holds: the words of the name, then the number with and without its country code."""
    found = words(name)
    if phone:
        found += phone_spellings(phone)
    return " ".join(found)
