"""The items of a collection are asked for that asynchronous code cannot load: dynamic, write-only, or `noload`.

## What it does
Reports a loop over a relationship with `lazy="dynamic"` and the calls of its query that send SQL (`all()`, `count()`,
`first()`), a loop over a write-only relationship, and a loop over a collection that `lazy="noload"` or the option
`noload()` keeps empty; in an `async def`, also behind functions and properties.

## Why it fails
A dynamic relationship is a `Query`, which sends SQL on the spot: `MissingGreenlet: greenlet_spawn has not been called`. A
write-only collection cannot be looped over at all: TypeError. And `noload` fails in silence: the collection is an empty
list, whatever the table holds (SQLAlchemy 2.1 deprecates it for that).

## Fix safety
There is no automatic fix: a write-only relationship gives a statement (`await session.scalars(user.posts.select())`), and
what `noload` was meant for only its author knows.

## When it is silent
- The code runs in a callable of `run_sync` (except for write-only), or on the object of a synchronous session.
- The object is new, the collection is only added to or removed from, or its statement is built by `select()`.
- A function reads what `noload` left empty on behalf of its caller: a converter may well mean to leave it out.

## References
- [Write only relationships](https://docs.sqlalchemy.org/en/20/orm/large_collections.html#write-only-relationship)
- [Dynamic relationship loaders](https://docs.sqlalchemy.org/en/20/orm/large_collections.html#dynamic-relationship-loaders)
- [Asyncio and dynamic loaders](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#preventing-implicit-io-when-using-asyncsession)
"""
from __future__ import annotations

from lint_asyncdb.flow.uses import ReadUse
from lint_asyncdb.rule import Example, Rule, Silent, spelled

examples = (
    Example(
        bad="""
            # file: shop/models.py
            class Shop(Base):
                __tablename__ = "shops"

                id: Mapped[int] = mapped_column(primary_key=True)
                name: Mapped[str] = mapped_column(String(50))
                orders = relationship("Order", back_populates="shop", lazy="dynamic")


            class Order(Base):
                __tablename__ = "orders"

                id: Mapped[int] = mapped_column(primary_key=True)
                total: Mapped[int]
                shop_id: Mapped[int] = mapped_column(ForeignKey("shops.id"))
                shop: Mapped[Shop] = relationship(back_populates="orders")

            # file: shop/reports.py
            from shop.models import Order, Shop


            async def totals(session: AsyncSession, shop_id: int = 1) -> list[int]:
                shop = await session.get_one(Shop, shop_id)
                orders = shop.orders.filter(Order.total > 0).order_by(Order.id).all()  # ADB310
                return [order.total for order in orders]
        """,
        good="""
            # file: shop/models.py
            class Shop(Base):
                __tablename__ = "shops"

                id: Mapped[int] = mapped_column(primary_key=True)
                name: Mapped[str] = mapped_column(String(50))
                orders = relationship("Order", back_populates="shop", lazy="write_only")


            class Order(Base):
                __tablename__ = "orders"

                id: Mapped[int] = mapped_column(primary_key=True)
                total: Mapped[int]
                shop_id: Mapped[int] = mapped_column(ForeignKey("shops.id"))
                shop: Mapped[Shop] = relationship(back_populates="orders")

            # file: shop/reports.py
            from shop.models import Order, Shop


            async def totals(session: AsyncSession, shop_id: int = 1) -> list[int]:
                shop = await session.get_one(Shop, shop_id)
                orders = await session.scalars(shop.orders.select().where(Order.total > 0).order_by(Order.id))
                return [order.total for order in orders]
        """,
        fails="raises MissingGreenlet",
    ),
    # A write-only collection cannot be looped over.
    Example(
        bad="""
            from sqlalchemy.orm import WriteOnlyMapped


            class Shop(Base):
                __tablename__ = "shops"

                id: Mapped[int] = mapped_column(primary_key=True)
                orders: WriteOnlyMapped["Order"] = relationship()


            class Order(Base):
                __tablename__ = "orders"

                id: Mapped[int] = mapped_column(primary_key=True)
                total: Mapped[int]
                shop_id: Mapped[int] = mapped_column(ForeignKey("shops.id"))


            class Shops:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def turnover(self, shop_id: int) -> int:
                    shop = await self.session.get_one(Shop, shop_id)
                    return sum(order.total for order in shop.orders)  # ADB310


            async def main(session: AsyncSession) -> int:
                return await Shops(session).turnover(1)
        """,
        good="""
            from sqlalchemy.orm import WriteOnlyMapped


            class Shop(Base):
                __tablename__ = "shops"

                id: Mapped[int] = mapped_column(primary_key=True)
                orders: WriteOnlyMapped["Order"] = relationship()


            class Order(Base):
                __tablename__ = "orders"

                id: Mapped[int] = mapped_column(primary_key=True)
                total: Mapped[int]
                shop_id: Mapped[int] = mapped_column(ForeignKey("shops.id"))


            class Shops:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def turnover(self, shop_id: int) -> int:
                    shop = await self.session.get_one(Shop, shop_id)
                    return sum(order.total for order in await self.session.scalars(shop.orders.select()))


            async def main(session: AsyncSession) -> int:
                return await Shops(session).turnover(1)
        """,
        fails="raises TypeError: WriteOnly collections don't support iteration",
    ),
    # noload says nothing at all.
    Example(
        bad="""
            async def tag_names(session: AsyncSession, post_id: int = 1) -> list[str]:
                query = select(Post).where(Post.id == post_id).options(noload(Post.tags))
                post = (await session.scalars(query)).one()
                return [tag.name for tag in post.tags]  # ADB310
        """,
        good="""
            async def tag_names(session: AsyncSession, post_id: int = 1) -> list[str]:
                query = select(Post).where(Post.id == post_id).options(selectinload(Post.tags))
                post = (await session.scalars(query)).one()
                return [tag.name for tag in post.tags]
        """,
        fails="returns []",
    ),
    # Behind a property of the model.
    Example(
        bad="""
            # file: shop/models.py
            from sqlalchemy.orm import DynamicMapped


            class Shop(Base):
                __tablename__ = "shops"

                id: Mapped[int] = mapped_column(primary_key=True)
                orders: DynamicMapped["Order"] = relationship()

                @property
                def turnover(self) -> int:
                    return sum(order.total for order in self.orders)


            class Order(Base):
                __tablename__ = "orders"

                id: Mapped[int] = mapped_column(primary_key=True)
                total: Mapped[int]
                shop_id: Mapped[int] = mapped_column(ForeignKey("shops.id"))

            # file: shop/reports.py
            from shop.models import Shop


            async def turnovers(session: AsyncSession) -> list[int]:
                shops = await session.scalars(select(Shop).order_by(Shop.id))
                return [shop.turnover for shop in shops]  # ADB310
        """,
        good="""
            # file: shop/models.py
            class Shop(Base):
                __tablename__ = "shops"

                id: Mapped[int] = mapped_column(primary_key=True)
                orders: Mapped[list["Order"]] = relationship()

                @property
                def turnover(self) -> int:
                    return sum(order.total for order in self.orders)


            class Order(Base):
                __tablename__ = "orders"

                id: Mapped[int] = mapped_column(primary_key=True)
                total: Mapped[int]
                shop_id: Mapped[int] = mapped_column(ForeignKey("shops.id"))

            # file: shop/reports.py
            from shop.models import Shop


            async def turnovers(session: AsyncSession) -> list[int]:
                shops = await session.scalars(select(Shop).order_by(Shop.id).options(selectinload(Shop.orders)))
                return [shop.turnover for shop in shops]
        """,
        fails="raises MissingGreenlet",
    ),
)

_SHOP = '''
            from sqlalchemy.orm import DynamicMapped, WriteOnlyMapped


            class Shop(Base):
                __tablename__ = "shops"

                id: Mapped[int] = mapped_column(primary_key=True)
                orders: DynamicMapped["Order"] = relationship(back_populates="shop")
                visits: WriteOnlyMapped["Visit"] = relationship()


            class Order(Base):
                __tablename__ = "orders"

                id: Mapped[int] = mapped_column(primary_key=True)
                total: Mapped[int]
                shop_id: Mapped[int] = mapped_column(ForeignKey("shops.id"))
                shop: Mapped[Shop] = relationship(back_populates="orders")


            class Visit(Base):
                __tablename__ = "visits"

                id: Mapped[int] = mapped_column(primary_key=True)
                shop_id: Mapped[int] = mapped_column(ForeignKey("shops.id"))

'''

silent = (
    Silent(
        code=_SHOP
        + """
            async def main(session: AsyncSession) -> list[int]:
                shop = await session.get_one(Shop, 1)
                visits = await session.scalars(shop.visits.select().order_by(Visit.id))
                orders = await session.scalars(select(Order).where(Order.shop_id == shop.id))
                return [visit.id for visit in visits] + [order.total for order in orders]
        """,
        why="the statement of a write-only collection, or one's own, is awaited",
    ),
    Silent(
        code=_SHOP
        + """
            async def main(session: AsyncSession) -> None:
                shop = await session.get_one(Shop, 1)
                shop.visits.add(Visit())
                shop.visits.add_all([Visit(), Visit()])
                shop.orders.append(Order(total=5))
                await session.flush()
                await session.execute(shop.visits.update().values(shop_id=2))
        """,
        why="adding to either kind needs no SQL",
    ),
    Silent(
        code=_SHOP
        + """
            def totals(db: Session, shop_id: int) -> list[int]:
                return [order.total for order in db.get_one(Shop, shop_id).orders]


            async def main(session: AsyncSession) -> list[int]:
                shop = await session.get_one(Shop, 1)
                counted = await session.run_sync(lambda _: shop.orders.count())
                return [counted, *await session.run_sync(totals, 1)]
        """,
        why="in `run_sync` a dynamic relationship may send its query",
    ),
    Silent(
        code=_SHOP
        + """
            def main(sync_session: Session) -> list[int]:
                shop = sync_session.get_one(Shop, 1)
                return [order.total for order in shop.orders] + [shop.orders.count()]
        """,
        why="a synchronous session sends the query",
    ),
    Silent(
        code="""
            async def main(session: AsyncSession) -> list[str]:
                query = select(Post).where(Post.id == 1).options(noload(Post.tags), selectinload(Post.comments))
                post = (await session.scalars(query)).one()
                post.tags.append(Tag(name="appended"))
                await session.flush()
                return [comment.body for comment in post.comments]
        """,
        why="`noload` spares the loading where a tag is only appended",
    ),
    Silent(
        code="""
            @dataclass
            class PostRow:
                title: str
                tags: list[str]


            def to_row(post: Post) -> PostRow:
                return PostRow(post.title, [tag.name for tag in post.tags])


            async def main(session: AsyncSession) -> list[PostRow]:
                posts = await session.scalars(select(Post).options(noload(Post.tags)).order_by(Post.id))
                return [to_row(post) for post in posts]
        """,
        why="a converter may mean to leave out what `noload` leaves out",
    ),
    Silent(
        code=_SHOP
        + """
            async def main(session: AsyncSession) -> list[int]:
                shop = Shop(orders=[Order(total=3), Order(total=4)])
                totals = [order.total for order in shop.orders]
                session.add(shop)
                await session.flush()
                return totals
        """,
        why="a dynamic relationship of an object that no session knows gives what was put into it",
    ),
)


def check(use: ReadUse) -> str | None:
    """A message when async code asks for the items of a collection that it cannot load."""
    if use.kind != "collection" or not use.is_async:
        return None
    name = f"{use.entity.model.name}.{use.attribute}"
    through = f" through {' -> '.join(use.chain)}" if use.chain else ""
    if use.reason == "dynamic":
        return (
            f"`{spelled(use.node)}` sends the query of the dynamic relationship `{name}`{through}: MissingGreenlet at run time; "
            f"write `await session.scalars(select(...))`, or make it write-only"
        )
    if use.reason == "write_only":
        return (
            f"`{name}` is write-only and looped over{through}: TypeError at run time; write `await "
            f"session.scalars(obj.{use.attribute}.select())`"
        )
    if use.chain:
        return None
    return f"`{name}` is kept empty by noload: the loop silently finds nothing; load it, by `selectinload({name})`"


rule = Rule(
    code="ADB310",
    name="unloaded-collection",
    uses=(ReadUse,),
    check=check,
    examples=examples,
    silent=silent,
)
