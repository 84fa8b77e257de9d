"""Where the command `siaga112` begins: before its libraries are loaded, which takes a moment."""

import signal


def main() -> None:
    """Runs the command line; Ctrl-C ends it without a traceback from the first moment.

    As long as nothing has begun, the signal ends the process as it does any program that does not
    care for it. The command line then cares for itself.
    """
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    from siaga import cli  # noqa: PLC0415 - this is what takes a moment

    signal.signal(signal.SIGINT, before)
    cli.main()


if __name__ == "__main__":
    main()
