"""Local stand-ins that speak the real protocols over HTTP; they import nothing of the product."""
