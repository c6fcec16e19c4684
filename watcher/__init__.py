"""The daemon: watches shipments, finds those that will not be delivered by themselves, and queues them for staff."""

__version__ = "0.1.0"
