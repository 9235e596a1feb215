"""What Slipway serves over HTTP."""
