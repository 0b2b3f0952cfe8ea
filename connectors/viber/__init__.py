"""The Viber channel."""

from connectors.contract import ConnectorSpec
from connectors.viber.connector import CAPABILITIES, Settings, ViberConnector

SPEC = ConnectorSpec(
    kind="viber",
    label="Viber",
    settings=Settings,
    secrets=("auth_token",),
    open=ViberConnector,
    capabilities=CAPABILITIES,
    registers=True,
    webhook_by_hand=False,
)
