"""How fast Slipway is, as ratios against the least that could do the same."""
