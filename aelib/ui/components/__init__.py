"""What is drawn in the browser: components with scripts of their own, charts, colours."""
