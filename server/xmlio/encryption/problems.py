"""Why something is not encrypted or not decrypted. All texts are German sentences."""


class CannotDecrypt(Exception):
    """An EncryptedData that stays closed."""


class NotForUs(CannotDecrypt):
    """None of the keys at hand fits."""


class Damaged(CannotDecrypt):
    """A key fits, and yet what was encrypted does not come out unharmed."""


class AlgorithmRefused(CannotDecrypt):
    """It asks for an algorithm, or a way to the data, that is not allowed."""


class ContentRefused(CannotDecrypt):
    """What comes out is no ContentContainer within the limits."""


class CertificateRefused(Exception):
    """A certificate for which nothing may be encrypted."""


class KeyRefused(Exception):
    """A key that cannot be held for a reader."""
