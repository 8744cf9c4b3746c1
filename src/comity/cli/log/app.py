"""`comity log`: the log as it is: read, explained, proven, audited, compared, followed. What follows is `assembly`."""

from comity.cli import options
from comity.cli.log import checks, following, leaves, whole

app = options.group()
for _name, _command in (
    ("head", leaves.head),
    ("list", leaves.list_),
    ("show", leaves.show_),
    ("explain", leaves.explain),
    ("verify", checks.verify),
    ("prove", checks.prove),
    ("evidence", checks.evidence),
    ("audit", whole.audit),
    ("state", whole.state),
    ("monitor", following.monitor),
):
    app.command(_name)(_command)
