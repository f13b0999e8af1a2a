from sqlalchemy.orm._orm_constructors import aliased as aliased, backref as backref, clear_mappers as clear_mappers
from sqlalchemy.orm._orm_constructors import column_property as column_property, composite as composite, deferred as deferred
from sqlalchemy.orm._orm_constructors import dynamic_loader as dynamic_loader, join as join, mapped_column as mapped_column
from sqlalchemy.orm._orm_constructors import outerjoin as outerjoin, query_expression as query_expression, relationship as relationship
from sqlalchemy.orm._orm_constructors import synonym as synonym, with_loader_criteria as with_loader_criteria, with_polymorphic as with_polymorphic
from sqlalchemy.orm.attributes import InstrumentedAttribute as InstrumentedAttribute, QueryableAttribute as QueryableAttribute
from sqlalchemy.orm.base import DynamicMapped as DynamicMapped, Mapped as Mapped, WriteOnlyMapped as WriteOnlyMapped
from sqlalchemy.orm.base import class_mapper as class_mapper, object_mapper as object_mapper
from sqlalchemy.orm.decl_api import DeclarativeBase as DeclarativeBase, DeclarativeBaseNoMeta as DeclarativeBaseNoMeta
from sqlalchemy.orm.decl_api import DeclarativeMeta as DeclarativeMeta, MappedAsDataclass as MappedAsDataclass
from sqlalchemy.orm.decl_api import as_declarative as as_declarative, declarative_base as declarative_base, declarative_mixin as declarative_mixin
from sqlalchemy.orm.decl_api import declared_attr as declared_attr, has_inherited_table as has_inherited_table
from sqlalchemy.orm.decl_api import mapped_as_dataclass as mapped_as_dataclass, registry as registry, synonym_for as synonym_for
from sqlalchemy.orm.descriptor_props import Composite as Composite, Synonym as Synonym
from sqlalchemy.orm.dynamic import AppenderQuery as AppenderQuery
from sqlalchemy.orm.mapped_collection import attribute_keyed_dict as attribute_keyed_dict, column_keyed_dict as column_keyed_dict
from sqlalchemy.orm.mapped_collection import attribute_mapped_collection as attribute_mapped_collection, mapped_collection as mapped_collection
from sqlalchemy.orm.mapped_collection import column_mapped_collection as column_mapped_collection, keyfunc_mapping as keyfunc_mapping
from sqlalchemy.orm.mapper import Mapper as Mapper, configure_mappers as configure_mappers
from sqlalchemy.orm.mapper import reconstructor as reconstructor, validates as validates
from sqlalchemy.orm.properties import ColumnProperty as ColumnProperty, MappedColumn as MappedColumn, MappedSQLExpression as MappedSQLExpression
from sqlalchemy.orm.query import Query as Query
from sqlalchemy.orm.relationships import Relationship as Relationship, RelationshipProperty as RelationshipProperty
from sqlalchemy.orm.relationships import foreign as foreign, remote as remote
from sqlalchemy.orm.scoping import scoped_session as scoped_session
from sqlalchemy.orm.session import ORMExecuteState as ORMExecuteState, Session as Session, SessionTransaction as SessionTransaction
from sqlalchemy.orm.session import close_all_sessions as close_all_sessions, make_transient as make_transient
from sqlalchemy.orm.session import make_transient_to_detached as make_transient_to_detached, object_session as object_session
from sqlalchemy.orm.session import sessionmaker as sessionmaker
from sqlalchemy.orm.state import InstanceState as InstanceState
from sqlalchemy.orm.strategy_options import Load as Load, contains_eager as contains_eager, defaultload as defaultload, defer as defer
from sqlalchemy.orm.strategy_options import immediateload as immediateload, joinedload as joinedload, lazyload as lazyload
from sqlalchemy.orm.strategy_options import load_only as load_only, noload as noload, raiseload as raiseload
from sqlalchemy.orm.strategy_options import selectin_polymorphic as selectin_polymorphic, selectinload as selectinload
from sqlalchemy.orm.strategy_options import subqueryload as subqueryload, undefer as undefer, undefer_group as undefer_group
from sqlalchemy.orm.strategy_options import with_expression as with_expression
from sqlalchemy.orm.util import Bundle as Bundle, LoaderCriteriaOption as LoaderCriteriaOption
from sqlalchemy.orm.util import was_deleted as was_deleted, with_parent as with_parent
from sqlalchemy.orm.writeonly import WriteOnlyCollection as WriteOnlyCollection
