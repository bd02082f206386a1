"""What the trials of a study show; reads studies, changes nothing."""
