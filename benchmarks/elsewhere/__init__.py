"""Which names a function uses that are defined in another file of its project.

Says so without anything of the server's own search: these modules are what it is measured against.
They are careful rather than complete. A name counts only if one rule of its language leads to its
definition; what needs types is left out, or counted by itself (`Use.member`).
"""
