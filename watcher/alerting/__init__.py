"""Alerting: from findings to alerts. Pure decisions; only `stage` touches the store and the clock."""
