"""`Network`, the thing a person holds, and the file that it is kept in."""
