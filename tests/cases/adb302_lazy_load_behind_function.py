"""Further examples of ADB302, for the tests."""
from __future__ import annotations

from lint_asyncdb.rule import Example, Silent

examples = (
    # An association proxy goes on to the class behind the association.
    Example(
        bad="""
            from sqlalchemy.ext.associationproxy import AssociationProxy, association_proxy


            class Reader(Base):
                __tablename__ = "readers"
                id: Mapped[int] = mapped_column(primary_key=True)
                marks: Mapped[list["Mark"]] = relationship()
                posts: AssociationProxy[list[Post]] = association_proxy("marks", "post", creator=lambda x: Mark(post=x))


            class Mark(Base):
                __tablename__ = "marks"
                reader_id: Mapped[int] = mapped_column(ForeignKey("readers.id"), primary_key=True)
                post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"), primary_key=True)
                post: Mapped[Post] = relationship()



            async def main(session: AsyncSession) -> list[str]:
                reader = await session.get_one(Reader, 1, options=[selectinload(Reader.marks)])
                return [post.title for post in reader.posts]  # ADB302
        """,
        good="""
            from sqlalchemy.ext.associationproxy import AssociationProxy, association_proxy


            class Reader(Base):
                __tablename__ = "readers"
                id: Mapped[int] = mapped_column(primary_key=True)
                marks: Mapped[list["Mark"]] = relationship()
                posts: AssociationProxy[list[Post]] = association_proxy("marks", "post", creator=lambda x: Mark(post=x))


            class Mark(Base):
                __tablename__ = "marks"
                reader_id: Mapped[int] = mapped_column(ForeignKey("readers.id"), primary_key=True)
                post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"), primary_key=True)
                post: Mapped[Post] = relationship()



            async def main(session: AsyncSession) -> list[str]:
                reader = await session.get_one(Reader, 1, options=[selectinload(Reader.marks).joinedload(Mark.post)])
                return [post.title for post in reader.posts]
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
        on=("postgresql",),
    ),
    # A validator looks at what else the instance has.
    Example(
        bad="""
            from sqlalchemy.orm import validates


            class Draft(Base):
                __tablename__ = "drafts"
                id: Mapped[int] = mapped_column(primary_key=True)
                title: Mapped[str]
                parts: Mapped[list["DraftPart"]] = relationship()

                @validates("title")
                def check_title(self, key: str, title: str) -> str:
                    return title if not self.parts else f"{title} ({len(self.parts)} parts)"


            class DraftPart(Base):
                __tablename__ = "draft_parts"
                id: Mapped[int] = mapped_column(primary_key=True)
                draft_id: Mapped[int] = mapped_column(ForeignKey("drafts.id"))


            async def main(session: AsyncSession) -> str:
                draft = await session.get_one(Draft, 1)
                draft.title = "Renamed"  # ADB302
                return draft.title
        """,
        good="""
            from sqlalchemy.orm import validates


            class Draft(Base):
                __tablename__ = "drafts"
                id: Mapped[int] = mapped_column(primary_key=True)
                title: Mapped[str]
                parts: Mapped[list["DraftPart"]] = relationship()

                @validates("title")
                def check_title(self, key: str, title: str) -> str:
                    return title if not self.parts else f"{title} ({len(self.parts)} parts)"


            class DraftPart(Base):
                __tablename__ = "draft_parts"
                id: Mapped[int] = mapped_column(primary_key=True)
                draft_id: Mapped[int] = mapped_column(ForeignKey("drafts.id"))


            async def main(session: AsyncSession) -> str:
                draft = await session.get_one(Draft, 1, options=[selectinload(Draft.parts)])
                draft.title = "Renamed"
                return draft.title
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
        on=("postgresql",),
    ),
    # The `repr()` of a dataclass shows its fields, and a list that of its items.
    Example(
        bad="""
            from sqlalchemy.orm import MappedAsDataclass


            class Draft(MappedAsDataclass, Base):
                __tablename__ = "drafts"
                id: Mapped[int] = mapped_column(primary_key=True, init=False)
                author_id: Mapped[int] = mapped_column(ForeignKey("users.id"), init=False)
                author: Mapped[User | None] = relationship(default=None)


            async def main(session: AsyncSession) -> str:
                drafts = (await session.scalars(select(Draft))).all()
                return f"found {drafts}"  # ADB302
        """,
        good="""
            from sqlalchemy.orm import MappedAsDataclass


            class Draft(MappedAsDataclass, Base):
                __tablename__ = "drafts"
                id: Mapped[int] = mapped_column(primary_key=True, init=False)
                author_id: Mapped[int] = mapped_column(ForeignKey("users.id"), init=False)
                author: Mapped[User | None] = relationship(default=None)


            async def main(session: AsyncSession) -> str:
                drafts = (await session.scalars(select(Draft).options(joinedload(Draft.author)))).all()
                return f"found {drafts}"
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
        on=("postgresql",),
    ),
    # What is converted by a function of one's own.
    Example(
        bad="""
            import json


            def encoded(value: Any) -> Any:
                return {"title": value.title, "author": value.author.name} if isinstance(value, Post) else str(value)


            async def main(session: AsyncSession) -> str:
                posts = (await session.scalars(select(Post))).all()
                return json.dumps({"posts": [*posts], "now": datetime.now()}, default=encoded)  # ADB302
        """,
        good="""
            import json


            def encoded(value: Any) -> Any:
                return {"title": value.title, "author": value.author.name} if isinstance(value, Post) else str(value)


            async def main(session: AsyncSession) -> str:
                posts = (await session.scalars(select(Post).options(joinedload(Post.author)))).all()
                return json.dumps({"posts": [*posts], "now": datetime.now()}, default=encoded)
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
        on=("postgresql",),
    ),
    # A property of the model, read by the service; the repository loads.
    Example(
        bad="""
            # file: shop/models.py
            class Invoice(Base):
                __tablename__ = "invoices"

                id: Mapped[int] = mapped_column(primary_key=True)
                lines: Mapped[list["InvoiceLine"]] = relationship(back_populates="invoice")

                @property
                def total(self) -> int:
                    return sum(line.amount for line in self.lines)


            class InvoiceLine(Base):
                __tablename__ = "invoice_lines"

                id: Mapped[int] = mapped_column(primary_key=True)
                amount: Mapped[int]
                invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"))
                invoice: Mapped[Invoice] = relationship(back_populates="lines")

            # file: shop/repository.py
            from shop.models import Invoice


            class InvoiceRepository:
                def __init__(self, session: AsyncSession) -> None:
                    self._session = session

                async def find(self, number: int) -> Invoice | None:
                    return await self._session.get(Invoice, number)

            # file: shop/billing.py
            from shop.repository import InvoiceRepository


            class Billing:
                def __init__(self, session: AsyncSession) -> None:
                    self.invoices = InvoiceRepository(session)

                async def owed(self, number: int) -> int:
                    invoice = await self.invoices.find(number)
                    if invoice is None:
                        raise LookupError(number)
                    return invoice.total  # ADB302


            async def main(session: AsyncSession) -> int:
                return await Billing(session).owed(1)
        """,
        good="""
            # file: shop/models.py
            class Invoice(Base):
                __tablename__ = "invoices"

                id: Mapped[int] = mapped_column(primary_key=True)
                lines: Mapped[list["InvoiceLine"]] = relationship(back_populates="invoice")

                @property
                def total(self) -> int:
                    return sum(line.amount for line in self.lines)


            class InvoiceLine(Base):
                __tablename__ = "invoice_lines"

                id: Mapped[int] = mapped_column(primary_key=True)
                amount: Mapped[int]
                invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"))
                invoice: Mapped[Invoice] = relationship(back_populates="lines")

            # file: shop/repository.py
            from shop.models import Invoice


            class InvoiceRepository:
                def __init__(self, session: AsyncSession) -> None:
                    self._session = session

                async def find(self, number: int) -> Invoice | None:
                    return await self._session.get(Invoice, number, options=[selectinload(Invoice.lines)])

            # file: shop/billing.py
            from shop.repository import InvoiceRepository


            class Billing:
                def __init__(self, session: AsyncSession) -> None:
                    self.invoices = InvoiceRepository(session)

                async def owed(self, number: int) -> int:
                    invoice = await self.invoices.find(number)
                    if invoice is None:
                        raise LookupError(number)
                    return invoice.total


            async def main(session: AsyncSession) -> int:
                return await Billing(session).owed(1)
        """,
        fails="raises MissingGreenlet",
    ),
    # __repr__ reads, and a log line calls it.
    Example(
        bad="""
            class Ticket(Base):
                __tablename__ = "tickets"

                id: Mapped[int] = mapped_column(primary_key=True)
                subject: Mapped[str] = mapped_column(String(100))
                owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
                owner: Mapped[User] = relationship()

                def __repr__(self) -> str:
                    return f"<Ticket {self.subject} of {self.owner.name}>"


            async def close(session: AsyncSession, number: int = 1) -> None:
                ticket = await session.get_one(Ticket, number)
                await session.delete(ticket)
                await session.flush()


            async def describe(session: AsyncSession) -> str:
                ticket = (await session.execute(select(Ticket).limit(1))).scalar_one()
                return f"found {ticket}"  # ADB302
        """,
        good="""
            class Ticket(Base):
                __tablename__ = "tickets"

                id: Mapped[int] = mapped_column(primary_key=True)
                subject: Mapped[str] = mapped_column(String(100))
                owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
                owner: Mapped[User] = relationship()

                def __repr__(self) -> str:
                    return f"<Ticket {self.subject} of user {self.owner_id}>"


            async def close(session: AsyncSession, number: int = 1) -> None:
                ticket = await session.get_one(Ticket, number)
                await session.delete(ticket)
                await session.flush()


            async def describe(session: AsyncSession) -> str:
                ticket = (await session.execute(select(Ticket).limit(1))).scalar_one()
                return f"found {ticket}"
        """,
        fails="raises MissingGreenlet",
    ),
    # A converter that is a method of the service's base class, called in a comprehension.
    Example(
        bad="""
            # file: services/base.py
            class PostService:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                @staticmethod
                def _serialize(post: Post, *, full: bool = False) -> dict[str, Any]:
                    data: dict[str, Any] = {"id": post.id, "title": post.title}
                    if full:
                        data["tags"] = sorted(tag.name for tag in post.tags)
                    return data

            # file: services/search.py
            from services.base import PostService


            class Search(PostService):
                async def by_title(self, word: str) -> list[dict[str, Any]]:
                    result = await self.session.execute(select(Post).where(Post.title.contains(word)))
                    return [self._serialize(post, full=True) for post in result.scalars()]  # ADB302


            async def main(session: AsyncSession) -> list[dict[str, Any]]:
                return await Search(session).by_title("First")
        """,
        good="""
            # file: services/base.py
            class PostService:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                @staticmethod
                def _serialize(post: Post, *, full: bool = False) -> dict[str, Any]:
                    data: dict[str, Any] = {"id": post.id, "title": post.title}
                    if full:
                        data["tags"] = sorted(tag.name for tag in post.tags)
                    return data

            # file: services/search.py
            from services.base import PostService


            class Search(PostService):
                async def by_title(self, word: str) -> list[dict[str, Any]]:
                    query = select(Post).where(Post.title.contains(word)).options(selectinload(Post.tags))
                    result = await self.session.execute(query)
                    return [self._serialize(post, full=True) for post in result.scalars()]


            async def main(session: AsyncSession) -> list[dict[str, Any]]:
                return await Search(session).by_title("First")
        """,
        fails="raises MissingGreenlet",
    ),
    # An association proxy, and a hybrid that reads it.
    Example(
        bad="""
            # file: wiki/models.py
            from sqlalchemy.ext.associationproxy import AssociationProxy, association_proxy
            from sqlalchemy.ext.hybrid import hybrid_property


            class Page(Base):
                __tablename__ = "pages"

                id: Mapped[int] = mapped_column(primary_key=True)
                labels: Mapped[list["Label"]] = relationship()
                label_names: AssociationProxy[list[str]] = association_proxy("labels", "name")

                @hybrid_property
                def is_labelled(self) -> bool:
                    return bool(self.labels)


            class Label(Base):
                __tablename__ = "labels"

                id: Mapped[int] = mapped_column(primary_key=True)
                name: Mapped[str] = mapped_column(String(50))
                page_id: Mapped[int] = mapped_column(ForeignKey("pages.id"))

            # file: wiki/views.py
            from wiki.models import Page


            async def names(session: AsyncSession) -> list[str]:
                page = await session.get_one(Page, 1)
                return list(page.label_names)  # ADB302


            async def labelled(session: AsyncSession) -> list[int]:
                pages = (await session.scalars(select(Page))).all()
                return [page.id for page in pages if page.is_labelled]  # ADB302


            async def main(session: AsyncSession) -> list[int]:
                return await labelled(session)
        """,
        good="""
            # file: wiki/models.py
            from sqlalchemy.ext.associationproxy import AssociationProxy, association_proxy
            from sqlalchemy.ext.hybrid import hybrid_property


            class Page(Base):
                __tablename__ = "pages"

                id: Mapped[int] = mapped_column(primary_key=True)
                labels: Mapped[list["Label"]] = relationship()
                label_names: AssociationProxy[list[str]] = association_proxy("labels", "name")

                @hybrid_property
                def is_labelled(self) -> bool:
                    return bool(self.labels)


            class Label(Base):
                __tablename__ = "labels"

                id: Mapped[int] = mapped_column(primary_key=True)
                name: Mapped[str] = mapped_column(String(50))
                page_id: Mapped[int] = mapped_column(ForeignKey("pages.id"))

            # file: wiki/views.py
            from wiki.models import Page


            async def names(session: AsyncSession) -> list[str]:
                page = await session.get_one(Page, 1, options=[selectinload(Page.labels)])
                return list(page.label_names)


            async def labelled(session: AsyncSession) -> list[int]:
                pages = (await session.scalars(select(Page).options(selectinload(Page.labels)))).all()
                return [page.id for page in pages if page.is_labelled]


            async def main(session: AsyncSession) -> list[int]:
                return await labelled(session)
        """,
        fails="raises MissingGreenlet",
    ),
    # A classmethod of a DTO, two calls away from a FastAPI handler whose service loads.
    Example(
        bad="""
            # file: shop/dto.py
            @dataclass
            class PostCard:
                title: str
                author: str

                @classmethod
                def from_entity(cls, post: Post) -> "PostCard":
                    return cls(title=post.title, author=post.author.name)


            def cards(posts: Iterable[Post]) -> list[PostCard]:
                return [PostCard.from_entity(post) for post in posts]

            # file: shop/service.py
            async def published(session: AsyncSession) -> Sequence[Post]:
                return (await session.scalars(select(Post).where(Post.published))).all()

            # file: shop/routes.py
            import httpx
            from blog.database import get_session
            from fastapi import APIRouter, Depends, FastAPI
            from shop.dto import PostCard, cards
            from shop.service import published

            router = APIRouter()


            @router.get("/cards")
            async def list_cards(session: Annotated[AsyncSession, Depends(get_session)]) -> list[PostCard]:
                posts = await published(session)
                return cards(posts)  # ADB302


            app = FastAPI()
            app.include_router(router)


            async def request(client: httpx.AsyncClient) -> list[dict[str, Any]]:
                return (await client.get("/cards")).json()
        """,
        good="""
            # file: shop/dto.py
            @dataclass
            class PostCard:
                title: str
                author: str

                @classmethod
                def from_entity(cls, post: Post) -> "PostCard":
                    return cls(title=post.title, author=post.author.name)


            def cards(posts: Iterable[Post]) -> list[PostCard]:
                return [PostCard.from_entity(post) for post in posts]

            # file: shop/service.py
            async def published(session: AsyncSession) -> Sequence[Post]:
                query = select(Post).where(Post.published).options(joinedload(Post.author))
                return (await session.scalars(query)).all()

            # file: shop/routes.py
            import httpx
            from blog.database import get_session
            from fastapi import APIRouter, Depends, FastAPI
            from shop.dto import PostCard, cards
            from shop.service import published

            router = APIRouter()


            @router.get("/cards")
            async def list_cards(session: Annotated[AsyncSession, Depends(get_session)]) -> list[PostCard]:
                posts = await published(session)
                return cards(posts)


            app = FastAPI()
            app.include_router(router)


            async def request(client: httpx.AsyncClient) -> list[dict[str, Any]]:
                return (await client.get("/cards")).json()
        """,
        fails="raises MissingGreenlet",
    ),
    # The key of `sorted`, and `%s`, call functions too.
    Example(
        bad="""
            def author_of(post: Post) -> str:
                return post.author.name


            async def main(session: AsyncSession) -> list[str]:
                posts = (await session.scalars(select(Post))).all()
                return [post.title for post in sorted(posts, key=author_of)]  # ADB302
        """,
        good="""
            def author_of(post: Post) -> str:
                return post.author.name


            async def main(session: AsyncSession) -> list[str]:
                posts = (await session.scalars(select(Post).options(joinedload(Post.author)))).all()
                return [post.title for post in sorted(posts, key=author_of)]
        """,
        fails="raises MissingGreenlet",
    ),
    # A repository with options of its own unless it is given others; a helper reads what the others leave out.
    Example(
        bad="""
            # file: comments/repository.py
            class Comments:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def found(self, options: list[Any] | None = None) -> list[Comment]:
                    options = options or [joinedload(Comment.post)]
                    return list(await self.session.scalars(select(Comment).options(*options).order_by(Comment.id)))

            # file: comments/digest.py
            from comments.repository import Comments


            def heading(comment: Comment) -> str:
                return f"on {comment.post.title}"


            async def main(session: AsyncSession) -> list[str]:
                comments = Comments(session)
                await comments.found()
                session.expunge_all()
                return [heading(comment) for comment in await comments.found([joinedload(Comment.author)])]  # ADB302
        """,
        good="""
            # file: comments/repository.py
            class Comments:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def found(self, options: list[Any] | None = None) -> list[Comment]:
                    options = options or [joinedload(Comment.post)]
                    return list(await self.session.scalars(select(Comment).options(*options).order_by(Comment.id)))

            # file: comments/digest.py
            from comments.repository import Comments


            def heading(comment: Comment) -> str:
                return f"on {comment.post.title}"


            async def main(session: AsyncSession) -> list[str]:
                comments = Comments(session)
                await comments.found()
                session.expunge_all()
                return [heading(comment) for comment in await comments.found([joinedload(Comment.post)])]
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
    ),
    Example(
        bad="""
            # file: app/exports.py
            class Exporter:
                model: Any

                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                def options(self) -> list[Any]:
                    return []

                async def rows(self) -> list[Any]:
                    found = await self.session.scalars(select(self.model).options(*self.options()))
                    return [self.row(item) for item in found]


            # file: app/main.py
            from app.exports import Exporter


            class PostExporter(Exporter):
                model = Post

                def row(self, post: Post) -> list[str]:
                    return [tag.name for tag in post.tags]


            async def main(session: AsyncSession) -> list[Any]:
                return await PostExporter(session).rows()  # ADB302
        """,
        good="""
            # file: app/exports.py
            class Exporter:
                model: Any

                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                def options(self) -> list[Any]:
                    return []

                async def rows(self) -> list[Any]:
                    found = await self.session.scalars(select(self.model).options(*self.options()))
                    return [self.row(item) for item in found]


            # file: app/main.py
            from app.exports import Exporter


            class PostExporter(Exporter):
                model = Post

                def options(self) -> list[Any]:
                    return [selectinload(Post.tags)]

                def row(self, post: Post) -> list[str]:
                    return [tag.name for tag in post.tags]


            async def main(session: AsyncSession) -> list[Any]:
                return await PostExporter(session).rows()
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
        on=("postgresql",),
    ),
    # The key of a sort, and what `chain` and `reduce` hand on.
    Example(
        bad="""
            import functools
            import itertools
            from operator import attrgetter


            def by_author(posts: Iterable[Post]) -> list[Post]:
                return sorted(posts, key=attrgetter("author.name"))


            async def main(session: AsyncSession) -> list[str]:
                posts = (await session.scalars(select(Post))).all()
                for post in itertools.chain(posts, posts):
                    print(post.title)
                functools.reduce(lambda count, post: count + post.views, posts, 0)
                return [post.title for post in by_author(posts)]  # ADB302
        """,
        good="""
            import functools
            import itertools
            from operator import attrgetter


            def by_author(posts: Iterable[Post]) -> list[Post]:
                return sorted(posts, key=attrgetter("author.name"))


            async def main(session: AsyncSession) -> list[str]:
                posts = (await session.scalars(select(Post).options(joinedload(Post.author)))).all()
                for post in itertools.chain(posts, posts):
                    print(post.author.name)
                functools.reduce(lambda count, post: count + len(post.author.name), posts, 0)
                return [post.title for post in by_author(posts)]
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
        on=("postgresql",),
    ),
    # Comparing two of them calls a method that reads.
    Example(
        bad="""
            class Shelf(Base):
                __tablename__ = "shelves"

                id: Mapped[int] = mapped_column(primary_key=True)
                name: Mapped[str]
                books: Mapped[list["Book"]] = relationship(back_populates="shelf")

                def __len__(self) -> int:
                    return len(self.books)


            class Book(Base):
                __tablename__ = "books"

                id: Mapped[int] = mapped_column(primary_key=True)
                title: Mapped[str]
                shelf_id: Mapped[int] = mapped_column(ForeignKey("shelves.id"))
                shelf: Mapped[Shelf] = relationship(back_populates="books")

                def __lt__(self, other: "Book") -> bool:
                    return (self.shelf.name, self.title) < (other.shelf.name, other.title)


            async def main(session: AsyncSession) -> int:
                books = (await session.scalars(select(Book))).all()
                return len(sorted([*books, *books]))  # ADB302
        """,
        good="""
            class Shelf(Base):
                __tablename__ = "shelves"

                id: Mapped[int] = mapped_column(primary_key=True)
                name: Mapped[str]
                books: Mapped[list["Book"]] = relationship(back_populates="shelf")

                def __len__(self) -> int:
                    return len(self.books)


            class Book(Base):
                __tablename__ = "books"

                id: Mapped[int] = mapped_column(primary_key=True)
                title: Mapped[str]
                shelf_id: Mapped[int] = mapped_column(ForeignKey("shelves.id"))
                shelf: Mapped[Shelf] = relationship(back_populates="books")

                def __lt__(self, other: "Book") -> bool:
                    return (self.shelf.name, self.title) < (other.shelf.name, other.title)


            async def main(session: AsyncSession) -> int:
                books = (await session.scalars(select(Book).options(joinedload(Book.shelf)))).all()
                return len(sorted([*books, *books]))
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
        on=("postgresql",),
    ),
    # Every attribute that the mapper names is read, relationships as well.
    Example(
        bad="""
            class Team(Base):
                __tablename__ = "teams"

                id: Mapped[int] = mapped_column(primary_key=True)
                name: Mapped[str]
                members: Mapped[list["Member"]] = relationship(back_populates="team")

                def to_dict(self) -> dict[str, Any]:
                    return {name: getattr(self, name) for name in inspect(self).mapper.attrs.keys()}


            class Member(Base):
                __tablename__ = "members"

                id: Mapped[int] = mapped_column(primary_key=True)
                team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
                team: Mapped[Team] = relationship(back_populates="members")


            async def main(session: AsyncSession) -> list[dict[str, Any]]:
                query = select(Team)
                return [team.to_dict() for team in await session.scalars(query)]  # ADB302
        """,
        good="""
            class Team(Base):
                __tablename__ = "teams"

                id: Mapped[int] = mapped_column(primary_key=True)
                name: Mapped[str]
                members: Mapped[list["Member"]] = relationship(back_populates="team")

                def to_dict(self) -> dict[str, Any]:
                    return {name: getattr(self, name) for name in inspect(self).mapper.attrs.keys()}


            class Member(Base):
                __tablename__ = "members"

                id: Mapped[int] = mapped_column(primary_key=True)
                team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
                team: Mapped[Team] = relationship(back_populates="members")


            async def main(session: AsyncSession) -> list[dict[str, Any]]:
                query = select(Team).options(selectinload(Team.members))
                return [team.to_dict() for team in await session.scalars(query)]
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
        on=("postgresql",),
    ),
    # A way out of the function that reads nothing says nothing of the other way.
    Example(
        bad="""
            class Category(Base):
                __tablename__ = "case_category"

                id: Mapped[int] = mapped_column(primary_key=True)
                name: Mapped[str]
                parent_id: Mapped[int | None] = mapped_column(ForeignKey("case_category.id"))
                parent: Mapped["Category | None"] = relationship(remote_side=[id])


            def labels(category: Category) -> Any:
                if category.name == "all":
                    return category
                return {"name": category.name, "parent": category.parent.name if category.parent else None}


            async def main(session: AsyncSession) -> list[Any]:
                session.add(Category(name="poems", parent=Category(name="texts")))
                await session.flush()
                session.expunge_all()
                query = select(Category).where(Category.name == "poems")
                categories = (await session.scalars(query)).all()
                return [labels(category) for category in categories]  # ADB302
        """,
        good="""
            class Category(Base):
                __tablename__ = "case_category"

                id: Mapped[int] = mapped_column(primary_key=True)
                name: Mapped[str]
                parent_id: Mapped[int | None] = mapped_column(ForeignKey("case_category.id"))
                parent: Mapped["Category | None"] = relationship(remote_side=[id])


            def labels(category: Category) -> Any:
                if category.name == "all":
                    return category
                return {"name": category.name, "parent": category.parent.name if category.parent else None}


            async def main(session: AsyncSession) -> list[Any]:
                session.add(Category(name="poems", parent=Category(name="texts")))
                await session.flush()
                session.expunge_all()
                query = select(Category).where(Category.name == "poems").options(joinedload(Category.parent))
                categories = (await session.scalars(query)).all()
                return [labels(category) for category in categories]
        """,
        fails="raises MissingGreenlet",
    ),
    # A dependency may be a plain function: FastAPI calls it in a thread, where nothing can be loaded either.
    Example(
        bad="""
            import httpx
            from blog.database import get_session
            from fastapi import Depends, FastAPI, HTTPException

            app = FastAPI()


            async def current_user(session: Annotated[AsyncSession, Depends(get_session)]) -> User:
                return await session.get_one(User, 1)


            CurrentUser = Annotated[User, Depends(current_user)]


            def writes(user: User) -> bool:
                return any(post.title for post in user.posts)


            class Allowed:
                def __init__(self, name: str) -> None:
                    self.name = name

                def __call__(self, user: CurrentUser) -> User:
                    if not writes(user):  # ADB302
                        raise HTTPException(403)
                    return user


            @app.get("/names")
            async def name(user: Annotated[User, Depends(Allowed("writing"))]) -> str:
                return user.name


            async def request(client: httpx.AsyncClient) -> str:
                return (await client.get("/names")).json()
        """,
        good="""
            import httpx
            from blog.database import get_session
            from fastapi import Depends, FastAPI, HTTPException

            app = FastAPI()


            async def current_user(session: Annotated[AsyncSession, Depends(get_session)]) -> User:
                return await session.get_one(User, 1, options=[selectinload(User.posts)])


            CurrentUser = Annotated[User, Depends(current_user)]


            def writes(user: User) -> bool:
                return any(post.title for post in user.posts)


            class Allowed:
                def __init__(self, name: str) -> None:
                    self.name = name

                def __call__(self, user: CurrentUser) -> User:
                    if not writes(user):
                        raise HTTPException(403)
                    return user


            @app.get("/names")
            async def name(user: Annotated[User, Depends(Allowed("writing"))]) -> str:
                return user.name


            async def request(client: httpx.AsyncClient) -> str:
                return (await client.get("/names")).json()
        """,
        fails="raises MissingGreenlet",
    ),
    # A tree, of which an option loads one level only.
    Example(
        bad="""
            class Folder(Base):
                __tablename__ = "folders"

                id: Mapped[int] = mapped_column(primary_key=True)
                parent_id: Mapped[int | None] = mapped_column(ForeignKey("folders.id"))

                parent: Mapped["Folder | None"] = relationship(remote_side=[id], back_populates="folders")
                folders: Mapped[list["Folder"]] = relationship(back_populates="parent")


            async def plant(session: AsyncSession) -> None:
                session.add(Folder(id=101, folders=[Folder(id=102, folders=[Folder(id=103)])]))
                await session.commit()
                session.expunge_all()


            def tree(folder: Folder) -> dict[str, Any]:
                return {"id": folder.id, "folders": [tree(below) for below in folder.folders]}


            async def main(session: AsyncSession) -> dict[str, Any]:
                await plant(session)
                loading = selectinload(Folder.folders)
                top = (await session.scalars(select(Folder).where(Folder.id == 101).options(loading))).one()
                return tree(top)  # ADB302
        """,
        good="""
            class Folder(Base):
                __tablename__ = "folders"

                id: Mapped[int] = mapped_column(primary_key=True)
                parent_id: Mapped[int | None] = mapped_column(ForeignKey("folders.id"))

                parent: Mapped["Folder | None"] = relationship(remote_side=[id], back_populates="folders")
                folders: Mapped[list["Folder"]] = relationship(back_populates="parent")


            async def plant(session: AsyncSession) -> None:
                session.add(Folder(id=101, folders=[Folder(id=102, folders=[Folder(id=103)])]))
                await session.commit()
                session.expunge_all()


            def tree(folder: Folder) -> dict[str, Any]:
                return {"id": folder.id, "folders": [tree(below) for below in folder.folders]}


            async def main(session: AsyncSession) -> dict[str, Any]:
                await plant(session)
                loading = selectinload(Folder.folders, recursion_depth=-1)
                top = (await session.scalars(select(Folder).where(Folder.id == 101).options(loading))).one()
                return tree(top)
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
    ),
    Example(
        bad="""
            class Note(Base):
                __tablename__ = "notes"

                id: Mapped[int] = mapped_column(primary_key=True)
                post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))

                post: Mapped[Post] = relationship()

                def __repr__(self) -> str:
                    return f"<Note on {self.post.title}>"


            async def main(session: AsyncSession) -> str:
                notes = (await session.scalars(select(Note).order_by(Note.id))).all()
                return ", ".join(map(str, notes))  # ADB302
        """,
        good="""
            class Note(Base):
                __tablename__ = "notes"

                id: Mapped[int] = mapped_column(primary_key=True)
                post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))

                post: Mapped[Post] = relationship()

                def __repr__(self) -> str:
                    return f"<Note on {self.post.title}>"


            async def main(session: AsyncSession) -> str:
                notes = (await session.scalars(select(Note).options(joinedload(Note.post)).order_by(Note.id))).all()
                return ", ".join(map(str, notes))
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
    ),
    Example(
        bad="""
            class Note(Base):
                __tablename__ = "notes"

                id: Mapped[int] = mapped_column(primary_key=True)
                post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))

                post: Mapped[Post] = relationship()

                def __repr__(self) -> str:
                    return f"<Note on {self.post.title}>"


            async def main(session: AsyncSession) -> str:
                note = (await session.scalars(select(Note).limit(1))).one()
                return "{}, {number}".format(note, number=1)  # ADB302
        """,
        good="""
            class Note(Base):
                __tablename__ = "notes"

                id: Mapped[int] = mapped_column(primary_key=True)
                post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))

                post: Mapped[Post] = relationship()

                def __repr__(self) -> str:
                    return f"<Note on {self.post.title}>"


            async def main(session: AsyncSession) -> str:
                note = (await session.scalars(select(Note).options(joinedload(Note.post)).limit(1))).one()
                return "{}, {number}".format(note, number=1)
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
    ),
    # The class of the argument decides which function is called.
    Example(
        bad="""
            # file: blogs/views.py
            import functools


            @functools.singledispatch
            def labels(row: Any) -> list[str]:
                return [tag.name for tag in row.tags]


            @labels.register
            def _of_post(post: Post) -> list[str]:
                return [post.title, post.author.name]


            @labels.register(Tag)
            def _of_tag(tag: Tag) -> list[str]:
                return [tag.name]

            # file: main.py
            from blogs.views import labels


            async def main(session: AsyncSession) -> list[str]:
                tag, post = await session.get_one(Tag, 1), await session.get_one(Post, 1)
                return [*labels(tag), *labels(post)]  # ADB302
        """,
        good="""
            # file: blogs/views.py
            import functools


            @functools.singledispatch
            def labels(row: Any) -> list[str]:
                return [tag.name for tag in row.tags]


            @labels.register
            def _of_post(post: Post) -> list[str]:
                return [post.title, post.author.name]


            @labels.register(Tag)
            def _of_tag(tag: Tag) -> list[str]:
                return [tag.name]

            # file: main.py
            from blogs.views import labels


            async def main(session: AsyncSession) -> list[str]:
                tag = await session.get_one(Tag, 1)
                post = await session.get_one(Post, 1, options=[joinedload(Post.author)])
                return [*labels(tag), *labels(post)]
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
    ),
    # What an option says raise raises in run_sync as well.
    Example(
        bad="""
            def name(_: Session, post: Post) -> str:
                return post.author.name


            async def main(session: AsyncSession) -> str:
                post = await session.get_one(Post, 1, options=[raiseload(Post.author)])
                return await session.run_sync(name, post)  # ADB302
        """,
        good="""
            def name(_: Session, post: Post) -> str:
                return post.author.name


            async def main(session: AsyncSession) -> str:
                post = await session.get_one(Post, 1)
                return await session.run_sync(name, post)
        """,
        fails="raises InvalidRequestError",
    ),
)

silent = (
    # What an association proxy has is counted without a look at the class behind.
    Silent(
        code="""
            from sqlalchemy.ext.associationproxy import AssociationProxy, association_proxy


            class Reader(Base):
                __tablename__ = "readers"
                id: Mapped[int] = mapped_column(primary_key=True)
                marks: Mapped[list["Mark"]] = relationship()
                posts: AssociationProxy[list[Post]] = association_proxy("marks", "post", creator=lambda x: Mark(post=x))


            class Mark(Base):
                __tablename__ = "marks"
                reader_id: Mapped[int] = mapped_column(ForeignKey("readers.id"), primary_key=True)
                post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"), primary_key=True)
                post: Mapped[Post] = relationship()



            async def main(session: AsyncSession) -> int:
                reader = await session.get_one(Reader, 1, options=[selectinload(Reader.marks)])
                reader.posts.append(await session.get_one(Post, 2))
                return len(reader.posts) if reader.posts else 0
        """,
        why="the association is loaded, and that is what is counted",
    ),
    Silent(
        code="""
            class Team(Base):
                __tablename__ = "teams"

                id: Mapped[int] = mapped_column(primary_key=True)
                name: Mapped[str]
                members: Mapped[list["Member"]] = relationship(back_populates="team")

                def to_dict(self) -> dict[str, Any]:
                    return {name: getattr(self, name) for name in inspect(self).mapper.column_attrs.keys()}


            class Member(Base):
                __tablename__ = "members"

                id: Mapped[int] = mapped_column(primary_key=True)
                team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
                team: Mapped[Team] = relationship(back_populates="members")


            async def main(session: AsyncSession) -> list[dict[str, Any]]:
                query = select(Team)
                return [team.to_dict() for team in await session.scalars(query)]
        """,
        why="the columns are read only",
    ),
    Silent(
        code="""
            class Shelf(Base):
                __tablename__ = "shelves"

                id: Mapped[int] = mapped_column(primary_key=True)
                name: Mapped[str]
                books: Mapped[list["Book"]] = relationship(back_populates="shelf")

                def __len__(self) -> int:
                    return len(self.books)


            class Book(Base):
                __tablename__ = "books"

                id: Mapped[int] = mapped_column(primary_key=True)
                title: Mapped[str]
                shelf_id: Mapped[int] = mapped_column(ForeignKey("shelves.id"))
                shelf: Mapped[Shelf] = relationship(back_populates="books")

                def __lt__(self, other: "Book") -> bool:
                    return (self.shelf_id, self.title) < (other.shelf_id, other.title)


            async def main(session: AsyncSession) -> int:
                books = (await session.scalars(select(Book))).all()
                return len(sorted([*books, *books]))
        """,
        why="the comparison reads columns only",
    ),
    Silent(
        code="""
            def author_of(comment: Comment) -> str:
                try:
                    return comment.author.name
                except (MissingGreenlet, SQLAlchemyError):
                    return "not loaded"


            async def main(session: AsyncSession) -> str:
                return author_of(await session.get_one(Comment, 1))
        """,
        why="the function expects the exception",
        on=("postgresql",),
    ),
    Silent(
        code="""
            class Category(Base):
                __tablename__ = "categories"

                id: Mapped[int] = mapped_column(primary_key=True)
                name: Mapped[str] = mapped_column(String(50))
                parent_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"))
                children: Mapped[list["Category"]] = relationship(lazy="selectin", join_depth=3)


            def tree(category: Category) -> dict[str, Any]:
                return {"name": category.name, "children": [tree(child) for child in category.children]}


            async def main(session: AsyncSession) -> dict[str, Any]:
                return tree(await session.get_one(Category, 1))
        """,
        why="a recursive helper over a relationship that the model loads by itself",
    ),
    Silent(
        code="""
            from sqlalchemy.ext.hybrid import hybrid_property


            class Basket(Base):
                __tablename__ = "baskets"

                id: Mapped[int] = mapped_column(primary_key=True)
                items: Mapped[list["Item"]] = relationship()

                @hybrid_property
                def size(self) -> int:
                    return len(self.items)

                @size.expression
                def size(cls) -> Any:
                    return select(func.count(Item.id)).where(Item.basket_id == cls.id).scalar_subquery()


            class Item(Base):
                __tablename__ = "items"

                id: Mapped[int] = mapped_column(primary_key=True)
                basket_id: Mapped[int] = mapped_column(ForeignKey("baskets.id"))


            async def sizes(session: AsyncSession) -> list[tuple[int, int]]:
                rows = await session.execute(select(Basket.id, Basket.size).where(Basket.size > 0))
                return [(number, size) for number, size in rows]
        """,
        why="a hybrid of the class in a statement is SQL and reads no object",
    ),
    Silent(
        code="""
            # file: feeds/model.py
            @dataclass
            class Feed:
                title: str
                tags: list[str]

                @property
                def heading(self) -> str:
                    return f"{self.title}: {', '.join(self.tags)}"


            def heading(feed: Feed) -> str:
                return feed.heading

            # file: feeds/views.py
            from feeds.model import Feed, heading


            async def headings(session: AsyncSession) -> list[str]:
                rows = await session.execute(select(Post.title, Tag.name).join(Post.tags))
                return [heading(Feed(title, [tag])) for title, tag in rows]
        """,
        why="the object with such a property is not a mapped one",
    ),
    Silent(
        code="""
            def summary(post: Post, include_tags: bool = False) -> dict[str, Any]:
                data: dict[str, Any] = {"title": post.title}
                if include_tags:
                    data["tags"] = [tag.name for tag in post.tags]
                return data


            async def main(session: AsyncSession) -> list[dict[str, Any]]:
                brief = await session.get_one(Post, 1)
                full = await session.get_one(Post, 2, options=[selectinload(Post.tags)])
                return [summary(brief), summary(full, include_tags=True), summary(brief, False)]
        """,
        why="what the helper reads depends on a flag, and without it nothing is read that is not loaded",
    ),
    Silent(
        code="""
            def labels(post: Post) -> list[str]:
                return [tag.name for tag in post.tags]


            def author(post: Post) -> str:
                return post.author.name


            async def create(session: AsyncSession) -> tuple[list[str], str]:
                ada = await session.get_one(User, 1)
                post = Post(title="New", author=ada, tags=[])
                session.add(post)
                await session.flush()
                labels(Post(title="not added"))
                return labels(post), author(post)
        """,
        why="the constructor was given what the helpers read, and an object that is not flushed loads nothing",
    ),
    Silent(
        code="""
            from functools import singledispatch


            @singledispatch
            def to_text(value: object) -> str:
                return str(value)


            @to_text.register
            def _(value: User) -> str:
                return value.name


            def counted(function: Callable[..., Any]) -> Callable[..., Any]:
                def call(post: Post) -> Any:
                    return function(post) if "author" in post.__dict__ else None

                return call


            @counted
            def author(post: Post) -> str:
                return post.author.name


            async def main(session: AsyncSession) -> list[Any]:
                user = await session.get_one(User, 1)
                post = await session.get_one(Post, 3)
                return [to_text(user), author(post)]
        """,
        why="what a decorator that is not known makes of a function is not known",
    ),
    Silent(
        code="""
            @dataclass
            class Digest:
                session: AsyncSession
                users: dict[int, User] = field(default_factory=dict)


            def heading(comment: Comment) -> str:
                return comment.post.title


            async def headings(digest: Digest) -> list[str]:
                comments = (await digest.session.scalars(select(Comment))).all()
                return [heading(comment) for comment in comments]


            async def main(session: AsyncSession) -> list[str]:
                users = await session.scalars(select(User).options(selectinload(User.posts)))
                return await headings(Digest(session, {user.id: user for user in users}))
        """,
        why="an object that goes about with the session and with instances holds more of them than is in sight",
    ),
    Silent(
        code="""
            def signed(comment: Comment) -> str:
                return comment.author.name if comment.author else "a visitor"


            async def main(session: AsyncSession) -> str:
                made = Comment(body="New", post_id=1, author_id=None)
                session.add(made)
                await session.flush()
                query = select(Comment).where(Comment.id == made.id).options(joinedload(Comment.post))
                return signed(await session.scalar(query))
        """,
        why="the row was made here, without an author",
    ),
    Silent(
        code="""
            async def emptied(options: list[Any]) -> list[Any]:
                options.clear()
                return options if options else [joinedload(Comment.post)]


            async def main(session: AsyncSession) -> list[str]:
                options = await emptied([joinedload(Comment.author)])
                return [comment.post.title for comment in await session.scalars(select(Comment).options(*options))]
        """,
        why="the list has nothing in it any more",
    ),
    Silent(
        code="""
            # file: app/comments.py
            def card(comment: Comment) -> str:
                return f"{comment.body} under {comment.post.title}"


            async def cards(session: AsyncSession, post: Post) -> list[str]:
                comments = (await session.scalars(select(Comment).where(Comment.post_id == post.id))).all()
                return [card(comment) for comment in comments]

            # file: app/main.py
            import httpx
            from app import comments
            from blog.database import SessionFactory
            from fastapi import Depends, FastAPI

            app = FastAPI()
            factories: dict[str, Any] = {}


            async def get_session():
                async with factories["blog"]() as session:
                    yield session


            class RequestedPost:
                async def __call__(self, post_id: int, session: AsyncSession = Depends(get_session)) -> Post:
                    return await session.get_one(Post, post_id)


            @app.get("/posts/{post_id}/comments")
            async def read(
                session: AsyncSession = Depends(get_session), post: Post = Depends(RequestedPost())
            ) -> list[str]:
                return await comments.cards(session, post)


            async def request(client: httpx.AsyncClient) -> list[str]:
                factories["blog"] = SessionFactory
                return (await client.get("/posts/1/comments")).json()
        """,
        why="a dependency that only its annotation tells of gives both one session, which holds the post",
    ),
    # Options that one way leaves empty are replaced by others there.
    Silent(
        code="""
            async def load(session: AsyncSession, options: list[Any] | None = None) -> Post:
                options = options or [joinedload(Post.author)]
                return (await session.scalars(select(Post).options(*options).limit(1))).one()


            def told(post: Post, with_tags: bool) -> str:
                return str(len(post.tags)) if with_tags else post.author.name


            async def described(session: AsyncSession, with_tags: bool) -> str:
                return told(await load(session, [selectinload(Post.tags)] if with_tags else []), with_tags)


            async def main(session: AsyncSession) -> str:
                return await described(session, False)
        """,
        why="an empty list of options is as good as none",
    ),
    Silent(
        code="""
            from dataclasses import dataclass, field


            @dataclass
            class Register:
                posts: dict[int, Post] = field(default_factory=dict)


            def author_name(post: Post) -> str:
                return post.author.name


            class Import:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session
                    self.register = Register()

                async def load(self) -> None:
                    for post in await self.session.scalars(select(Post).options(joinedload(Post.author))):
                        self.register.posts[post.id] = post

                async def names(self) -> list[str]:
                    posts = (await self.session.scalars(select(Post))).all()
                    return [author_name(post) for post in posts]


            async def main(session: AsyncSession) -> list[str]:
                work = Import(session)
                await work.load()
                return await work.names()
        """,
        why="the object that has the session keeps such instances: the query gives those, with what was loaded on them",
    ),
    Silent(
        code="""
            def commentators(post: Post) -> list[str]:
                return [comment.author.name for comment in post.comments if comment.author is not None]


            def is_quiet(post: Post) -> bool:
                if post.comments:
                    return False
                return post.views >= 0


            async def main(session: AsyncSession) -> list[list[str]]:
                posts = (await session.scalars(select(Post).options(selectinload(Post.comments)))).all()
                quiet = [post for post in posts if is_quiet(post)]
                return [commentators(post) for post in quiet]
        """,
        why="the collection is empty of what the check has let through",
    ),
    # Rows of one kind.
    Silent(
        code="""
            from enum import Enum


            class Kind(str, Enum):
                ARTICLE = "article"
                SERIES = "series"


            class Paper(Base):
                __tablename__ = "papers_of_a_kind"

                id: Mapped[int] = mapped_column(primary_key=True)
                kind: Mapped[str]
                parts: Mapped[list["Part"]] = relationship()

                def outline(self) -> list[str]:
                    if self.kind == Kind.SERIES:
                        return [part.title for part in self.parts]
                    return []


            class Part(Base):
                __tablename__ = "papers_parts"

                id: Mapped[int] = mapped_column(primary_key=True)
                title: Mapped[str]
                paper_id: Mapped[int] = mapped_column(ForeignKey("papers_of_a_kind.id"))


            async def articles(session: AsyncSession) -> Sequence[Paper]:
                return (await session.scalars(select(Paper).where(Paper.kind == "article"))).all()


            async def main(session: AsyncSession) -> list[Any]:
                session.add(Paper(kind="article", parts=[]))
                await session.commit()
                session.expunge_all()
                return [paper.outline() for paper in await articles(session)]
        """,
        why="the method reads the parts of series only, and the query gives articles",
    ),
    Silent(
        code="""
            # file: app/__init__.py
            # file: app/papers.py
            def outline(post: Post, full: bool) -> list[str]:
                if post.published:
                    return [post.title]
                return [post.title, *[tag.name for tag in post.tags]] if full else [post.title]


            async def credits(session: AsyncSession, post: Post) -> str:
                if not post.published:
                    return f"{post.title} by {post.author.name}"
                return post.title
            # file: test_papers.py
            from app.papers import credits


            async def test_credits(session: AsyncSession) -> None:
                post = await session.get_one(Post, 1)
                assert await credits(session, post) == "First"
        """,
        why="a test knows which rows it has",
    ),
    Silent(
        code="""
            class Serializer:
                fields = ("id", "title", "author")

                def __init__(self, only: tuple[str, ...] | None = None) -> None:
                    self.only = only or self.fields

                def dump(self, post: Post) -> dict[str, Any]:
                    return {name: getattr(post, name) for name in self.only}


            async def main(session: AsyncSession) -> dict[str, Any]:
                post = await session.get_one(Post, 1)
                return Serializer(only=("id", "title")).dump(post)
        """,
        why="which fields are read the caller says, not the default of the constructor",
    ),
    Silent(
        code="""
            class Folder(Base):
                __tablename__ = "folders"

                id: Mapped[int] = mapped_column(primary_key=True)
                parent_id: Mapped[int | None] = mapped_column(ForeignKey("folders.id"))

                parent: Mapped["Folder | None"] = relationship(remote_side=[id], back_populates="folders")
                folders: Mapped[list["Folder"]] = relationship(back_populates="parent")


            async def plant(session: AsyncSession) -> None:
                session.add(Folder(id=101, folders=[Folder(id=102, folders=[Folder(id=103)])]))
                await session.commit()
                session.expunge_all()


            def tree(folder: Folder) -> dict[str, Any]:
                return {"id": folder.id, "folders": [tree(below) for below in folder.folders]}


            def shallow(folder: Folder, depth: int = 1) -> dict[str, Any]:
                below = folder.folders if depth else []
                return {"id": folder.id, "folders": [shallow(item, depth - 1) for item in below]}


            def of_top(folder: Folder) -> dict[str, Any]:
                if folder.parent_id is not None:
                    return {"id": folder.id}
                below = [of_top(item) for item in folder.folders]
                return {"id": folder.id, "folders": below}


            async def main(session: AsyncSession) -> list[Any]:
                await plant(session)
                one = await session.get_one(Folder, 101, options=[selectinload(Folder.folders)])
                found = [shallow(one), of_top(one)]
                session.expunge_all()
                every = (await session.scalars(select(Folder).options(selectinload(Folder.folders)))).all()
                last = [last.id for folder in every for below in folder.folders for last in below.folders]
                return [*found, *[tree(folder) for folder in every], *last]
        """,
        why="all rows of the tree are in the list, or the function goes no further down than the option does",
    ),
)
