"""Several people decide on one request in the same moment, and replicas look at it meanwhile."""
