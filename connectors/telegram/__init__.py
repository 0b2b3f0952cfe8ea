"""The Telegram channel."""

from connectors.contract import ConnectorSpec
from connectors.telegram.connector import CAPABILITIES, Settings, TelegramConnector

SPEC = ConnectorSpec(
    kind="telegram",
    label="Telegram",
    settings=Settings,
    secrets=("token", "secret_token"),
    open=TelegramConnector,
    capabilities=CAPABILITIES,
    registers=True,
    webhook_by_hand=False,
)
