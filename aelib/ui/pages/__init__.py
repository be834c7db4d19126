"""Parts of pages: a folder a page, named as the page."""
