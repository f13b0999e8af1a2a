# The adapter of fastapi-users for SQLAlchemy: what it asks of the session. Of what it is given it reads columns only.

import uuid
from typing import Generic, Optional, TypeVar

from fastapi_users.db.base import BaseUserDatabase
from sqlalchemy import ForeignKey, func, select
from sqlalchemy.ext.asyncio.session import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

UP = TypeVar("UP")
ID = TypeVar("ID")

class SQLAlchemyBaseUserTable(Generic[ID]):
    email: Mapped[str] = mapped_column(unique=True, index=True)
    hashed_password: Mapped[str] = mapped_column()
    is_active: Mapped[bool] = mapped_column(default=True)
    is_superuser: Mapped[bool] = mapped_column(default=False)
    is_verified: Mapped[bool] = mapped_column(default=False)

class SQLAlchemyBaseUserTableUUID(SQLAlchemyBaseUserTable[uuid.UUID]):
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)

class SQLAlchemyBaseOAuthAccountTable(Generic[ID]):
    oauth_name: Mapped[str] = mapped_column(index=True)
    access_token: Mapped[str] = mapped_column()
    expires_at: Mapped[Optional[int]] = mapped_column()
    refresh_token: Mapped[Optional[str]] = mapped_column()
    account_id: Mapped[str] = mapped_column(index=True)
    account_email: Mapped[str] = mapped_column()

class SQLAlchemyBaseOAuthAccountTableUUID(SQLAlchemyBaseOAuthAccountTable[uuid.UUID]):
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))

class SQLAlchemyUserDatabase(BaseUserDatabase[UP, ID], Generic[UP, ID]):
    session: AsyncSession
    user_table: type[UP]

    def __init__(self, session, user_table: type[UP], oauth_account_table=None):
        self.session = session
        self.user_table = user_table
        self.oauth_account_table = oauth_account_table

    async def get(self, id):
        return await self._get_user(select(self.user_table).where(self.user_table.id == id))

    async def get_by_email(self, email):
        return await self._get_user(select(self.user_table).where(func.lower(self.user_table.email) == func.lower(email)))

    async def get_by_oauth_account(self, oauth, account_id):
        return await self._get_user(select(self.user_table).join(self.oauth_account_table))

    async def create(self, create_dict):
        user = self.user_table()  # the dictionary comes from a schema, and has columns only
        self.session.add(user)
        await self.session.commit()
        await self.session.refresh(user)
        return user

    async def update(self, user, update_dict):
        self.session.add(user)
        await self.session.commit()
        await self.session.refresh(user)
        return user

    async def delete(self, user) -> None:
        await self.session.delete(user)
        await self.session.commit()

    async def add_oauth_account(self, user, create_dict):
        await self.session.refresh(user)
        self.session.add(self.oauth_account_table())
        await self.session.commit()
        return user

    async def update_oauth_account(self, user, oauth_account, update_dict):
        self.session.add(oauth_account)
        await self.session.commit()
        return user

    async def _get_user(self, statement):
        results = await self.session.execute(statement)
        return results.unique().scalar_one_or_none()
