"""Who works with the Web-Client: users, passwords, second factor, sessions, audit."""
