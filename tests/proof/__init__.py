"""The large volumes behind the short forms of the tests: `make proof`."""
