# The object from which an application takes its current user.

from typing import Generic

from fastapi_users.authentication import Authenticator
from fastapi_users.db.base import ID, UP

class FastAPIUsers(Generic[UP, ID]):
    authenticator: Authenticator[UP, ID]

    def __init__(self, get_user_manager, auth_backends):
        self.authenticator = Authenticator(auth_backends, get_user_manager)
        self.get_user_manager = get_user_manager
        self.current_user = self.authenticator.current_user
