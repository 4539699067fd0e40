"""Pure decisions of the field. Standard library only: no input, no output, no clock."""
