"""A port as a WSGI application: handlers, declared to Spyne."""

import logging
import math
from collections.abc import Callable, Mapping
from typing import Any

from spyne import AnyXml, Application, ServiceBase, const, rpc
from spyne.server.wsgi import WsgiApplication

from server.soap.call import Call, Handler, Reply
from server.soap.protocol import ContractProtocol, PortSettings, to_wire_fault


class _PortApplication(Application):  # type: ignore[misc]
    """Lets no exception through to Spyne but our own."""

    def call_wrapper(self, ctx: Any) -> Any:
        try:
            return super().call_wrapper(ctx)
        except Exception as error:
            raise to_wire_fault(error) from error


def make_port(settings: PortSettings, handlers: Mapping[str, Handler]) -> WsgiApplication:
    """The WSGI application of a port; `handlers` by the names of the contract's operations."""
    # Spyne logs each fault with a traceback; the protocol logs each call itself.
    logging.getLogger("spyne").setLevel(logging.CRITICAL + 1)
    # Spyne collects garbage after calls, for files that it has opened. We let it open none.
    const.MIN_GC_INTERVAL = math.inf
    name = settings.port_type
    service = type(ServiceBase)(
        name, (ServiceBase,), {key: _declare(key, handler) for key, handler in handlers.items()}
    )
    application = _PortApplication(
        [service],
        tns=settings.contract.target_namespace,
        name=name,
        in_protocol=ContractProtocol(settings, handlers),
        out_protocol=ContractProtocol(settings, handlers),
    )
    return WsgiApplication(application)


def _declare(name: str, handler: Handler) -> Callable[..., Any]:
    def operation(_ctx: Any, call: Call) -> Reply:
        return handler(call)

    operation.__name__ = name
    return rpc(AnyXml, _returns=AnyXml, _body_style="bare")(operation)  # type: ignore[no-any-return]
