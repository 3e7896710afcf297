"""The library: the façade that joins loaders, store, index and search for `cli` and `browse`."""
