"""Further examples of ADB309, for the tests."""
from __future__ import annotations

from lint_asyncdb.rule import Example, Silent

examples = (
    # A loop reads as well, and one() on one row fails too.
    Example(
        bad="""
            async def feed(session: AsyncSession) -> list[str]:
                lines = []
                for post in await session.scalars(select(Post).options(joinedload(Post.tags))):  # ADB309
                    lines.append(f"{post.title}: {len(post.tags)}")
                return lines
        """,
        good="""
            async def feed(session: AsyncSession) -> list[str]:
                lines = []
                for post in (await session.scalars(select(Post).options(joinedload(Post.tags)))).unique():
                    lines.append(f"{post.title}: {len(post.tags)}")
                return lines
        """,
        fails="raises InvalidRequestError: The unique() method must be invoked on this Result",
    ),
    Example(
        bad="""
            from sqlmodel import select as model_select
            from sqlmodel.ext.asyncio.session import AsyncSession as ModelSession


            async def discussion(engine: AsyncEngine, post_id: int = 3) -> int:
                async with ModelSession(engine, expire_on_commit=False) as session:
                    query = model_select(Post).where(Post.id == post_id).options(joinedload(Post.comments))
                    post = (await session.exec(query)).one()  # ADB309
                    return len(post.comments)


            async def main(engine: AsyncEngine) -> int:
                return await discussion(engine)
        """,
        good="""
            from sqlmodel import select as model_select
            from sqlmodel.ext.asyncio.session import AsyncSession as ModelSession


            async def discussion(engine: AsyncEngine, post_id: int = 3) -> int:
                async with ModelSession(engine, expire_on_commit=False) as session:
                    query = model_select(Post).where(Post.id == post_id).options(joinedload(Post.comments))
                    post = (await session.exec(query)).unique().one()
                    return len(post.comments)


            async def main(engine: AsyncEngine) -> int:
                return await discussion(engine)
        """,
        fails="raises InvalidRequestError: The unique() method must be invoked on this Result",
    ),
    # A stream's result is no exception.
    Example(
        bad="""
            async def tag_cloud(session: AsyncSession) -> dict[str, int]:
                result = await session.stream_scalars(select(Tag).options(joinedload(Tag.posts)))
                return {tag.name: len(tag.posts) for tag in await result.all()}  # ADB309
        """,
        good="""
            async def tag_cloud(session: AsyncSession) -> dict[str, int]:
                result = await session.stream_scalars(select(Tag).options(joinedload(Tag.posts)))
                return {tag.name: len(tag.posts) for tag in await result.unique().all()}
        """,
        fails="raises InvalidRequestError: The unique() method must be invoked on this Result",
    ),
    # What a flag adds fails for those who ask for it; an option that is not known takes nothing away.
    Example(
        bad="""
            async def listed(session: AsyncSession, with_tags: bool, columns: Sequence[Any]) -> Sequence[Post]:
                options = []
                if with_tags:
                    options.append(joinedload(Post.tags))
                if columns:
                    options.append(load_only(*columns))
                result = await session.execute(select(Post).options(*options).order_by(Post.id))
                return result.scalars().all()  # ADB309


            async def main(session: AsyncSession) -> list[int]:
                return [len(post.tags) for post in await listed(session, with_tags=True, columns=[Post.title])]
        """,
        good="""
            async def listed(session: AsyncSession, with_tags: bool, columns: Sequence[Any]) -> Sequence[Post]:
                options = []
                if with_tags:
                    options.append(joinedload(Post.tags))
                if columns:
                    options.append(load_only(*columns))
                result = await session.execute(select(Post).options(*options).order_by(Post.id))
                return result.scalars().unique().all()


            async def main(session: AsyncSession) -> list[int]:
                return [len(post.tags) for post in await listed(session, with_tags=True, columns=[Post.title])]
        """,
        fails="raises InvalidRequestError: The unique() method must be invoked on this Result",
    ),
)

silent = (
    Silent(
        code="""
            async def in_place(session: AsyncSession) -> list[int]:
                result = await session.execute(select(User).options(joinedload(User.posts)).order_by(User.id))
                result.unique()
                return [len(user.posts) for user in result.scalars().all()]
        """,
        why="`unique()` changes the result it is called on",
    ),
    Silent(
        code="""
            async def many_ways(session: AsyncSession) -> list[int]:
                query = select(User).options(joinedload(User.posts)).order_by(User.id)
                first = (await session.execute(query)).unique().scalars().all()
                second = (await session.scalars(query)).unique().fetchmany(5)
                third = [row[0] for row in (await session.execute(query)).unique().all()]
                fourth = (await session.scalars(query.where(User.id == 1))).unique().one()
                return [len(user.posts) for user in [*first, *second, *third, fourth]]
        """,
        why="`unique()` may stand anywhere before the call that reads",
    ),
    Silent(
        code="""
            async def joined_by_hand(session: AsyncSession) -> list[int]:
                chosen = select(User).options(selectinload(User.posts), subqueryload(User.comments))
                users = (await session.scalars(chosen.order_by(User.id))).all()
                written = select(User).join(User.posts).where(Post.published).distinct()
                writers = (await session.scalars(written)).all()
                return [len(user.posts) + len(user.comments) for user in users] + [len(writers)]
        """,
        why="`selectinload`, `subqueryload` and a plain `join` do not need it",
    ),
    Silent(
        code="""
            # file: forum/models.py
            class Board(Base):
                __tablename__ = "boards"

                id: Mapped[int] = mapped_column(primary_key=True)
                title: Mapped[str] = mapped_column(String(100))
                threads: Mapped[list["Thread"]] = relationship(lazy="joined", back_populates="board")


            class Thread(Base):
                __tablename__ = "threads"

                id: Mapped[int] = mapped_column(primary_key=True)
                board_id: Mapped[int] = mapped_column(ForeignKey("boards.id"))
                board: Mapped[Board] = relationship(back_populates="threads")

            # file: forum/views.py
            from forum.models import Board, Thread


            async def boards(session: AsyncSession) -> list[Any]:
                options = [selectinload(Board.threads), raiseload("*")]
                full = (await session.scalars(select(Board).options(*options).order_by(Board.id))).all()
                bare = (await session.scalars(select(Board).options(lazyload(Board.threads)))).all()
                titles = (await session.execute(select(Board.id, Board.title).order_by(Board.id))).all()
                threads = (await session.scalars(select(Thread).order_by(Thread.id))).all()
                return [[len(board.threads) for board in full], len(bare), titles[0].title, len(threads)]
        """,
        why="the statement overrides the model's `lazy`, or selects columns, or another class",
    ),
    Silent(
        code="""
            def authors(session: Session) -> list[int]:
                query = session.query(User).options(joinedload(User.posts)).order_by(User.id)
                return [len(user.posts) for user in query.all()]


            async def main(session: AsyncSession) -> list[int]:
                return await session.run_sync(authors)
        """,
        why="the old `Query` makes its rows unique itself",
    ),
    Silent(
        code="""
            async def choose(session: AsyncSession, options: Sequence[Any]) -> list[str]:
                users = (await session.scalars(select(User).options(*options).order_by(User.id))).all()
                return [user.name for user in users]


            async def main(session: AsyncSession) -> list[str]:
                return await choose(session, [joinedload(User.profile)])
        """,
        why="which options there are is not known",
    ),
    Silent(
        code="""
            async def contained(session: AsyncSession) -> list[int]:
                query = select(Post).join(Post.author).options(contains_eager(Post.author)).order_by(Post.id)
                posts = (await session.scalars(query)).all()
                return [post.author.id for post in posts]
        """,
        why="`contains_eager` of a many-to-one gives one row for each object",
    ),
    Silent(
        code="""
            async def listed(session: AsyncSession, with_tags: bool) -> list[str]:
                options = [joinedload(Post.tags)] if with_tags else []
                result = await session.execute(select(Post).options(*options).order_by(Post.id))
                if with_tags:
                    result = result.unique()
                return [post.title for post in result.scalars().all()]


            async def main(session: AsyncSession) -> list[list[str]]:
                return [await listed(session, True), await listed(session, False)]
        """,
        why="the rows are made unique under the condition that joins the collection",
    ),
)
