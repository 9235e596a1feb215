"""The sample company: Acme, its people, its repositories and what happened there lately."""
