from fastapi_users.fastapi_users import FastAPIUsers as FastAPIUsers
from fastapi_users.manager import BaseUserManager as BaseUserManager, IntegerIDMixin as IntegerIDMixin, UUIDIDMixin as UUIDIDMixin
