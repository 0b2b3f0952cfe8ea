"""The console's rule in Python: what a client makes of a snapshot and the events after it.

The same rule stands in web/src/realtime (apply.ts, merge.ts, rename.ts); tests/golden holds the two together.
"""

from typing import Any

Entity = dict[str, Any]

COLLECTIONS = ("dialogs", "messages", "activities", "agents", "channels")


class Inbox:
    """All that a client knows, entities by id."""

    def __init__(self) -> None:
        self.dialogs: dict[str, Entity] = {}
        self.messages: dict[str, Entity] = {}
        self.activities: dict[str, Entity] = {}
        self.agents: dict[str, Entity] = {}
        self.channels: dict[str, Entity] = {}
        self.reads: dict[str, int] = {}
        self.hidden: dict[str, int] = {}
        self.known: set[str] = set()
        """Dialogs whose whole thread is here: seen in a snapshot or from their first moment on."""

    def merge(self, snapshot: dict[str, Any]) -> "Inbox":
        """Take in what the API told; ``seq`` was read before the rest.

        ``threads`` names the dialogs whose history is in it, where that is not all of them.
        """
        seq = int(snapshot["seq"])

        def visible(dialog_id: str) -> bool:
            return self.hidden.get(dialog_id, 0) <= seq

        for name in COLLECTIONS:
            for item in snapshot[name]:
                dialog_id = item["id"] if name == "dialogs" else item.get("dialogId")
                if dialog_id is None or visible(dialog_id):
                    self._put(name, item)
        for dialog_id, count in snapshot["reads"].items():
            self._read(dialog_id, count)
        self.known |= snapshot.get("threads") or {dialog["id"] for dialog in snapshot["dialogs"]}
        return self

    def apply(self, frame: dict[str, Any]) -> "Inbox":
        """Take in one frame of the socket."""
        if frame["type"] != "event":
            return self
        data, seq = frame["data"], int(frame["seq"])
        if "dialog" in data:
            dialog_id = data["dialog"]["id"]
            if seq > self.hidden.get(dialog_id, seq):
                del self.hidden[dialog_id]
        for name in ("dialog", "message", "agent", "channel"):
            if name in data:
                self._put(f"{name}s", data[name])
        if "activity" in data:
            self._put("activities", data["activity"])
        special = _SPECIAL.get(frame["name"])
        if special is not None:
            special(self, data, seq)
        return self

    def _created(self, data: Entity, _seq: int) -> None:
        self._read(data["dialog"]["id"], 0)
        self.known.add(data["dialog"]["id"])

    def _rename_channel(self, data: Entity, _seq: int) -> None:
        self._rename("channel", data["channel"])

    def _put(self, name: str, item: Entity) -> None:
        kept: dict[str, Entity] = getattr(self, name)
        stored = kept.get(item["id"])
        if stored is None or int(stored["seq"]) < int(item["seq"]):
            kept[item["id"]] = item

    def _read(self, dialog_id: str, count: int) -> None:
        self.reads[dialog_id] = max(self.reads.get(dialog_id, 0), count)

    def _hide(self, data: Entity, seq: int) -> None:
        dialog_id = data["id"]
        stored = self.dialogs.get(dialog_id)
        if stored is not None and int(stored["seq"]) > seq:
            return
        self.dialogs.pop(dialog_id, None)
        for thread in (self.messages, self.activities):
            for item_id in [i for i, item in thread.items() if item["dialogId"] == dialog_id]:
                del thread[item_id]
        self.hidden[dialog_id] = seq
        self.known.discard(dialog_id)

    def _rename_agent(self, data: Entity, _seq: int) -> None:
        self._rename("assignee", data["agent"])

    def _rename(self, what: str, to: Entity) -> None:
        """Names in dialogs are those of now; who wrote a message keeps the name of that moment."""
        for dialog_id, dialog in self.dialogs.items():
            if dialog[what] is not None and dialog[what]["id"] == to["id"]:
                # Never in the entity itself: it belongs to whoever gave it to us.
                self.dialogs[dialog_id] = {**dialog, what: {**dialog[what], "name": to["name"]}}

    def view(self, only: set[str] | None = None) -> dict[str, Any]:
        """What to compare: history of dialogs that could not be seen for a while is fetched when they are opened."""
        known = self.known if only is None else only

        def thread(items: dict[str, Entity]) -> dict[str, Entity]:
            return {item_id: item for item_id, item in items.items() if item["dialogId"] in known}

        return {
            "dialogs": self.dialogs,
            "messages": thread(self.messages),
            "activities": thread(self.activities),
            "agents": self.agents,
            "channels": self.channels,
            "reads": {dialog_id: self.reads.get(dialog_id, 0) for dialog_id in self.dialogs},
        }


_SPECIAL = {
    "dialog.created": Inbox._created,
    "dialog.read": lambda inbox, data, _seq: inbox._read(data["dialogId"], data["inboundCount"]),
    "dialog.hidden": Inbox._hide,
    "agent.updated": Inbox._rename_agent,
    "channel.updated": Inbox._rename_channel,
}
