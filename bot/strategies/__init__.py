"""How a release reaches an environment: pure plans over what was observed."""
