from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from models import Post

sessions = async_sessionmaker(create_async_engine("postgresql+asyncpg://blog@localhost/blog"))


async def publish(session: AsyncSession, post_id: int) -> str:
    post = (await session.scalars(select(Post).where(Post.id == post_id))).one()
    post.published = True
    session.commit()
    return f"{post.title} by {post.author.name}"
