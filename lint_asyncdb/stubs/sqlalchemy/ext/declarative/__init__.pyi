from sqlalchemy.orm.decl_api import DeclarativeMeta as DeclarativeMeta, as_declarative as as_declarative, declarative_base as declarative_base
from sqlalchemy.orm.decl_api import declared_attr as declared_attr, has_inherited_table as has_inherited_table, synonym_for as synonym_for
