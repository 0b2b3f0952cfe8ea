"""SMS over SMPP 3.4, straight to an operator's SMSC."""

from connectors.sms.smpp.connector import SPEC, SmppConnector

__all__ = ["SPEC", "SmppConnector"]
