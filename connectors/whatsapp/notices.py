"""What Meta tells about the business account, its number and its templates.

These changes name no phone number id, so they belong to the channel whose webhook was called.  Fields and values:
developers.facebook.com, business-messaging/whatsapp/webhooks/reference (account_update, account_alerts,
account_review_update, phone_number_quality_update, phone_number_name_update, message_template_status_update,
message_template_quality_update, message_template_components_update, template_category_update).
"""

from collections.abc import Callable
from typing import Final

import msgspec

from connectors import wire
from connectors.contract import AnyItem, ChannelAlert, Ignored, TemplateStatus
from connectors.whatsapp import payloads
from connectors.whatsapp.frame import fallback_key, seconds

_STOPPING: Final = frozenset(
    {
        "ACCOUNT_DELETED",
        "ACCOUNT_OFFBOARDED",
        "ACCOUNT_RESTRICTION",
        "ACCOUNT_VIOLATION",
        "DISABLED_UPDATE",
        "PARTNER_APP_UNINSTALLED",
        "PARTNER_REMOVED",
    }
)
_WORSE: Final = frozenset({"DOWNGRADE", "FLAGGED"})
_SEVERITY: Final = {"CRITICAL": "error", "WARNING": "warning"}
_IGNORED: Final = frozenset(
    {
        "account_settings_update",
        "automatic_events",
        "business_capability_update",
        "business_status_update",
        "calls",
        "flows",
        "group_lifecycle_update",
        "group_participants_update",
        "group_settings_update",
        "group_status_update",
        "history",
        "messaging_handovers",
        "partner_solutions",
        "payment_configuration_update",
        "security",
        "smb_app_state_sync",
        "tracking_events",
        "user_id_update",
    }
)


def notice_of(change: payloads.Change, time: wire.Number, raw: msgspec.Raw) -> AnyItem | None:
    """The item of a change that is about no conversation; None when the field is unknown."""
    field = change.field or ""
    if field in _IGNORED:
        return Ignored(key=fallback_key(raw), why=field)
    if field not in _TEMPLATES and field not in _ALERTS:
        return None
    notice = wire.decode(payloads.NOTICE, change.value)
    # Meta's repetition has the same time; a later notice that says the same has another.
    key, at_ms = wire.fingerprint(field, time, bytes(raw)), seconds(time)
    if field in _TEMPLATES:
        return TemplateStatus(
            key=key,
            at_ms=at_ms,
            name=notice.message_template_name or "",
            status=_TEMPLATES[field](notice),
            language=notice.message_template_language or "",
            reason="" if notice.reason in (None, "NONE") else notice.reason,
        )
    level, text = _ALERTS[field](notice)
    return ChannelAlert(key=key, at_ms=at_ms, level=level, text=f"WhatsApp: {text}")


Said = tuple[str, str]


def _account_update(notice: payloads.Notice) -> Said:
    event = notice.event or "an account update without an event"
    state = notice.ban_info.waba_ban_state if notice.ban_info else None
    violation = notice.violation_info.violation_type if notice.violation_info else None
    fine = event not in _STOPPING or state == "REINSTATE"
    return "info" if fine else "error", " ".join(filter(None, ("account", event, state, violation)))


def _account_alert(notice: payloads.Notice) -> Said:
    info = notice.alert_info or payloads.AlertInfo()
    text = info.alert_description or info.alert_type or "an alert without a description"
    return _SEVERITY.get(info.alert_severity or "", "info"), text


def _account_review(notice: payloads.Notice) -> Said:
    decision = notice.decision or "no decision named"
    return "error" if decision == "REJECTED" else "info", f"account review {decision}"


def _number_quality(notice: payloads.Notice) -> Said:
    event = notice.event or "no event named"
    limit = f", limit {notice.current_limit}" if notice.current_limit else ""
    return "warning" if event in _WORSE else "info", f"number quality {event}{limit}"


def _number_name(notice: payloads.Notice) -> Said:
    decision = notice.decision or "no decision named"
    reason = f", {notice.rejection_reason}" if notice.rejection_reason not in (None, "NONE") else ""
    return "warning" if decision == "REJECTED" else "info", f"display name {decision}{reason}"


_TEMPLATES: Final[dict[str, Callable[[payloads.Notice], str]]] = {
    "message_template_status_update": lambda notice: notice.event or "",
    "message_template_quality_update": lambda notice: f"QUALITY {notice.new_quality_score or ''}".strip(),
    "message_template_components_update": lambda _: "EDITED",
    "template_category_update": lambda notice: f"CATEGORY {notice.new_category or ''}".strip(),
}

_ALERTS: Final[dict[str, Callable[[payloads.Notice], Said]]] = {
    "account_alerts": _account_alert,
    "account_review_update": _account_review,
    "account_update": _account_update,
    "phone_number_name_update": _number_name,
    "phone_number_quality_update": _number_quality,
}
