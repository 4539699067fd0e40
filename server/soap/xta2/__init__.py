"""XTA 2.1.1: the ports of the contract `wsdl/xta-2.1.1/xta.wsdl`."""
