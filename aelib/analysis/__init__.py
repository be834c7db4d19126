"""What the engine can be asked about a trained network: one module a page.

Every question is a function that runs on a worker and takes first the run's `slices.Slice`, then the
`training.Data`, both sent as futures; it returns plain NumPy. torch, scikit-learn and scikit-image are
imported inside the functions, so that the web server can name them without loading any.
"""
