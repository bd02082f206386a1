"""Training one trial: the live hyperparameters, the loop over epochs, failures by kind."""
