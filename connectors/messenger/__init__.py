"""The Facebook Messenger channel."""

from connectors.contract import ConnectorSpec
from connectors.messenger.connector import CAPABILITIES, MessengerConnector, Settings

SPEC = ConnectorSpec(
    kind="messenger",
    label="Facebook Messenger",
    settings=Settings,
    secrets=("app_secret", "verify_token", "page_token"),
    open=MessengerConnector,
    capabilities=CAPABILITIES,
    registers=True,
)
