"""GitHub as code host and as the place where pipelines run, through PyGithub."""
