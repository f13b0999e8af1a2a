from pydantic_core._pydantic_core import MultiHostUrl as MultiHostUrl, Url as Url
