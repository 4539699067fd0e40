"""The façade for simple Fachverfahren: the contract `wsdl/amtshilfe-1/amtshilfe.wsdl`."""
