"""The SOAP layer: the only home of Spyne. Bytes come in here, and faults go out."""
