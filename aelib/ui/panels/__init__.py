"""What several pages share: settings, data sets, the list of runs."""
