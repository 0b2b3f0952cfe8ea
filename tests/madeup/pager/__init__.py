"""A channel kind that does not exist: what somebody who adds one has to write, and no more."""

from connectors.contract import ConnectorSpec
from tests.madeup.pager.connector import CAPABILITIES, PagerConnector, Settings

SPEC = ConnectorSpec(
    kind="pager",
    label="Pager",
    settings=Settings,
    secrets=("key",),
    open=PagerConnector,
    capabilities=CAPABILITIES,
)
