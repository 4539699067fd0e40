"""Why a letter cannot be printed; every text is German and says what hinders."""


class UnprintableLetter(Exception):
    """The letter cannot be printed as it is, however often it is tried."""


class UnprintableAttachment(UnprintableLetter):
    """An attachment that cannot become pages."""


class AddressDoesNotFit(UnprintableLetter):
    """The address does not fit into the window."""


class LayoutBroken(UnprintableLetter):
    """The finished letter does not keep the rules of its layout; `problems` names each breach."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("Der Brief hält das Layout nicht ein: " + " ".join(problems))
        self.problems = problems
