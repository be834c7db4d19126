"""What the machine and the process offer: settings from the environment, cores, memory, addresses, log lines."""
