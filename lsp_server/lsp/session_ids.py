"""The ids of sessions: `s1`, `s2` and so on, in the order in which they begin."""


class SessionIds:
    """Gives each session its id and knows which ids were given."""

    def __init__(self) -> None:
        self._given = 0

    def next(self) -> str:
        """An id for a new session."""
        self._given += 1
        return _id_of(self._given)

    @property
    def coming(self) -> str:
        """The id that the next session will have."""
        return _id_of(self._given + 1)

    def has_given(self, session: str) -> bool:
        """Whether a session has or had this id."""
        return session in map(_id_of, range(1, self._given + 1))


def _id_of(number: int) -> str:
    return f"s{number}"
