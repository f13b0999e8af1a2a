from fastapi_users.manager import BaseUserManager as BaseUserManager, IntegerIDMixin as IntegerIDMixin, UUIDIDMixin as UUIDIDMixin
