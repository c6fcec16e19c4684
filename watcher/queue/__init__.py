"""Stage five: alerts become work for staff, one open work item per shipment, ordered by what can still be saved."""
