"""What apps import: ``from remit.client import Client``. It needs Python alone, and nothing of the server."""

from remit.client.client import Client
from remit.client.limits import ClientLimits
from remit.client.records import Kind
from remit.client.stats import Stats

__all__ = ["Client", "ClientLimits", "Kind", "Stats"]
