from starlette.responses import Response as Response, JSONResponse as JSONResponse, StreamingResponse as StreamingResponse
