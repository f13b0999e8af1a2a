# The managers of fastapi-users, which are subclassed by every application: what they ask of the user database.

from typing import Any, Generic

from fastapi_users.db.base import ID, UP, BaseUserDatabase

class BaseUserManager(Generic[UP, ID]):
    reset_password_token_secret: Any
    reset_password_token_lifetime_seconds: int
    reset_password_token_audience: str
    verification_token_secret: Any
    verification_token_lifetime_seconds: int
    verification_token_audience: str
    user_db: BaseUserDatabase[UP, ID]
    password_helper: Any

    def __init__(self, user_db: BaseUserDatabase[UP, ID], password_helper=None):
        self.user_db = user_db
        self.password_helper = password_helper

    def parse_id(self, value) -> ID: ...

    async def get(self, id):
        user = await self.user_db.get(id)
        if user is None:
            raise LookupError
        return user

    async def get_by_email(self, user_email):
        user = await self.user_db.get_by_email(user_email)
        if user is None:
            raise LookupError
        return user

    async def get_by_oauth_account(self, oauth, account_id):
        user = await self.user_db.get_by_oauth_account(oauth, account_id)
        if user is None:
            raise LookupError
        return user

    async def create(self, user_create, safe=False, request=None):
        await self.validate_password(user_create.password, user_create)
        if await self.user_db.get_by_email(user_create.email) is not None:
            raise LookupError
        created_user = await self.user_db.create(user_create.create_update_dict())
        await self.on_after_register(created_user, request)
        return created_user

    async def oauth_callback(self, oauth_name, access_token, account_id, account_email, expires_at=None, refresh_token=None, request=None, *, associate_by_email=False, is_verified_by_default=False) -> UP: ...
    async def oauth_associate_callback(self, user, oauth_name, access_token, account_id, account_email, expires_at=None, refresh_token=None, request=None) -> UP: ...
    async def request_verify(self, user, request=None) -> None: ...
    async def verify(self, token, request=None) -> UP: ...
    async def forgot_password(self, user, request=None) -> None: ...
    async def reset_password(self, token, password, request=None) -> UP: ...

    async def update(self, user_update, user, safe=False, request=None):
        updated_user = await self.user_db.update(user, user_update.create_update_dict())
        await self.on_after_update(updated_user, {}, request)
        return updated_user

    async def delete(self, user, request=None) -> None:
        await self.on_before_delete(user, request)
        await self.user_db.delete(user)
        await self.on_after_delete(user, request)

    async def validate_password(self, password, user) -> None:
        return None

    async def on_after_register(self, user, request=None) -> None:
        return None

    async def on_after_update(self, user, update_dict, request=None) -> None:
        return None

    async def on_after_request_verify(self, user, token, request=None) -> None:
        return None

    async def on_after_verify(self, user, request=None) -> None:
        return None

    async def on_after_forgot_password(self, user, token, request=None) -> None:
        return None

    async def on_after_reset_password(self, user, request=None) -> None:
        return None

    async def on_after_login(self, user, request=None, response=None) -> None:
        return None

    async def on_before_delete(self, user, request=None) -> None:
        return None

    async def on_after_delete(self, user, request=None) -> None:
        return None

    async def authenticate(self, credentials) -> UP | None: ...

class UUIDIDMixin:
    def parse_id(self, value) -> Any: ...

class IntegerIDMixin:
    def parse_id(self, value) -> int: ...
