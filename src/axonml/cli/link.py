"""`axon link`."""

from axonml.cli.connection import connect
from axonml.cli.options import Flag
from axonml.cli.processes import Part, held_by
from axonml.cli.terminal import say, say_json
from axonml.client.api import Client
from axonml.config import Config, load


def link(*, json: Flag = False) -> None:
    """Print a link that signs the browser in, once, within 15 minutes.

    It works for whoever can read the data folder of the server on this machine; where there is no
    account yet it makes the first one.

    Args:
        json: Print JSON for programs.
    """
    config = load()
    with connect(config) as client:
        address = sign_in_link(config, client)
    if json:
        say_json({"url": address})
    else:
        say(address)


def sign_in_link(config: Config, client: Client) -> str:
    """Return a one-time sign-in address of the page.

    Raises:
        AxonmlError: the data folder is not that of the server.
    """
    # After `#`: browsers send that part to no server, and no proxy logs it.
    return f"{page_of(config, client)}/login#link={client.sign_in_link()}"


def page_of(config: Config, client: Client) -> str:
    """Return the address of the page: its own port where that runs, else the server's."""
    page = held_by(config, Part.FRONTEND)
    return page.url if page else client.server
