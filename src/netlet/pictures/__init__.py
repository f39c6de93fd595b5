"""Pictures: reading them, classifying them, and finding things in them."""
