"""Where `single_threaded_blas` was; it is on the floor of the kernels, because initialisers need it too."""

from netlet.kernels.blas import single_threaded_blas

__all__ = ["single_threaded_blas"]
