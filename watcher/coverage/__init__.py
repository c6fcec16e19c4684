"""Stage six: what became of each shipment becomes evidence about its carrier at that place."""
