"""Telegram's wire shapes, as tolerant as :mod:`connectors.wire` makes them.

Field names: Bot API 10.1 (PaulSonOfLars/telegram-bot-api-spec).  python-telegram-bot's own classes are not used for
reading: they refuse 23 of 71 real updates for one missing field, which would block that chat for 24 hours.
"""

import msgspec

from connectors.wire import Id, Number


class User(msgspec.Struct):
    id: Id = None
    is_bot: bool | None = None
    first_name: str | None = None
    last_name: str | None = None
    username: str | None = None
    language_code: str | None = None


class Chat(msgspec.Struct):
    id: Id = None
    type: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    username: str | None = None


class File(msgspec.Struct):
    """Any of the media objects; each kind fills some of the fields."""

    file_id: str | None = None
    file_unique_id: str | None = None
    file_name: str | None = None
    mime_type: str | None = None
    file_size: Number = None
    width: Number = None
    height: Number = None
    title: str | None = None
    emoji: str | None = None
    is_animated: bool | int | None = None
    is_video: bool | int | None = None


class Location(msgspec.Struct):
    latitude: Number = None
    longitude: Number = None


class Venue(msgspec.Struct):
    location: Location | None = None
    title: str | None = None
    address: str | None = None


class Contact(msgspec.Struct):
    phone_number: Id = None
    first_name: str | None = None
    last_name: str | None = None
    user_id: Id = None


class WebAppData(msgspec.Struct):
    data: str | None = None
    button_text: str | None = None


class Reference(msgspec.Struct):
    """A message that another one points to."""

    message_id: Id = None


class Message(msgspec.Struct):
    message_id: Id = None
    sender: User | None = msgspec.field(name="from", default=None)
    chat: Chat | None = None
    business_connection_id: Id = None
    """Of a message between a business account and its customer, which is no chat with the bot."""
    date: Number = None
    edit_date: Number = None
    text: str | None = None
    caption: str | None = None
    media_group_id: Id = None
    reply_to_message: Reference | None = None
    photo: list[File] | None = None
    video: File | None = None
    animation: File | None = None
    video_note: File | None = None
    audio: File | None = None
    voice: File | None = None
    document: File | None = None
    sticker: File | None = None
    location: Location | None = None
    venue: Venue | None = None
    contact: Contact | None = None
    web_app_data: WebAppData | None = None


class Button(msgspec.Struct):
    text: str | None = None
    callback_data: str | None = None


class Keyboard(msgspec.Struct):
    inline_keyboard: list[list[Button]] | None = None


class ButtonsMessage(msgspec.Struct):
    """What else of a message is of interest where one of its buttons was pressed."""

    reply_markup: Keyboard | None = None


class Pressed(msgspec.Struct):
    message: ButtonsMessage | None = None


class CallbackQuery(msgspec.Struct):
    id: Id = None
    sender: User | None = msgspec.field(name="from", default=None)
    message: Message | None = None
    data: str | None = None
    game_short_name: str | None = None


class ChatMember(msgspec.Struct):
    status: str | None = None


class ChatMemberUpdated(msgspec.Struct):
    chat: Chat | None = None
    sender: User | None = msgspec.field(name="from", default=None)
    date: Number = None
    new_chat_member: ChatMember | None = None


class ReactionType(msgspec.Struct, frozen=True):
    type: str | None = None
    emoji: str | None = None


class MessageReaction(msgspec.Struct):
    chat: Chat | None = None
    message_id: Id = None
    user: User | None = None
    date: Number = None
    old_reaction: list[ReactionType] | None = None
    new_reaction: list[ReactionType] | None = None


class WebhookInfo(msgspec.Struct):
    url: str | None = None
    pending_update_count: int | None = None
    last_error_date: Number = None
    last_error_message: str | None = None


class WebhookInfoAnswer(msgspec.Struct):
    """The answer of getWebhookInfo."""

    result: WebhookInfo | None = None


class Updates(msgspec.Struct):
    """The answer of getUpdates."""

    result: list[msgspec.Raw] | None = None


MESSAGE = msgspec.json.Decoder(Message)
CALLBACK_QUERY = msgspec.json.Decoder(CallbackQuery)
PRESSED = msgspec.json.Decoder(Pressed)
CHAT_MEMBER_UPDATED = msgspec.json.Decoder(ChatMemberUpdated)
MESSAGE_REACTION = msgspec.json.Decoder(MessageReaction)
FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])
UPDATES = msgspec.json.Decoder(Updates)
WEBHOOK_INFO = msgspec.json.Decoder(WebhookInfoAnswer)
UPDATE_ID = msgspec.json.Decoder(Id)

_SERVICE = """
    new_chat_members new_chat_member new_chat_participant left_chat_member left_chat_participant new_chat_title
    new_chat_photo delete_chat_photo group_chat_created supergroup_chat_created channel_chat_created
    message_auto_delete_timer_changed migrate_to_chat_id migrate_from_chat_id pinned_message successful_payment
    refunded_payment users_shared user_shared chat_shared connected_website write_access_allowed passport_data
    proximity_alert_triggered boost_added chat_background_set checklist_tasks_done checklist_tasks_added
    direct_message_price_changed forum_topic_created forum_topic_edited forum_topic_closed forum_topic_reopened
    general_forum_topic_hidden general_forum_topic_unhidden giveaway_created giveaway_completed
    paid_message_price_changed suggested_post_approved suggested_post_approval_failed suggested_post_declined
    suggested_post_paid suggested_post_refunded video_chat_scheduled video_chat_started video_chat_ended
    video_chat_participants_invited gift unique_gift gift_upgrade_sent chat_owner_left chat_owner_changed
    managed_bot_created poll_option_added poll_option_deleted
"""
SERVICE_FIELDS = frozenset(_SERVICE.split())
"""Fields of messages that only report something about the chat."""

_PLAIN = """
    message_id message_thread_id direct_messages_topic from sender_chat sender_boost_count sender_business_bot
    sender_tag date business_connection_id chat forward_origin forward_from forward_from_chat forward_date
    forward_from_message_id forward_signature forward_sender_name is_topic_message is_automatic_forward
    reply_to_message external_reply quote reply_to_story reply_to_checklist_task_id via_bot edit_date
    has_protected_content is_from_offline is_paid_post media_group_id author_signature paid_star_count entities
    link_preview_options suggested_post_info effect_id caption_entities show_caption_above_media has_media_spoiler
    reply_markup text caption guest_bot_caller_user guest_bot_caller_chat guest_query_id reply_to_poll_option_id
"""
PLAIN_FIELDS = frozenset(_PLAIN.split())
"""Fields that are about a message and not its content."""
