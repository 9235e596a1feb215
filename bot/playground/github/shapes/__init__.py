"""The JSON that GitHub answers with, made from the plain data of the world."""
