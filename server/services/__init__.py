"""Use cases, one module a capability. They know no SOAP and no SQL."""
