"""The pages of the Web-Client, one module for each group."""
