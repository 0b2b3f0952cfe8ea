"""The WhatsApp channel."""

from connectors.contract import ConnectorSpec
from connectors.whatsapp.connector import Settings, WhatsAppConnector

SPEC = ConnectorSpec(
    kind="whatsapp",
    label="WhatsApp",
    settings=Settings,
    secrets=("app_secret", "verify_token", "access_token"),
    open=WhatsAppConnector,
)
