"""XML Encryption 1.1 (W3C) with the algorithms of BSI TR-02102-1: docs/encryption.md.

The structure is read and written here, the primitives are those of the library `cryptography`.
`server/xmlio/content_encryption.py` is what others use of it.
"""
