from pydantic.aliases import AliasChoices as AliasChoices, AliasPath as AliasPath
from pydantic.config import ConfigDict as ConfigDict
from pydantic.deprecated.class_validators import root_validator as root_validator, validator as validator
from pydantic.fields import Field as Field, PrivateAttr as PrivateAttr, computed_field as computed_field
from pydantic.functional_serializers import field_serializer as field_serializer, model_serializer as model_serializer
from pydantic.functional_validators import field_validator as field_validator, model_validator as model_validator
from pydantic.main import BaseModel as BaseModel, create_model as create_model
from pydantic.networks import AnyUrl as AnyUrl, CockroachDsn as CockroachDsn, MariaDBDsn as MariaDBDsn, MySQLDsn as MySQLDsn, PostgresDsn as PostgresDsn
from pydantic.root_model import RootModel as RootModel
from pydantic.type_adapter import TypeAdapter as TypeAdapter
from pydantic.validate_call_decorator import validate_call as validate_call
from pydantic.functional_validators import AfterValidator as AfterValidator, BeforeValidator as BeforeValidator, PlainValidator as PlainValidator, WrapValidator as WrapValidator
