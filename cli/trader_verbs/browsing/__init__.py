"""The dashboard: a page that shows a trader, and one button that stops it."""
