"""In-memory stand-ins for ports; each passes the contract suite of the real adapter."""
