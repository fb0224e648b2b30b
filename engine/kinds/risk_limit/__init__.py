"""The kind of this folder: its document, how it lowers to rules, and what lint says of it."""
