from starlette.responses import Response as Response
from starlette.responses import JSONResponse as JSONResponse
from starlette.responses import StreamingResponse as StreamingResponse
