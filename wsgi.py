"""The WSGI entry point: `gunicorn wsgi:app`. Settings come from `ARCHIVE_*` and `archive.toml`."""

from archive.web import create_app

app = create_app()
