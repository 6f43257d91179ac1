"""`priced doctor`: what this machine has, and what is wrong with it."""

import argparse
import platform
from importlib.metadata import metadata, requires

from packaging.requirements import Requirement
from rich.console import Console

from priced.record.receipt import PACKAGES, find_version

_MALICIOUS_LIGHTNING = ("2.6.2", "2.6.3")
_ADVISORY = "GHSA-w37p-236h-pfx3"
_EPILOG = """\
three to start with:
  priced doctor                          versions, devices, extras
  priced doctor && python train.py       train only where nothing is wrong
  pip install 'priced[wandb]'            what to do about an extra that is missing
"""


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser(
        "doctor",
        help="say which versions, devices and extras are here, and what is wrong",
        description="Say which versions, devices and extras are here. Exit code 1 if one is bad.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(go=doctor)


def doctor(args: argparse.Namespace) -> int:
    """Print what is here; return 1 if something must be mended, else 0."""
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"python {platform.python_version()} on {platform.platform()}")
    for name in PACKAGES:
        console.print(f"{name} {find_version(name) or 'missing'}")
    wrong = version_faults()
    for fault in wrong:
        console.print(f"[bold red]wrong[/]: {fault}")
    if wrong:
        return 1  # a malicious package must not be imported to ask it for devices
    for device in _devices():
        console.print(f"device: {device}")
    for extra, missing in extras().items():
        cure = f"missing {', '.join(missing)}: pip install 'priced\\[{extra}]'"
        console.print(f"extra {extra}: {cure if missing else 'present'}")
    return 0


def version_faults() -> list[str]:
    """Return what is wrong with the installed versions, in a line each."""
    faults = []
    for name in ("lightning", "pytorch-lightning"):
        if (found := find_version(name)) in _MALICIOUS_LIGHTNING:
            faults.append(
                f"{name} {found} is malicious ({_ADVISORY}): uninstall it, change every secret "
                "that this machine held, and install lightning>=2.6.4"
            )
    for line in requires("priced") or []:
        need = Requirement(line)
        found = find_version(need.name)
        if need.marker is None and (found is None or not need.specifier.contains(found, True)):
            faults.append(f"{need.name} must be {need.specifier}, got {found or 'nothing'}")
    return faults


def extras() -> dict[str, list[str]]:
    """Return each extra with the packages that it still needs."""
    found: dict[str, list[str]] = {}
    names = [name for name in metadata("priced").get_all("Provides-Extra") or [] if name != "dev"]
    for name in names:
        needs = [Requirement(line) for line in requires("priced") or []]
        needs = [need for need in needs if need.marker and need.marker.evaluate({"extra": name})]
        found[name] = [need.name for need in needs if find_version(need.name) is None]
    return found


def _devices() -> list[str]:
    import torch

    from priced.callback.device import processor_name

    cuda = [torch.cuda.get_device_name(k) for k in range(torch.cuda.device_count())]
    apple = ["Apple GPU (mps)"] if torch.backends.mps.is_available() else []
    return [f"{processor_name()}, {torch.get_num_threads()} threads", *cuda, *apple]
