"""The port of the Authority-Server: the contract `wsdl/authority-1/authority.wsdl`."""
