"""The Web-Client: pages for case workers and administrators, drawn on the server."""
