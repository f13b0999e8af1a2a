"""A flake8 plugin that finds the mistakes people make with async SQLAlchemy and asyncpg."""

__version__ = "0.1.0"
