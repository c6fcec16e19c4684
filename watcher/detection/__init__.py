"""Detection: from a shipment's history to findings. Pure rules; only `stage` touches the store and the clock."""
