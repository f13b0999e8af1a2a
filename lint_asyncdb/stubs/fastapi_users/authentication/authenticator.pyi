# What gives a handler its current user: whichever backend tells who it is, it comes from the manager's `get()`.

from typing import Generic

from fastapi import Depends
from fastapi_users.db.base import ID, UP

class Authenticator(Generic[UP, ID]):
    def __init__(self, backends, get_user_manager):
        self.get_user_manager = get_user_manager

    def current_user(self, optional=False, active=False, verified=False, superuser=False, get_enabled_backends=None):
        async def current_user_dependency(user_manager=Depends(self.get_user_manager)):
            return await user_manager.get(None)

        return current_user_dependency

    def current_user_token(self, optional=False, active=False, verified=False, superuser=False, get_enabled_backends=None):
        async def current_user_token_dependency(user_manager=Depends(self.get_user_manager)):
            return await user_manager.get(None), None

        return current_user_token_dependency
