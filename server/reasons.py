"""Every sentence with which the server refuses a request, under a stable code.

The console says the same in its reader's language (``web/src/i18n/*/reasons.ts``; ``tests/architecture/test_reasons.py``
compares), so a code keeps its meaning and the names of its parameters.  A sentence without a code is shown as it is: for
the command line, and for what no person at a screen meets.
"""

from collections.abc import Mapping

import msgspec


class Reason(msgspec.Struct, frozen=True):
    """Why a request is refused."""

    code: str
    text: str
    """The English sentence; ``{name}`` is where a parameter goes."""
    params: Mapping[str, str | int] = {}

    def of(self, **params: str | int) -> "Reason":
        """The same about these very things."""
        return Reason(self.code, self.text, params)

    def __str__(self) -> str:
        return self.text.format_map(self.params)


# Who may
SUPERVISORS_ONLY = Reason("supervisors_only", "This is for supervisors and administrators.")
ADMINISTRATORS_ONLY = Reason("administrators_only", "This is for administrators.")
ACCOUNT_DEACTIVATED = Reason("account_deactivated", "The account was deactivated just now.")
SIGN_IN = Reason("sign_in", "Sign in, or send a valid bearer token.")
UNKNOWN_TOKEN = Reason("unknown_token", "The bearer token is not one of ours.")
WRONG_PASSWORD = Reason("wrong_password", "The e-mail address or the password is wrong.")
ANOTHER_SITE = Reason("another_site", "This request was sent by another site.")
ANOTHER_SITE_PUBLIC_URL = Reason(
    "another_site_public_url",
    "This request was sent by another site. If this is the address of the console, set server.public_url to it.",
)
CSRF = Reason("csrf", "The header X-CSRF-Token is missing or is not this session's.")
MANY_SIGN_IN = Reason("many_sign_in", "Many people are signing in just now; please try again in a moment.")
TOO_MANY_ATTEMPTS = Reason("too_many_attempts", "Too many attempts to sign in; please try again later.")
TOO_OFTEN = Reason("too_often", "That was too often; please try again later.")

# Agents
NO_SUCH_AGENT = Reason("no_such_agent", "There is no such agent.")
NO_AGENT_WITH_EMAIL = Reason("no_agent_with_email", "There is no agent with the e-mail address {email}.")
NO_SUCH_TOKEN = Reason("no_such_token", "There is no such token.")
EMAIL_TAKEN = Reason("email_taken", "There is already an agent with this e-mail address.")
LAST_ADMINISTRATOR = Reason(
    "last_administrator", "This is the last administrator; appoint another one first."
)
AGENT_INACTIVE = Reason("agent_inactive", "This agent is not active.")
AGENT_CANNOT_HAVE_IT = Reason(
    "agent_cannot_have_it", "There is no such active agent, or they don't have this channel."
)
BAD_EMAIL = Reason("bad_email", "Expected an e-mail address such as anna@example.com.")
BAD_NAME = Reason("bad_name", "Expected a name of 1 to {max} characters.")
BAD_ROLE = Reason("bad_role", "Expected one of {roles}.")
PASSWORD_LENGTH = Reason("password_length", "Expected a password of {min} to {max} characters.")
PASSWORD_UNICODE = Reason("password_unicode", "Expected a password that is valid Unicode.")
PASSWORD_REPEATS = Reason("password_repeats", "Expected a password that is more than one character repeated.")
PASSWORD_GUESSABLE = Reason(
    "password_guessable",
    "This password is well known or made of well-known parts (the agent's own name is one), and among the first that are tried. Expected one that is hard to guess, such as several words that don't belong together.",
)
NOT_CHANNEL_IDS = Reason("not_channel_ids", "Expected ids of channels, got {given}.")
NO_CHANNEL = Reason("no_channel", "There is no channel {id}.")

# Channels
NO_SUCH_CHANNEL = Reason("no_such_channel", "There is no such channel.")
NO_SUCH_CHANNEL_OR_PAUSED = Reason("no_such_channel_or_paused", "There is no such channel, or it is paused.")
NO_SUCH_CHANNEL_FOR_YOU = Reason(
    "no_such_channel_for_you", "There is no such channel, or it is not granted to you."
)
NO_CHANNEL_KIND = Reason("no_channel_kind", "There is no channel kind {wanted}; there are: {known}.")
CHANNEL_OF_ANOTHER_KIND = Reason("channel_of_another_kind", "This channel is of another kind.")
SETTINGS_NOT_OPENED = Reason("settings_not_opened", "The channel can't be opened with these settings: {why}")
SETTINGS_WRONG = Reason("settings_wrong", "{problems}")
SETTING_REQUIRED = Reason("setting_required", "required, and missing")
NO_TEST_MESSAGE = Reason(
    "no_test_message",
    "A test SMS can't be sent with settings alone: add the channel, then write a new message on it.",
)
SETTING_AGAIN = Reason("setting_again", "enter it again: the address that it is sent to changes")
SETTING_WRONG = Reason("setting_wrong", "{expected}")
SETTINGS_SECRETS_AGAIN = Reason("settings_secrets_again", "The stored secrets belong to the old address.")

# Dialogs
NO_SUCH_DIALOG = Reason("no_such_dialog", "There is no such dialog.")
NO_SUCH_CONTACT = Reason("no_such_contact", "There is no such contact.")
NO_SUCH_MESSAGE = Reason("no_such_message", "There is no such message in this dialog.")
ANOTHER_AGENTS = Reason("another_agents", "This dialog is another agent's.")
TAKE_FIRST = Reason("take_first", "Agents take dialogs for themselves; take it first, then hand it over.")
ASSIGNED_TO = Reason("assigned_to", "{name} is already responsible.")
ASSIGNED_TO_NOBODY = Reason("assigned_to_nobody", "Nobody is responsible for this dialog any more.")
ALREADY_CLOSED = Reason("already_closed", "This dialog is already closed.")
NOT_CLOSED = Reason("not_closed", "This dialog is not closed.")
NEWER_DIALOG_OPEN = Reason("newer_dialog_open", "The customer already has a newer open dialog.")

# Writing
TEXT_EMPTY = Reason("text_empty", "Write something first: the message is empty.")
TEXT_TOO_LONG = Reason(
    "text_too_long",
    "The message is too long: {length} of at most {limit} characters (an emoji counts as two).",
)
REPLY_TO_UNSUPPORTED = Reason("reply_to_unsupported", "On this channel a single message can't be answered.")
REACTIONS_UNSUPPORTED = Reason("reactions_unsupported", "This channel has no reactions of ours.")
REACTION_NOT_OFFERED = Reason("reaction_not_offered", "This channel does not take “{emoji}” as a reaction.")
REACTION_NOT_EMOJI = Reason("reaction_not_emoji", "Expected one emoji.")
REACTION_TARGET = Reason("reaction_target", "Only to a customer's message that is there can we react.")
FILE_TOO_LARGE = Reason("file_too_large", "“{name}” can't be sent: this channel takes at most {limit} of it.")
FILE_KIND_UNSUPPORTED = Reason("file_kind_unsupported", "“{name}” can't be sent: this channel takes {kinds}.")
FILE_TYPE_UNSUPPORTED = Reason(
    "file_type_unsupported", "“{name}” can't be sent: this channel takes no files of the type {type}."
)
ATTACHMENT_TWICE = Reason("attachment_twice", "An attachment is named twice.")
ATTACHMENT_NOT_YOURS = Reason(
    "attachment_not_yours", "There is no such attachment of yours, or it was sent already."
)
QUICK_REPLIES_UNSUPPORTED = Reason("quick_replies_unsupported", "This channel has no quick replies.")
QUICK_REPLIES_OF_NOTE = Reason("quick_replies_of_note", "A note has no quick replies.")
QUICK_REPLIES_TOO_MANY = Reason(
    "quick_replies_too_many", "There are {count} quick replies; this channel takes at most {limit}."
)
QUICK_REPLIES_WITHOUT_TEXT = Reason(
    "quick_replies_without_text", "Quick replies need a text that they answer."
)
QUICK_REPLY_TITLE = Reason("quick_reply_title", "A quick reply needs a title, in one line.")
BUTTON_TOO_LONG = Reason(
    "button_too_long", "“{title}” is too long: this channel takes at most {limit} characters."
)
BUTTON_TWICE = Reason("button_twice", "“{title}” is there twice.")
LINK_BUTTONS_UNSUPPORTED = Reason("link_buttons_unsupported", "This channel has no link buttons.")
LINK_BUTTONS_OF_NOTE = Reason("link_buttons_of_note", "A note has no link buttons.")
LINK_BUTTONS_TOO_MANY = Reason(
    "link_buttons_too_many", "There are {count} link buttons; this channel takes at most {limit}."
)
LINK_BUTTONS_WITHOUT_TEXT = Reason("link_buttons_without_text", "Link buttons need a text above them.")
LINK_BUTTONS_ALONE = Reason(
    "link_buttons_alone", "On this channel a message has quick replies or link buttons, not both."
)
LINK_BUTTON_TITLE = Reason("link_button_title", "A link button needs a title, in one line.")
LINK_BUTTON_ADDRESS = Reason(
    "link_button_address",
    "Expected an address such as https://example.pl/page, of at most {limit} characters.",
)
PAYLOAD_UNSUPPORTED = Reason(
    "payload_unsupported", "This channel brings back the title of a quick reply, no payload."
)
PAYLOAD_LENGTH = Reason("payload_length", "Expected 1 to {limit} bytes, not {length}.")
PAYLOAD_TWICE = Reason("payload_twice", "The payload “{payload}” is there twice.")
TEMPLATE_OF_NOTE = Reason("template_of_note", "A note has no template.")
TEMPLATE_ALONE = Reason(
    "template_alone", "A template goes alone: without a text, buttons or an answered message."
)
TEMPLATE_LANGUAGE = Reason("template_language", "“{name}” is approved in: {languages}.")
TEMPLATE_UNKNOWN = Reason("template_unknown", "There is no approved template “{name}” on this channel.")
TEMPLATE_PENDING = Reason("template_pending", "“{name}” can't be sent: the provider has not approved it yet.")
TEMPLATE_PAUSED = Reason(
    "template_paused", "“{name}” can't be sent: the provider paused it because customers disliked it."
)
TEMPLATE_DISABLED = Reason(
    "template_disabled", "“{name}” can't be sent: the provider disabled it because customers disliked it."
)
TEMPLATE_REJECTED = Reason("template_rejected", "“{name}” can't be sent: the provider rejected it.")
TEMPLATE_WITHDRAWN = Reason("template_withdrawn", "“{name}” can't be sent: it was withdrawn.")
TEMPLATE_CODE = Reason(
    "template_code",
    "“{name}” can't be sent from here: it carries a code that a program makes up and checks.",
)
TEMPLATE_CARDS = Reason(
    "template_cards", "“{name}” can't be sent from here: it is a carousel of cards, which can't be filled."
)
TEMPLATE_HEADER = Reason(
    "template_header", "“{name}” can't be sent from here: it has a heading that can't be filled."
)
TEMPLATE_BUTTON = Reason(
    "template_button",
    "“{name}” can't be sent from here: it has a button that needs a shop or a form at the provider.",
)
TEMPLATE_BLANKS = Reason(
    "template_blanks",
    "“{name}” can't be sent from here: its blanks are in an order that we don't understand.",
)
TEMPLATE_NO_SUCH_BLANK = Reason("template_no_such_blank", "“{name}” has no such blank; it has: {blanks}.")
TEMPLATE_BLANK = Reason("template_blank", "Fill in every blank.")
TEMPLATE_ONE_LINE = Reason(
    "template_one_line",
    "What is filled in is one line, without tabs and without more than four spaces in a row.",
)
TEMPLATE_NO_SPACES = Reason("template_no_spaces", "Expected no spaces.")
TEMPLATE_TOO_LONG = Reason("template_too_long", "Expected at most {max} characters.")
TEMPLATE_DEGREES = Reason("template_degrees", "Expected degrees from -{most} to {most}, such as 52.2297.")
TEMPLATE_WITHOUT_FILE = Reason("template_without_file", "This template has no file.")
TEMPLATE_NEEDS_FILE = Reason(
    "template_needs_file", "This template needs one file of the type {types}, of at most {limit}."
)
TEMPLATE_OTHER_FILE = Reason(
    "template_other_file",
    "“{name}” can't be sent: this template needs one file of the type {types}, of at most {limit}.",
)
TEMPLATE_NEEDED = Reason(
    "template_needed", "Until the customer writes, only an approved template can be sent on this channel."
)
OPTED_OUT = Reason("opted_out", "This contact wants no marketing, and this template is advertising.")
FIRST_FILE = Reason("first_file", "Only a template begins with a file.")
NO_TEMPLATES = Reason("no_templates", "This channel has no templates.")
TEMPLATES_REFUSED = Reason("templates_refused", "{why}")
DIALOG_CLOSED = Reason("dialog_closed", "This dialog is closed; reopen it to reply.")
NOT_REACHABLE = Reason(
    "not_reachable", "This contact blocked us or left; nothing can be sent until they write."
)
REPLY_NOT_ALLOWED = Reason("reply_not_allowed", "This customer can't be answered on this channel now.")
THREAD_ELSEWHERE = Reason("thread_elsewhere", "Another application has this conversation now.")
REPLY_WINDOW_CLOSED = Reason(
    "reply_window_closed",
    "This channel allows replies only within {hours} hours after the customer's last message.",
)
DIALOG_MOVED_ON = Reason("dialog_moved_on", "There are new messages in this dialog.")
NOT_RETRYABLE = Reason("not_retryable", "Only a message that failed, or whose end is unknown, is sent again.")
CHANNEL_PAUSED_SENDING = Reason(
    "channel_paused_sending", "This channel is paused or can't be used just now; nothing can be sent on it."
)
KEY_USED_FOR_MESSAGE = Reason("key_used_for_message", "This Idempotency-Key was used for another message.")
KEY_USED_FOR_DIALOG = Reason("key_used_for_dialog", "This Idempotency-Key was used for another dialog.")

# Writing first
CANNOT_START = Reason("cannot_start", "On this channel the customer has to write first.")
NUMBER_OFF = Reason("number_off", "SMS is off for this number; nothing is sent on it.")
ONLY_SMS_SWITCHED = Reason(
    "only_sms_switched", "Only a number of SMS is switched off; other channels are paused."
)
CHANNEL_PAUSED = Reason("channel_paused", "This channel is paused or can't be used just now.")
DIALOG_IS_ANOTHERS = Reason(
    "dialog_is_anothers", "A colleague is already in a dialog with this contact on this channel."
)
BAD_PHONE_OF_REGION = Reason(
    "bad_phone_of_region",
    "Expected a telephone number, such as +48 601 234 567 (without the country code it is read as one of {region}).",
)
BAD_PHONE = Reason("bad_phone", "Expected a telephone number, such as +48 601 234 567.")
BAD_ADDRESS = Reason("bad_address", "Expected an address of 1 to {max} characters.")

# Files
FILE_EMPTY = Reason("file_empty", "The file is empty.")
FILE_FIELD_MISSING = Reason("file_field_missing", "Expected a field named file with a file.")
FILE_FORM_BROKEN = Reason("file_form_broken", "The form is not valid multipart/form-data.")
NO_SUCH_ATTACHMENT = Reason("no_such_attachment", "There is no such attachment.")
NO_SUCH_FILE = Reason("no_such_file", "There is no such file, or the link has expired.")
NO_SUCH_THUMBNAIL = Reason("no_such_thumbnail", "There is no such thumbnail.")
NO_SUCH_PICTURE = Reason("no_such_picture", "There is no such picture.")
FILE_NOT_RETRYABLE = Reason("file_not_retryable", "There is no such file that could be asked for again.")

# To be tried again (503)
DATABASE_AWAY = Reason("database_away", "The database can't be reached just now; please try again.")
INDEX_DAMAGED = Reason("index_damaged", "The search index was damaged and is built anew; please try again.")
STOPPING = Reason("stopping", "The server is stopping; please try again.")
QUEUE_FULL = Reason("queue_full", "Too much is waiting to be stored; please try again.")
WRITER_AWAY = Reason("writer_away", "The writer process is not running; please try again.")
NOT_CERTAIN = Reason("not_certain", "It is not certain that this was stored.")
CHANNEL_NOT_OPENED = Reason("channel_not_opened", "This channel can't be opened just now.")
NO_LINK = Reason("no_link", "This channel can't be opened by a link just now.")
TEMPLATES_AWAY = Reason("templates_away", "The templates can't be had just now. {why}")

# Quarantine: by the word with which ``Unknown.why`` begins; what follows its colon is quoted
QUARANTINED = {
    "unreadable": Reason("quarantine_unreadable", "What came can't be read: “{said}”"),
    "unknown_kind": Reason("quarantine_unknown_kind", "Of a kind that we don't know: “{said}”"),
    "neither": Reason("quarantine_neither", "Neither a message nor a delivery report."),
    "no_sender": Reason("quarantine_no_sender", "It doesn't say who sent it."),
    "bad_report": Reason("quarantine_bad_report", "A delivery report that can't be read."),
    "other_account": Reason("quarantine_other_account", "For an account that is not connected: {said}"),
    "not_stored": Reason("quarantine_not_stored", "It could not be stored: “{said}”"),
    "number_off": Reason("quarantine_number_off", "SMS is off for this number."),
    "ignored": Reason("quarantine_ignored", "Understood, and nothing for a dialog: “{said}”"),
}


def why_quarantined(why: str) -> "Reason | str":
    """Why something is in quarantine; a connector of somebody else's may have words of its own."""
    word, _, said = why.partition(": ")
    return QUARANTINED[word].of(said=said or "?") if word in QUARANTINED else why


# Requests, the website's widget
BAD_CURSOR = Reason("bad_cursor", "This cursor is not one of this list.")
BAD_PAGE_CURSOR = Reason("bad_page_cursor", "Expected a cursor as an earlier answer gave it.")
BAD_KEY = Reason("bad_key", "Expected 1 to {max} characters.")
BAD_ID = Reason("bad_id", "Expected an id.")
BAD_EVENT_NUMBER = Reason("bad_event_number", "Expected the number of an event.")
BAD_TIME_ZONE = Reason("bad_time_zone", "Expected an IANA time zone such as Europe/Warsaw.")
BAD_MOMENT = Reason(
    "bad_moment", "Expected a day such as 2026-03-29 or an RFC 3339 instant such as 2026-03-29T12:00:00Z."
)
NOTHING_HERE = Reason("nothing_here", "There is nothing at this address.")
WIDGET_OFF = Reason("widget_off", "The site widget is switched off.")
WIDGET_CHANNEL = Reason("widget_channel", "The site widget does not offer this channel.")
WIDGET_NO_CALL_BACK = Reason("widget_no_call_back", "The site widget offers no call-back.")
