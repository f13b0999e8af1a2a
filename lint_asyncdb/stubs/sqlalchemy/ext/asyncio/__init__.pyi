from sqlalchemy.ext.asyncio.engine import AsyncConnection as AsyncConnection, AsyncEngine as AsyncEngine, AsyncTransaction as AsyncTransaction
from sqlalchemy.ext.asyncio.engine import async_engine_from_config as async_engine_from_config, create_async_engine as create_async_engine
from sqlalchemy.ext.asyncio.engine import create_async_pool_from_url as create_async_pool_from_url
from sqlalchemy.ext.asyncio.result import AsyncMappingResult as AsyncMappingResult, AsyncResult as AsyncResult
from sqlalchemy.ext.asyncio.result import AsyncScalarResult as AsyncScalarResult, AsyncTupleResult as AsyncTupleResult
from sqlalchemy.ext.asyncio.scoping import async_scoped_session as async_scoped_session
from sqlalchemy.ext.asyncio.session import AsyncAttrs as AsyncAttrs, AsyncSession as AsyncSession, AsyncSessionTransaction as AsyncSessionTransaction
from sqlalchemy.ext.asyncio.session import async_object_session as async_object_session, async_session as async_session
from sqlalchemy.ext.asyncio.session import async_sessionmaker as async_sessionmaker, close_all_sessions as close_all_sessions
