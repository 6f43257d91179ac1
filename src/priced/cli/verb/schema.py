"""`priced schema`: what a config may be, for an editor."""

import argparse
import json
from pathlib import Path

from priced.check.conf_dir import conf_dir

_EPILOG = """\
an editor with yaml-language-server takes it for a file that begins with
  # yaml-language-server: $schema=priced.schema.json
"""


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser(
        "schema",
        help="print the JSON schema of a config and its options",
        description="Print the JSON schema of a config: its knobs, its classes, their arguments.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "-cd", "--config-dir", action="append", default=[], help="a folder of options of your own"
    )
    parser.set_defaults(go=print_schema)


def print_schema(args: argparse.Namespace) -> int:
    """Print the schema."""
    from priced.check.json_schema import config_schema

    folders = [conf_dir(), *map(Path, args.config_dir)]
    print(json.dumps(config_schema(folders), indent=2))
    return 0
