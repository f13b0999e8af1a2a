"""Further examples of ADB308, for the tests."""
from __future__ import annotations

from lint_asyncdb.rule import Example, Silent

examples = (
    # load_only below a relationship.
    Example(
        bad="""
            async def writers(session: AsyncSession) -> list[str]:
                names = joinedload(Post.author).load_only(User.name)
                posts = (await session.scalars(select(Post).options(names))).all()
                return [f"{post.title} by {post.author.name} <{post.author.email}>" for post in posts]  # ADB308
        """,
        good="""
            async def writers(session: AsyncSession) -> list[str]:
                names = joinedload(Post.author).load_only(User.name, User.email)
                posts = (await session.scalars(select(Post).options(names))).all()
                return [f"{post.title} by {post.author.name} <{post.author.email}>" for post in posts]
        """,
        fails="raises MissingGreenlet",
    ),
    # A column of a subclass, after a query of its base class.
    Example(
        bad="""
            class Vehicle(Base):
                __tablename__ = "vehicles"
                __mapper_args__ = {"polymorphic_on": "kind"}

                id: Mapped[int] = mapped_column(primary_key=True)
                kind: Mapped[str] = mapped_column(String(20))


            class Lorry(Vehicle):
                __tablename__ = "lorries"
                __mapper_args__ = {"polymorphic_identity": "lorry"}

                id: Mapped[int] = mapped_column(ForeignKey("vehicles.id"), primary_key=True)
                load: Mapped[int]


            async def main(session: AsyncSession) -> list[int]:
                vehicles = (await session.scalars(select(Vehicle))).all()
                return [vehicle.load for vehicle in vehicles if isinstance(vehicle, Lorry)]  # ADB308
        """,
        good="""
            from sqlalchemy.orm import selectin_polymorphic


            class Vehicle(Base):
                __tablename__ = "vehicles"
                __mapper_args__ = {"polymorphic_on": "kind"}

                id: Mapped[int] = mapped_column(primary_key=True)
                kind: Mapped[str] = mapped_column(String(20))


            class Lorry(Vehicle):
                __tablename__ = "lorries"
                __mapper_args__ = {"polymorphic_identity": "lorry"}

                id: Mapped[int] = mapped_column(ForeignKey("vehicles.id"), primary_key=True)
                load: Mapped[int]


            async def main(session: AsyncSession) -> list[int]:
                query = select(Vehicle).options(selectin_polymorphic(Vehicle, [Lorry]))
                vehicles = (await session.scalars(query)).all()
                return [vehicle.load for vehicle in vehicles if isinstance(vehicle, Lorry)]
        """,
        fails="raises MissingGreenlet",
    ),
)

silent = (
    Silent(
        code="""
            class Document(Base):
                __tablename__ = "documents"

                id: Mapped[int] = mapped_column(primary_key=True)
                title: Mapped[str] = mapped_column(String(100))
                content: Mapped[str] = mapped_column(Text, deferred=True)


            def length(session: Session, document: Document) -> int:
                return len(document.content)


            async def write(session: AsyncSession) -> list[Any]:
                document = Document(title="New", content="Text")
                session.add(document)
                await session.commit()
                other = await session.get_one(Document, 1)
                found = await session.run_sync(length, other)
                return [document.content, found, other.content]
        """,
        why="a new object has what its constructor was given, and `run_sync` may load",
    ),
    Silent(
        code="""
            # file: posts/options.py
            BRIEF = [load_only(Post.id, Post.title)]
            FULL = [undefer(Post.body), selectinload(Post.tags).load_only(Tag.name)]

            # file: posts/views.py
            from posts.options import BRIEF, FULL


            async def titles(session: AsyncSession) -> list[str]:
                return [post.title for post in await session.scalars(select(Post).options(*BRIEF))]


            async def bodies(session: AsyncSession) -> list[str]:
                posts = (await session.scalars(select(Post).options(*FULL))).all()
                return [f"{post.body} {post.views} {[tag.name for tag in post.tags]}" for post in posts]


            async def main(session: AsyncSession) -> int:
                return len(await bodies(session)) + len(await titles(session))
        """,
        why="what is read is what the options name",
    ),
    Silent(
        code="""
            async def choose(session: AsyncSession, brief: bool = False) -> list[str]:
                statement = select(Post)
                if brief:
                    statement = statement.options(load_only(Post.title))
                posts = (await session.scalars(statement)).all()
                return [post.title if brief else post.body for post in posts]


            async def main(session: AsyncSession) -> list[str]:
                return await choose(session)
        """,
        why="the column is left out on one way only, and not on the one that reads",
    ),
    # Columns of subclasses that are there.
    Silent(
        code="""
            from sqlalchemy.orm import with_polymorphic


            class Vehicle(Base):
                __tablename__ = "vehicles"
                __mapper_args__ = {"polymorphic_on": "kind"}

                id: Mapped[int] = mapped_column(primary_key=True)
                kind: Mapped[str] = mapped_column(String(20))


            class Lorry(Vehicle):
                __tablename__ = "lorries"
                __mapper_args__ = {"polymorphic_identity": "lorry"}

                id: Mapped[int] = mapped_column(ForeignKey("vehicles.id"), primary_key=True)
                load: Mapped[int]


            async def loads(session: AsyncSession) -> list[int]:
                found = []
                for vehicle in await session.scalars(select(Vehicle)):
                    if isinstance(vehicle, Lorry):
                        await session.refresh(vehicle)
                        found.append(vehicle.load)
                every = with_polymorphic(Vehicle, [Lorry])
                lorries = [vehicle for vehicle in await session.scalars(select(every)) if isinstance(vehicle, Lorry)]
                return found + [lorry.load for lorry in lorries]
        """,
        why="a refresh and `with_polymorphic` load them",
    ),
    # The mapper itself loads the columns of this subclass.
    Silent(
        code="""
            class Vehicle(Base):
                __tablename__ = "vehicles"
                __mapper_args__ = {"polymorphic_on": "kind"}

                id: Mapped[int] = mapped_column(primary_key=True)
                kind: Mapped[str] = mapped_column(String(20))


            class Coach(Vehicle):
                __tablename__ = "coaches"
                __mapper_args__ = {"polymorphic_identity": "coach", "polymorphic_load": "inline"}

                id: Mapped[int] = mapped_column(ForeignKey("vehicles.id"), primary_key=True)
                seats: Mapped[int]


            async def seats(session: AsyncSession) -> int:
                vehicle = await session.get_one(Vehicle, 1)
                return vehicle.seats if isinstance(vehicle, Coach) else 0
        """,
        why="`polymorphic_load` loads them with every query of the base class",
    ),
    # The caller holds the same rows, with all their columns.
    Silent(
        code="""
            async def titles(session: AsyncSession) -> list[str]:
                query = select(User).where(User.id == 1).options(selectinload(User.posts).load_only(Post.title))
                user = (await session.scalars(query)).one()
                return [post.title for post in sorted(user.posts, key=lambda post: post.views)]


            async def main(session: AsyncSession) -> list[str]:
                posts = (await session.scalars(select(Post))).all()
                return [*await titles(session), *[post.title for post in posts]]
        """,
        why="an instance that the session holds keeps the columns that it has",
    ),
    # Whole rows that come on another way.
    Silent(
        code="""
            async def main(session: AsyncSession) -> str:
                around = selectinload(User.posts).joinedload(Post.author)
                user = await session.get_one(User, 1, options=[load_only(User.name), around])
                post = await session.get_one(Post, 1, options=[defer(Post.title)])
                comment = await session.get_one(Comment, 1, options=[selectinload(Comment.post)])
                return user.email + post.title + comment.body
        """,
        why="the options lead to the same user, and the query of the comment to the same post, with all columns",
    ),
    # A refresh with what loads relationships.
    Silent(
        code="""
            async def main(session: AsyncSession) -> str:
                options = [load_only(Comment.created_at), selectinload(Comment.author)]
                comment = await session.get_one(Comment, 1, options=options)
                await session.refresh(comment)
                return comment.body
        """,
        why="the refresh brings all columns, where an option loads a relationship along",
    ),
    # A deferred column that load_only() names, on a way that leads back.
    Silent(
        code="""
            class Card(Base):
                __tablename__ = "cards"
                id: Mapped[int] = mapped_column(primary_key=True)
                shelf_id: Mapped[int] = mapped_column(ForeignKey("shelves.id"))
                shelf: Mapped["Shelf"] = relationship(back_populates="card", lazy="joined")


            class Shelf(Base):
                __tablename__ = "shelves"
                id: Mapped[int] = mapped_column(primary_key=True)
                label: Mapped[str] = mapped_column(deferred=True)
                card: Mapped[Card] = relationship(back_populates="shelf", lazy="immediate")


            async def main(session: AsyncSession) -> str:
                session.add(Card(shelf=Shelf(label="x")))
                await session.flush()
                session.expunge_all()
                labelled = selectinload(Card.shelf).load_only(Shelf.label)
                cards = (await session.scalars(select(Card).options(labelled))).all()
                return cards[0].shelf.label
        """,
        why="the option loads it",
    ),
)
