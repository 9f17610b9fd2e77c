"""Tables: windows, Fourier transforms, mel filters, determinants."""
import numpy as np

from opcase import f32, op, rand, row

TOL = (1e-4, 1e-4)


@op("HannWindow", "HammingWindow", "BlackmanWindow")
def window(v, name):
    for n in (1, 2, 9):
        for periodic in (0, 1):
            if n > 1 or periodic:
                yield row(f"n{n}_periodic{periodic}", np.array(n), periodic=periodic, tol=(1e-5, 1e-6))
    yield row("double", np.array(8), output_datatype=11, tol=(1e-5, 1e-6))
    yield row("int32", np.array(8, np.int32), tol=(1e-5, 1e-6))


@op("DFT")
def dft(v, name):
    real, cplx = f32(2, 9, 1), f32(2, 8, 2)

    def case(tag, x, n=None, axis=1, **kw):
        if v < 20:
            return row(tag, x, *([] if n is None else [np.array(n)]), axis=axis, tol=TOL, **kw)
        return row(tag, x, None if n is None else np.array(n), np.array(axis), tol=TOL, **kw)

    yield case("real", real)
    yield case("complex", cplx)
    yield case("inverse", cplx, inverse=1)
    yield case("onesided", real, onesided=1)
    yield case("padded", real, 12)
    yield case("cut", cplx, 5)
    yield case("two_axes", f32(3, 4, 6, 2), axis=2)
    yield case("first_axis", f32(3, 4, 6, 2), axis=1, inverse=1)
    if v >= 20:
        yield case("axis_m2", cplx, axis=-2)
    yield case("double", rand(np.float64, 1, 6, 1))


@op("STFT")
def stft(v, name):
    x, window = f32(1, 32, 1), np.hanning(8).astype(np.float32)
    yield row("window", x, np.array(4), window, tol=TOL)
    yield row("length", x, np.array(8), None, np.array(8), tol=TOL)
    yield row("two_sided", x, np.array(4), window, onesided=0, tol=TOL)
    yield row("complex", f32(2, 24, 2), np.array(6), window, np.array(8), onesided=0, tol=TOL)


@op("MelWeightMatrix")
def mel(v, name):
    f = np.float32
    yield row("plain", np.array(8), np.array(32), np.array(8192), f(0), f(4096), tol=TOL)
    yield row("band", np.array(5), np.array(64), np.array(16000), f(300), f(7000), tol=TOL)


@op("Det")
def det(v, name):
    yield row("2d", f32(3, 3), tol=TOL)
    yield row("batch", f32(2, 2, 4, 4), tol=TOL)
    yield row("singular", np.ones((2, 2), np.float32), tol=TOL)
