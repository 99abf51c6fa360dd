"""pygls' protocol, where it would leave a client without an answer."""

from __future__ import annotations

from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.protocol import LanguageServerProtocol, default_converter
from pygls.protocol.json_rpc import JsonRPCNotification

NOT_INITIALIZED = -32002
_OWN_DOCUMENTS = (types.TEXT_DOCUMENT_DID_OPEN, types.TEXT_DOCUMENT_DID_CHANGE, types.TEXT_DOCUMENT_DID_CLOSE)


class Protocol(LanguageServerProtocol):
    """Answers what is malformed, early or late with an error, and leaves documents to the server's own handlers.

    pygls splits lines where editors do not (U+2028, form feeds), so that its copies of documents can drift away.
    """

    def __init__(self, server: Any, converter: Any) -> None:
        super().__init__(server, converter)
        self.is_initialized = False
        for method in _OWN_DOCUMENTS:
            self.fm.builtin_features.pop(method)

    @property
    def was_shut_down(self) -> bool:
        """Whether the client has asked for the end, so that its exit is none without notice."""
        return bool(self._shutdown)

    def structure_message(self, data: dict[str, Any]) -> Any:
        """See pygls. A request that can not be read is answered at once."""
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if "id" in data and "method" in data:
                self._send_response(data["id"], None, error.to_response_error())
            return JsonRPCNotification("$/malformed", self.VERSION, None)

    def handle_message(self, message: Any) -> None:
        """See pygls. What is no message at all is passed over."""
        if not hasattr(message, "jsonrpc"):
            return
        method, identity = getattr(message, "method", None), getattr(message, "id", None)
        if method is not None and identity is not None:
            if not self.is_initialized and method != types.INITIALIZE:
                self._refuse(identity, NOT_INITIALIZED, "the server is not initialized")
                return
            if self._shutdown:
                self._refuse(identity, types.ErrorCodes.InvalidRequest, "the server was shut down")
                return
        self.is_initialized = self.is_initialized or method == types.INITIALIZE
        super().handle_message(message)

    def _refuse(self, identity: int | str, code: int, message: str) -> None:
        self._send_response(identity, None, types.ResponseError(code, message))


__all__ = ["Protocol", "default_converter"]
