"""Settings from the environment and the catalog from slipway.yml: strict, all mistakes told at once."""
