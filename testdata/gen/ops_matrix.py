"""Tables: matrix products."""
import numpy as np

from opcase import DTYPES, f32, op, rand, row, types_of

MATMUL = (
    ("2x2", (3, 4), (4, 5)),
    ("vectors", (4,), (4,)),
    ("vector_matrix", (4,), (4, 3)),
    ("matrix_vector", (3, 4), (4,)),
    ("vector_batch", (4,), (2, 4, 3)),
    ("batch_vector", (2, 3, 4), (4,)),
    ("batch", (2, 3, 4), (2, 4, 5)),
    ("batch_shared_right", (2, 3, 4), (4, 5)),
    ("batch_shared_left", (3, 4), (2, 4, 5)),
    ("batch_broadcast", (2, 1, 3, 4), (5, 4, 2)),
    ("batch_one", (1, 3, 4), (6, 4, 2)),
    ("rank4", (2, 3, 2, 4), (2, 3, 4, 3)),
    ("one", (1, 1), (1, 1)),
    ("row_column", (1, 9), (9, 1)),
    ("column_row", (9, 1), (1, 9)),
    ("no_inner", (3, 0), (0, 4)),
    ("no_rows", (0, 4), (4, 3)),
    ("no_batch", (0, 3, 4), (4, 2)),
    ("tiles", (17, 33), (33, 19)),
    ("tall", (67, 5), (5, 3)),
    ("wide", (3, 5), (5, 67)),
    ("deep", (3, 300), (300, 5)),
)


@op("MatMul")
def matmul(v, name):
    for tag, a, b in MATMUL:
        big = tag in ("tiles", "tall", "wide", "deep")
        yield row(tag, f32(*a), f32(*b), newest=big, tol=(1e-4, 1e-4) if big else (1e-5, 1e-5))
    nan = np.array([[np.nan, 1], [2, 3]], np.float32)
    yield row("nan_times_zero", nan, np.zeros((2, 2), np.float32), newest=True)
    yield row("infinity", np.array([[np.inf, 1]], np.float32), np.array([[1, -1], [2, 0.5]], np.float32), newest=True)
    for t in types_of(name, v):
        yield row(t, rand(DTYPES[t], 3, 4), rand(DTYPES[t], 4, 5), newest=t not in ("double", "int32", "int64"))


@op("Gemm")
def gemm(v, name):
    a, at, b, bt = f32(3, 4), f32(4, 3), f32(4, 5), f32(5, 4)
    c = f32(3, 5)
    tol = (1e-5, 1e-5)
    yield row("plain", a, b, c, tol=tol)
    yield row("trans_a", at, b, c, transA=1, tol=tol)
    yield row("trans_b", a, bt, c, transB=1, tol=tol)
    yield row("trans_both", at, bt, c, transA=1, transB=1, tol=tol)
    yield row("alpha", a, b, c, alpha=0.5, tol=tol)
    yield row("beta", a, b, c, beta=0.25, tol=tol)
    yield row("alpha_beta_trans", at, bt, c, alpha=-1.5, beta=2.0, transA=1, transB=1, tol=tol)
    yield row("beta_zero", a, b, c, beta=0.0, tol=tol)
    yield row("alpha_zero", a, b, c, alpha=0.0, tol=tol)
    for tag, shape in (("row", (5,)), ("row2", (1, 5)), ("column", (3, 1)), ("one", (1,)), ("one2", (1, 1)), ("scalar", ())):
        yield row("c_" + tag, a, b, f32(*shape), tol=tol)
    if v >= 11:
        yield row("no_c", a, b, tol=tol)
        yield row("no_c_trans", at, bt, transA=1, transB=1, alpha=2.0, tol=tol)
    yield row("no_inner", f32(3, 0), f32(0, 5), c, newest=True)
    yield row("no_rows", f32(0, 4), b, f32(5), newest=True)
    yield row("tiles", f32(17, 33), f32(33, 19), f32(19), newest=True, tol=(1e-4, 1e-4))
    yield row("tiles_trans", f32(33, 17), f32(19, 33), f32(17, 1), transA=1, transB=1, newest=True, tol=(1e-4, 1e-4))
    yield row("dense", f32(64, 30), f32(30, 1), f32(1), newest=True, tol=(1e-4, 1e-4))
    for t in types_of(name, v):
        x = [rand(DTYPES[t], *s) for s in ((3, 4), (4, 5), (5,))]
        yield row(t, *x, newest=t != "double")


@op("Einsum")
def einsum(v, name):
    for tag, eq, *shapes in (
        ("matmul", "ij,jk->ik", (3, 4), (4, 5)), ("implicit", "ij,jk", (3, 4), (4, 5)),
        ("batch", "bij,bjk->bik", (2, 3, 4), (2, 4, 5)), ("transpose", "ij->ji", (3, 4)), ("sum", "ij->", (3, 4)),
        ("row_sum", "ij->i", (3, 4)), ("diagonal", "ii->i", (4, 4)), ("trace", "ii", (4, 4)),
        ("inner", "i,i", (5,), (5,)), ("outer", "i,j->ij", (3,), (4,)), ("ellipsis", "...ij,...jk->...ik", (2, 3, 4), (2, 4, 5)),
        ("ellipsis_broadcast", "...ij,...jk->...ik", (2, 1, 3, 4), (1, 5, 4, 2)), ("three", "ij,jk,kl->il", (2, 3), (3, 4), (4, 5)),
        ("attention", "bqhd,bkhd->bhqk", (2, 3, 2, 4), (2, 5, 2, 4)), ("spaces", " i j , j k -> i k ", (3, 4), (4, 5)),
    ):
        yield row(tag, *[f32(*s) for s in shapes], equation=eq, tol=(1e-5, 1e-5))


@op("Det")
def det(v, name):
    tol = (1e-5, 1e-4)
    for tag, shape in (("2x2", (2, 2)), ("3x3", (3, 3)), ("batch", (3, 4, 4)), ("batches", (2, 3, 5, 5)), ("one", (1, 1)), ("no_batch", (0, 2, 2))):
        yield row(tag, f32(*shape), tol=tol)
    yield row("singular", np.ones((3, 3), np.float32))
    yield row("pivots", np.array([[0, 0, 2], [3, 0, 0], [0, 5, 0]], np.float32))
    for t in types_of(name, v):
        yield row(t, rand(DTYPES[t], 3, 3), newest=True, tol=tol if t in ("float", "double") else (1e-2, 1e-2))
